"""Comments: a text without a word of annotations has none, and ids beside other words are none."""

from __future__ import annotations

import pytest

from gates.builtin.trace.annotations import Reader


@pytest.mark.parametrize(
    ("text", "targets"),
    [("# CE-1 is nice\n", []), ("", []), ("x = 1\n", []), ("# implements: CE-1\n", ["CE-1"]),
     ("# Implements: CE-1, CE-2.\n", ["CE-1", "CE-2"])],
)  # fmt: skip
def test_an_annotation_needs_its_word(text: str, targets: list[str]) -> None:
    assert [one.target for one in Reader().read("a.py", text)] == targets
