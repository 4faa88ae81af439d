"""Reach: which lines of the wiring a command comes to, and which of them let a fault pass."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from gates.model.command_proof import Place
from gates.project import wiring
from gates.project.wiring import Wire, Wiring, script
from gates.project.wiring.tools import RUNNERS, TOOLS, own_clause, tools_of
from gates.prove.command.faults import Fault

OTHER_NAMES = {"prek": "pre-commit", "task": "taskipy"}
"""Runners that read what another one does."""
BUILT_IN = {"hatch": {"test": ("pytest", "coverage"), "fmt": ("ruff",), "check": ("ruff",)}}
"""What a runner calls without any line that says so."""
SHOWN = 3
"""How many lines are blamed for one fault; they are much the same from there on."""


class Reach:
    """What `command` comes to in the project at `root`, as far as its wiring tells."""

    def __init__(self, command: Sequence[str], root: Path, files: Iterable[str]) -> None:
        """Read the wiring."""
        self.root = root
        self.command = tuple(command)
        self.shown = shlex.join(command)
        self.read: Wiring = wiring.read(root, files)

    @cached_property
    def wires(self) -> tuple[Wire, ...]:
        """The lines that the command reaches, its own words first."""
        own = _own(self.command, self.shown)
        found = list(own)
        waiting = list(own)
        while waiting:
            wire = waiting.pop()
            for one in self._behind(wire):
                if one not in found:
                    found.append(one)
                    waiting.append(one)
        return tuple(found)

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools that those lines call and that could be missing: no runners, and nothing that Python has."""
        removable = TOOLS - RUNNERS - sys.stdlib_module_names
        return tuple(sorted({wire.tool for wire in self.wires if wire.tool in removable}))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that those lines are in."""
        return tuple(sorted({wire.path for wire in self.wires if wire.path}))

    def guards(self, tool: str) -> tuple[Place, ...]:
        """The lines that ask whether a tool is there before it is called."""
        asking = re.compile(rf"\b(command -v|which|hash|type(?: -\w)?)[ \t]+[\"']?\S*{re.escape(tool)}\b")
        found = [
            Place(
                path=path,
                line=number,
                text=line.strip(),
                why=f"it asks whether {tool} is there, and goes on without it",
            )
            for path in self.files
            for number, line in enumerate(_text(self.root, path).split("\n"), start=1)
            if asking.search(line)
        ]
        if asking.search(self.shown):
            found.append(Place(path=None, line=None, text=self.shown, why=f"`{self.shown}` goes on without {tool}"))
        return tuple(found[:SHOWN])

    def blamed(self, fault: Fault) -> tuple[Place, ...]:
        """The lines that let a fault pass: defused ones, else those that have a look and do not object, else none.

        Where nothing that is reached calls a tool for it, one place says so.
        """
        concerned = [wire for wire in self.wires if _concerns(wire, fault)]
        defused = [wire for wire in concerned if wire.defused]
        runners = [wire for wire in self.wires if wire.tool in RUNNERS and wire.defused]
        if defused or (concerned and runners):
            return tuple(_place(wire, wire.defused) for wire in (defused or runners)[:SHOWN])
        if concerned:
            return tuple(_place(wire, _content(wire, fault)) for wire in concerned[:SHOWN])
        where = f"no line in {', '.join(self.files)}" if self.files else "nothing"
        unread = [one.path for one in self.read.unreadable]
        but = f" ({', '.join(unread)} could not be read)" if unread else ""
        return (
            Place(
                path=None,
                line=None,
                text=self.shown,
                why=f"{where} that `{self.shown}` reaches calls {fault.objectors.named}{but}",
            ),
        )

    def _behind(self, wire: Wire) -> Iterator[Wire]:
        """The lines that a line leads to."""
        runner = OTHER_NAMES.get(wire.tool, wire.tool)
        if wire.tool not in RUNNERS:
            yield from (one for one in self.read.wires if one.path == wire.tool)
            return
        words = re.split(r"[\s\"',()\[\]]+", wire.text)
        built_in = next((tools for name, tools in BUILT_IN.get(wire.tool, {}).items() if name in words), None)
        if built_in is not None:
            yield from (Wire(path=wire.path, line=wire.line, tool=tool, text=wire.text) for tool in built_in)
            return
        yield from _called([one for one in self.read.wires if one.runner == runner], words, wire)


def _text(root: Path, path: str) -> str:
    try:
        return (root / path).read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _called(there: Sequence[Wire], words: Sequence[str], caller: Wire) -> list[Wire]:
    """The lines of the targets, sessions or environments that `words` name; all where none is named."""
    known = {name for one in there for name in (*one.within.split(), one.within)}
    asked = [name for word in words[1:] for part in word.split(",") for name in (part, _plain(part))]
    named = {name for name in asked if name in known}
    if caller.tool == "tox" and _environments(words) - named:
        # An environment without a section of its own has the commands of the base.
        named |= {"testenv", "env_run_base"}
    if named:
        return [one for one in there if named & {*one.within.split(), one.within}]
    if caller.tool in {"make", "just"} and caller.path == "" and there:
        # Without a target the first one is made.
        first = min(there, key=lambda one: (one.path, one.line)).within
        return [one for one in there if one.within == first]
    return [] if caller.runner == OTHER_NAMES.get(caller.tool, caller.tool) else list(there)


def _environments(words: Sequence[str]) -> set[str]:
    """What `tox -e` names."""
    after = [words[index + 1] for index, word in enumerate(words[:-1]) if word == "-e"]
    after += [word[2:] for word in words if re.fullmatch(r"-e\w.*", word)]
    return {name for word in after for name in word.split(",")}


def _plain(word: str) -> str:
    """`lint` of `-elint` and of `lint-3.12`, as runners name their parts."""
    word = re.sub(r"^(-[es](?=\w)|--session=|--sessions=)", "", word)
    return re.sub(r"-3\.\d+$", "", word)


def _own(command: Sequence[str], shown: str) -> list[Wire]:
    """The wires that the command's own words are."""
    return [
        Wire(path="", line=1, tool=tool, text=shown, defused=clause or own_clause(tool, words))
        for words, clause in script.called(list(command))
        for tool in tools_of(words)
    ]


def _concerns(wire: Wire, fault: Fault) -> bool:
    tools = fault.objectors.tools
    if wire.tool not in tools and not any(tool.startswith("--") and tool in wire.text for tool in tools):
        return False
    if wire.tool == "ruff":
        has_format = "format" in wire.text
        return has_format if fault.wanted == "format" else not (has_format and fault.unwanted == "format")
    return True


def _content(wire: Wire, fault: Fault) -> str:
    """What is said of a line that has a look and does not object."""
    who = f"it calls {wire.tool}" if wire.path else f"`{wire.text}` calls {wire.tool}"
    return f"{who}, {fault.content or 'which did not object'}"


def _place(wire: Wire, why: str) -> Place:
    return Place(path=wire.path or None, line=wire.line if wire.path else None, text=wire.text, why=why)
