"""Tools: what a program may ask of the record, and the answer that it gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gates.errors import UsageError, nearest
from gates.record.asked import questions
from gates.record.asked.answers import Alike, Answer, Execution, Filter, Kind, Run
from gates.record.asked.since import moment
from gates.record.mcp import wording
from gates.record.mcp.asking import Asking, CodeWanted, FailuresWanted, RunsWanted, TraceWanted, parsed
from gates.record.mcp.bounds import Bounds
from gates.record.mcp.logs import Logs

EXAMINED = 500
"""How many things that fail are looked at, to be grouped."""
EXPLAINED = 16_000
"""Characters of an explanation."""


class Bounded(Answer, frozen=True, kw_only=True):
    """What every answer of a tool has: `cut` are sentences about what was left out of it."""

    cut: tuple[str, ...] = ()


class RunsPage(Bounded, frozen=True, kw_only=True):
    """Runs, newest first; `next_offset` is None where there are no more."""

    runs: tuple[Run, ...]
    next_offset: int | None


class TracePage(Bounded, frozen=True, kw_only=True):
    """Attempts at one question, the first one first; `count` is how many there are in all."""

    trace_id: str
    count: int
    executions: tuple[Execution, ...]


class Failing(Alike, frozen=True, kw_only=True):
    """What fails now and looks the same, with as much of the newest failure as is needed to look into it.

    `reproduce` are the words of a command that runs it again; there are none where it cannot be done alone.
    """

    kind: Kind
    run: str
    trace_id: str
    span_id: str
    ended: str | None
    reproduce: tuple[str, ...]


class Failures(Bounded, frozen=True, kw_only=True):
    """What fails now, by pattern; `failing` is how many tests and gates did not pass when they were last run."""

    failing: int
    patterns: tuple[Failing, ...]


class Explanation(Bounded, frozen=True, kw_only=True):
    """What something is called, what it means and what to do about it."""

    kind: str
    code: str
    summary: str
    explanation: str
    fix: str
    name: str = ""
    gate: str = ""
    severity: str = ""
    preview: bool = False
    undecides: bool = False
    formerly: tuple[str, ...] = ()


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Where questions are answered: the logs of the project, and what else an answer takes.

    `safe` makes text of others one line without secrets in which nothing acts; `explain` says what a code means.
    """

    logs: Logs
    safe: Callable[[str], str]
    explain: Callable[[str], Mapping[str, Any]]

    def answer(self, name: str, arguments: Mapping[str, Any]) -> Answered:
        """What the tool `name` says.

        Raises:
            GatesError: there is no such tool, the arguments are wrong, or the record cannot be read.
        """
        if name not in TOOLS:
            close = nearest(name, TOOLS)
            raise UsageError(f"there is no tool {name!r}" + (f", did you mean {close!r}?" if close else ""))
        tool = TOOLS[name]
        bounds = Bounds(self.safe)
        found = tool.ask(self, parsed(tool.arguments, arguments), bounds)
        value = {**found, "cut": [*found.get("cut", ()), *bounds.cut], "notes": list(found.get("notes", ()))}
        return Answered(value=value, text=tool.words(value))


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as a value of the tool's type, of built-in types, and in words."""

    value: Mapping[str, Any]
    text: str


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool: how it is called and what for, what it takes and gives, and how it is done."""

    title: str
    description: str
    arguments: type[Asking]
    answers: type[Bounded]
    ask: Callable[[Desk, Any, Bounds], dict[str, Any]]
    words: Callable[[Mapping[str, Any]], str]


def _runs(desk: Desk, asked: RunsWanted, bounds: Bounds) -> dict[str, Any]:
    fields = {**msgspec.structs.asdict(asked), "since": _since(asked.since), "limit": asked.limit + 1}
    store, notes = desk.logs.opened()
    with store:
        found = questions.runs(store, Filter(**fields))
    rows = bounds.rows(map(msgspec.to_builtins, found[: asked.limit]))
    more = len(found) > len(rows)
    return {"runs": rows, "next_offset": asked.offset + len(rows) if more else None, "notes": notes}


def _attempts(desk: Desk, asked: TraceWanted, bounds: Bounds) -> dict[str, Any]:
    store, notes = desk.logs.opened()
    with store:
        found = questions.trace(store, asked.trace_id)
    # The newest are kept where there is no room for all.
    rows = bounds.rows(map(msgspec.to_builtins, reversed(found[-asked.limit :])))
    return {"trace_id": asked.trace_id, "count": len(found), "executions": rows[::-1], "notes": notes}


def _failures(desk: Desk, asked: FailuresWanted, bounds: Bounds) -> dict[str, Any]:
    store, notes = desk.logs.opened()
    with store:
        found = questions.last_failed(store, EXAMINED + 1)
    cut = [f"left out: all but the newest {EXAMINED} failures"] if len(found) > EXAMINED else []
    groups: dict[tuple[str | None, ...], list[Execution]] = {}
    for one in found[:EXAMINED]:
        pattern = (one.stack_hash,) if one.stack_hash else (one.kind, one.error_type, one.error_message)
        groups.setdefault(pattern, []).append(one)
    if len(groups) > asked.limit:
        cut.append(f"left out: {len(groups) - asked.limit} patterns over the limit of {asked.limit}")
    rows = bounds.rows(msgspec.to_builtins(_group(alike)) for alike in list(groups.values())[: asked.limit])
    return {"failing": min(len(found), EXAMINED), "patterns": rows, "cut": cut, "notes": notes}


def _group(alike: list[Execution]) -> Failing:
    newest = max(alike, key=lambda one: one.ended or one.started or "")
    return Failing(
        stack_hash=newest.stack_hash,
        error_type=newest.error_type,
        error_message=newest.error_message,
        count=len(alike),
        kind=newest.kind,
        subjects=tuple(one.subject for one in alike),
        run=newest.run,
        trace_id=newest.trace_id,
        span_id=newest.span_id,
        ended=newest.ended,
        reproduce=newest.reproduce,
    )


def _explanation(desk: Desk, asked: CodeWanted, bounds: Bounds) -> dict[str, Any]:
    found = desk.explain(asked.code)
    known = {field.name for field in msgspec.structs.fields(Explanation)}
    said = "\n".join(bounds.text(line) for line in str(found["explanation"]).splitlines())
    told = {key: bounds.plain(value) for key, value in found.items() if key in known}
    if len(said) > EXPLAINED:
        said = f"{said[: EXPLAINED - 1]}…"
        return {
            **told,
            "explanation": said,
            "cut": [f"left out: the end of the explanation, after {EXPLAINED} characters"],
        }
    return {**told, "explanation": said}


def _since(text: str) -> str:
    try:
        return moment(text) if text else ""
    except ValueError as error:
        raise UsageError(f"since: {error}") from None


TOOLS: Mapping[str, Tool] = {
    "tasks_list": Tool(
        title="Recorded runs",
        description="Lists recorded runs of gates and pytest, newest first: verdict, commit, branch, duration, what "
        "gates did not pass, how many tests failed. Use it for history, and tasks_last_failed for what is broken now.",
        arguments=RunsWanted,
        answers=RunsPage,
        ask=_runs,
        words=wording.runs,
    ),
    "tasks_by_trace": Tool(
        title="All attempts at one question",
        description="Lists every attempt at the same run, gate or test, by its trace_id, which stays the same when it "
        "is tried again: shows whether a retry helped, and what changed between attempts.",
        arguments=TraceWanted,
        answers=TracePage,
        ask=_attempts,
        words=wording.attempts,
    ),
    "tasks_last_failed": Tool(
        title="What fails now",
        description="Tests and gates that did not pass when they were last run, grouped by what went wrong, each with "
        "the command that reproduces it. Start here when something is red.",
        arguments=FailuresWanted,
        answers=Failures,
        ask=_failures,
        words=wording.failures,
    ),
    "gates_explain": Tool(
        title="What a code means",
        description="Says what a rule, a tool's own code, a reason, a verdict or an exit code means and how to mend "
        "it. Starts a tool only for a code of that tool, to ask what the code means.",
        arguments=CodeWanted,
        answers=Explanation,
        ask=_explanation,
        words=wording.explanation,
    ),
}
