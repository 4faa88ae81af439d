"""Interpreter: which Python is judged, and what is installed there."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from gates.model.reason import Reason
from gates.process import probe
from gates.process.locks import upward
from gates.process.probe import Facts
from pytest_vltair import tree

OLDEST = (3, 11)
PROGRAMS = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
"""Where an environment keeps its interpreter: POSIX, Windows, conda on Windows."""
OWN = "the Python that runs gates"


class Interpreter(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A Python that can be started; `path` is absolute and keeps a virtual environment's own link.

    `chosen_by` is what named it ("--python", "VIRTUAL_ENV", ".venv"); `site` is purelib and platlib, `further` the
    other folders of its `sys.path` where distributions live; `own` says that it is the one running gates.
    """

    path: Path
    version: str
    chosen_by: str
    prefix: Path
    site: tuple[Path, ...]
    further: tuple[Path, ...] = ()
    own: bool = False

    @property
    def unnamed(self) -> bool:
        """Whether nothing named an environment, so that the one that runs gates is judged for want of another."""
        return self.chosen_by == OWN

    @cached_property
    def distributions(self) -> Mapping[str, str]:
        """Canonical names and versions of what is installed; read when first asked for."""
        return tree.distributions((*self.site, *self.further))

    @cached_property
    def digest(self) -> str:
        """The SHA-256 over version and installed distributions; computed when first asked for."""
        return tree.environment_digest((*self.site, *self.further), self.version)


class _Named(msgspec.Struct, frozen=True):
    """One place that may name an interpreter: who, what it says, where that leads, and how to take it back."""

    by: str
    value: str
    path: Path | None
    fix: str


def choose(
    root: Path, *, flag: str | None, configured: str | None, environ: Mapping[str, str], state: Path
) -> Interpreter | Reason:
    """The judged interpreter, or the reason why the first place that names one names none that works.

    The order: `--python`, GATES_PYTHON, `[tool.gates] python`, VIRTUAL_ENV, CONDA_PREFIX, `.venv` (here or above, up to
    the repository's root), the one running gates. conda's `base`, active in many shells by default, follows `.venv`.
    What an interpreter says of itself is kept in `state`.
    """
    named = next(_places(root, flag, configured, environ), None)
    if named is None:
        return _own()
    if named.path is None:
        return _reason(named, "where there is no Python")
    if probe.is_own(named.path):
        return _interpreter(named.path, named.by, probe.own(), own=True)
    facts = probe.look(named.path) or probe.ask(named.path, root, environ, state)
    if isinstance(facts, str):
        return _reason(named, f"which {facts}")
    if _release(facts.version) < OLDEST:
        return _reason(named, f"which is Python {facts.version}; gates judges Python 3.11 and newer")
    return _interpreter(_named_file(named.path, facts), named.by, facts, own=False)


def _places(root: Path, flag: str | None, configured: str | None, environ: Mapping[str, str]) -> Iterator[_Named]:
    """What names an interpreter, first come first served; an empty value names nothing."""
    if flag:
        yield _Named("--python", flag, _explicit(flag, Path.cwd(), environ), "python3 -m venv .venv")
    if value := environ.get("GATES_PYTHON"):
        yield _Named("GATES_PYTHON", value, _explicit(value, Path.cwd(), environ), "unset GATES_PYTHON")
    if configured:
        fix = 'set `python = ".venv"` in [tool.gates], or the path of a Python that exists'
        yield _Named("[tool.gates] python", configured, _explicit(configured, root, environ), fix)
    base = environ.get("CONDA_DEFAULT_ENV") == "base"
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if (value := environ.get(name)) and not (base and name == "CONDA_PREFIX"):
            yield _Named(name, value, _inside(Path(value)), f"unset {name}")
    for folder in upward(root):
        place = _venv(folder)
        if place is not None:
            shown = os.path.relpath(folder / ".venv", root)
            yield _Named(Path(shown).as_posix(), shown, _inside(place), f"python3 -m venv --clear {shown}")
    if base and (value := environ.get("CONDA_PREFIX")):
        yield _Named("CONDA_PREFIX", value, _inside(Path(value)), "unset CONDA_PREFIX")


def _explicit(value: str, base: Path, environ: Mapping[str, str]) -> Path | None:
    """An interpreter by path, by its environment's folder, by name on PATH, or by version ("3.12")."""
    path = Path(os.path.abspath(base / Path(value).expanduser()))  # noqa: PTH100 - links are kept
    if path.is_dir():
        return _inside(path)
    if _is_program(path):
        return path
    name = f"python{value}" if re.fullmatch(r"\d+(\.\d+)?t?", value) else value
    import shutil

    found = None if os.path.dirname(name) else shutil.which(name, path=environ.get("PATH"))  # noqa: PTH120
    return None if found is None else Path(os.path.abspath(found))  # noqa: PTH100


def _inside(prefix: Path) -> Path | None:
    absolute = Path(os.path.abspath(prefix))  # noqa: PTH100
    return next((absolute / name for name in PROGRAMS if _is_program(absolute / name)), None)


def _is_program(path: Path) -> bool:
    try:
        return path.is_file() and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False


def _venv(folder: Path) -> Path | None:
    """The project's environment: the folder `.venv`, or the one that a file of this name points to."""
    place = folder / ".venv"
    try:
        if place.is_file():
            named = place.read_text("utf-8").strip()
            return folder / Path(named).expanduser() if named else place
    except (OSError, ValueError, RuntimeError):
        return place
    return place if os.path.lexists(place) else None


def _named_file(path: Path, facts: Facts) -> Path:
    """The interpreter itself where `path` only leads to it (a launcher such as pyenv's shim)."""
    real = os.path.realpath(facts.executable)
    return path if real == os.path.realpath(path) or not facts.executable else Path(facts.executable)


def _release(version: str) -> tuple[int, int]:
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return (0, 0) if numbers is None else (int(numbers[1]), int(numbers[2]))


def _own() -> Interpreter | Reason:
    if not sys.executable:
        return Reason(
            code="interpreter_missing",
            message=f"{OWN} does not know its own path, and nothing names another",
            fix="python3 -m venv .venv",
        )
    return _interpreter(Path(sys.executable), OWN, probe.own(), own=True)


def _interpreter(path: Path, by: str, facts: Facts, *, own: bool) -> Interpreter:
    # lib64 is a link to lib in most environments: one folder, one entry.
    site = {os.path.realpath(one): Path(one) for one in reversed(facts.site)}
    further = {os.path.realpath(one): Path(one) for one in facts.further if os.path.realpath(one) not in site}
    return Interpreter(
        path=path,
        version=facts.version,
        chosen_by=by,
        prefix=Path(facts.prefix),
        site=tuple(reversed(site.values())),
        further=tuple(further.values()),
        own=own,
    )


def _reason(named: _Named, why: str) -> Reason:
    return Reason(code="interpreter_missing", message=f"{named.by} names {named.value!r}, {why}", fix=named.fix)
