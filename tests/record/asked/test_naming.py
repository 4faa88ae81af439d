"""Which run is meant by a part of its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.record.asked import naming, questions
from gates.record.stored.store import Store
from support import many_runs

NAMES = [f"20261001T000{at}00Z-0000000{at}" for at in range(6)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    root = tmp_path_factory.mktemp("record")
    assert many_runs.write(root, 6) == NAMES
    with questions.open_store(root) as held:
        yield held


@pytest.mark.parametrize(
    ("part", "meant"),
    [
        ("last", NAMES[5:]),
        (NAMES[3], [NAMES[3]]),
        (NAMES[3][:13], [NAMES[3]]),
        ("00000002", [NAMES[2]]),
        ("2026", NAMES[:1:-1]),
        ("0000000", NAMES[:1:-1]),
        ("", []),
        ("LAST", []),
        ("2026%", []),
        ("20261001T0003*", []),
        (NAMES[3] + "0", []),
        ("\udcff\x00", []),
    ],
)
def test_a_run_is_meant_by_what_is_its_name_or_begins_a_part_of_it(store: Store, part: str, meant: list[str]) -> None:
    assert list(naming.named(store, part)) == meant


@given(st.text() | st.sampled_from(NAMES).flatmap(lambda name: st.integers(1, 25).map(lambda at: name[:at])))
def test_whatever_is_written_means_runs_with_that_part_or_none(store: Store, part: str) -> None:
    for name in naming.named(store, part):
        assert part == naming.LAST or name.startswith(part) or name.partition("-")[2].startswith(part)


def test_nothing_is_meant_in_an_empty_record(tmp_path: Path) -> None:
    with questions.open_store(tmp_path) as empty:
        assert naming.named(empty, "last") == ()
