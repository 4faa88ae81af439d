"""Options: what the project tells pytest, in its configuration file, in PYTEST_ADDOPTS and in the gate's `args`.

pytest puts `addopts` first, then PYTEST_ADDOPTS, then the command line; `-o addopts=` replaces the first. Only what
the gate must know before the run is read here; what pytest made of it stands in the recorded run.
"""

from __future__ import annotations

import configparser
import os
import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ARGS = "args of [tool.gates.tests]"
VARIABLE = "PYTEST_ADDOPTS"
ALWAYS_ITS_OWN = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
FILES = (*ALWAYS_ITS_OWN, "pyproject.toml", "tox.ini", "setup.cfg")


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word of pytest's command line, and where it was written."""

    text: str
    place: str


@dataclass(frozen=True, kw_only=True)
class PytestOptions:
    """All words that pytest will see, in its order, and its configuration (`ini`) with the file's relative name."""

    words: tuple[Word, ...]
    ini: Mapping[str, Any]
    file: str | None

    def values(self, name: str, *, short: str = "", optional: bool = False) -> list[tuple[str | None, str]]:
        """Values given to an option, each with its place; None where `optional` allows the option without one."""
        found: list[tuple[str | None, str]] = []
        words = self.words
        for number, word in enumerate(words):
            text = word.text
            if text.startswith(f"{name}="):
                found.append((text.removeprefix(f"{name}="), word.place))
            elif short and text.startswith(short) and text != short and not text.startswith("--"):
                found.append((text.removeprefix(short).removeprefix("="), word.place))
            elif text in {name, short or name}:
                following = words[number + 1].text if number + 1 < len(words) else None
                if following is not None and (not optional or not following.startswith("-")):
                    found.append((following, word.place))
                elif optional:
                    found.append((None, word.place))
        return found

    def flag(self, *names: str) -> str | None:
        """Where the last of these options without a value is written, or None."""
        return next((word.place for word in reversed(self.words) if word.text in names), None)

    def lines(self, key: str) -> tuple[str, ...]:
        """A setting of the configuration file that holds words."""
        value = self.ini.get(key, ())
        return tuple(value.split()) if isinstance(value, str) else tuple(str(one) for one in value)


def read(root: Path, args: Sequence[str], environ: Mapping[str, str]) -> PytestOptions:
    """The options of a pytest that is started in `root` with `args`; pytest refuses what cannot be read."""
    variable = _split(environ.get(VARIABLE, ""))
    given = [*(Word(text=one, place=VARIABLE) for one in variable), *(Word(text=one, place=ARGS) for one in args)]
    file, ini = _configuration(root, [word.text for word in given])
    replaced = [
        value.partition("=")[2]
        for value, _ in PytestOptions(words=tuple(given), ini={}, file=None).values("--override-ini", short="-o")
        if value is not None and value.partition("=")[0].strip() == "addopts"
    ]
    addopts = replaced[-1] if replaced else ini.get("addopts", "")
    words = _split(addopts) if isinstance(addopts, str) else [str(one) for one in addopts]
    place = ARGS if replaced else f"addopts in {file}"
    return PytestOptions(words=(*(Word(text=one, place=place) for one in words), *given), ini=ini, file=file)


def measures(options: PytestOptions) -> bool:
    """Whether pytest-cov is asked to measure."""
    return any(word.text == "--cov" or word.text.startswith("--cov=") for word in options.words)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _configuration(root: Path, words: Sequence[str]) -> tuple[str | None, Mapping[str, Any]]:
    named = PytestOptions(words=tuple(Word(text=one, place="") for one in words), ini={}, file=None)
    chosen = [value for value, _ in named.values("--config-file", short="-c") if value is not None]
    if chosen:
        path = root / chosen[-1]
        return _shown(path, root), _section(path, its_own=True) or {}
    for folder in _folders(root, words):
        for name in FILES:
            section = _section(folder / name, its_own=name in ALWAYS_ITS_OWN)
            if section is not None:
                return _shown(folder / name, root), section
    return None, {}


def _folders(root: Path, words: Sequence[str]) -> Iterator[Path]:
    """Where pytest looks for its configuration: the common folder of the paths it is given, and all above."""
    given = [root / word.partition("::")[0] for word in words if not word.startswith("-")]
    there = [str(path) for path in given if path.exists()]
    start = Path(os.path.commonpath(there)) if there else root
    start = start if start.is_dir() else start.parent
    yield start
    yield from start.parents


def _section(path: Path, *, its_own: bool) -> Mapping[str, Any] | None:
    try:
        if not path.is_file():
            return None
        text = path.read_text(encoding="utf-8-sig")
        found = _toml_section(path, text) if path.suffix == ".toml" else _ini_section(path, text)
    except (OSError, UnicodeDecodeError, configparser.Error, tomllib.TOMLDecodeError):
        found = None
    return {} if found is None and its_own and path.name in ALWAYS_ITS_OWN else found


def _toml_section(path: Path, text: str) -> Mapping[str, Any] | None:
    data = tomllib.loads(text)
    if path.name in ALWAYS_ITS_OWN:
        return _table(data.get("pytest"))
    table = _table(_table(data.get("tool") or {}).get("pytest") or {})
    if not table:
        return None
    return _table(table["ini_options"]) if "ini_options" in table else table


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _ini_section(path: Path, text: str) -> Mapping[str, Any] | None:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(text)
    section = "tool:pytest" if path.name.endswith(".cfg") else "pytest"
    if not parser.has_section(section):
        return None
    return {key: value or "" for key, value in parser.items(section)}


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
