"""Paths: as people write them, and that none leads out of the project."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.trace.paths import inside


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("tests/test_a.py", "tests/test_a.py"),
        ("./tests//test_a.py", "tests/test_a.py"),
        ("tests/./test_a.py/", "tests/test_a.py"),
        ("docs/../tests/.hidden/a..b.py", "tests/.hidden/a..b.py"),
        ("tests/..", ""),
        ("..", None),
        ("tests/../../other", None),
        ("", ""),
        (".", ""),
    ],
)
def test_a_path_is_from_the_root(written: str, meant: str | None) -> None:
    assert inside(written) == meant


@given(st.lists(st.sampled_from(["a", "b.py", "..", ".", "", ".x", "y.", "..z"]), max_size=6).map("/".join))
def test_it_is_what_posix_makes_of_it(written: str) -> None:
    meant = posixpath.normpath(f"root/{written}")
    found = inside(written)
    if found is None:
        parts = written.split("/")
        depths = [parts[:end].count("..") - sum(one not in {"..", ".", ""} for one in parts[:end])
                  for end in range(len(parts) + 1)]  # fmt: skip
        assert max(depths) > 0
    else:
        assert meant == (f"root/{found}" if found else "root")
