"""Disagreements: places of one item that say different things, and statuses that no legend names."""

from __future__ import annotations

import pytest

from support.trace_reading import joined, parsed

HEAD = "| ID | Requirement | Status |\n|---|---|---|\n"


def said(*texts: str) -> list[tuple[str, str, int, str]]:
    documents = [parsed(text, f"{name}.md") for name, text in zip("abc", texts, strict=False)]
    return [(one.code, one.path, one.line, one.subject) for one in joined(*documents).remarks]


def test_two_contents_of_one_id_are_a_duplicate() -> None:
    one = f"# A\n\n{HEAD}| AB-1 | Keep the queue over a restart | open |\n"
    other = f"# B\n\n{HEAD}| AB-1 | Colours of the front page | open |\n"
    assert said(one, other) == [("TRC008", "b.md", 5, "AB-1")]


@pytest.mark.parametrize(
    "title",
    ["Keep the queue over a restart, always", "keep THE queue over a crash", "the queue, kept over a restart", ""],
)
def test_one_content_in_other_words_is_none(title: str) -> None:
    one = f"# A\n\n{HEAD}| AB-1 | Keep the queue over a restart | open |\n"
    assert said(one, f"# B\n\n{HEAD}| AB-1 | {title} | open |\n| AB-2 | something | open |\n") == []


def test_two_statuses_of_one_item_contradict_each_other() -> None:
    one = f"# A\n\n{HEAD}| AB-1 | Keep the queue | done |\n"
    assert said(one, "# B\n\n- [ ] AB-1: Keep the queue\n") == [("TRC010", "b.md", 3, "AB-1")]
    assert said(one, "# B\n\n- [x] AB-1: Keep the queue\n") == []


def test_a_word_that_nobody_knows_and_one_that_the_legend_leaves_out() -> None:
    rows = "| AB-1 | one | Frob |\n| AB-2 | two | Verified |\n| AB-3 | three | Blocked |\n| AB-4 | four | |\n"
    legend = "\nLegend: Verified = done, Partial = begun\n"
    assert said(f"# A\n\n{HEAD}{rows}") == [("TRC009", "a.md", 5, "AB-1")]
    assert said(f"# A\n\n{HEAD}{rows}{legend}") == [("TRC009", "a.md", 5, "AB-1"), ("TRC009", "a.md", 7, "AB-3")]
