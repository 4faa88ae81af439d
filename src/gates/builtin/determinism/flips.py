"""Flips: tests that ended in the reversed run other than they did before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gates.builtin.determinism.facts import DeterminismEvidence, Ran, Screen
from gates.builtin.determinism.rules import ORDER_DEPENDENT
from gates.builtin.determinism.words import ended, named
from gates.model.finding import Finding, finding

Names = tuple[list[str], list[str]]
"""The tests of one function that only the first run has, and those that only the reversed one has."""


def findings(evidence: DeterminismEvidence) -> Iterator[Finding]:
    """One finding for each test that ended otherwise, and one for each function whose tests have other names."""
    screen = evidence.screen
    if screen is None:
        return
    before = {one.id: one for one in evidence.tests.items}
    renamed = _renamed(before, screen)
    yield from (_of_names(name, before[names[0][0]], names) for name, names in sorted(renamed.items()))
    for one in screen.tests.items:
        test = before.get(one.id)
        if _function(one.id) in renamed and (test is None or one.ended == "missing"):
            continue
        was = "missing" if test is None else test.outcome
        if was in {one.ended, "flaky"}:
            continue
        yield finding(
            ORDER_DEPENDENT,
            f"{one.id} {ended(was)}, and {ended(one.ended)} in the reversed order: {screen.command}",
            path=one.id.partition("::")[0] if test is None or test.path is None else test.path,
            line=None if test is None else test.line,
            subject=one.id,
            source=f"{was} {one.ended}",
        )


def _of_names(function: str, test: Ran, names: Names) -> Finding:
    gone, new = (named([one.removeprefix(function) for one in some]) for some in names)
    message = f"{function} has other parameters in each run, {gone} and then {new}: give them `ids` that stay"
    return finding(ORDER_DEPENDENT, message, path=test.path, line=test.line, subject=function, source="renamed")


def _renamed(before: Mapping[str, Ran], screen: Screen) -> dict[str, Names]:
    """Functions of which each run has a test that the other one has not."""
    gone: dict[str, list[str]] = {}
    new: dict[str, list[str]] = {}
    for one in screen.tests.items:
        if one.id not in before:
            new.setdefault(_function(one.id), []).append(one.id)
        elif one.ended == "missing":
            gone.setdefault(_function(one.id), []).append(one.id)
    return {name: (gone[name], new[name]) for name in gone if name in new}


def _function(test: str) -> str:
    """The name of a test without its parameters."""
    return test.partition("[")[0]
