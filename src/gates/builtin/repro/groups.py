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
    "member": (CONTENT, "there is", "there are"),
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
    "path": "the path of the source",
    "umask": "the umask of the build",
    "modes": "the permission bits of the checkout",
    "owner": "the user and group that build",
    "timezone": "the time zone",
    "locale": "the locale",
    "hashseed": "the hash seed",
    "clock": "the time of the build",
    "mtimes": "the modification times of the checkout",
    "listing": "the order in which folders are listed",
    "user": "the name and home of the user",
    "cpus": "the number of processors",
    "rebuild": "an earlier build in the same tree",
}


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
        return f"{self.kind}: {what} {follows(self.factor)} ({example}{first.before} -> {first.after})"


def follows(factor: str) -> str:
    """`follows the umask of the build`, for one factor, several, or what stands for one."""
    if factor == RANDOM:
        return "is another one in each build, with nothing changed"
    if factor == UNEXPLAINED:
        return "differs, and no build that was tried shows by what"
    return "follows " + " together with ".join(FACTORS.get(one, one) for one in factor.split("+"))


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
