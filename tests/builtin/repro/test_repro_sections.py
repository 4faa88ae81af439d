"""Sections of the gate: what differs and how to mend it, what was varied, and what was published."""

from __future__ import annotations

from gates.builtin.repro.sections import SAMPLES, sections
from gates.builtin.repro.settings import ReproSettings
from gates.model.section import Entries, Mark, Section, Table
from support.repro_evidence import differing, evidence


def made(facts: object, **settings: object) -> dict[str, Section]:
    return {one.title: one for one in sections(facts, ReproSettings(**settings))}  # type: ignore[arg-type]


def test_what_differs_has_cause_cure_and_the_lines() -> None:
    held = made(differing(), excuse=("owner",))
    entries = held["Build differences"]
    assert isinstance(entries, Entries)
    assert [one.title for one in entries.entries] == [
        "wheel: mode of 5 members, by umask",
        "wheel: content of demo/data.json, by hashseed",
        "wheel: content of demo/stamp.txt, by random",
        "wheel: RECORD of demo-1.0.dist-info/RECORD, by hashseed",
        "wheel: the build fails with another locale",
    ]
    modes, data = entries.entries[:2]
    assert len(modes.facts) > SAMPLES
    assert {"cause", "cure"} <= {name for name, _ in modes.facts}
    assert '+["b", "a"]' in data.code
    assert "UnicodeEncodeError" in entries.entries[-1].code


def test_artifacts_factors_and_publications_are_tables() -> None:
    held = made(differing(), excuse=("owner",))
    artifacts, factors, against = (
        held[name] for name in ("Artifacts", "What was varied", "Against what was published")
    )
    assert isinstance(artifacts, Table)
    assert isinstance(factors, Table)
    assert isinstance(against, Table)
    assert [row[3] for row in artifacts.rows] == [Mark("the same", "passed"), Mark("differ", "failed")]
    assert ("owner", Mark("not varied", "undecided"), "user namespaces are not allowed here (excused)") in factors.rows
    assert [row[1] for row in against.rows] == [Mark("content-equal", "undecided"), Mark("bit-equal", "passed")]


def test_builds_that_are_the_same_have_no_differences() -> None:
    assert list(made(evidence())) == ["Artifacts", "What was varied"]
