"""Personal data: what may tell of a person is taken out of text before it is written into the record.

E-mail and IP addresses, UUIDs, tokens and the names of home directories; `strict` also takes what may be some: MAC
addresses, hosts and queries in URLs, long numbers and long hexadecimal words.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pytest_vltair.tokens import EMAIL, SHAPES, compiled, masked, unarmoured

_UUID = r"(?<![0-9A-Fa-f-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f-])"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = rf"(?<![\w.])(?!127\.|0\.0\.0\.0)(?:{_OCTET}\.){{3}}{_OCTET}(?![\w]|\.\d)"
_IPV6 = r"(?<![\w:.])(?=[0-9A-Fa-f:]*\d)(?:[0-9A-Fa-f]{1,4}:){1,7}(?::?[0-9A-Fa-f]{1,4}){1,7}(?![\w:])"
_HOME = r"(?:/home/|/Users/|[A-Za-z]:\\{1,2}Users\\{1,2})[^\s/\\\"':;,<>|)\]}]+|(?<![\w/.>~-])/root(?![\w.-])"
_MAC = r"(?<![\w:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])"
_HOST = r"(?<=://)[^\s/?#\"'<>\\]+"
_QUERY = r"(?<=[\w/])\?[\w%.~+-]+=[^\s\"'<>]*"
_LONG = r"(?<![\w<])(?:\d{7,}|(?=[0-9a-f]*\d)[0-9a-f]{16,})(?![\w>])"


def scrub(text: str, *, strict: bool = False) -> str:
    """`text` without personal data and tokens; what is scrubbed already stays as it is."""
    text = unarmoured(text)
    for words, least, pattern, instead in STANDARD:
        # Each pattern is compiled and tried only where one of its words occurs often enough: to count is cheap.
        if any(text.count(word) >= least for word in words):
            text = compiled(pattern).sub(instead, text)
    for pattern, name in STRICT if strict else ():
        text = compiled(pattern).sub(name, text)
    return text


def _address(found: re.Match[str]) -> str:
    """`<ip>` for what is an address of version 6; a time of day looks like one, and `::1` is nobody's."""
    text = found.group()
    return "<ip>" if "::" in text or text.count(":") == 7 else text


STANDARD: tuple[tuple[tuple[str, ...], int, str, str | Callable[[re.Match[str]], str]], ...] = (
    *((words, 1, shape, masked) for words, shape in SHAPES),
    *((words, 1, shape, "<email>") for words, shape in EMAIL),
    (("-",), 4, _UUID, "<uuid>"),
    (("/home/", "/Users/", ":\\", "/root"), 1, _HOME, "~"),
    ((".",), 3, _IPV4, "<ip>"),
    (("::",), 1, _IPV6, _address),
    ((":",), 7, _IPV6, _address),
)
"""Words of which one occurs so often wherever the pattern after them matches, and what takes its place."""

STRICT = ((_MAC, "<mac>"), (_HOST, "<host>"), (_QUERY, "?<query>"), (_LONG, "<number>"))
