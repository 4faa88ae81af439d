"""Testers: which lines of workflows run the tests, themselves or by way of tox, nox, a Makefile or a script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gates.project.wiring import Wire
from gates.project.wiring.tools import RUNNERS

TOOLS = frozenset({"nose2", "pytest", "trial", "unittest"})
JUDGING = re.compile(r"\bgates(?:[\"']?\s+(?:-\S+\s+)*(?:check|collect)\b)|\buses:\s*\S*pytest-vltair")
ASIDE = re.compile(
    r"(?<![a-z])(?:bench\w*|build|changelog|check[-_]?(?:docs|manifest|package)|cov(?:erage)?[-_:](?:combine|report)|"
    r"deploy|dist|docs?|docs[-_]\w+|fmt|format|lint\w*|linkcheck|mypy|package|pkg[-_]meta|pre-?commit|publish|pyright|"
    r"readme|release|ruff|spell\w*|style|typing|types?|type[-_]?check|ty)(?![a-z])",
    re.IGNORECASE,
)
"""Environments, sessions and targets that are not the tests."""

TESTS = re.compile(r"(?<![a-z])(?:tests?|pytest|py\d*|unit\w*)(?![a-z])", re.IGNORECASE)


USUALLY = frozenset({"nox", "tox"})
"""Runners that are there for tests, whatever their configuration calls them."""

_COMMANDS = frozenset({"p", "parallel", "r", "run", "run-parallel"})


@dataclass(frozen=True)
class Testers:
    """Which runners and scripts of the project run its tests; `files` are texts of the files of runners."""

    runners: frozenset[str]
    scripts: frozenset[str]
    files: Mapping[str, str]

    def runs(self, wire: Wire) -> bool:
        """Whether a line runs the tests."""
        if wire.tool in TOOLS:
            return True
        if wire.tool == "gates":
            return JUDGING.search(wire.text) is not None
        if wire.tool in self.scripts:
            return True
        if wire.tool not in RUNNERS:
            return False
        names = asked(wire)
        if any(TESTS.search(name) for name in names):
            return True
        reached = wire.tool in self.runners or wire.tool in USUALLY
        return reached and not (names and all(ASIDE.search(name) for name in names))

    def holds(self, wire: Wire, variable: str) -> bool:
        """Whether the configuration of the runner that a line calls speaks of a variable."""
        return wire.tool in RUNNERS and variable in self.files.get(wire.tool, "")


def asked(wire: Wire) -> list[str]:
    """The environments, sessions or targets that a line asks a runner for."""
    called = re.split(rf"(?<![\w/=.-]){re.escape(wire.tool)}(?![\w/=.-])", wire.text)[-1]
    said = re.sub(r"`[^`]*`|\$\{\{.*?\}\}|\$\([^)]*\)", "", called).partition(" -- ")[0]
    words = [word.strip("\"'") for word in re.split(r"[\s,;&|]+", said)]
    return [one for one in words if one and "/" not in one and one[0] not in "-$" and one not in _COMMANDS]


def find(wires: Iterable[Wire], texts: Mapping[str, str]) -> Testers:
    """What of the project's own runs its tests; `texts` are those of its files of runners, by path."""
    held = [one for one in wires if not one.path.startswith(".github/")]
    runners: set[str] = set()
    scripts: set[str] = set()
    while True:
        found = {one.path for one in held if not one.runner and (one.tool in TOOLS | runners | scripts)}
        reached = {one.runner for one in held if one.runner and (one.tool in TOOLS | runners | scripts)}
        if found <= scripts and reached <= runners:
            break
        scripts |= found
        runners |= reached
    files: dict[str, str] = {}
    for one in held:
        if one.runner and one.path in texts:
            files[one.runner] = files.get(one.runner, "") + texts[one.path]
    return Testers(frozenset(runners), frozenset(scripts), files)
