from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.model.finding import CONTENT, fingerprint

TEXT = st.text("ab/:. \té", max_size=20)


@pytest.mark.requirement("RPT-7")
def test_a_fingerprint_outlives_white_space_and_changes_with_rule_subject_and_text() -> None:
    one = fingerprint("LNT001", "a.py", None, "import  os")
    assert one == fingerprint("LNT001", "a.py", None, "\timport os ")
    others = [
        fingerprint("LNT002", "a.py", None, "import os"),
        fingerprint("LNT001", "a.py", "x", "import os"),
        fingerprint("LNT001", "a.py", None, "import sys"),
    ]
    assert len({one[:CONTENT], *(other[:CONTENT] for other in others)}) == 4


@given(TEXT, TEXT, TEXT, TEXT)
def test_a_rename_keeps_the_first_digits(old: str, new: str, subject: str, source: str) -> None:
    one, other = (fingerprint("R", path, f"{path}{subject}", source) for path in (old, new))
    assert one[:CONTENT] == other[:CONTENT]
    assert len(one) == 16


def test_the_last_digits_are_about_the_path() -> None:
    assert fingerprint("R", "a.py", None, "x") != fingerprint("R", "b.py", None, "x")
    assert fingerprint("R", "a.py", None, "x")[CONTENT:] == fingerprint("Q", "a.py", "s", "y")[CONTENT:]


def test_a_subject_that_is_the_path_or_begins_with_it_says_nothing_of_the_path() -> None:
    assert fingerprint("R", "a.py", "a.py", "x")[:CONTENT] == fingerprint("R", "a.py", None, "x")[:CONTENT]
    moved = [fingerprint("TST001", path, f"{path}::test_x", "call")[:CONTENT] for path in ("a.py", "b/a.py")]
    assert moved[0] == moved[1]
