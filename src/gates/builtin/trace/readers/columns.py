"""Columns: what the columns of a table hold, by the words of its header and by what stands below them."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from gates.builtin.trace import statuses
from gates.builtin.trace.readers import headers, ids

LISTED = re.compile(r"[,;&…]|\.\.|\s(?:to|and|–|-|through)\s|(?<![A-Za-z0-9])([A-Za-z]+[-_]?)\d+[–—-]\1\d")
"""Several ids in one cell, or a range of them, such as `A-1, A-2`, `A-1..A-3` and `A1-A3`."""
BETWEEN = re.compile(r"\s*(?:[,;&…]|\.{2,3}|\b(?:to|and|through)\b|(?<=\s)[–—-](?=\s))\s*")


BESIDE = re.compile(
    r"(?:.* )?(?:owner|assignee|assigned to|responsible|lead|who|author|reviewer|team|effort|estimate|points?|size|"
    r"hours|days|cost|version|release|sprint|week|due|commit|pr|link|url|ticket|branch|percent|progress|%)",
)
"""What a column without a name that is known may be called and does not say what an item is."""


class Columns(msgspec.Struct, frozen=True):
    """Which column holds what; `statuses` are several where each is one aspect of the item.

    `explicit` is whether their names say that they are, `overall` whether the first is the status of the whole item.
    """

    width: int
    id: int | None
    title: int | None
    statuses: tuple[int, ...]
    explicit: bool
    overall: bool
    named: bool
    others: dict[str, tuple[int, ...]]

    def cell(self, kind: str, cells: Sequence[str]) -> str:
        """What the cells of this kind say."""
        held = self.others.get(kind)
        return " ".join([cells[at] for at in held if at < len(cells) and cells[at]]) if held else ""


def of(header: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> Columns | None:
    """The columns of a table of items; None where it is a table of something else."""
    if not rows:
        return None
    width = len(header) if header is not None else max(map(len, rows))
    names = [headers.name(cell) for cell in header] if header is not None else [""] * width
    kinds = _kinds(names)
    sample = rows[:200]
    values = [[row[at] for row in sample if at < len(row) and row[at]] for at in range(width)]
    identity = _identity(names, kinds, values)
    explicit = [at for at, kind in enumerate(kinds) if kind == "status" and at != identity]
    explicit.sort(key=lambda at: (names[at] not in {"status", "state"}, at))
    foreign = header is not None and headers.FOREIGN.fullmatch(names[0]) is not None and identity is None
    if (
        (header is not None and headers.DATED.fullmatch(names[0]))
        or foreign
        or (header is not None and headers.RISK & set(names) and not explicit)
    ):
        return None
    judged = [at for at in range(width) if at != identity and _judges(values[at])]
    title = _title(names, kinds, values, identity, {*explicit, *judged})
    chosen = _chosen(names, explicit, judged) if explicit else tuple(judged)
    if explicit and not values[chosen[0]] and identity is None:
        return None
    if not _is_of_items(names, kinds, values, identity, title, bool(explicit), chosen):
        return None
    others: dict[str, list[int]] = {}
    taken = {identity, title, *chosen}
    for at, kind in enumerate(kinds):
        if kind and at not in taken:
            others.setdefault(kind, []).append(at)
    return Columns(
        width,
        identity,
        title,
        chosen,
        bool(explicit),
        bool(explicit) and not _is_aspect(names[chosen[0]]),
        title is not None and kinds[title] == "title" and names[title] not in {"phase", "milestone"},
        {kind: tuple(held) for kind, held in others.items()},
    )


def _chosen(names: list[str], explicit: list[int], judged: list[int]) -> tuple[int, ...]:
    """The columns that a status is read from: that of the whole item, and those of its aspects."""
    whole = [at for at in explicit if not _is_aspect(names[at])][:1]
    others = explicit if whole else sorted({*explicit, *judged})
    return (*whole, *(at for at in others if _is_aspect(names[at])))


def _is_aspect(name: str) -> bool:
    """Whether a column is the status of a part of an item, such as `Test status` or `Implemented`."""
    words = name.rstrip("?").split()
    aspects = headers.ASPECTS - headers.WHOLE
    return bool(words) and not aspects.isdisjoint(words) and (len(words) == 1 or words[-1] in {"status", "state"})


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row names columns, of which one is the id, so that it heads rows without the line below a header."""
    kinds = [headers.kind(headers.name(cell)) for cell in cells]
    return "id" in kinds and sum(map(bool, kinds)) >= 2


def _kinds(names: list[str]) -> list[str]:
    """What the columns hold by their names; in a checklist of tests the tests are the items."""
    kinds = [headers.kind(name) for name in names]
    if names[0] in headers.CASES and "status" in kinds and "id" not in kinds:
        titled = next(
            (at for kind in ("title", "validation") for at in range(1, len(kinds)) if kinds[at] == kind), None
        )
        if titled is not None:
            kinds[0], kinds[titled] = "id", "title"
    return kinds


def _identity(names: list[str], kinds: list[str], values: list[list[str]]) -> int | None:
    for at, kind in enumerate(kinds):
        if kind == "id" and values[at] and _share(values[at], _holds_identity) >= 0.5:
            return at
    for at in range(min(2, len(values))):
        other = headers.FOREIGN.fullmatch(names[at]) or kinds[at] in {"date", "status", "severity", "depends", "files"}
        if not other and _share(values[at], lambda cell: ids.is_strong(ids.plain(cell)) or _composed(cell)) >= 0.6:
            return at
    return None


def is_identity(cell: str) -> bool:
    """Whether a cell below `ID` holds one id."""
    token = ids.plain(cell)
    if ids.is_strong(token) or ids.is_numeric(token):
        return True
    return (
        bool(token)
        and len(token) <= 40
        and " " not in token
        and not LISTED.search(token)
        and any(map(str.isalnum, token))
    )


def is_list(cell: str) -> bool:
    """Whether a cell holds several ids and nothing else."""
    parts = [ids.plain(part) for part in BETWEEN.split(cell) if part] if LISTED.search(cell) else []
    return len(parts) > 1 and all(ids.is_strong(part) for part in parts)


def _composed(cell: str) -> bool:
    found = ids.leading(cell)
    return found is not None and ids.is_strong(found[0]) and (found[2] != "word" or found[1][:1] in {"(", "["})


def _holds_identity(cell: str) -> bool:
    return is_identity(cell) or _composed(cell)


def _judges(values: list[str]) -> bool:
    return bool(values) and _share(values, _is_status) >= 0.7


def _is_status(cell: str) -> bool:
    """Whether a cell below any name is a status; `no order of keys` is what is missing."""
    return len(cell) <= 40 and statuses.known(cell) is not None and not cell.casefold().startswith("no ")


def _title(
    names: list[str], kinds: list[str], values: list[list[str]], identity: int | None, judged: set[int]
) -> int | None:
    for at, one in enumerate(kinds):
        if one == "title" and at != identity and at not in judged:
            return at
    if identity is None and kinds[0] == "category" and 0 not in judged and len(set(values[0])) == len(values[0]) > 1:
        return 0
    rest = [
        at
        for at in range(len(kinds))
        if at != identity and at not in judged and kinds[at] in {"", "notes", "id"} and values[at]
    ]
    if identity is None:
        rest = rest or [at for at, kind in enumerate(kinds) if kind == "category" and at not in judged]
        return rest[0] if rest else None
    told = [at for at in rest if kinds[at] != "notes" and not BESIDE.fullmatch(names[at])]
    return max(told or rest, key=lambda at: sum(map(len, values[at])) / len(values[at]), default=None)


def _is_of_items(
    names: list[str],
    kinds: list[str],
    values: list[list[str]],
    identity: int | None,
    title: int | None,
    explicit: bool,
    chosen: tuple[int, ...],
) -> bool:
    if identity is not None:
        strong = _share(values[identity], lambda cell: ids.is_strong(ids.plain(cell)) or _composed(cell)) >= 0.5
        if explicit or chosen:
            return True
        described = {"title", "severity", "acceptance", "validation", "files", "parent"} & {
            kind for at, kind in enumerate(kinds) if at != identity
        }
        return (strong or names[identity].startswith("req")) and (bool(described) or not any(names))
    if title is None or not chosen:
        return False
    if explicit:
        return _share(values[chosen[0]], lambda cell: statuses.known(cell) is not None) >= 0.6
    aspects = sum(1 for at in chosen if set(names[at].split()) & headers.ASPECTS)
    return aspects * 2 > len(chosen) and title < chosen[0]


def _share(values: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(1 for cell in values if test(cell)) / len(values) if values else 0.0
