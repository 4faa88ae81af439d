"""How long evidence is good, wherever it is judged: in the cache, in a merge, as a proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.engine import freshness
from gates.model.gate import CachePolicy, GateSettings
from pytest_vltair.eventlog import stamp
from support import parts
from support.sample_gates import Notes, made
from support.sessions import judged, reasons, verdicts

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOURLY = made("hourly", cache=CachePolicy(max_age=3600.0))


def fresh(seconds: float, limit: float = 100.0) -> bool:
    return freshness.is_fresh(stamp(NOW - timedelta(seconds=seconds)), NOW, limit)


@pytest.mark.parametrize(
    ("age", "good"),
    [(0, True), (100, True), (100.001, False), (-60, True), (-60.001, False), (-86400, False), (1e9, False)],
)
def test_what_is_from_the_future_is_as_old_as_can_be(age: float, *, good: bool) -> None:
    assert fresh(age) is good


@pytest.mark.parametrize("said", [None, "", "yesterday", "2026-11-21T12:00:00", "2026-13-01T00:00:00Z"])
def test_what_does_not_say_when_is_as_old_as_can_be(said: str | None) -> None:
    assert not freshness.is_fresh(said, NOW, 1e12)


@pytest.mark.parametrize("limit", [1e300, float("inf")])
def test_a_limit_beyond_all_time_is_none(limit: float) -> None:
    assert fresh(1e9, limit)
    assert not fresh(-3600, limit)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9), st.floats(0, 1e9))
def test_time_that_goes_by_never_makes_it_fresh_again(age: float, more: float, limit: float) -> None:
    if age >= 0 and not fresh(age, limit):
        assert not fresh(age + more, limit)


@pytest.mark.parametrize(
    ("own", "wished", "limit"),
    [
        (None, None, None),
        (60.0, None, 60.0),
        (None, 60.0, 60.0),
        (60.0, 30.0, 30.0),
        (60.0, 90.0, 60.0),
        (60.0, 0, None),
    ],
)
def test_the_stricter_of_gate_and_user_counts(own: float | None, wished: float | None, limit: float | None) -> None:
    policy = freshness.policy(CachePolicy(max_age=own), GateSettings(max_age=wished))
    assert policy.max_age == limit
    assert (policy.kind == "never") == (wished == 0)


@pytest.mark.parametrize(
    ("own", "wished", "limit"),
    [
        (None, None, None),
        (3600.0, None, 86_400.0),
        (604_800.0, None, 604_800.0),
        (None, 60.0, 60.0),
        (3600.0, 7200.0, 7200.0),
        (3600.0, 1e9, 86_400.0),
        (3600.0, 0, 86_400.0),
        (None, 0, None),
    ],
)
def test_when_a_gate_asks_again_is_no_limit_of_less_than_a_day(
    own: float | None, wished: float | None, limit: float | None
) -> None:
    assert freshness.limit(CachePolicy(max_age=own), GateSettings(max_age=wished)) == limit


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "1 second"),
        (60, "60 seconds"),
        (3600, "1 hour"),
        (9000, "2.5 hours"),
        (86400, "1 day"),
        (7776000, "90 days"),
    ],
)
def test_a_length_of_time_as_it_is_said(seconds: float, said: str) -> None:
    assert freshness.told(seconds) == said


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.txt").write_text("fine\n", "utf-8")
    return project


def merged(root: Path, folder: Path, **wished: Any) -> Any:
    return parts.merged(root, folder, HOURLY, **wished)


@pytest.mark.requirement("REC-10")
def test_a_part_that_is_too_old_is_undecided_and_says_what_to_run(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    parts.collect(root, folder, HOURLY)
    assert verdicts(merged(root, folder)) == {"hourly": "passed"}
    assert verdicts(merged(root, folder, as_of=datetime.now(UTC) + timedelta(hours=2))) == {"hourly": "passed"}
    judgement = merged(root, folder, as_of=datetime.now(UTC) + timedelta(hours=25))
    assert verdicts(judgement) == {"hourly": "undecided"}
    (gate,) = judgement.report.gates
    assert gate.reason.code == "evidence_stale"
    assert gate.reason.message.startswith("evidence of hourly was taken at 2")
    assert ", not within 1 day before 2" in gate.reason.message
    assert gate.reason.fix == "gates collect hourly --output DIR on every machine, then merge again"


@pytest.mark.parametrize("taken", [None, "soon", "9999-01-01T00:00:00Z", "2020-01-01T00:00:00Z"])
def test_a_part_that_does_not_say_when_or_is_of_another_time_is_undecided(
    root: Path, tmp_path: Path, taken: str | None
) -> None:
    folder = tmp_path / "parts"
    parts.collect(root, folder, HOURLY)
    parts.altered(folder, "hourly.json", taken_at=taken)
    assert reasons(merged(root, folder)) == {"hourly": "evidence_stale"}


def test_a_part_of_a_gate_without_a_limit_is_good_at_any_age(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    parts.collect(root, folder, Notes)
    parts.altered(folder, "notes.json", taken_at="2020-01-01T00:00:00Z")
    assert verdicts(parts.merged(root, folder, Notes)) == {"notes": "passed"}


def test_the_user_s_limit_counts_for_parts_too(root: Path, tmp_path: Path) -> None:
    (root / "gates.toml").write_text("[notes]\nmax-age = 60\n", "utf-8")
    folder = tmp_path / "parts"
    parts.collect(root, folder, Notes)
    late = datetime.now(UTC) + timedelta(minutes=5)
    assert reasons(parts.merged(root, folder, Notes, as_of=late)) == {"notes": "evidence_stale"}


def test_evidence_that_was_used_again_is_as_old_as_it_was(root: Path, tmp_path: Path) -> None:
    """Collecting from the cache makes nothing young."""
    from gates.engine import part

    judged(root, HOURLY)
    receipt = next((root / ".gates/receipts/hourly").glob("*.json")).read_text("utf-8")
    parts.collect(root, tmp_path / "parts", HOURLY)
    taken = part.read(tmp_path / "parts" / "hourly.json").taken_at
    assert f'"taken_at":"{taken}"' in receipt


@pytest.mark.requirement("REC-10")
def test_evidence_of_another_digest_than_its_receipt_says_is_undecided(root: Path) -> None:
    judged(root, Notes)
    (place,) = (root / ".gates/evidence").glob("*.json")
    whole = place.read_bytes()
    (root / "a.txt").write_text("TODO\n", "utf-8")
    judged(root, Notes)
    (other,) = (path for path in (root / ".gates/evidence").glob("*.json") if path != place)
    other.write_bytes(whole)
    assert reasons(judged(root, Notes)) == {"notes": "evidence_corrupt"}
