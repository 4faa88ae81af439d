"""Names: where the members of an archive would lie, and which of them would lie outside of its folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from gates.builtin.built.archives.member import Archive, Member, Unsafe

DRIVE = re.compile(r"[A-Za-z]:")
HOPS = 40
"""So many links after one another are followed, as Linux does."""


def shown(text: str) -> str:
    """The text without a character that acts on a terminal or a log: those are written as escapes."""
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def plain(name: str) -> str:
    """The name without empty and `.` parts and without a slash at its end: equal for names of one place."""
    return "/".join(part for part in name.split("/") if part not in {"", "."})


def escapes(archive: Archive) -> tuple[str, ...]:
    """Names of members that would lie or lead outside of the folder, or that are devices; in the archive's order."""
    links = {plain(member.name): member.target for member in archive.members if member.kind == "link"}
    return tuple(member.name for member in archive.members if _escaping(member, links))


def refuse_escapes(archive: Archive) -> None:
    """Raise Unsafe for the first member that would lie or lead outside."""
    leading = escapes(archive)
    if not leading:
        return
    member = next(member for member in archive.members if member.name == leading[0])
    if member.kind == "other":
        raise Unsafe(f"holds the device or pipe {shown(member.name)}")
    if member.target:
        raise Unsafe(f"holds {shown(member.name)}, which leads outside of its folder to {shown(member.target)}")
    raise Unsafe(f"holds {shown(member.name)}, which would be written outside of its folder")


def refuse_duplicates(archive: Archive) -> None:
    """Raise Unsafe for a name that is there twice and does not mean the same both times.

    Two files in a tar may differ, since every reader takes the last one: hatchling packs PKG-INFO twice where it builds
    a source distribution from an unpacked one, that of the tree and its own.
    """
    ordered = archive.format.startswith("tar")
    seen: dict[str, Member] = {}
    for member in archive.members:
        known = seen.setdefault(plain(member.name), member)
        files = known.kind == member.kind == "file"
        if not (files and (ordered or known.content == member.content)) and known is not member:
            raise Unsafe(f"holds {shown(member.name)} twice")


def _escaping(member: Member, links: Mapping[str, str]) -> bool:
    if member.kind == "other" or _outside(member.name):
        return True
    folder = plain(member.name).split("/")[:-1]
    if _resolved(folder, links) is None:
        return True
    if member.kind == "hardlink":
        return _outside(member.target) or _resolved(member.target.split("/"), links) is None
    if member.kind == "link":
        return _foreign(member.target) or _resolved([*folder, *member.target.split("/")], links) is None
    return False


def _foreign(name: str) -> bool:
    return name.startswith(("/", "\\")) or DRIVE.match(name) is not None or "\0" in name


def _outside(name: str) -> bool:
    return _foreign(name) or ".." in re.split(r"[/\\]", name)


def _resolved(parts: Iterable[str], links: Mapping[str, str]) -> tuple[str, ...] | None:
    """Where a path ends when links of the archive are followed, None where it leaves it."""
    waiting = list(parts)[::-1]
    place: list[str] = []
    hops = 0
    while waiting:
        part = waiting.pop()
        if part in {"", "."}:
            continue
        if part == "..":
            if not place:
                return None
            place.pop()
            continue
        target = links.get("/".join([*place, part]))
        if target is None:
            place.append(part)
            continue
        hops += 1
        if hops > HOPS or _foreign(target):
            return None
        waiting += target.split("/")[::-1]
    return tuple(place)
