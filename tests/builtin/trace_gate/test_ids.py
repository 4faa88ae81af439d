"""Ids: what counts something of this project, told from names of formats, versions and priorities."""

from __future__ import annotations

import pytest

from gates.builtin.trace.readers.ids import is_strong, leading


@pytest.mark.parametrize("token", ["C-1", "P-12", "X-9", "H-2", "WEB-1", "BASE-1", "RE-1", "PRE-2", "ED-3", "CE-7a"])
def test_short_prefixes_before_a_hyphen_are_those_of_ids(token: str) -> None:
    assert is_strong(token)


@pytest.mark.parametrize(
    "token", ["P1", "P0.1", "C99", "X86", "H2", "UTF-8", "HTTP-2", "base-64", "RFC-2119", "v1.2", "RE-DO", "ES6"]
)
def test_names_of_formats_versions_and_priorities_are_none(token: str) -> None:
    assert not is_strong(token)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("AB-1", ("AB-1", "", "word")),
        ("AB-1 words", ("AB-1", "words", "word")),
        ("AB-CD: words", ("AB-CD", "words", "sep")),
        ("AB-CD words", None),
        ("END-USER words", None),
        ("**AB-1** words", ("AB-1", "words", "mark")),
        ("**AB-1 some words** more **bold**", ("AB-1", "some words more **bold**", "word")),
    ],
)
def test_an_id_begins_a_line_and_capitals_alone_are_words(text: str, wanted: tuple[str, str, str] | None) -> None:
    assert leading(text) == wanted
