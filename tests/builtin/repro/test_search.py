"""The search names every factor that shows something alone, and the fewest that show something together."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.repro.explaining.compared import Change
from gates.builtin.repro.facts import FACTORS
from gates.builtin.repro.searching.search import Exhausted, Key, Lever, Search, Shown, minimised

LEVERS = frozenset(Lever(name, 1) for name in FACTORS)
Causes = Mapping[Key, list[frozenset[Lever]]]

KEYS = st.tuples(st.sampled_from(["a.py", "b.py", "c/d.py"]), st.sampled_from(["mode", "content", "mtime"]))
SETS = st.frozensets(st.sampled_from(sorted(LEVERS)), min_size=1, max_size=3)
WORLDS = st.dictionaries(KEYS, st.lists(SETS, min_size=1, max_size=3), max_size=5)


class World:
    """Builds in which a key differs as soon as all levers of one of its causes are moved."""

    def __init__(self, causes: Causes, breaking: frozenset[Lever] = frozenset(), most: int = 10_000) -> None:
        self.causes = causes
        self.breaking = breaking
        self.most = most
        self.built: dict[frozenset[Lever], Shown] = {}

    def probe(self, levers: frozenset[Lever]) -> Shown:
        if levers not in self.built:
            if len(self.built) >= self.most:
                raise Exhausted
            self.built[levers] = self._built(levers)
        return self.built[levers]

    def _built(self, levers: frozenset[Lever]) -> Shown:
        if self.breaking and self.breaking <= levers:
            return Shown(broken="cannot")
        keys = [key for key, causes in self.causes.items() if any(one <= levers for one in causes)]
        return Shown(changes={key: Change(member=key[0], attribute=key[1], before="x", after="y") for key in keys})  # type: ignore[arg-type]


def likely(key: Key) -> tuple[str, ...]:
    return {"mode": ("umask", "modes"), "mtime": ("clock",)}.get(key[1], ("hashseed",))


def of(*factors: str) -> frozenset[Lever]:
    return frozenset(one for one in LEVERS if one.factor in factors)


@given(WORLDS)
def test_every_factor_that_acts_alone_is_named_and_no_other(causes: Causes) -> None:
    world = World(causes)
    search = Search(world.probe, likely, frozenset())

    search.explain(LEVERS)

    alone = {(key, next(iter(one)).factor) for key, sets in causes.items() for one in sets if len(one) == 1}
    assert alone == {where for where in search.found if "+" not in where[1]}
    assert search.explained == frozenset(causes)
    for key, factor in search.found:
        assert any(one <= of(*factor.split("+")) for one in causes[key])


@given(WORLDS)
def test_factors_that_act_together_are_the_fewest(causes: Causes) -> None:
    world = World(causes)
    search = Search(world.probe, likely, frozenset())

    search.explain(LEVERS)

    causing = {one for sets in causes.values() for one in sets}
    assert all(of(*factor.split("+")) in causing for _, factor in search.found)


def test_a_difference_of_modes_takes_a_build_for_each_suspect_and_one_for_all_others() -> None:
    world = World({("a.py", "mode"): [of("umask"), of("modes")]})
    search = Search(world.probe, likely, frozenset())

    search.explain(LEVERS)

    assert set(search.found) == {(("a.py", "mode"), "umask"), (("a.py", "mode"), "modes")}
    assert len(world.built) == 1 + 2 + 1


def test_what_is_explained_beside_is_not_looked_for() -> None:
    key = ("a.py", "mtime")
    world = World({key: [frozenset({one}) for one in LEVERS]})
    search = Search(world.probe, likely, frozenset({key}))

    search.explain(LEVERS)

    assert search.found == {}


def test_factors_under_which_it_does_not_build_are_found_and_the_rest_is_searched() -> None:
    world = World({("a.py", "mode"): [of("umask")]}, breaking=of("locale", "path"))
    search = Search(world.probe, likely, frozenset())

    breakers = search.breakers(LEVERS)
    search.explain(LEVERS - breakers)

    assert search.broken == {"locale+path": "cannot"}
    assert set(search.found) == {(("a.py", "mode"), "umask")}


def test_what_was_found_holds_when_the_builds_run_out() -> None:
    world = World({("a.py", "mode"): [of("umask")], ("a.py", "content"): [of("path", "user")]}, most=4)
    search = Search(world.probe, likely, frozenset())

    with pytest.raises(Exhausted):
        search.explain(LEVERS)

    assert (("a.py", "mode"), "umask") in search.found


@given(SETS)
def test_the_least_set_that_fails_is_found(needed: frozenset[Lever]) -> None:
    assert minimised(LEVERS, lambda some: needed <= some) == needed
