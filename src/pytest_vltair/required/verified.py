"""What a run says of the requirements that its tests name: passed, failed, skipped, not run, untested."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import pytest

from pytest_vltair.phases import AGAIN

RANKS = ("not run", "skipped", "xfailed", "passed", "xpassed", "failed")
"""How tests end. Of what several reports say of a test the later word counts: one that failed once has failed."""

WORDS = ("passed", "failed", "passed in part", "skipped only", "not run")
"""What becomes of requirements, in the order in which it is said."""


class Verified(NamedTuple):
    """A requirement, what became of it, and how each of its tests ended: by node id, those that did not pass first."""

    id: str
    word: str
    tests: tuple[tuple[str, str], ...]


def outcomes(reports: Iterable[object]) -> dict[str, str]:
    """How each test ended of which there is a word; what is no report of a test is passed over."""
    found: dict[str, str] = {}
    for report in reports:
        if isinstance(report, pytest.TestReport):
            word = _word(report)
            if RANKS.index(word) > RANKS.index(found.get(report.nodeid, RANKS[0])):
                found[report.nodeid] = word
    return found


def _word(report: pytest.TestReport) -> str:
    outcome: str = report.outcome
    if outcome in AGAIN or (outcome == "passed" and report.when != "call"):
        return "not run"
    expected = hasattr(report, "wasxfail")
    if outcome == "passed":
        return "xpassed" if expected else "passed"
    if outcome == "skipped":
        return "xfailed" if expected else "skipped"
    return "failed"


def verified(named: Mapping[str, Collection[str]], ended: Mapping[str, str]) -> list[Verified]:
    """What became of each requirement, sorted by id; `named` has the ids that each test of this run names."""
    tests: dict[str, list[tuple[str, str]]] = {}
    for nodeid, ids in named.items():
        for name in ids:
            tests.setdefault(name, []).append((nodeid, ended.get(nodeid, "not run")))
    return [
        Verified(name, _became({word for _, word in of}), tuple(sorted(of, key=_order)))
        for name, of in sorted(tests.items())
    ]


def _order(test: tuple[str, str]) -> tuple[bool, str]:
    nodeid, word = test
    return word == "passed", nodeid


def _became(words: Collection[str]) -> str:
    """A requirement passed where each of its tests did; one that is skipped, or expected to fail, shows nothing."""
    if "failed" in words:
        return "failed"
    if "passed" in words:
        return "passed" if len(words) == 1 else "passed in part"
    return "not run" if "not run" in words else "skipped only"
