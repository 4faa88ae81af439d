"""Compared: every attribute by which two artifacts differ, however deep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from gates.builtin.built.archives.limits import Limits
from gates.builtin.built.archives.member import Archive, Member, Unsafe
from gates.builtin.built.archives.names import plain, shown
from gates.builtin.built.archives.reading import nested, read, read_bytes
from gates.builtin.built.archives.streams import digest
from gates.builtin.repro.explaining import contents, places, values
from gates.builtin.repro.facts import Attribute

FIELDS: tuple[tuple[Attribute, bool], ...] = (("pax", True), ("header", False))
"""The attribute of extended headers of a tar, and that of all other fields."""
GZIP: tuple[Attribute, Attribute] = ("gzip-mtime", "gzip-header")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute of one member: as it is in the first archive, and as it is in the second."""

    member: str
    attribute: Attribute
    before: str
    after: str
    excerpt: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same when the values do not."""
        return (self.member, self.attribute)


def changes(first: Path, second: Path) -> tuple[Change, ...]:
    """What differs between two artifacts of one kind, sorted by member and attribute; none if they are the same bytes.

    Where their bytes differ there is at least one change.

    Raises:
        Unsafe: one of them must not be read.
    """
    one, two = (_loaded(path) for path in (first, second))
    if one == two:
        return ()
    found = list(_archives(read(first), read(second), "", 1))
    if first.name != second.name:
        found = [change for change in found if change.key != ("", "name")]
        found.append(Change(member="", attribute="name", before=shown(first.name), after=shown(second.name)))
    if not found:
        found.append(_rest("", one, two))
    return _merged(found)


def _loaded(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unsafe(f"cannot be read ({error.strerror})") from error


def _rest(member: str, one: bytes, two: bytes) -> Change:
    """What is left to say of unequal bytes that no field explains."""
    return Change(member=member, attribute="compressed", before=digest(one), after=digest(two))


def _merged(found: Iterable[Change]) -> tuple[Change, ...]:
    """One change for a member and attribute, sorted."""
    by_key: dict[tuple[str, str], Change] = {}
    for change in found:
        known = by_key.get(change.key)
        if known is not None:
            before, after = f"{known.before}; {change.before}", f"{known.after}; {change.after}"
            by_key[change.key] = msgspec.structs.replace(known, before=before, after=after)
        else:
            by_key[change.key] = change
    return tuple(by_key[key] for key in sorted(by_key))


def _archives(first: Archive, second: Archive, where: str, depth: int) -> Iterator[Change]:
    """What differs between two archives; `where` is what stands before their members' names."""
    outside = where.removesuffix("!/")
    renamed = places.renamed(first, second)
    if renamed.before != renamed.after:
        yield Change(member=outside, attribute="name", before=shown(renamed.before), after=shown(renamed.after))
    ours = _named(first, plain)
    theirs = _named(second, lambda name: renamed.as_first(plain(name)))
    differing = {name for name in ours.keys() & theirs.keys() if ours[name].content != theirs[name].content}
    for name in sorted(ours.keys() | theirs.keys()):
        one, two = ours.get(name), theirs.get(name)
        member = where + shown(name)
        if one is None or two is None:
            yield Change(member=member, attribute="member", before=values.presence(one), after=values.presence(two))
        elif one != two:
            yield from _members(one, two, member, depth, differing)
    for moved in places.moved(list(ours), list(theirs)):
        yield Change(member=outside, attribute="order", before=moved.before, after=moved.after)
    yield from _around(first, second, outside)


def _named(archive: Archive, name: Callable[[str], str]) -> dict[str, Member]:
    """Members by name; one that is there again has its number behind it."""
    members: dict[str, Member] = {}
    times: Counter[str] = Counter()
    for member in archive.members:
        place = name(member.name)
        times[place] += 1
        members[place if times[place] == 1 else f"{place} ({times[place]})"] = member
    return members


def _members(one: Member, two: Member, member: str, depth: int, differing: set[str]) -> Iterator[Change]:
    """What differs between two members of one name."""

    def change(attribute: Attribute, before: str, after: str) -> Change:
        return Change(member=member, attribute=attribute, before=before, after=after)

    if one.kind != two.kind:
        yield change("type", one.kind, two.kind)
    elif one.mode != two.mode:
        yield change("mode", *values.modes(one.mode, two.mode))
    if one.mtime != two.mtime:
        yield change("mtime", values.moment(one.mtime), values.moment(two.mtime))
    if one.owner != two.owner:
        yield change("owner", one.owner, two.owner)
    if one.kind == two.kind and one.target != two.target:
        yield change("link", shown(one.target), shown(two.target))
    elif one.kind == two.kind and one.content != two.content:
        yield from _contents(one, two, member, depth, differing)
    elif one.kind == two.kind and _otherwise_packed(one, two):
        yield change("compressed", f"sha256 {one.compressed[:16]}", f"sha256 {two.compressed[:16]}")
    yield from _headers(one, two, member)


def _otherwise_packed(one: Member, two: Member) -> bool:
    return one.compressed != two.compressed and one.header.get("method") == two.header.get("method")


def _contents(one: Member, two: Member, member: str, depth: int, differing: set[str]) -> Iterator[Change]:
    if nested(one.content, two.content) and depth < Limits().depth:
        found = _inside(one, two, member, depth)
        if found:
            yield from found
            return
    for part in contents.parts(plain(one.name), one.content, two.content, differing):
        yield Change(
            member=member, attribute=part.attribute, before=part.before, after=part.after, excerpt=part.excerpt
        )


def _inside(one: Member, two: Member, member: str, depth: int) -> list[Change]:
    """What differs within two archives that are members, [] where one of them is no archive that may be read."""
    try:
        first, second = (read_bytes(each.content, name=plain(each.name), escaping="keep") for each in (one, two))
    except Unsafe:
        return []
    return list(_archives(first, second, f"{member}!/", depth + 1)) or [_rest(member, one.content, two.content)]


def _headers(one: Member, two: Member, member: str) -> Iterator[Change]:
    """Other header fields, extended headers of a tar by themselves; what is only a consequence is left out."""
    seen = {
        "mtime": one.mtime != two.mtime, "owner": one.owner != two.owner, "name": one.name != two.name,
        "link": one.target != two.target, "content": one.content != two.content,
    }  # fmt: skip
    before, after = (
        {key: value for key, value in each.header.items() if not seen.get(values.FOLDED.get(key, ""), False)}
        for each in (one, two)
    )
    yield from _fields(before, after, member)


def _fields(one: Mapping[str, str], two: Mapping[str, str], member: str) -> Iterator[Change]:
    """Extended headers of a tar, and all other fields."""
    for attribute, extended in FIELDS:
        before, after = (
            {key: value for key, value in each.items() if key.startswith("pax ") is extended} for each in (one, two)
        )
        if before != after:
            sides = values.fields(before, after)
            yield Change(member=member, attribute=attribute, before=sides[0], after=sides[1])


def _extended(fields: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in fields.items() if key.startswith("pax ")}


def _around(first: Archive, second: Archive, outside: str) -> Iterator[Change]:
    """What differs around the members.

    The compressed bytes follow from what is in them, and count only where that is the same.
    """
    one, two = dict(first.around), dict(second.around)
    packed = [(each.pop("compressed", ""), each.pop("tar", "")) for each in (one, two)]
    same_inside = packed[0][1] == packed[1][1] and first.members == second.members
    if same_inside and packed[0] != packed[1]:
        yield Change(member=outside, attribute="compressed", before=packed[0][0], after=packed[1][0])
    for attribute in GZIP:
        before, after = one.pop(attribute, ""), two.pop(attribute, "")
        if before != after:
            yield Change(
                member=outside,
                attribute=attribute,
                before=values.around(attribute, before),
                after=values.around(attribute, after),
            )
    if first.members != second.members or _extended(one) != _extended(two):
        _without_consequences(one, two)
    yield from _fields(one, two, outside)
    if first.format != second.format:
        yield Change(member=outside, attribute="type", before=first.format, after=second.format)


def _without_consequences(one: dict[str, str], two: dict[str, str]) -> None:
    """Drop what is only as it is because members are: padding to whole records, descriptors with a checksum."""
    for key in ("padding", "between"):
        if key in one and key in two:
            del one[key], two[key]
