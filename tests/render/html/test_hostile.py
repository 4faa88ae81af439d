"""Text of others stays text: no element, attribute or address of the page comes from it."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.model.report import Report
from gates.model.section import Detail
from gates.render import escape
from support import html_reports, reports
from support.html_reports import ATTACKS, Parsed, page

TAGS = """html head meta title style body a svg symbol path circle use polyline desc header div p strong code span
h1 h2 h3 h4 main section ol ul li table thead tbody tr th td caption rect text line article details summary dl dt dd br
footer"""
ATTRIBUTES = """lang charset http-equiv content name class href id aria-hidden aria-labelledby aria-label role tabindex
scope width height viewbox d points x y x1 x2 y1 y2 rx cx cy r open"""
ADDRESS = re.compile(r"#[a-z][a-z0-9.-]*")
VALUE = re.compile(r"[A-Za-z0-9 .,;:'=/+_%-]*")
RELAXED = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
WORDS = reports.WORDS | st.sampled_from(ATTACKS)


def harmless(text: str) -> Parsed:
    """The page as it is parsed, which has nothing in it but what the templates have."""
    parsed = Parsed(text)
    assert not parsed.open
    assert not parsed.comments
    for tag, attributes in parsed.tags:
        assert tag in TAGS.split(), tag
        assert set(attributes) <= set(ATTRIBUTES.split()), (tag, attributes)
        for name, value in attributes.items():
            assert VALUE.fullmatch(value or "") or name in {"href", "content"}, (tag, name, value)
        if "href" in attributes:
            assert ADDRESS.fullmatch(attributes["href"] or ""), attributes
        assert "style" not in attributes
    contents = [one["content"] or "" for tag, one in parsed.tags if tag == "meta" and "content" in one]
    assert len(contents) == 4
    return parsed


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_shown_as_the_text_that_they_are(attack: str) -> None:
    text = page(*html_reports.whole(attack))
    parsed = harmless(text)
    first = escape.commands(escape.lines(attack)[0])[:300]
    assert " ".join(first.split()) in parsed.words
    assert escape.line(text.replace("\n", "")) == text.replace("\n", "")
    assert len(text) < 1_000_000


def test_a_text_of_one_line_changes_no_element() -> None:
    plain = [(tag, attributes) for tag, attributes in Parsed(page(*html_reports.whole("word"))).tags]
    evil = [(tag, attributes) for tag, attributes in Parsed(page(*html_reports.whole("<b>&\"'`"))).tags]
    assert [tag for tag, _ in plain] == [tag for tag, _ in evil]
    # A gate of an odd name has a number for its id, and nothing else is another.
    named = re.compile("gate-word|gate.3")
    assert [named.sub("", str(one)) for _, one in plain if "content" not in one] == [
        named.sub("", str(one)) for _, one in evil if "content" not in one
    ]


@pytest.mark.requirement("RPT-5")
@given(reports.any_report(WORDS))
@RELAXED
@pytest.mark.requirement("RPT-9")
def test_no_element_of_any_report_comes_from_its_content(report: Report) -> None:
    harmless(page(report))


@given(WORDS, WORDS)
@RELAXED
def test_no_element_of_any_section_comes_from_its_content(first: str, second: str) -> None:
    report, details, history = html_reports.whole(first)
    harmless(page(report, {**details, (".", "types"): Detail(sections=html_reports.sections(second))}, history))
