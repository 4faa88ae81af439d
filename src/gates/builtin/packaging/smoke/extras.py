"""Extras: which of its own extras a console script needs, by its entry point or by what it said when it failed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec
from packaging.utils import canonicalize_name

DEVELOPING = frozenset({
    "dev", "develop", "development", "test", "tests", "testing", "doc", "docs", "lint", "typing", "types", "ci",
    "quality", "style", "build", "release", "bench", "benchmark",
})  # fmt: skip
"""Extras for those who work on the project; a script that needs one of them lacks a dependency."""

_ADVISED = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)\[(?P<extras>[\w.,\s-]+)\]")
_ABSENT = re.compile(r"No module named '(?P<module>\w+)")


class Extras(msgspec.Struct, frozen=True, kw_only=True):
    """The canonical name of a distribution, and of each of its extras what that alone brings, by canonical names."""

    name: str
    brings: Mapping[str, frozenset[str]]

    def needed(self, value: str, said: str) -> tuple[str, ...]:
        """The extras that a script needs, sorted; none where nothing tells.

        They are those of the entry point `value`; else those that the script itself said to install (`name[extra]`);
        else the smallest one that brings a distribution with the name of a module that was missing.
        """
        own = re.search(r"\[(.*)\]", value)
        if own:
            return tuple(sorted(canonicalize_name(one.strip()) for one in own[1].split(",") if one.strip()))
        advised = {
            canonicalize_name(extra.strip())
            for match in _ADVISED.finditer(said)
            if canonicalize_name(match["name"]) == self.name
            for extra in match["extras"].split(",")
        }
        return tuple(sorted(advised & set(self.brings))) or tuple(self._bringing(said))[:1]

    def _bringing(self, said: str) -> Iterator[str]:
        absent = {canonicalize_name(match["module"]) for match in _ABSENT.finditer(said)}
        for extra, names in sorted(self.brings.items(), key=lambda one: (len(one[1]), one[0])):
            if names & absent and extra not in DEVELOPING:
                yield extra


def of(metadata: bytes) -> Extras:
    """What the METADATA of a wheel says of its extras; it need not be valid."""
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
    from packaging.metadata import parse_email
    from packaging.requirements import InvalidRequirement, Requirement

    raw, _ = parse_email(metadata)
    brings: dict[str, set[str]] = {canonicalize_name(one): set() for one in raw.get("provides_extra", ())}
    for text in raw.get("requires_dist", ()):
        try:
            required = Requirement(text)
            if required.marker is None or required.marker.evaluate({"extra": ""}):
                continue
            for extra, names in brings.items():
                if required.marker.evaluate({"extra": extra}):
                    names.add(canonicalize_name(required.name))
        except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName):
            continue
    name = raw.get("name")
    return Extras(
        name=canonicalize_name(name) if name else "",
        brings={extra: frozenset(names) for extra, names in brings.items()},
    )
