"""Change: what the change touched, function by function: lines that never ran, and ways that were never taken."""

from __future__ import annotations

from collections.abc import Iterator

from gates.builtin.coverage import words
from gates.builtin.coverage.facts import MODULE, Branch, Changed, CoverageEvidence, File
from gates.builtin.coverage.figures import Figure, percent
from gates.builtin.coverage.lines import decoded, numbers
from gates.builtin.coverage.rules import CHANGED_BRANCHES, CHANGED_LINES, UNMEASURED
from gates.model.finding import Finding, finding
from gates.model.measure import Measure


def findings(evidence: CoverageEvidence, limit: float) -> Iterator[Finding]:
    """What less than `limit` percent of ran: each touched function by itself, so that no average hides it."""
    files = {one.path: one for one in evidence.files.items}
    for patch in evidence.patch.items:
        for one in patch.files.items:
            if one.measured:
                yield from _lines(files[one.path], one, limit)
                yield from _branches(files[one.path], one, limit)
            elif one.omitted is None and one.statements:
                yield _unmeasured(one)


def measures(evidence: CoverageEvidence) -> Iterator[Measure]:
    """How much of the change ran; no ratchet's, since every change is another one, and the limit is by function."""
    files = {one.path: one for one in evidence.files.items}
    for patch in evidence.patch.items:
        held = [_touched(files.get(one.path), one) for one in patch.files.items if one.omitted is None]
        figure = sum(held, Figure(0, 0))
        if figure.of:
            yield Measure(name="coverage.patch", value=figure.percent, unit="percent")


def notes(evidence: CoverageEvidence) -> Iterator[str]:
    """Changed files that are left out: by the project's settings, or for where they are."""
    for patch in evidence.patch.items:
        left_out = [one for one in patch.files.items if one.omitted is not None]
        for place in sorted({one.omitted or "" for one in left_out}):
            paths = [one.path for one in left_out if one.omitted == place]
            more = f" and {len(paths) - words.MOST:,} more" if len(paths) > words.MOST else ""
            yield f"changed files that nobody has to measure ({place}): {', '.join(paths[: words.MOST])}{more}"


def _lines(file: File, one: Changed, limit: float) -> Iterator[Finding]:
    touched = decoded(one.touched)
    missed = touched & ~decoded(file.ran)
    for function, inside in words.by_function(file.functions.items, touched):
        lost = inside & missed
        figure = Figure((inside & ~missed).bit_count(), inside.bit_count())
        if figure.meets(limit):
            continue
        found = numbers(lost)
        shown = words.written(file, lost)
        lines = words.count(len(found), "changed line", "changed lines")
        what = f"{lines} of {function}()" if function != MODULE else f"{lines} {words.at(function)}"
        several = f": {shown}" if "," in shown else ""
        asked = (
            "" if limit == 100 else f" ({figure.covered:,} of {figure.of:,} did, and the limit is {percent(limit)} %)"
        )
        said = f"{what} never ran{several}{asked}{_nearest(one, function)}"
        last = found[-1] if not several else found[0]
        yield finding(
            CHANGED_LINES,
            said,
            path=file.path,
            line=found[0],
            end_line=last if last > found[0] else None,
            subject=f"{file.path}::{function}",
            source=function,
        )


def _branches(file: File, one: Changed, limit: float) -> Iterator[Finding]:
    asked = decoded(one.touched) & decoded(file.ran)
    held = {branch.line: branch for branch in file.branches.items if asked >> branch.line & 1}
    lines = sum(1 << line for line in held)
    for function, inside in words.by_function(file.functions.items, lines):
        own = [held[line] for line in numbers(inside)]
        ways = sum(branch.total for branch in own)
        lost = sum(branch.missing.count for branch in own)
        if Figure(ways - lost, ways).meets(limit):
            continue
        for branch in own:
            if branch.missing.count:
                yield _untaken(file, branch, function)


def _untaken(file: File, branch: Branch, function: str) -> Finding:
    ways = branch.missing.items
    whither = " and ".join(_way(one) for one in ways)
    said = f"the changed line {words.at(function)} ran, and never went on {whither}"
    subject = f"{file.path}::{function}"
    return finding(CHANGED_BRANCHES, said, path=file.path, line=branch.line, subject=subject, source=function)


def _way(name: str) -> str:
    if name == "exit":
        return "to the end of the function"
    return f"to line {name}" if name.isdigit() else f"by way {name}"


def _unmeasured(one: Changed) -> Finding:
    lines = words.count(one.statements, "line that can run", "lines that can run")
    said = f"nobody measured this file, and the change touches {lines}"
    first = next(iter(numbers(decoded(one.touched))), None)
    return finding(UNMEASURED, said, path=one.path, line=first, subject=one.path, source="unmeasured")


def _nearest(one: Changed, function: str) -> str:
    near = next((held.tests.items for held in one.near.items if held.function == function), ())
    return f"; nearest: {', '.join(near)}" if near else ""


def _touched(file: File | None, one: Changed) -> Figure:
    touched = decoded(one.touched)
    ran = 0 if file is None else decoded(file.ran)
    branches = () if file is None else file.branches.items
    own = [branch for branch in branches if touched >> branch.line & 1]
    ways = sum(branch.total for branch in own)
    taken = ways - sum(branch.missing.count for branch in own)
    return Figure((touched & ran).bit_count() + taken, touched.bit_count() + ways)
