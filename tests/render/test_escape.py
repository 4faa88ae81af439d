"""How hostile text is shown: nothing acts on a terminal, on the CI's runner or in a page."""

from __future__ import annotations

import json
import os
import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.render import escape
from support.reports import WORDS

ENCODINGS = ["utf-8", "ascii", "cp1252", "utf-16", "shift_jis", "utf-7", "idna", "hex", "no-such-encoding", "\0"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ünïcödé, 漢字, 👩‍👩‍👧", "plain text, ünïcödé, 漢字, 👩‍👩‍👧"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x00\x07\x7f", "\\x00\\x07\\x7f"),
        ("\x9b2J", "\\u009b2J"),
        ("user\u202enimda\u2066", "user\\u202enimda\\u2066"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("a\u2028b", "a\\u2028b"),
        ("tag\U000e0041", "tag\\U000e0041"),
        (os.fsdecode(b"caf\xe9.py"), "caf\\xe9.py"),
        ("\ud800", "\\ud800"),
        ("C:\\new", "C:\\new"),
    ],
)
def test_line_shows_what_would_act(text: str, shown: str) -> None:
    assert escape.line(text) == shown


def test_lines_keep_the_lines_of_a_message() -> None:
    assert escape.lines("a\r\nb\n\n\tc\x1b\n\n") == ["a", "b", "", "    c\\x1b"]
    assert escape.lines("") == [""]


@given(WORDS)
def test_line_leaves_nothing_invisible_but_joiners_and_spaces(text: str) -> None:
    shown = escape.line(text)
    assert not {"Cc", "Cs", "Zl", "Zp"} & {unicodedata.category(one) for one in shown}
    assert not {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"} & set(
        map(unicodedata.bidirectional, shown)
    )


@pytest.mark.requirement("RPT-5")
@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("::error::x", "\\x3a:error::x"),
        ("ok\n \t ::add-mask::x", "ok\n \t \\x3a:add-mask::x"),
        ("ok ##[add-mask]x", "ok ##\\x5badd-mask]x"),
        ("tests/a.py::test_b", "tests/a.py::test_b"),
    ],
)
def test_commands_are_broken(text: str, safe: str) -> None:
    assert escape.commands(text) == safe


def test_workflow_values_cannot_end_early() -> None:
    assert escape.workflow_data("50% \r\n::") == "50%25 %0D%0A::"
    assert escape.workflow_property("a:b,c%\n") == "a%3Ab%2Cc%25%0A"


@pytest.mark.parametrize(
    ("text", "span"),
    [("a", "`a`"), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("``", "``` `` ```"), ("", "`  `"), (" a", "`  a `")],
)
def test_code_span_holds_backticks(text: str, span: str) -> None:
    assert escape.code_span(text) == span


def test_code_block_outlasts_its_content() -> None:
    assert escape.code_block("````\nx") == "`````\n````\nx\n`````"


@given(WORDS)
def test_xml_holds_any_text(text: str) -> None:
    element = ET.fromstring(f'<a b="{escape.xml_attribute(text)}">{escape.xml(text)}</a>')
    shown = "\n".join(escape.lines(text))
    assert element.get("b") == shown
    assert (element.text or "") == shown


@given(st.recursive(WORDS, lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner)), st.sampled_from(ENCODINGS))
def test_json_document_keeps_the_value(value: object, encoding: str) -> None:
    plain = escape.without_surrogates(value)
    document = escape.json_document(json.dumps(plain, ensure_ascii=False), encoding)
    assert json.loads(document) == plain
    assert escape.line(document) == document
    assert "##[" not in document
    assert encoding == "utf-8" or document.isascii()


def test_without_surrogates_keeps_what_is_no_text() -> None:
    value = {"a\udcff": [1, None, True, ("\ud800",)]}
    assert escape.without_surrogates(value) == {"a\\xff": [1, None, True, ["\\ud800"]]}


@given(WORDS, st.sampled_from(ENCODINGS))
def test_encodable_never_raises(text: str, encoding: str) -> None:
    held = escape.encodable(text, encoding)
    try:
        held.encode(encoding)
    except (LookupError, ValueError):
        held.encode("ascii")


def test_encodable_changes_only_what_the_console_lacks() -> None:
    assert escape.encodable("é 漢", "cp1252") == "é \\u6f22"
    assert escape.encodable("é", "no-such-encoding") == "\\xe9"
    assert escape.encodable("é 漢", "utf-8") == "é 漢"
