"""Contents: anchors that the text itself sets, and dates that head the entries of a log."""

from __future__ import annotations

import pytest

from gates.builtin.trace.readers import contents
from support.trace_reading import parsed

TEXT = "# S\n\n## Contents\n\n- [A](#a)\n- [B](#b)\n- [C](#own)\n\n## A\n\n{}\n\n## B\n"


@pytest.mark.parametrize(
    ("set_by", "lines"),
    [('<a id="own"></a>', []), ("<a name='own'></a>", []), ('<a id="other"></a>', [7]), ("own", [7])],
)
def test_an_anchor_may_be_set_by_the_text(set_by: str, lines: list[int]) -> None:
    assert [one.line for one in contents.remarks(parsed(TEXT.format(set_by)))] == lines


def test_dates_in_prose_and_tables_head_nothing() -> None:
    text = "# L\n\n## 2026-01-05 Begun\n\n2026-01-06 it went on\n\n- **2026-01-07**: done\n- since 2026-01-08\n\n| 2026-01-09 |\n|--|\n| x |\n"  # noqa: E501
    assert [(one.text, one.line) for one in contents.dates(parsed(text))] == [("2026-01-05", 3), ("2026-01-07", 7)]
