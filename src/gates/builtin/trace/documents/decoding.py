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
UNSEEN = {"\ufeff": "", "\u200b": "", "\xa0": " "}
"""Characters that nobody sees, with what people take them for: marks within a file, spaces of no or fixed width."""

CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1a")
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
    for mark, shown in UNSEEN.items():
        if mark in text:
            text = text.replace(mark, shown)
    lines = tuple(text.split("\n")) if "\r" not in text else tuple(ENDS.split(text))
    return (lines[:-1] if lines and not lines[-1] else lines), odd


def _text(data: bytes) -> tuple[str, tuple[str, ...]]:
    for mark, name in MARKS:
        if data.startswith(mark):
            body = data[len(mark) :]
            text = body.decode(name, "replace")
            return text, ("some bytes are no UTF text",) if "�" in text else ()
    wide = _wide(data[:4096])
    if wide:
        return data.decode(wide, "replace"), ("it has no byte-order mark, and was read as UTF-16",)
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


def _wide(sample: bytes) -> str:
    """The encoding of two bytes a character that text without a mark is in; "" where it is in none."""
    for name, high, low in (("utf-16-be", sample[::2], sample[1::2]), ("utf-16-le", sample[1::2], sample[::2])):
        if high.count(0) * 2 > len(high) and not CONTROLS.intersection(low):
            return name
    return ""
