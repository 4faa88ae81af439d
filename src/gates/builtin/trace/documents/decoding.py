"""Decoding: bytes become lines, and what was odd about them is said."""

from __future__ import annotations

import codecs
import re

ENDS = re.compile(r"\r\n|\r|\n")
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
MIXED = 0.02
"""Bytes that are no UTF-8, as a share of those above ASCII, up to which a file is UTF-8 with damage; above, cp1252."""


def decoded(data: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines without their ends, and what was odd.

    Raises:
        ValueError: the bytes are no text; the message says so in a sentence's tail.
    """
    text, odd = _text(data)
    if "\x00" in text:
        raise ValueError("holds NUL bytes: it is no text")
    lines = tuple(text.split("\n")) if "\r" not in text else tuple(ENDS.split(text))
    return (lines[:-1] if lines and not lines[-1] else lines), odd


def _text(data: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, name in MARKS:
        if data.startswith(mark):
            body = data[len(mark) :]
            text = body.decode(name, "replace")
            return text, ("some bytes are no UTF text",) if "�" in text else ()
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "replace")
    damaged = text.count("�")
    above = sum(1 for character in text if character > "\x7f")
    if damaged and damaged <= max(1, above * MIXED) and above > damaged:
        return text, (f"{damaged} bytes are no UTF-8: each became a replacement character",)
    try:
        return data.decode("cp1252"), ("it is no UTF-8, and was read as Windows-1252",)
    except UnicodeDecodeError:
        return data.decode("latin-1"), ("it is no UTF-8, and was read as Latin-1",)
