"""One: a recorded run with all that is known of it, and how to decide it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gates.render import summary
from gates.render.runs import attempts, words

if TYPE_CHECKING:
    from gates.record.asked.answers import Execution, Found, Measured, Required, Run, RunDetail

FINDINGS = 10
"""Findings of a gate that are shown; JSON has them all."""

FAILED = 20
REQUIREMENTS = 20


def render(detail: RunDetail) -> str:
    """The run, its gates with what they found, its tests and requirements, what it was decided on."""
    return words.document(_lines(detail))


def _lines(detail: RunDetail) -> Iterator[str]:
    run = detail.run
    yield from _head(run)
    gates = [one for one in detail.executions if one.kind == "gate"]
    if gates:
        yield ""
    for gate in gates:
        yield from _gate(gate, detail)
    if detail.tests:
        yield ""
        yield from _tests(detail)
    if detail.requirements:
        yield ""
        yield from _requirements(detail.requirements)
    yield ""
    yield from _decided_on(detail, gates)
    if any(one.kind == "run" and one.inputs for one in detail.executions):
        yield f"decide it again: gates runs replay {words.text(run.run)}"


def _head(run: Run) -> Iterator[str]:
    code = "" if run.exit_code is None else f" (exit {run.exit_code})"
    yield f"{words.text(run.run)}  {words.text(run.command)} {run.status}{code}"
    ended = f" to {words.when(run.ended, seconds=True)}" if run.ended else ""
    where = words.place(run.commit, run.branch)
    source = ", brought in from files of another tool" if run.backfilled else ""
    retry = f", attempt {run.attempt}" + (f", retry of {words.text(run.retry_of)}" if run.retry_of else "")
    yield from _facts(
        ("project", words.text(run.project) + (f" @ {where}" if where else "")),
        ("when", f"{words.when(run.started, seconds=True)}{ended} UTC, took {words.took(run.duration_ms)}"),
        ("by", f"gates {words.text(run.gates_version, 40)}, {words.text(run.runner)}{source}"),
        ("trace", f"{words.text(run.trace_id)}, span {words.text(run.span_id)}{retry}"),
    )


def _facts(*facts: tuple[str, str]) -> Iterator[str]:
    for name, said in facts:
        yield f"  {name.ljust(8)}  {said}"


def _gate(gate: Execution, detail: RunDetail) -> Iterator[str]:
    yield f"{words.text(gate.subject)}  {gate.status}  {words.took(gate.duration_ms)}"
    found = [one for one in detail.findings if _is_of(one, gate)]
    said = words.error(gate.error_type, gate.error_message)
    if said and not any(one.blocks for one in found):
        yield f"  {said}"
    yield from map(_finding, found[:FINDINGS])
    if len(found) > FINDINGS:
        yield f"  + {len(found) - FINDINGS:,} more findings (--output-format json)"
    yield from (_measure(one) for one in detail.measures if _is_of(one, gate))
    if gate.reproduce and gate.status != "passed":
        yield f"  shows it: {words.command(gate.reproduce)}"


def _is_of(one: Found | Measured, gate: Execution) -> bool:
    """Whether it is of this gate: `packages/a:lint` is that of a member, `lint` that of the one project."""
    return gate.subject == (one.gate if one.project == "." else f"{one.project}:{one.gate}")


def _finding(one: Found) -> str:
    place = one.path or ""
    if place and one.line is not None:
        place = f"{place}:{one.line}"
    weight = "" if one.blocks else " (does not block)"
    said = f"{words.text(one.rule)} {words.text(one.tool_rule or one.name)}{weight}: {words.message(one.message)}"
    return f"  {words.text(place)}  {said}" if place else f"  {said}"


def _measure(one: Measured) -> str:
    limit = ""
    if one.limit is not None:
        word = {"min": ", at least ", "max": ", at most "}.get(one.direction or "", ", limit ")
        limit = word + summary.number(one.limit)
    return f"  {words.text(one.name)}: {summary.number(one.value)} {words.text(one.unit, 40)}{limit}"


def _tests(detail: RunDetail) -> Iterator[str]:
    failed = detail.failed_tests
    number = detail.run.failed_tests
    said = (
        f"{number:,} of {detail.tests:,} failed" if number else f"{summary.plural(detail.tests, 'test')}, none failed"
    )
    yield f"tests: {said}{'; at first:' if failed and not number else ''}"
    for one in failed[:FAILED]:
        yield from attempts.failure(one, "  ")
    if len(failed) > FAILED:
        yield f"  + {len(failed) - FAILED:,} more (--output-format json)"


def _requirements(held: Sequence[Required]) -> Iterator[str]:
    red = [one for one in held if one.status != "passed"]
    yield f"requirements: {len(held) - len(red):,} of {len(held):,} passed"
    for one in red[:REQUIREMENTS]:
        tests = f"{one.failed:,} of {summary.plural(one.tests, 'test')} failed"
        yield f"  {words.text(one.requirement)}  {one.status}, {tests}"
    if len(red) > REQUIREMENTS:
        yield f"  + {len(red) - REQUIREMENTS:,} more (--output-format json)"


def _decided_on(detail: RunDetail, gates: Sequence[Execution]) -> Iterator[str]:
    """The digests by which what was read and said is found in `.gates/`."""
    whole = next((one for one in detail.executions if one.kind == "run"), None)
    rows = [
        ("settings", None if whole is None else whole.configuration),
        ("grounds", None if whole is None else whole.inputs),
        ("report", None if whole is None else whole.outputs),
        *((f"evidence of {words.text(one.subject)}", one.outputs) for one in gates),
    ]
    known = [(name, words.text(digest)) for name, digest in rows if digest]
    yield "decided on" if known else "decided on: nothing that was kept"
    broad = max((len(name) for name, _ in known), default=0)
    yield from (f"  {name.ljust(broad)}  {digest}" for name, digest in known)
