"""Groups: differences of one artifact that have one attribute and one factor, said in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from gates.builtin.built.artifact import Kind
from gates.builtin.repro.facts import RANDOM, UNEXPLAINED, Attribute, Difference
from gates.builtin.repro.rules import ATTRIBUTES, CONTAINER, CONTENT
from gates.model.rule import Rule

CONSEQUENCE = "RECORD"
"""It lists the digests of all other members, so that it differs wherever one of them does."""

WORDS: Mapping[Attribute, tuple[Rule, str, str]] = {
    "member": (CONTENT, "whether there is", "whether there are"),
    "content": (CONTENT, "the content of", "the contents of"),
    "METADATA": (CONTENT, "the content of", "the contents of"),
    "RECORD": (CONTENT, "the content of", "the contents of"),
    "generator": (CONTENT, "the generator in", "the generator in"),
    "type": (CONTENT, "the type of", "the types of"),
    "link": (CONTENT, "the target of", "the targets of"),
    "name": (CONTENT, "the file name", "the file name"),
    "order": (ATTRIBUTES, "the place of", "the order of"),
    "mtime": (ATTRIBUTES, "the time of", "the times of"),
    "mode": (ATTRIBUTES, "the permission bits of", "the permission bits of"),
    "owner": (ATTRIBUTES, "the owner of", "the owners of"),
    "header": (ATTRIBUTES, "the header of", "the headers of"),
    "pax": (ATTRIBUTES, "the extended headers of", "the extended headers of"),
    "gzip-mtime": (CONTAINER, "the time in the gzip header", "the time in the gzip header"),
    "gzip-header": (CONTAINER, "bytes of the gzip header", "bytes of the gzip header"),
    "compressed": (CONTAINER, "the compressed bytes of", "the compressed bytes of"),
}
"""The rule of each attribute, and how it is said of one member and of several."""

FACTORS: Mapping[str, str] = {
    "path": "another path of the source",
    "umask": "another umask",
    "modes": "a checkout with other permission bits",
    "owner": "another user and group",
    "timezone": "another time zone",
    "locale": "another locale",
    "hashseed": "another hash seed",
    "clock": "another time of the build",
    "mtimes": "a checkout with other modification times",
    "listing": "another order of listed folders",
    "user": "another name and home of the user",
    "cpus": "another number of processors",
    "rebuild": "an earlier build in the same tree",
    RANDOM: "each new build, with nothing else changed,",
    UNEXPLAINED: "something that no further build showed",
}
"""What changes it, in words; each is singular."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Differences of one attribute by one factor, in the order of their members; never empty."""

    kind: Kind
    attribute: Attribute
    factor: str
    rows: tuple[Difference, ...]

    @property
    def rule(self) -> Rule:
        """The rule that objects to it."""
        return WORDS[self.attribute][0]

    @property
    def subject(self) -> str:
        """`wheel:mode:umask`: what a waiver names."""
        return f"{self.kind}:{self.attribute}:{self.factor}"

    @property
    def sentence(self) -> str:
        """What differs, by what, and the first example."""
        first = self.rows[0]
        _, one, many = WORDS[self.attribute]
        count = len(self.rows)
        if first.member == "" and count == 1:
            what = one.removesuffix(" of")
        else:
            what = f"{one} {first.member}" if count == 1 else f"{many} {count:,} members"
        example = "" if count == 1 else f"{first.member}: "
        return f"{self.kind}: {phrase(self.factor)} changes {what} ({example}{first.before} -> {first.after})"


def phrase(factor: str) -> str:
    """`another umask`, for one factor, for several that act only together, or for what stands for one."""
    return " together with ".join(FACTORS.get(one, one) for one in factor.split("+"))


def grouped(rows: Iterable[Difference]) -> Iterator[Group]:
    """The groups of `rows`, sorted, without what only follows from another one of them."""
    found: dict[tuple[Kind, Attribute, str], list[Difference]] = {}
    for row in rows:
        found.setdefault((row.kind, row.attribute, row.factor), []).append(row)
    content = {(kind, factor) for kind, attribute, factor in found if _is_cause(attribute)}
    for (kind, attribute, factor), held in sorted(found.items()):
        if attribute != CONSEQUENCE or (kind, factor) not in content:
            rows_in_order = tuple(sorted(held, key=lambda row: row.member))
            yield Group(kind=kind, attribute=attribute, factor=factor, rows=rows_in_order)


def _is_cause(attribute: Attribute) -> bool:
    return attribute != CONSEQUENCE and WORDS[attribute][0] is CONTENT
