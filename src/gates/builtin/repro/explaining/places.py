"""Places: which member of one archive is which of the other, and which are not where they were."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from gates.builtin.built.archives.member import Archive
from gates.builtin.built.archives.names import plain, shown

NAMED = 3
"""So many members that lie elsewhere are named."""


class Renamed(msgspec.Struct, frozen=True, kw_only=True):
    """The folder with the version in its name, as it is in both: the top one, or `NAME.dist-info`."""

    before: str
    after: str

    def as_first(self, name: str) -> str:
        """What a name of the second archive is in the first."""
        if self.before == self.after:
            return name
        pairs = [(self.after, self.before)]
        if self.after.endswith(".dist-info"):
            pairs.append(
                (self.after.removesuffix(".dist-info") + ".data", self.before.removesuffix(".dist-info") + ".data")
            )
        for theirs, ours in pairs:
            if name == theirs or name.startswith(f"{theirs}/"):
                return ours + name[len(theirs) :]
        return name


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """The places of members in both archives, said with their names."""

    before: str
    after: str


def renamed(first: Archive, second: Archive) -> Renamed:
    """The folder of the second archive that has another name in the first."""
    one, two = (_tops(archive) for archive in (first, second))
    if len(one) == len(two) == 1 and first.format.startswith("tar"):
        return Renamed(before=one.pop(), after=two.pop())
    ones, twos = ([top for top in sorted(tops) if top.endswith(".dist-info")] for tops in (one, two))
    if len(ones) == len(twos) == 1 and ones[0] not in two:
        return Renamed(before=ones[0], after=twos[0])
    return Renamed(before="", after="")


def moved(first: Sequence[str], second: Sequence[str]) -> tuple[Moved, ...]:
    """What lies elsewhere among the members that both have: as few as possible, in one entry of the whole archive.

    Which of two members has moved is a matter of taste, and must not make two differences out of one.
    """
    common = set(first) & set(second)
    ours = {name: place for place, name in enumerate(name for name in first if name in common)}
    theirs = [name for name in second if name in common]
    staying = _longest_rise([ours[name] for name in theirs])
    elsewhere = [(name, place) for place, name in enumerate(theirs) if ours[name] not in staying]
    if not elsewhere:
        return ()
    of = len(theirs)
    elsewhere.sort(key=lambda pair: ours[pair[0]])
    more = f", and {len(elsewhere) - NAMED} more" if len(elsewhere) > NAMED else ""
    before = ", ".join(f"{shown(name)} {ordinal(ours[name] + 1)}" for name, _ in elsewhere[:NAMED])
    after = ", ".join(f"{shown(name)} {ordinal(place + 1)}" for name, place in elsewhere[:NAMED])
    return (Moved(before=f"of {of}: {before}{more}", after=f"of {of}: {after}{more}"),)


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _tops(archive: Archive) -> set[str]:
    return {plain(member.name).split("/", 1)[0] for member in archive.members}


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """The numbers of one longest rising subsequence, by patience sorting (Fredman 1975): n log n steps."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        pile = bisect_left(ends, number)
        before[number] = ends[pile - 1] if pile else None
        ends[pile : pile + 1] = [number]
    rise: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        rise.add(last)
        last = before[last]
    return rise
