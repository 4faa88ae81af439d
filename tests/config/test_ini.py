from __future__ import annotations

import configparser

from hypothesis import given, settings
from hypothesis import strategies as st

from gates.config.ini import Entry, sections

TEXT = """\
; a comment
lost = 1
[mypy]
# another
strict = True
Exclude: a
    b

    ; inside
    c
[mypy-tests.*]
ignore_errors
[mypy]
files=src
"""


def test_sections_keys_and_lines() -> None:
    assert sections(TEXT) == {
        "mypy": {"strict": Entry("True", 5), "exclude": Entry("a\nb\nc", 6), "files": Entry("src", 14)},
        "mypy-tests.*": {"ignore_errors": Entry("", 12)},
    }


names = st.text("abcXY_", min_size=1, max_size=4)
words = st.text("abc=:[]# ;1", max_size=8).map(str.strip)
bodies = st.dictionaries(names.map(str.lower), st.lists(words, min_size=1, max_size=3), max_size=3)


@settings(deadline=None, max_examples=80)
@given(st.dictionaries(names, bodies, max_size=3), st.sampled_from(["=", " = ", ": "]))
def test_what_configparser_reads_is_read_here(document: dict[str, dict[str, list[str]]], sign: str) -> None:
    text = ""
    for section, body in document.items():
        text += f"[{section}]\n"
        for key, lines in body.items():
            text += f"{key}{sign}" + "\n    ".join(lines) + "\n\n"
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    expected = {name: {key: value.split() for key, value in parser.items(name)} for name in parser.sections()}
    found = sections(text)
    assert {name: {key: one.value.split() for key, one in keys.items()} for name, keys in found.items()} == expected
    for keys in found.values():
        for key, one in keys.items():
            assert text.split("\n")[one.line - 1].lower().startswith(key)
