"""What text would hash to under another seed, and how sets would be walked then, told without another process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.diagnosis.child.reading.hashes import Hashes
from gates.builtin.diagnosis.child.reading.sets import Shown

VALUES = [
    "",
    "a",
    "x" * 8,
    "invoice" * 5,
    "é",
    "☃",
    "😀b",
    b"",
    b"ab",
    ("a", 1, ("b",)),
    frozenset({"a", "b"}),
    3,
    None,
]
SET = {"red", "green", "blue", "alpha", "beta"}
TELL = (
    f"values = {VALUES!r}; print([hash(one) for one in values]); print(list({sorted(SET)!r} and set({sorted(SET)!r})))"
)
KNOWN = sys.hash_info.algorithm in ("siphash13", "siphash24")
pytestmark = pytest.mark.skipif(not KNOWN, reason=f"this Python hashes text with {sys.hash_info.algorithm}")


@pytest.mark.parametrize("seed", [0, 1, 2, 4242424242])
def test_hashes_are_those_of_a_process_with_that_seed(seed: int) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    told = subprocess.run(
        [sys.executable, "-c", TELL], env=environment, capture_output=True, text=True, check=True
    ).stdout
    hashed, walked = map(eval, told.splitlines())
    hashes = Hashes(seed)
    none = VALUES.index(None)  # where an object lies decides on its hash before Python 3.12
    assert [hashes.of(one) for one in VALUES[:none]] == hashed[:none]
    assert hashes.order(sorted(SET)) == walked


@given(
    st.sets(st.one_of(st.text(), st.binary(), st.integers(), st.tuples(st.text(), st.text()))),
    st.integers(0, 2**32 - 1),
)
def test_nothing_is_lost_or_made_in_another_order(values: set[object], seed: int) -> None:
    order = Hashes(seed).order(values)
    assert len(order) == len(values)
    assert set(order) == values


def test_a_set_is_written_as_a_set() -> None:
    assert str(Shown({"a", "b"}, ["b", "a"])) == f"{Shown({'a', 'b'}, ['b', 'a'])}" == "{'b', 'a'}"
    assert repr(Shown(frozenset({"a"}), ["a"])) == "frozenset({'a'})"
