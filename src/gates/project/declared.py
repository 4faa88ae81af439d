"""Declared: what the build backend and pytest are told about packages and tests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from gates.project.documents import ini, table, text_of, toml, words

PYTEST_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
"""In the order in which pytest looks for its settings; one of the first four counts even when it is empty."""


class Packages(msgspec.Struct, frozen=True):
    """What ships: `modules` are pairs of import root and import name; in `roots` everything that matches does.

    `include` and `exclude` are setuptools' patterns of package names.
    """

    modules: tuple[tuple[str, str], ...] = ()
    roots: tuple[str, ...] = ()
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()

    def ships(self, module: str) -> bool:
        """Whether a package found in one of `roots` is part of the product."""
        wanted = any(fnmatchcase(module, pattern.partition(".")[0]) for pattern in self.include)
        return wanted and not any(fnmatchcase(module, pattern) for pattern in self.exclude)


def packages(root: Path, pyproject: Mapping[str, Any]) -> Packages:
    """What the first build backend with settings of its own declares; nothing where all is left to convention."""
    tool = table(pyproject, "tool")
    for read in (_hatch, _poetry, _uv, _flit, _pdm, _maturin, _setuptools):
        found = read(tool)
        if found.modules or found.roots:
            return found
    return _setup_cfg(root)


def pytest_settings(root: Path, pyproject: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of pytest from the one file that it would take them from; errors in it are left to pytest."""
    for name in PYTEST_FILES:
        if name == "pyproject.toml":
            own = table(pyproject, "tool", "pytest")
            if own:
                return table(own, "ini_options") or own
        elif (root / name).is_file():
            found = _of_file(root, name)
            if found is not None:
                return found
    return {}


def _of_file(root: Path, name: str) -> Mapping[str, Any] | None:
    if name.endswith(".toml"):
        try:
            return table(toml(text_of(root, name) or "", name), "pytest")
        except Exception:  # noqa: BLE001 - pytest itself reports a file that it cannot read
            return {}
    section = ini(root, name).get("tool:pytest" if name == "setup.cfg" else "pytest")
    return {} if section is None and name.endswith("pytest.ini") else section


def _hatch(tool: Mapping[str, Any]) -> Packages:
    wheel = table(tool, "hatch", "build", "targets", "wheel")
    build = table(tool, "hatch", "build")
    listed = words(wheel.get("packages")) or words(build.get("packages"))
    if listed:
        return Packages(modules=tuple(_split(path) for path in listed))
    included = words(wheel.get("only-include")) or words(build.get("only-include"))
    sources = wheel.get("sources") or build.get("sources")
    roots = tuple(sources) if isinstance(sources, Mapping) else words(sources)
    if included and roots:
        pairs = [(top, path) for path in included for top in roots if path.startswith(f"{top.rstrip('/')}/")]
        return Packages(
            modules=tuple((_plain(top), path[len(top.rstrip("/")) + 1 :].split("/")[0]) for top, path in pairs)
        )
    return Packages(roots=tuple(_plain(path) for path in roots))


def _poetry(tool: Mapping[str, Any]) -> Packages:
    entries = table(tool, "poetry").get("packages")
    found = []
    for entry in entries if isinstance(entries, list) else ():
        include = table(entry).get("include")
        if isinstance(include, str):
            top = str(table(entry).get("from") or ".")
            found.append((_plain(top), include.split("/")[0].removesuffix(".py")))
    return Packages(modules=tuple(found))


def _uv(tool: Mapping[str, Any]) -> Packages:
    backend = table(tool, "uv", "build-backend")
    root = backend.get("module-root")
    names = words(backend.get("module-name"))
    top = _plain(root) if isinstance(root, str) else "src"
    if names:
        return Packages(modules=tuple((top, name.split(".")[0]) for name in names))
    return Packages(roots=(top,) if isinstance(root, str) else ())


def _flit(tool: Mapping[str, Any]) -> Packages:
    name = table(tool, "flit", "module").get("name") or table(tool, "flit", "metadata").get("module")
    if not isinstance(name, str):
        return Packages()
    top = name.split(".")[0]
    return Packages(modules=(("src", top), (".", top)))


def _pdm(tool: Mapping[str, Any]) -> Packages:
    top = table(tool, "pdm", "build").get("package-dir")
    return Packages(roots=(_plain(top),) if isinstance(top, str) else ())


def _maturin(tool: Mapping[str, Any]) -> Packages:
    top = table(tool, "maturin").get("python-source")
    return Packages(roots=(_plain(top),) if isinstance(top, str) else ())


def _setuptools(tool: Mapping[str, Any]) -> Packages:
    own = table(tool, "setuptools")
    search = table(own, "packages", "find")
    listed = own.get("packages") if isinstance(own.get("packages"), list) else ()
    folders = {key: value for key, value in table(own, "package-dir").items() if isinstance(value, str)}
    return _of_setuptools(
        folders=folders,
        names=(*words(listed), *words(own.get("py-modules"))),
        where=words(search.get("where")),
        include=words(search.get("include")),
        exclude=words(search.get("exclude")),
    )


def _setup_cfg(root: Path) -> Packages:
    cfg = ini(root, "setup.cfg")
    options, search = cfg.get("options", {}), cfg.get("options.packages.find", {})
    names = re.split(r"[\s,]+", f"{options.get('packages', '')} {options.get('py_modules', '')}".strip())
    pairs = re.findall(r"(?m)^[ \t]*([\w.]*)[ \t]*=[ \t]*([^\s,]+)", options.get("package_dir", ""))
    return _of_setuptools(
        folders=dict(pairs),
        names=tuple(name for name in names if name and not name.endswith(":")),
        where=words(search.get("where")),
        include=words(search.get("include")),
        exclude=words(search.get("exclude")),
    )


def _of_setuptools(
    *,
    folders: Mapping[str, str],
    names: tuple[str, ...],
    where: tuple[str, ...],
    include: tuple[str, ...],
    exclude: tuple[str, ...],
) -> Packages:
    general = _plain(folders.get("", "."))
    if names:
        pairs = {_split(folders[name]) if name in folders else (general, name.split(".")[0]) for name in names}
        return Packages(modules=tuple(sorted(pairs)))
    roots = tuple(_plain(path) for path in where) or ((general,) if "" in folders else ())
    return Packages(roots=roots, include=include or ("*",), exclude=exclude)


def _split(path: str) -> tuple[str, str]:
    """The import root and import name of a package's path: `src/pkg` is `pkg` in `src`."""
    place = PurePosixPath(_plain(path))
    return (str(place.parent), place.name)


def _plain(path: str) -> str:
    return path.removeprefix("./").rstrip("/") or "."
