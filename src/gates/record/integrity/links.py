"""Links: the lines of a chained file, and the first of them that was changed, dropped, inserted or reordered.

What a line holds is hashed as it is written: with `"chain":"…",` taken out, its bytes are those whose SHA-256 this is.
So no byte of a line can differ unseen.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from gates.engine.codec import CODEC
from pytest_vltair import chain
from pytest_vltair.chain import ZEROS

Kind = Literal["changed", "dropped", "inserted", "reordered"]

_CHAIN = re.compile(rb'"chain":"([0-9a-f]{64})",(?="chainPrev":")')


class Link(NamedTuple):
    """A line that is whole in itself."""

    seq: int
    chain: str
    previous: str
    fields: Mapping[str, Any]


Found: TypeAlias = Link | str
"""A line, or what is wrong with it in itself."""


class Flaw(NamedTuple):
    """The first line (from 1) that is not as it was written, what happened to it, and what was expected there."""

    line: int
    kind: Kind
    expected: str


class End(NamedTuple):
    """How a file ended when it was closed: how many lines, and the digest of the last one."""

    lines: int
    chain: str


def split(data: bytes) -> tuple[list[bytes], bytes]:
    """The whole lines without their ends, and what comes after the last end."""
    *lines, rest = data.split(b"\n")
    return lines, rest


def read(line: bytes) -> Found:
    """The line, without its end, as a link; or in one clause what is wrong with it."""
    for match in _CHAIN.finditer(line):
        digest = match[1].decode()
        hashed = line[: match.start()] + line[match.end() :]
        if hashlib.sha256(hashed).hexdigest() == digest:
            return _link(line, digest)
    if not line:
        return "it is empty"
    return "its digest is not that of its content" if _CHAIN.search(line) else "it bears no digest"


def _link(line: bytes, digest: str) -> Found:
    fields = _decoded(line)
    if fields is None:
        return "it is not in canonical form"
    seq, previous = fields.get("seq"), fields.get("chainPrev")
    if fields.get("chain") != digest or type(seq) is not int or not isinstance(previous, str):
        return "it bears no digest, or no number"
    return Link(seq, digest, previous, fields)


def _decoded(line: bytes) -> Mapping[str, Any] | None:
    """The object of a line in canonical form; the plugin's own codec spells out what UTF-8 cannot."""
    for codec in (CODEC, chain.standard()):
        try:
            fields = codec.decode(line)
            if isinstance(fields, dict) and codec.encode(fields) == line:
                return fields
        except ValueError:
            continue
    return None


def torn(rest: bytes) -> Found:
    """What is after the last end of a line, as a line that lost its end."""
    return f"its end is missing after {len(rest):,} bytes"


def flaw(found: Sequence[Found], end: End | None = None) -> Flaw | None:
    """The first line that is not the one which the chain expects, None where all are; `end` is where it has to end."""
    before = ZEROS
    for at, one in enumerate(found):
        if isinstance(one, str) or one.previous != before or one.seq != at:
            return _named(found, at, before, end)
        before = one.chain
    return None if end is None else _ending(found, end)


def _named(found: Sequence[Found], at: int, before: str, end: End | None) -> Flaw:
    """What happened at the first line that does not follow the one before it, whose digest is `before`."""
    if end is not None and at >= end.lines and before == end.chain:
        return Flaw(at + 1, "inserted", f"the file ended with line {at}")
    one = found[at]
    wanted = f"event {at} after the digest {before[:12]}"
    behind = next((n for n in range(at + 1, len(found)) if _follows(found[n], at, before)), None)
    if behind is not None:
        kind: Kind = "reordered" if _belongs(found, at) else "inserted"
        return Flaw(at + 1, kind, f"{wanted}, which is line {behind + 1}")
    if isinstance(one, str):
        return Flaw(at + 1, "changed", f"{wanted}: {one}")
    return _unfollowed(found, at, one, wanted, end)


def _unfollowed(found: Sequence[Found], at: int, one: Link, wanted: str, end: End | None) -> Flaw:
    """What happened where a line is whole in itself, and what has to stand in its place is nowhere in the file."""
    here = f"{wanted}; here is event {one.seq}"
    if one.seq < at:
        return Flaw(at + 1, "inserted", here)
    if one.seq > at:
        return Flaw(at + 1, "dropped", here)
    if at and _vouched(found, at, one, end):
        before = f"an event with the digest {one.previous[:12]}, which the next one has seen"
        return Flaw(at, "changed", before)
    return Flaw(at + 1, "changed", f"{wanted}; it says that it comes after {one.previous[:12]}")


def _follows(one: Found, at: int, before: str) -> bool:
    return isinstance(one, Link) and one.previous == before and one.seq == at


def _belongs(found: Sequence[Found], at: int) -> bool:
    """Whether this line has a place elsewhere in the chain, and is there only once."""
    one = found[at]
    if isinstance(one, str) or _is_double(found, at, one):
        return False
    others = [other for n, other in enumerate(found) if n != at and isinstance(other, Link)]
    return any(other.chain == one.previous or other.previous == one.chain for other in others)


def _is_double(found: Sequence[Found], at: int, one: Link) -> bool:
    return any(n != at and isinstance(other, Link) and other.chain == one.chain for n, other in enumerate(found))


def _vouched(found: Sequence[Found], at: int, one: Link, end: End | None) -> bool:
    """Whether the line after this one, or the end of the file, has seen this one as it is."""
    if at + 1 < len(found):
        after = found[at + 1]
        return isinstance(after, Link) and after.previous == one.chain
    return end is not None and end.chain == one.chain


def _ending(found: Sequence[Found], end: End) -> Flaw | None:
    """What is wrong with the end of lines of which each follows the one before."""
    count = len(found)
    last = found[-1] if found else None
    digest = last.chain if isinstance(last, Link) else ZEROS
    if count < end.lines:
        return Flaw(count + 1, "dropped", f"event {count} of {end.lines}, the last of which has {end.chain[:12]}")
    if digest == end.chain and count == end.lines:
        return None
    at_end = found[end.lines - 1] if end.lines else None
    if count > end.lines and isinstance(at_end, Link) and at_end.chain == end.chain:
        return Flaw(end.lines + 1, "inserted", f"the file ended with line {end.lines}")
    said = f"{end.lines} events, the last with the digest {end.chain[:12]}; one of them or all were written anew"
    return Flaw(count, "changed", said)
