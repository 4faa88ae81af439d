from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.trace import statuses
from gates.builtin.trace.facts import Status
from gates.builtin.trace.readers import context
from support.trace_reading import parsed


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("Done", "done"),
        ("Complete ✅", "done"),
        ("✅ Complete", "done"),
        ("Verified", "done"),
        ("DONE (2025-01-01)", "done"),
        ("done in v1.2", "done"),
        (":white_check_mark:", "done"),
        ("100%", "done"),
        ("5/5", "done"),
        ("[x]", "done"),
        ("Not done", "open"),
        ("not started", "open"),
        ("Not Implemented", "open"),
        ("TODO", "open"),
        ("To-Do", "open"),
        ("❌", "open"),
        ("Ready for Implementation", "open"),
        ("0%", "open"),
        ("[ ]", "open"),
        ("InProgress", "in-progress"),
        ("IN_PROGRESS", "in-progress"),
        ("in-progress", "in-progress"),
        ("WIP", "in-progress"),
        ("🚧 WIP", "in-progress"),
        ("Ready for review", "in-progress"),
        ("🔄", "in-progress"),
        ("Partial", "partial"),
        ("Partially done", "partial"),
        ("Done, but not tested", "partial"),
        ("Complete except for Windows", "partial"),
        ("⚠️", "partial"),
        ("60 %", "partial"),
        ("3/5", "partial"),
        ("Blocked by A-1", "blocked"),
        ("On hold", "blocked"),
        ("⛔", "blocked"),
        ("Cancelled", "cancelled"),
        ("won’t fix", "cancelled"),  # noqa: RUF001
        ("N/A", "cancelled"),
        ("Done-ish", None),
        ("Donegal", None),
        ("undone", None),
        ("Frobnicated", None),
        ("", None),
        ("—", None),
    ],
)
def test_words_and_signs_become_the_six(raw: str, wanted: str | None) -> None:
    assert statuses.of(raw) == wanted


@pytest.mark.parametrize(
    ("text", "raw", "wanted"),
    [
        ("Legend: ❌ cancelled, ✅ done", "❌", "cancelled"),
        ("Legend: ✅ = done | 🟡 = in progress", "🟡", "in-progress"),
        ("Status legend:\n- Sealed: done and shown\n- Raw: not started", "Sealed", "done"),
        ("## Legend\n| Symbol | Meaning |\n|--|--|\n| 🟣 | blocked |\n| `X` | done |", "🟣", "blocked"),
        ("## Legend\n- `[-]` = cancelled\n- `[~]` = partial", "[-]", "cancelled"),
        ("## Legend\n**Status**: ✅ Complete | ⏸️ Blocked | 🔵 Cancelled", "🔵", "cancelled"),
    ],
)
def test_the_legend_of_the_document_comes_first(text: str, raw: str, wanted: str) -> None:
    assert statuses.of(raw, context.legend(parsed(text))) == wanted


def test_a_document_without_a_legend_has_none() -> None:
    assert not context.legend(parsed("# Title\n\n- Open: the door\n- [ ] one")).meanings


@given(st.lists(st.sampled_from(statuses.ORDER), min_size=1))
def test_several_aspects_are_done_only_where_all_are(several: list[Status]) -> None:
    whole = statuses.least(several)
    assert (whole == "done") == ({*several} - {"cancelled"} == {"done"})


@given(st.text(max_size=600))
def test_any_text_has_a_status_or_none(raw: str) -> None:
    assert statuses.of(raw) in {*statuses.ORDER, None}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("done", True),
        ("done, mostly", True),
        ("50% of it", True),
        ("✅", True),
        ("done well", False),
        ("complete nonsense", False),
        ("something else", False),
    ],
)
def test_a_text_that_only_begins_with_a_status_says_none(raw: str, said: bool) -> None:
    assert statuses.is_said(raw) is said


@pytest.mark.parametrize(
    ("raw", "wanted"), [("✅ working", "done"), ("working", "in-progress"), ("🚧 done", "in-progress")]
)
def test_a_sign_and_a_word_together(raw: str, wanted: str) -> None:
    assert statuses.known(raw) == wanted
