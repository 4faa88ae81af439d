"""Terminal: unstable tests first, those that flip together in one block; then what is undecided, and what was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from gates.model.diagnosis import DiagnosisReport, TestDiagnosis
from gates.render import escape

LISTED = 10
"""So many tests of a group, and so many that are undecided for the same reason, are listed; the others are counted."""


def render(report: DiagnosisReport) -> str:
    """The report, the verdict in its first line."""
    return "".join(f"{escape.commands(escape.line(line).rstrip())}\n" for line in _lines(report))


def _lines(report: DiagnosisReport) -> Iterator[str]:
    unstable = [one for one in report.tests if one.stable is False]
    undecided = [one for one in report.tests if one.stable is None]
    yield f"diagnose {report.verdict}: {_headline(report, unstable, undecided)}"
    for together in groups(unstable):
        yield ""
        yield from _group(together)
    yield from _open(undecided)
    if report.trials:
        yield ""
        yield from _done(report, len(report.tests) - len(unstable) - len(undecided))


def groups(tests: Sequence[TestDiagnosis]) -> list[list[TestDiagnosis]]:
    """The tests that flip together, the largest group first; one without a group is one by itself."""
    ordered = sorted(tests, key=lambda one: (one.group or "", one.nodeid if one.group is None else "", one.nodeid))
    found = [
        list(each) for _, each in groupby(ordered, key=lambda one: (one.group, one.nodeid if not one.group else ""))
    ]
    return sorted(found, key=lambda each: (-len(each), each[0].nodeid))


def _headline(report: DiagnosisReport, unstable: Sequence[object], undecided: Sequence[object]) -> str:
    count = str(report.denominator)
    named = ((unstable, "unstable"), (undecided, "undecided"))
    parts = [", ".join(f"{len(those):,} of {count} {word}" for those, word in named if those)]
    parts = [one for one in parts if one]
    if report.reason:
        parts.append(report.reason)
    return "; ".join(parts) or f"nothing moved in {count}"


def _group(together: Sequence[TestDiagnosis]) -> Iterator[str]:
    first = together[0]
    what = _what(first)
    if len(together) == 1:
        yield first.nodeid
        yield f"  {what}"
    else:
        yield f"{len(together):,} tests flip together: {what}"
        yield from (f"  {one.nodeid}" for one in together[:LISTED])
        if len(together) > LISTED:
            yield f"  and {len(together) - LISTED:,} more"
    yield from _said("why", first.reason)
    yield from _said("error", _first_line(first.message))
    for name in first.culprits:
        yield from _said("culprit", name)
    yield from _said("cure", first.cure)
    yield from _said("shows it", first.reproduce)
    yield from _said("by hand", first.by_hand)


def _what(one: TestDiagnosis) -> str:
    """`timezone (Asia/Kolkata, 3 of 3) at src/x.py:12`."""
    named = ", ".join(
        f"{factor.name} ({', '.join(filter(None, [_value(one, factor.name), f'{factor.flips} of {factor.runs}']))})"
        for factor in one.factors
    )
    at = ", ".join(f"{site.path}:{site.line}" for site in one.sites)
    kind = "" if one.kind in (None, "environment", "time", "external") else f"{one.kind}, "
    return f"{kind}{named}".removesuffix(", ") + (f" at {at}" if at else "")


def _value(one: TestDiagnosis, factor: str) -> str:
    return " with ".join(one.settings[name] for name in factor.split("+") if one.settings.get(name))


def _open(undecided: Sequence[TestDiagnosis]) -> Iterator[str]:
    ordered = sorted(undecided, key=lambda one: (one.reason, one.nodeid))
    for reason, each in groupby(ordered, key=lambda one: one.reason):
        found = list(each)
        yield ""
        yield f"undecided: {reason}"
        yield from (f"  {one.nodeid}" for one in found[:LISTED])
        if len(found) > LISTED:
            yield f"  and {len(found) - LISTED:,} more"


def _done(report: DiagnosisReport, stable: int) -> Iterator[str]:
    runs = f"{report.runs:,} run{'' if report.runs == 1 else 's'}"
    yield f"done: {runs} of the suite, {report.trials:,} of pytest in all; varied: {_list(report.factors_tried)}"
    for one in report.factors_not_applied:
        yield f"not {'always ' if one.name in report.factors_tried else ''}varied: {one.name}: {one.reason}"
    if stable:
        bound = f"; {report.bound}" if report.bound else ""
        yield f"nothing moved of {stable:,} test{'' if stable == 1 else 's'} in {runs}{bound}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"


def _said(word: str, text: str) -> Iterator[str]:
    if text:
        yield f"  {word.ljust(8)}  {text}"


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0]
