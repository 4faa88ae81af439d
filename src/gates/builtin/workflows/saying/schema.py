"""Schema: what check-jsonschema says of workflows and actions, by the schemas that it carries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.workflows.facts import Complaint
from gates.builtin.workflows.reading.place import WORKFLOW, Place
from gates.model.reason import Reason
from gates.process import failure
from gates.project.wiring.document import nodes

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.tools import Tool

NAME = "check-jsonschema"
MODULE = "check_jsonschema"
WITHOUT_IRIS = "import sys; sys.modules['rfc3987_syntax'] = None; from check_jsonschema import main; main()"
"""To make its grammar takes rfc3987-syntax two seconds wherever it is installed; no schema here asks for an IRI."""

TOLERATED = "low"
"""How grave it is where GitHub does without what the schema asks for."""


_MILD = re.compile(r" is not of type '|'(?:name|description|matrix)' is a required property$")
"""What the schema asks for and GitHub does without: a list of one, a number in quotes, a description."""


class _Match(msgspec.Struct):
    path: str
    message: str


class _Error(_Match):
    filename: str
    best_deep_match: _Match | None = None


class _Parse(msgspec.Struct):
    filename: str
    message: str


class _Answer(msgspec.Struct):
    status: str
    errors: tuple[_Error, ...] = ()
    parse_errors: tuple[_Parse, ...] = ()
    successes: tuple[str, ...] = ()
    checked_paths: tuple[str, ...] = ()


def check(context: Context[Any], tool: Tool, place: Place, names: Sequence[str]) -> list[Complaint] | Reason:
    """What is wrong with each of `names`; a reason where the tool did not look at all of them."""
    found: list[Complaint] = []
    for kind, held in _kinds(names):
        schema = ("--builtin-schema", f"vendor.github-{kind}")
        command = [*_started(tool), *schema, "--output-format", "json", "-vv", "--", *held]
        run = context.run(command, cwd=place.root)
        stopped = failure.stopped(run, NAME, "workflows")
        if stopped is not None:
            return stopped
        try:
            answer = msgspec.json.decode(run.stdout, type=_Answer)
        except msgspec.DecodeError:
            return _unreadable(run.code, failure.last_words(run))
        said = {one.filename for one in answer.errors} | {one.filename for one in answer.parse_errors}
        if set(held) - said - set(answer.checked_paths) - set(answer.successes) or (run.code == 0) != (not said):
            return _unreadable(run.code, "it does not account for every file")
        found += _complaints(place, answer)
    return found


def _started(tool: Tool) -> tuple[str, ...]:
    if tool.argv[-2:] != ("-m", MODULE):
        return tool.argv
    return (*tool.argv[:-2], "-c", WITHOUT_IRIS)


def _kinds(names: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    workflows = [name for name in names if WORKFLOW.fullmatch(name)]
    actions = [name for name in names if not WORKFLOW.fullmatch(name)]
    yield from ((kind, held) for kind, held in (("workflows", workflows), ("actions", actions)) if held)


def _complaints(place: Place, answer: _Answer) -> Iterator[Complaint]:
    for one in answer.errors:
        best = one.best_deep_match or one
        message = f"at `{best.path.removeprefix('$.')}`: {best.message}" if best.path not in {"", "$"} else best.message
        found = made(place, one.filename, message, _line(place, one.filename, best.path))
        mild = best.path != "$" and _MILD.search(best.message)
        is_mild = mild or not WORKFLOW.fullmatch(one.filename)
        yield msgspec.structs.replace(found, severity=TOLERATED) if is_mild else found
    for broken in answer.parse_errors:
        yield made(place, broken.filename, broken.message, None)


def made(place: Place, name: str, message: str, line: int | None) -> Complaint:
    """A complaint that a file is not what it should be."""
    return Complaint(
        tool="check-jsonschema",
        code="schema",
        message=" ".join(message.split())[:500],
        path=place.shown(name),
        line=line,
        column=None,
        severity="",
        confidence="",
        source="",
    )


def _line(place: Place, name: str, path: str) -> int | None:
    """The line of a place such as `$.jobs.test.steps[0]`, as far down as the file has it."""
    node = next(nodes(place.texts[name]), None)
    for key, index in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path):
        if node is None:
            return None
        held = node.entries()
        below = node.get(key) if key else (held[int(index)] if int(index) < len(held) else None)
        if below is None:
            break
        node = below
    return None if node is None else node.key_line or node.line


def _unreadable(code: int | None, why: str) -> Reason:
    return Reason(
        code="unparsable_output",
        message=f"the answer of {NAME} (exit code {code}) cannot be read: {why}",
        fix=f"{NAME} --builtin-schema vendor.github-workflows .github/workflows/*",
    )
