"""Numbers: the seeds of tests, phases and all else that draws, made from the run's seed and from names."""

from __future__ import annotations

from binascii import crc32
from typing import Any

import pytest

MARKER = "vltair_seed"


def derive(number: int, *names: str) -> int:
    """32 bits that depend on a seed and names, the same in every process and on every machine."""
    return of_text("\0".join((str(number), *names)))


def of_text(text: str) -> int:
    """32 bits that depend on a text; generators mix them themselves, so that a checksum is good enough."""
    return crc32(text.encode("utf-8", "surrogatepass"))


def phases(number: int) -> tuple[int, int, int]:
    """The seeds of set-up, call and teardown of a test that has this seed."""
    return crc32(b"setup", number), crc32(b"call", number), crc32(b"teardown", number)


def name_of(item: pytest.Item) -> str:
    """The node id of a test without the group that xdist's `--dist loadgroup` puts after it."""
    nodeid = item.nodeid
    if "@" in nodeid and item.parent is not None:
        plain = f"{item.parent.nodeid}::{item.name}"
        if nodeid.startswith(f"{plain}@"):
            return plain
    return nodeid


def marked(item: pytest.Item) -> int | None:
    """What the nearest marker of a test says, where there is one.

    Raises:
        pytest.fail.Exception: it says no number.
    """
    node: Any = item
    while node is not None:
        for marker in node.own_markers:
            if marker.name == MARKER:
                return _said(marker, item)
        node = node.parent
    return None


def _said(marker: pytest.Mark, item: pytest.Item) -> int:
    values: list[Any] = [*marker.args, *marker.kwargs.values()]
    if len(values) == 1 and set(marker.kwargs) <= {"number"}:
        (number,) = values
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**32:
            return int(number)
    said = ", ".join([*map(repr, marker.args), *(f"{name}={value!r}" for name, value in marker.kwargs.items())])
    pytest.fail(f"{MARKER}({said}) of {item.nodeid} names no seed: write one number, 0 to {2**32 - 1}", pytrace=False)
