"""Configuration: which file mypy takes its settings from, and what it says about targets."""

from __future__ import annotations

import os
import posixpath
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gates.config import ini

NAMES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
SHARED = ("pyproject.toml", "setup.cfg")
REPOSITORY = (".git", ".hg")
PLACES = ("mypy_path", "plugins", "custom_typeshed_dir")
SEPARATOR = re.compile(r"[,\n]")


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The file (relative to the root, "" without one) and the settings that gates reads of it.

    `places` are the files and folders that it makes mypy read besides: search paths and plugins.
    """

    path: str
    files: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    ignores_errors: bool = False
    ignored_modules: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    named: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """The option that names the file; an empty name keeps mypy from one in the user's home, which is elsewhere."""
        if self.named:
            return (f"--config-file={self.path}",)
        return () if self.path else ("--config-file=",)

    @property
    def has_targets(self) -> bool:
        """Whether mypy knows by itself what to check."""
        return bool(self.files or self.modules)


NONE = Configuration(path="")


def find(root: Path, named: str | None = None) -> Configuration:
    """The configuration that mypy would use when it is started in `root`; `named` is the setting `config-file`.

    The order is that of mypy's documentation ("The mypy configuration file"): four names, here and then in the
    directories above, up to the one that holds the repository. A user's own file in the home directory is left out.
    """
    if named is not None:
        return replace(_read(root / named, named) or Configuration(path=named), named=True)
    for folder in _folders(root):
        for name in NAMES:
            path = folder / name
            found = _read(path, Path(os.path.relpath(path, root)).as_posix())
            if found is not None:
                return found
    return NONE


def elsewhere(root: Path, found: Configuration, files: Collection[str], more: Iterable[str]) -> list[str]:
    """What mypy reads outside of the project, of all that its configuration and `more` (files and folders) name.

    A configuration file that is found in a directory above the project is not meant: it is known by its name.
    """
    folder = posixpath.dirname(found.path)
    named = [word.replace("$MYPY_CONFIG_FILE_DIR", folder or ".") for word in (*found.files, *found.places, *more)]
    outside = [word for word in named if not _is_inside(root, word)]
    if found.named and posixpath.normpath(found.path) not in files:
        outside.append(found.path)
    return sorted(outside)


def _is_inside(root: Path, word: str) -> bool:
    return not word.startswith("~") and "$" not in word and Path(os.path.normpath(root / word)).is_relative_to(root)


def excludes(found: Configuration, path: str) -> bool:
    """Whether mypy's `exclude` (regular expressions, searched for in the path) takes a file or folder away."""
    for pattern in found.excluded:
        try:
            if re.search(pattern, path):
                return True
        except re.error:
            # mypy itself will refuse it.
            continue
    return False


def _folders(root: Path) -> Iterator[Path]:
    for folder in (root, *root.parents):
        yield folder
        if any((folder / name).exists() for name in REPOSITORY):
            return


def _read(path: Path, shown: str) -> Configuration | None:
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
    if path.suffix.lower() == ".toml":
        return _from_toml(text, shown)
    found = ini.sections(text)
    if path.name in SHARED and "mypy" not in found:
        return None
    table = {key: entry.value for key, entry in found.get("mypy", {}).items()}
    overrides = [
        (name.removeprefix("mypy-"), entries["ignore_errors"].value)
        for name, entries in found.items()
        if name.startswith("mypy-") and "ignore_errors" in entries
    ]
    return _configuration(shown, table, overrides)


def _from_toml(text: str, shown: str) -> Configuration | None:
    try:
        tool = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError:
        return None
    table = tool.get("mypy") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        return None
    overrides = table.get("overrides", [])
    held = [one for one in overrides if isinstance(one, dict)] if isinstance(overrides, list) else []
    return _configuration(
        shown, table, [(_joined(one.get("module")), one["ignore_errors"]) for one in held if "ignore_errors" in one]
    )


def _configuration(shown: str, table: Mapping[str, Any], overrides: Iterable[tuple[str, Any]]) -> Configuration:
    ignoring = [module for names, value in overrides if _true(value) for module in _words(names)]
    return Configuration(
        path=shown,
        files=_words(table.get("files")),
        modules=(*_words(table.get("packages")), *_words(table.get("modules"))),
        ignores_errors=_true(table.get("ignore_errors")) or bool(ignoring),
        places=tuple(place for key in PLACES for place in _paths(table.get(key))),
        excluded=_patterns(table.get("exclude")),
        ignored_modules=(*(("*",) if _true(table.get("ignore_errors")) else ()), *ignoring),
    )


def _patterns(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ((str(value),) if value else ())


def _words(value: Any) -> tuple[str, ...]:
    return tuple(word.strip() for word in SEPARATOR.split(_joined(value)) if word.strip())


def _paths(value: Any) -> tuple[str, ...]:
    """Names of files and folders; mypy separates those of `mypy_path` by colons too."""
    words = _words(value)
    return tuple(path for word in words for path in ([word] if Path(word).is_absolute() else word.split(os.pathsep)))


def _joined(value: Any) -> str:
    return ",".join(str(item) for item in value) if isinstance(value, list) else str(value or "")


def _true(value: Any) -> bool:
    return str(value).strip().lower() in ("1", "true", "yes", "on")
