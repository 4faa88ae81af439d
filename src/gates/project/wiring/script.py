"""Script: the calls in a shell script, each with what keeps its failure from reaching the script's exit code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gates.project.wiring import shell, tools
from gates.project.wiring.shell import Chain, Command, Pipeline, Script
from gates.project.wiring.wire import Unreadable, Wire, Wiring

SWALLOWING = frozenset({":", "echo", "printf", "true"})
"""Commands that succeed whatever came before."""
LEAVING = frozenset({"exit", "false", "return"})
TESTING = frozenset({"[", "[[", "test"})
NO_ERREXIT = "without `set -e` only the last command's exit code counts"

_SHEBANG = re.compile(r"#!\s*\S*?\b(?:env\s+(?:-S\s+)?)?(?:\S*/)?(ba|da|k|z)?sh\b(?P<options>[^\n]*)")
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=.+", re.DOTALL)


@dataclass(frozen=True)
class Mode:
    """How the shell treats failures: as of `set -e`, of `set -o pipefail`, and in the condition of an `if`."""

    errexit: bool = False
    pipefail: bool = False
    tested: bool = False

    def after(self, words: tuple[str, ...]) -> Mode:
        """The mode after the options of `set`, or of a call of the shell itself."""
        mode = self
        for index, word in enumerate(words):
            if word in {"-o", "+o"} or (re.fullmatch(r"[-+][a-zA-Z]*o", word) is not None):
                mode = _with(mode, words[index + 1] if index + 1 < len(words) else "", on=word[0] == "-")
            if re.fullmatch(r"[-+][a-zA-Z]+", word) and "e" in word:
                mode = replace(mode, errexit=word[0] == "-")
        return mode


@dataclass(frozen=True)
class Call:
    """A simple command, its line, and the clause that says why its failure does not count, or ""."""

    words: tuple[str, ...]
    line: int
    clause: str


def is_script(path: str, text: str) -> bool:
    """Whether a file is a shell script, by its name or its first line."""
    return path.endswith((".sh", ".bash")) or _SHEBANG.match(text) is not None


def of(path: str, text: str) -> Wiring:
    """The wires of a shell script."""
    shebang = _SHEBANG.match(text)
    return wires(path, text, mode=Mode().after(tuple(shebang["options"].split())) if shebang else Mode())


def wires(
    path: str,
    text: str,
    *,
    first: int = 1,
    mode: Mode = Mode(),
    clause: str = "",
    within: str = "",
    runner: str = "",
    lost_only: bool = False,
) -> Wiring:
    """The wires of a piece of shell that begins at line `first` of the file `path`; `clause` defuses all of it.

    With `lost_only` a tool that is called so that it judges nothing is not defused, unless an option takes its exit
    code away.
    """
    own = tools.silenced if lost_only else tools.own_clause
    try:
        found = list(calls(shell.parse(text, first), mode))
    except shell.TooDeep:
        return Wiring(unreadable=(Unreadable(path=path, line=first, why="it nests commands too deeply"),))
    lines = text.split("\n")
    return Wiring(
        wires=tuple(
            Wire(
                path=path,
                line=call.line,
                tool=tool,
                text=_logical(lines, call.line - first),
                defused=clause or call.clause or own(tool, call.words),
                within=within,
                runner=runner,
            )
            for call in found
            for tool in tools.tools_of(call.words)
        )
    )


def of_recipe(path: str, text: str, first: int, within: str, runner: str) -> Wiring:
    """The wires of a script that stands in a recipe, its shebang in line `first`."""
    shebang = _SHEBANG.match(text)
    options = () if shebang is None else tuple(shebang["options"].split())
    return wires(path, text, first=first, mode=Mode().after(options), within=within, runner=runner)


def called(words: Sequence[str]) -> list[tuple[tuple[str, ...], str]]:
    """A command that no shell reads, and what a shell that it calls (`bash -c "..."`) does, each with its clause.

    What nests too deeply is left out.
    """
    try:
        found = list(_called(Command(1, tuple(words)), Mode(), "", counts=True)) if words else []
    except shell.TooDeep:
        return [(tuple(words), "")]
    return [(call.words, call.clause) for call in found]


def read(text: str) -> list[Call]:
    """The calls in a line that goes to a shell; none in one that nests too deeply."""
    try:
        return list(calls(shell.parse(text), Mode()))
    except shell.TooDeep:
        return []


def calls(script: Script, mode: Mode, swallowed: str = "", *, counts: bool = True) -> Iterator[Call]:
    """The simple commands of a script; `swallowed` is why none counts, `counts` whether the last one's code does."""
    for index, chain in enumerate(script):
        rest = script[index + 1 :]
        mode = _changed(mode, chain)
        for position, pipeline in enumerate(chain.pipelines):
            clause = swallowed or _chained(chain, position, rest, mode, counts=counts)
            for number, part in enumerate(pipeline.parts):
                piped = "" if mode.pipefail else _piped(pipeline, number)
                yield from _called(part, mode, clause or piped, counts=counts and not rest)


def _called(command: Command, mode: Mode, clause: str, *, counts: bool) -> Iterator[Call]:
    if command.words:
        yield Call(command.words, command.line, clause)
        yield from _inner(command, clause)
    if command.kind == "substitution":
        only = all(_ASSIGNED.fullmatch(word) for word in command.words)
        lost = "" if only else f"its exit code is lost in the words of `{command.words[0]}`"
        yield from calls(command.body, mode, clause or lost)
        return
    tested = clause or ("" if _leaves(command.body) else f"`{command.kind}` tests it, and no branch leaves")
    yield from calls(command.conditions, Mode(errexit=True, pipefail=mode.pipefail, tested=True), tested)
    if command.kind == "loop" and not mode.errexit:
        yield from calls(command.body, mode, clause or "without `set -e` only the loop's last round counts")
    elif command.kind == "function":
        # Who calls it decides; what stands in it is taken as it would be under `set -e`.
        yield from calls(command.body, Mode(errexit=True, pipefail=mode.pipefail))
    elif command.kind:
        yield from calls(command.body, mode, clause, counts=counts)


def _inner(command: Command, clause: str) -> Iterator[Call]:
    """The calls of `bash -c "..."`."""
    name = command.words[0].rpartition("/")[2]
    options = command.words[1:]
    flag = next((index for index, word in enumerate(options) if re.fullmatch(r"-[a-z]*c", word)), None)
    if name not in tools.SHELLS or flag is None or flag + 1 >= len(options):
        return
    inner = Mode().after(options[: flag + 1])
    yield from calls(shell.parse(options[flag + 1], command.line, shell.DEPTH - 5), inner, clause)


def _chained(chain: Chain, position: int, rest: Script, mode: Mode, *, counts: bool) -> str:
    """Why the failure of one pipeline of a chain does not count, as far as what follows it is the cause."""
    if chain.pipelines[position].negated and not mode.tested:
        return "`!` turns its exit code round"
    handler = next((later for later in range(position, len(chain.joints)) if chain.joints[later] == "||"), None)
    if handler is not None:
        return _handled(chain.pipelines[handler + 1])
    if chain.background and not any(command.words[0] == "wait" for command in shell.commands(rest)):
        return "`&` sends it to the background, and nothing waits for it"
    asked = any("$?" in word for command in shell.commands(rest[:1]) for word in command.words)
    if asked or (counts and not rest):
        return ""
    if not mode.errexit:
        return _last_word(rest) or NO_ERREXIT
    return "`set -e` passes over what stands before `&&`" if position < len(chain.joints) else ""


def _last_word(rest: Script) -> str:
    """`; true` after it, where that is all that follows."""
    last = [command.words for command in shell.commands(rest)]
    decides = len(last) == 1 and last[0][0] not in {"echo", "printf"} and _succeeds(last[0])
    return f"`; {' '.join(last[0])}` after it decides the exit code" if decides else ""


def _handled(handler: Pipeline) -> str:
    """Why what stands after `||` takes a failure away, or "" where it passes it on or cannot be known."""
    found = [command.words for part in handler.parts for command in _simple(part)]
    if not found or any(_is_leaving(words) for words in found):
        return ""
    shown = " ".join(found[-1][:4])
    if found[-1][0] in TESTING and any("$?" in word for word in found[-1]):
        return f"`|| {shown} ...` takes some codes of failure for success"
    return f"`|| {shown}` takes its failure away" if _succeeds(found[-1]) else ""


def _simple(command: Command) -> list[Command]:
    return list(shell.commands((Chain((Pipeline((command,)),)),)))


def _succeeds(words: tuple[str, ...]) -> bool:
    name = words[0].rpartition("/")[2]
    return name in SWALLOWING or (name in {"exit", "return"} and words[1:2] == ("0",))


def _is_leaving(words: tuple[str, ...]) -> bool:
    """Whether a command passes a failure on: it leaves with it, or keeps it in a variable."""
    return (words[0] in LEAVING and words[1:2] != ("0",)) or _ASSIGNED.fullmatch(words[0]) is not None


def _leaves(body: Script) -> bool:
    return any(_is_leaving(command.words) for command in shell.commands(body))


def _piped(pipeline: Pipeline, number: int) -> str:
    if number == len(pipeline.parts) - 1:
        return ""
    last = pipeline.parts[-1].words
    return f"the pipe into `{last[0] if last else 'the next command'}` hides its exit code: there is no pipefail"


def _changed(mode: Mode, chain: Chain) -> Mode:
    for pipeline in chain.pipelines:
        for part in pipeline.parts:
            if part.words[:1] == ("set",):
                mode = mode.after(part.words[1:])
    return mode


def _with(mode: Mode, option: str, *, on: bool) -> Mode:
    if option == "pipefail":
        return replace(mode, pipefail=on)
    return replace(mode, errexit=on) if option == "errexit" else mode


def _logical(lines: list[str], index: int) -> str:
    """A line with those that continue it, the white space evened out."""
    first = index
    while first > 0 and lines[first - 1].rstrip("\r").endswith("\\"):
        first -= 1
    last = index
    while last + 1 < len(lines) and lines[last].rstrip("\r").endswith("\\"):
        last += 1
    return " ".join(" ".join(line.strip().removesuffix("\\") for line in lines[first : last + 1]).split())
