"""Values: modes, times and header fields as a reader knows them."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from gates.builtin.built.archives.member import Member

FOLDED = {
    "pax path": "name", "pax linkpath": "link", "pax mtime": "mtime", "pax uid": "owner", "pax gid": "owner",
    "pax uname": "owner", "pax gname": "owner", "pax size": "content",
}  # fmt: skip
"""Extended headers that are written or not because of a value that is shown as another attribute."""
WIDTH = 240
"""Characters of all fields of a header together."""
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


def presence(member: Member | None) -> str:
    """That it is there, and what, or that it is not."""
    if member is None:
        return "absent"
    return f"file of {len(member.content):,} bytes" if member.kind == "file" else member.kind


def modes(first: int, second: int) -> tuple[str, str]:
    """Two modes in octal; with the bits of the type where the permissions are the same."""
    if stat.S_IMODE(first) != stat.S_IMODE(second):
        return f"{stat.S_IMODE(first):04o}", f"{stat.S_IMODE(second):04o}"
    return f"{first:07o}", f"{second:07o}"


def moment(seconds: float | None) -> str:
    """A time in UTC, with its fraction where it has one."""
    if seconds is None:
        return "no valid time"
    whole = int(seconds // 1)
    fraction = f"{seconds - whole:.9f}".rstrip("0").removeprefix("0").removesuffix(".")
    try:
        return f"{BEGIN + timedelta(seconds=whole):%Y-%m-%d %H:%M:%S}{fraction}"
    except OverflowError:
        return f"{seconds} s"


def around(key: str, value: str) -> str:
    """The value of a field of a gzip header."""
    if key != "gzip-mtime":
        return value or "none"
    return f"{moment(float(value))}" if value not in {"", "0"} else "none (0)"


def fields(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, str]:
    """The fields that differ, of both sides."""
    keys = [key for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]

    def side(values: Mapping[str, str]) -> str:
        line = ", ".join(f"{key} {values[key]}" if key in values else f"no {key}" for key in keys)
        return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"

    return side(before), side(after)
