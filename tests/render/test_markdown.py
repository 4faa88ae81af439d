"""Markdown: what a page makes of hostile text, and GitHub's limit."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from gates.model.finding import Finding
from gates.render import formats, markdown
from gates.render.formats import Options
from support import reports


def kinds(text: str) -> set[str]:
    found = set()
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        for one in (token, *(token.children or ())):
            kind = one.content if one.type in {"html_inline", "html_block"} else one.type
            found.add(kind)
    return found


@pytest.mark.requirement("RPT-5")
def test_hostile_text_is_neither_html_nor_markdown() -> None:
    found = kinds(formats.render("markdown", reports.hostile(), Options()))
    assert {one for one in found if "<" in one} == {"<br>"}
    assert not {"link_open", "image", "em_open", "hr"} & found


def test_table_keeps_its_columns_and_code_its_end() -> None:
    evil = reports.gate(
        "a|b`c", "failed", findings=(Finding(rule="X", name="x", message="m", fingerprint="0", path="`|"),)
    )
    text = formats.render("markdown", reports.report(evil), Options())
    rows = [token for token in MarkdownIt("commonmark").enable("table").parse(text) if token.type == "td_open"]
    assert len(rows) == 5
    assert "- `` `| `` **X x**: m" in text


@pytest.mark.requirement("RPT-3")
def test_summary_stays_below_the_limit_and_counts_what_it_cut() -> None:
    findings = tuple(
        Finding(rule=f"X{at:04}", name="n", message="é" * 1500, fingerprint="0", path=f"src/{at}.py")
        for at in range(1000)
    )
    report = reports.report(
        reports.gate("lint", "failed", findings=findings),
        reports.gate("types", "undecided", reason=reports.MYPY_MISSING),
        not_judged=reports.not_judged("audit"),
    )
    text = formats.render("markdown", report, Options())
    assert 900_000 < len(text.encode()) <= markdown.LIMIT < 2**20
    shown = text.count("\n- `src/")
    last = text.rstrip().splitlines()[-1]
    assert last.startswith(f"**Cut:** {1000 - shown:,} findings and ")
    assert text.startswith("## gates: failed\n")


def test_one_long_message_is_clipped() -> None:
    item = Finding(rule="X", name="x", message="m" * 5_000_000, fingerprint="0")
    text = formats.render("markdown", reports.report(reports.gate("lint", "failed", findings=(item,))), Options())
    assert "… (+ 4,998,000 characters)" in text


def test_verbose_shows_what_does_not_block() -> None:
    assert "PYSEC-2024-1 is withdrawn" not in formats.render("markdown", reports.excused(), Options())
    assert "(note): PYSEC-2024-1 is withdrawn" in formats.render("markdown", reports.excused(), Options(verbosity=1))
