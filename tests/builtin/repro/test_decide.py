"""Decide: each thing that varies is said by its rule, nothing that is missing passes, and less never looks better."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gates.builtin.repro.decide import decide
from gates.builtin.repro.facts import FACTORS, RANDOM, ROUNDS, UNEXPLAINED, Broken, Recorded, ReproEvidence
from gates.builtin.repro.gate import ReproGate
from gates.builtin.repro.groups import WORDS
from gates.builtin.repro.settings import ReproSettings
from gates.model.decision import verdict_of
from gates.model.evidence import counted
from gates.testing import law
from support import repro_evidence as made

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PLAIN = ReproSettings()


def wheel(*rows: Any, **changes: Any) -> ReproEvidence:
    """Evidence of a wheel that is another one in the round `varied`."""
    builds = [made.build(kind, name) for kind in ("sdist", "wheel") for name in ROUNDS]
    builds[len(ROUNDS) + 1] = made.build("wheel", "varied", sha256=made.digest("another"))
    return made.evidence(builds=builds, differences=rows, **changes)


def older() -> ReproEvidence:
    tools = replace(made.TOOLS, packages=counted((replace(made.HATCHLING, version="1.26.0"), made.PACKAGING)))
    return made.evidence(record=[made.recorded(toolchain=tools)])


def unlike() -> Recorded:
    sdist, wheel = made.recorded().expected.items
    return made.recorded(expected=counted((sdist, replace(wheel, sha256="0" * 64))))


CASES = {
    "green": (made.evidence(), PLAIN, "passed", ()),
    "modes": (wheel(made.difference("a.py", "mode", "umask")), PLAIN, "failed", ("REP002",)),
    "content": (wheel(made.difference("a.py", "content", "hashseed")), PLAIN, "failed", ("REP001",)),
    "gzip": (wheel(made.difference("", "gzip-mtime", "clock")), PLAIN, "failed", ("REP003",)),
    "breaks": (
        wheel(broken=[Broken(kind="wheel", factor="locale", message="it raised")]),
        PLAIN,
        "failed",
        ("REP005",),
    ),
    "changed while building": (made.evidence(drifted=["hatchling 1.0 -> 1.1"]), PLAIN, "failed", ("REP004",)),
    "drifted": (older(), PLAIN, "failed", ("REP004",)),
    "as recorded": (made.evidence(record=[made.recorded()]), PLAIN, "passed", ()),
    "not as recorded": (made.evidence(record=[unlike()]), PLAIN, "failed", ("REP006",)),
    "other sources": (made.evidence(record=[made.recorded(sources="1" * 64)]), PLAIN, "passed", ()),
    "published": (
        made.evidence(published=[made.published("different", made.difference("a.py", "content", UNEXPLAINED))]),
        replace(PLAIN, against=("demo==1.0",)),
        "failed",
        ("REP007",),
    ),
    "published attributes": (
        made.evidence(published=[made.published("content-equal", made.difference("a.py", "mtime", UNEXPLAINED))]),
        replace(PLAIN, against=("demo==1.0",), against_level="content"),
        "passed",
        (),
    ),
    "not varied": (
        made.evidence(factors=[made.factor(name, "no means" if name == "owner" else "") for name in FACTORS]),
        PLAIN,
        "undecided",
        (),
    ),
    "excused": (
        made.evidence(factors=[made.factor(name, "no means" if name == "owner" else "") for name in FACTORS]),
        replace(PLAIN, excuse=("owner",)),
        "passed",
        (),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_case_has_its_verdict_and_its_rules(name: str) -> None:
    evidence, settings, verdict, rules = CASES[name]
    decision = decide(evidence, settings)
    assert (verdict_of(decision), tuple(one.rule for one in decision.findings)) == (verdict, rules)


@pytest.mark.parametrize("name", CASES)
def test_losing_evidence_never_makes_it_better(name: str) -> None:
    evidence, settings, _, _ = CASES[name]
    assert law.breaches(ReproGate(), evidence, settings, NOON) == []


def incomplete() -> dict[str, tuple[ReproEvidence, str]]:
    every = [made.build(kind, name) for kind in ("sdist", "wheel") for name in ROUNDS]
    return {
        "a round": (made.evidence(builds=every[:-1]), "round mixed-4"),
        "a kind": (made.evidence(kinds=["sdist"], builds=every[: len(ROUNDS)]), "no wheel"),
        "everything": (made.evidence(kinds=[], builds=[]), "no sdist"),
        "a build twice": (made.evidence(builds=[*every, every[0]]), "twice"),
        "a factor": (made.evidence(factors=[made.factor(name) for name in FACTORS[1:]]), "every factor"),
        "differences": (wheel(), "unequal digests and no difference"),
        "unequal digests": (made.evidence(differences=[made.difference("a", "mode", "umask")]), "equal digests"),
        "the reference": (made.evidence(builds=[replace(every[0], problem="no"), *every[1:]]), "not built at all"),
        "digests of what was published": (
            made.evidence(published=[made.published("bit-equal", rebuilt="1" * 64)]),
            "what bit-equal means",
        ),
        "the seal": (replace(made.evidence(), seal=""), "compared with"),
    }


@pytest.mark.parametrize("name", incomplete())
def test_what_is_not_whole_or_contradicts_itself_is_undecided(name: str) -> None:
    evidence, said = incomplete()[name]
    decision = decide(evidence, PLAIN)
    assert verdict_of(decision) != "passed"
    assert decision.reason is not None
    assert said in decision.reason.message


def test_what_was_not_compared_with_what_is_published_is_undecided() -> None:
    decision = decide(made.evidence(), replace(PLAIN, against=("demo==1.0",)))
    assert verdict_of(decision) == "undecided"


def test_many_members_by_one_factor_are_one_finding_that_names_the_first() -> None:
    rows = [made.difference(f"m{number}.py", "mode", "umask") for number in range(1200)]
    (finding,) = decide(wheel(*rows), PLAIN).findings
    assert finding.message == (
        "wheel: another umask changes the permission bits of 1,200 members (m0.py: 0644 -> 0600)"
    )
    assert (finding.subject, finding.path, finding.line) == ("wheel:mode:umask", "pyproject.toml", 3)


def test_record_is_no_finding_of_its_own_where_contents_differ_by_the_same_factor() -> None:
    rows = [
        made.difference("a.py", "content", "hashseed"),
        made.difference("x.dist-info/RECORD", "RECORD", "hashseed"),
        made.difference("x.dist-info/RECORD", "RECORD", "clock"),
    ]
    assert [one.subject for one in decide(wheel(*rows), PLAIN).findings] == [
        "wheel:RECORD:clock",
        "wheel:content:hashseed",
    ]


def test_what_was_published_is_told_by_a_difference_of_its_contents() -> None:
    rows = [
        made.difference("PKG-INFO", "order", UNEXPLAINED),
        made.difference("a.py", "content", UNEXPLAINED),
    ]
    evidence = made.evidence(published=[made.published("different", *rows)])
    (finding,) = decide(evidence, replace(PLAIN, against=("demo==1.0",))).findings
    assert finding.message.endswith("contents differ in 2 places, such as the content of a.py")


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        ("clock+timezone", "another time of the build together with another time zone changes"),
        (RANDOM, "each new build, with nothing else changed, changes"),
        (UNEXPLAINED, "no further build showed"),
    ],
)
def test_what_stands_for_a_factor_is_said_in_words(factor: str, said: str) -> None:
    (finding,) = decide(wheel(made.difference("a.py", "content", factor)), PLAIN).findings
    assert said in finding.message


def test_an_excuse_that_is_not_needed_is_noted() -> None:
    notes = decide(made.evidence(), replace(PLAIN, excuse=("owner",))).notes
    assert notes == ("owner is excused and was varied all the same; `excuse` need not name it",)


@given(
    st.lists(
        st.tuples(st.sampled_from(["a.py", "b.py", ""]), st.sampled_from(sorted(WORDS)), st.sampled_from(FACTORS)),
        min_size=1,
        unique=True,
    )
)
def test_every_difference_is_red_and_said_twice_the_same(rows: list[tuple[str, str, str]]) -> None:
    evidence = wheel(*(made.difference(member, attribute, factor) for member, attribute, factor in rows))
    decision = decide(evidence, PLAIN)
    assert verdict_of(decision) == "failed"
    assert decision == decide(evidence, PLAIN)
    assert {one.subject for one in decision.findings} <= {f"wheel:{row[1]}:{row[2]}" for row in rows}
