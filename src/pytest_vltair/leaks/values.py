"""Values: what stands for a missing one, what tells that none has changed, and how a report says them."""

from __future__ import annotations

from collections.abc import Callable
from json.encoder import encode_basestring
from typing import cast

LONGEST = 80


class Missing:
    """Stands for a thing that is not there."""

    def __repr__(self) -> str:
        """`missing`."""
        return "missing"


MISSING = Missing()


class Sign:
    """Something that is read within a fraction of a microsecond, and what it gives while nothing has changed."""

    __slots__ = ("expected", "read")

    def __init__(self, read: Callable[[], object], expected: object) -> None:
        self.read = read
        self.expected = expected


class Held:
    """A thing that stays where it is, and what it is equal to while nothing has changed: it need not even be read."""

    __slots__ = ("alike", "thing")

    def __init__(self, thing: object, alike: object) -> None:
        self.thing = thing
        self.alike = alike


def cut(text: str, longest: int = LONGEST) -> str:
    """`text` in one line, with `...` in place of its middle where it is longer."""
    line = _utf8(text)
    if not line.isprintable():
        line = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in line)
    if len(line) <= longest:
        return line
    half = (longest - 3) // 2
    return f"{line[:half]}...{line[-half:]}"


def shown(value: object) -> str:
    """A value: text in double quotes, everything else by its `repr`, or by its type where it has none that works."""
    if value is MISSING:
        return "absent"
    if issubclass(type(value), str):
        return cut(encode_basestring(_utf8(cast("str", value))))
    try:
        return cut(repr(value))
    except Exception:  # noqa: BLE001 - whatever a test's objects do
        return f"<{type(value).__name__}>"


def change(name: str, before: object, after: object) -> str:
    """`TZ was absent and is "UTC"`, `TZ was "UTC" and is gone`."""
    now = "gone" if after is MISSING else shown(after)
    return f"{cut(name)} was {shown(before)} and is {now}"


def _utf8(text: str) -> str:
    r"""`text` with each lone surrogate spelled out as `\udcff`, as `lines.escape` does, without all that is there."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
