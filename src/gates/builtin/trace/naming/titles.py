"""Titles: the tests that an item names in its own line, as `Parser (tests/test_parser.py::test_empty)` does."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from gates.builtin.trace.naming.spans import NODE
from gates.builtin.trace.readers.found import Found, Line

MARK = ".py::"
"""What every node id has, so that few titles are looked at any further."""
LONGEST = 500
"""Characters of a word from which on nobody wrote it as a node id."""
AWAY = re.compile(r"(?:remov|delet|drop|renam|replac|retir|mov)(?:e|ed|es|ing|s|ped|ping)?\b", re.IGNORECASE)
"""How the title of an item begins that is about taking a test away."""

_MARKUP = str.maketrans("", "", "_*`\\")


def named(found: Found) -> Found:
    """With each test of its own line as a validation, where its Validation names the same one not already."""
    if (MARK not in found.title and MARK not in found.body) or AWAY.match(found.title):
        return found
    said = {_plain(node) for line in found.validation for node in NODE.findall(line.text)}
    held: dict[str, Line] = {}
    # The body is as it was written; the title has lost what looks like markup, and may go on in further lines.
    for text in (found.body, found.title):
        for node in _nodes(text):
            if _plain(node) not in said:
                held.setdefault(_plain(node), Line(node, found.line))
    return msgspec.structs.replace(found, validation=(*found.validation, *held.values())) if held else found


def without(title: str) -> str:
    """A title without the tests that it names; where it is nothing else, the name of the first one."""
    if MARK not in title:
        return title
    rest = " ".join(word for word in title.split() if MARK not in word)
    first = next(_nodes(title), "")
    return rest if any(map(str.isalnum, rest)) or not first else first.rpartition("::")[2]


def _nodes(text: str) -> Iterator[str]:
    for word in text.split():
        if MARK in word and "://" not in word and len(word) <= LONGEST:
            yield from (node.rstrip(":*") for node in NODE.findall(word))


def _plain(node: str) -> str:
    return node.rstrip(":").translate(_MARKUP)
