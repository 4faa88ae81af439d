"""Coverage settings: the project's own, extended so that every process of a test run is measured."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gates.builtin.suite.options import PytestOptions

Sections = dict[str, dict[str, str]]

DEFAULT = ".coveragerc"
OTHERS = (".coveragerc.toml", "setup.cfg", "tox.ini", "pyproject.toml")
PATHS = ("source", "source_dirs", "include", "omit")
SOURCES = ("source", "source_pkgs", "source_dirs")
CONTEXT = "${VLTAIR_CONTEXT-}"
MEASURING = ("include_namespace_packages",)
"""What coverage's settings of reports change of what is measured."""
DROPPED = frozenset({"command_line", "debug", "debug_file", "_crash"})


class UnreadableSettingsError(Exception):
    """The project's coverage settings cannot be read; the sentence says which file and why."""


@dataclass(frozen=True, kw_only=True)
class PytestCov:
    """What pytest-cov was told: None for `sources` where it leaves them to coverage's own settings."""

    sources: tuple[str, ...] | None
    branch: bool
    config: str | None


def pytest_cov(options: PytestOptions) -> PytestCov | None:
    """pytest-cov's options if it is active, else None; `--cov` without a value names no source, as there."""
    given: list[str | None] = []
    for number, word in enumerate(options.words):
        if word.text == "--cov-reset":
            given = []
        elif word.text == "--cov" or word.text.startswith("--cov="):
            rest = PytestOptions(words=options.words[number : number + 2], ini={}, file=None)
            given += [value for value, _ in rest.values("--cov", optional=True)][:1]
    if not given or options.flag("--no-cov") is not None:
        return None
    configs = [value for value, _ in options.values("--cov-config") if value]
    return PytestCov(
        sources=None if None in given else tuple(value for value in given if value),
        branch=options.flag("--cov-branch") is not None,
        config=configs[-1] if configs and configs[-1] != DEFAULT else None,
    )


def project_settings(root: Path, named: str | None) -> Sections:
    """Sections `run`, `paths` and those of coverage's plugins, as text, out of the file that coverage would read.

    Raises:
        UnreadableSettingsError: a file that coverage would read is damaged, or the one that is named is not there.
    """
    if named:
        if not (root / named).is_file():
            raise UnreadableSettingsError(f"coverage's configuration file {named} is not there")
        return _sections(root / named, named, its_own=True)
    for name in (DEFAULT, *OTHERS):
        if (root / name).is_file():
            its_own = name.startswith(DEFAULT)
            found = _sections(root / name, name, its_own=its_own)
            if found or its_own:
                return found
    return {}


def extended(
    sections: Sections, root: Path, data: Path, cov: PytestCov | None, *, branches: bool, contexts: bool
) -> str:
    """The text of an rcfile: the project's settings, with relative paths made absolute for processes elsewhere.

    pytest-cov's sources take the place of the file's, as they do when it measures.
    """
    held = {name: dict(section) for name, section in sections.items()}
    run = {key: value for key, value in held.get("run", {}).items() if key not in DROPPED}
    if cov is not None and cov.sources is not None:
        run = {key: value for key, value in run.items() if key not in SOURCES}
        if cov.sources:
            run["source"] = "\n".join(cov.sources)
    for key in PATHS:
        if key in run:
            run[key] = "\n".join(_absolute(key, words(run[key]), root))
    if branches or (cov is not None and cov.branch):
        run["branch"] = "true"
    if contexts:
        run = _by_test(run)
    patches = dict.fromkeys([*words(run.get("patch", "")), "subprocess"])
    run |= {"parallel": "true", "relative_files": "false", "data_file": str(data), "patch": "\n".join(patches)}
    held["run"] = run
    return "\n".join(_written(held))


def _by_test(run: Mapping[str, str]) -> dict[str, str]:
    """Settings under which pytest_vltair says which test runs, to this process and by a variable to its children.

    The data is for gates alone: a static context of the project's own, or contexts named after functions, of which
    parameters, classes and modules of one name make one, are no loss. coverage's monitoring core knows no contexts.
    """
    held = {key: value for key, value in run.items() if (key, value) != ("dynamic_context", "test_function")}
    core = "ctrace" if held.get("core", "sysmon") == "sysmon" else held["core"]
    return {**held, "context": CONTEXT, "core": core}


def words(value: str) -> list[str]:
    """A list as coverage reads one: separated by commas and new lines."""
    return [one for line in value.splitlines() for one in (part.strip() for part in line.split(",")) if one]


def _absolute(key: str, values: Iterable[str], root: Path) -> list[str]:
    pattern = key in {"include", "omit"}
    return [
        str(root / value)
        if (pattern and not value.startswith(("*", "?", "~", "$"))) or (root / value).is_dir()
        else value
        for value in values
    ]


def _written(sections: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    for name, section in sections.items():
        yield f"[{name}]"
        for key, value in section.items():
            lines = value.splitlines()
            yield f"{key} = {lines[0]}" if len(lines) == 1 else "\n    ".join([f"{key} =", *lines])
        yield ""


def _sections(path: Path, shown: str, *, its_own: bool) -> Sections:
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = _from_toml(text, its_own=its_own) if path.suffix == ".toml" else _from_ini(text, its_own=its_own)
    except (OSError, UnicodeDecodeError, configparser.Error, tomllib.TOMLDecodeError) as error:
        raise UnreadableSettingsError(f"coverage's configuration file {shown} cannot be read: {error}") from error
    plugins = words(found.get("run", {}).get("plugins", ""))
    kept = {name: section for name, section in found.items() if name in {"run", "paths", *plugins}}
    given = found.get("report", {})
    report = {key: given[key] for key in MEASURING if key in given}
    return {**kept, "report": report} if report else kept


def _from_ini(text: str, *, its_own: bool) -> Sections:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    found: Sections = {}
    for name in parser.sections():
        if name.startswith("coverage:"):
            found[name.removeprefix("coverage:")] = dict(parser.items(name))
        elif its_own:
            found.setdefault(name, dict(parser.items(name)))
    return found


def _from_toml(text: str, *, its_own: bool) -> Sections:
    data = tomllib.loads(text)
    tool = data.get("tool")
    tables: dict[str, Any] = dict(data) if its_own else {}
    coverage = tool.get("coverage") if isinstance(tool, dict) else None
    if isinstance(coverage, dict):
        tables |= coverage
    return {
        name: {key: _text(value) for key, value in table.items()}
        for name, table in tables.items()
        if isinstance(table, dict) and name != "tool"
    }


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)
