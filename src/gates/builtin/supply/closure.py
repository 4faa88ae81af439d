"""Closure: which distributions the project needs at run time, and what each of them leads to."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

import msgspec

from gates.builtin.supply.distribution import Distribution, Requirement
from gates.builtin.supply.source import Supply
from gates.model.evidence import counted
from pytest_vltair.installed import canonical

Scope = Literal["required", "optional", "excluded"]
"""As CycloneDX has it: needed here at run time; not installed here (another system, an extra); not needed at all."""


LISTS = frozenset({"requirements", "pylock"})
"""Sources that are lists for an installer: what no group of the project leads to is there because it is needed."""


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """Scopes and edges by the key of a distribution; `""` is the project itself.

    `missing` are the names that are required here and are not in the source, with who asks for them.
    """

    scopes: Mapping[str, Scope]
    edges: Mapping[str, tuple[str, ...]]
    missing: tuple[tuple[str, str], ...]


def graph(supply: Supply, markers: Mapping[str, str], extras: Sequence[str] = (), groups: Sequence[str] = ()) -> Graph:
    """What the project needs, under the environment markers of the judged interpreter.

    `extras` and `groups` are those of the project that belong to what it needs. A lock file also holds what other
    systems and other extras need, which is `optional`; what only groups lead to is `excluded`. Where the source does
    not say what the project asks for, or what something that it needs requires, all that it lists is asked for; of a
    list for an installer only what groups alone lead to is `excluded`.
    """
    walk = _Walk(supply, dict(markers), frozenset(extras), frozenset(groups))
    listed = tuple(map(_itself, supply.distributions.items))
    own = [one for one in (supply.roots.items if supply.rooted else listed) if not one.group or one.group in groups]
    required, missing = walk.reached(own, strict=True)
    if any(not walk.by_key[key].known for key in required):
        required, missing = walk.reached((*own, *listed), strict=True)
    if supply.kind in LISTS:
        others = [one for one in supply.roots.items if one.group and one.group not in groups]
        grouped = walk.reached(others, strict=False)[0]
        required |= {one.key for one in supply.distributions.items} - grouped
    optional: set[str] = set()
    if supply.kind != "environment":
        optional = walk.reached(own, strict=False)[0]
    scopes: dict[str, Scope] = {}
    for one in supply.distributions.items:
        unmet = one.marker and not walk.holds(one.marker, walk.extras)
        if one.key in required and not unmet:
            scopes[one.key] = "required"
        elif unmet and "dependency_groups" in one.marker:
            scopes[one.key] = "excluded"
        else:
            scopes[one.key] = "optional" if one.key in required or one.key in optional else "excluded"
    edges = {one.key: walk.edges(one) for one in supply.distributions.items}
    direct = {key for one in own for key in walk.leads(one, walk.extras, strict=walk.strict_edges)}
    edges[""] = tuple(sorted(direct))
    return Graph(scopes=scopes, edges=edges, missing=tuple(sorted(missing)))


class _Walk:
    def __init__(self, supply: Supply, markers: dict[str, str], extras: frozenset[str], groups: frozenset[str]) -> None:
        self.markers = tuple(sorted(markers.items()))
        self.groups = groups
        self.extras = extras
        self.strict_edges = supply.kind == "environment"
        self.by_name: dict[str, list[Distribution]] = {}
        for one in supply.distributions.items:
            self.by_name.setdefault(one.name, []).append(one)
        self.by_key = {one.key: one for one in supply.distributions.items}
        self.own = supply.root.name if supply.root is not None else ""
        self.roots = supply.roots.items
        self.wanted: dict[str, set[str]] = {}

    def reached(self, roots: Iterable[Requirement], *, strict: bool) -> tuple[set[str], set[tuple[str, str]]]:
        """The keys of all that the requirements lead to; what is not there, with who asks. Not `strict`: anywhere."""
        found: set[str] = set()
        missing: set[tuple[str, str]] = set()
        seen: set[tuple[str, frozenset[str]]] = set()
        waiting: deque[tuple[Requirement, frozenset[str] | None, str]]
        waiting = deque((one, self.extras if strict else None, "") for one in roots)
        while waiting:
            one, extras, asker = waiting.popleft()
            if one.name == self.own and self.own:
                # `sample[all]` inside of sample: the extras of the project itself.
                state = ("", frozenset(one.extras.items))
                if self._applies(one, extras, strict=strict) and state not in seen:
                    seen.add(state)
                    more = None if extras is None else frozenset((*extras, *one.extras.items))
                    waiting.extend((each, more, "") for each in self.roots if not each.group)
                continue
            keys = self.leads(one, extras, strict=strict)
            if strict and not keys and self._applies(one, extras, strict=True):
                missing.add((one.name, asker))
            for key in keys:
                found.add(key)
                inner = frozenset(one.extras.items)
                if (key, inner) not in seen:
                    seen.add((key, inner))
                    waiting.extend((each, inner, key) for each in self.by_key[key].requires.items)
                    self.wanted.setdefault(key, set()).update(inner)
        return found, missing

    def leads(self, one: Requirement, extras: frozenset[str] | None, *, strict: bool) -> tuple[str, ...]:
        """The keys of the distributions that meet a requirement; none where its marker does not hold.

        `extras` None are all that there are.
        """
        if not self._applies(one, extras, strict=strict):
            return ()
        named = self.by_name.get(one.name, [])
        if one.version:
            named = [each for each in named if each.version == one.version]
        elif len(named) > 1:
            here = [each for each in named if not each.marker or self.holds(each.marker, frozenset())]
            named = (here or named) if strict else named
        return tuple(each.key for each in named)

    def edges(self, one: Distribution) -> tuple[str, ...]:
        """What a distribution depends on, with the extras that were asked of it; on any system for a lock file."""
        extras = frozenset(self.wanted.get(one.key, ()))
        found = {key for each in one.requires.items for key in self.leads(each, extras, strict=self.strict_edges)}
        return tuple(sorted(found - {one.key}))

    def _applies(self, one: Requirement, extras: frozenset[str] | None, *, strict: bool) -> bool:
        if not one.marker or extras is None:
            return True
        if strict:
            return self.holds(one.marker, extras)
        return "extra" not in one.marker or any(_extra_met(one.marker, each) for each in (extras or {""}))

    def holds(self, marker: str, extras: frozenset[str]) -> bool:
        """Whether a marker holds in the judged environment with one of the extras; one that is no marker does."""
        return any(evaluated(marker, self.markers, extra, self.groups) for extra in (*extras, ""))


@lru_cache(maxsize=4096)
def evaluated(
    marker: str, markers: tuple[tuple[str, str], ...], extra: str, groups: frozenset[str] = frozenset()
) -> bool:
    """Whether a marker holds; what cannot be evaluated holds, so that nothing is left out by it.

    A marker of a lock (PEP 751) asks for `extras` and `dependency_groups`, which are sets.
    """
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    environment: dict[str, Any] = {**dict(markers), "extra": extra}
    try:
        if "extras" in marker or "dependency_groups" in marker:
            sets = {"extras": frozenset({extra} - {""}), "dependency_groups": groups}
            return Marker(marker).evaluate({**environment, **sets}, context="lock_file")
        return Marker(marker).evaluate(environment)
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, TypeError, KeyError):
        return True


@lru_cache(maxsize=4096)
def _extra_met(marker: str, extra: str) -> bool:
    """Whether the extra that a marker names is this one, whatever the system is."""
    named = re.findall(r"extra\s*==\s*['\"]([^'\"]+)['\"]|['\"]([^'\"]+)['\"]\s*==\s*extra\b", marker)
    return not named or canonical(extra) in {canonical(one or other) for one, other in named}


def _itself(one: Distribution) -> Requirement:
    return Requirement(name=one.name, extras=counted(()), specifier="", marker="", group="", version=one.version)


def missing_sentences(found: Graph) -> Iterator[str]:
    """One clause for each requirement that nothing in the source meets."""
    for name, asker in found.missing:
        yield f"{name}, which {asker or 'the project'} requires"
