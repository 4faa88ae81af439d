"""Collected: the tests that pytest collected, found by id, class, file or folder, and the nearest to one that is not.

Existence is never looked for in the text of files: `def test_` stands in strings too. What is taken out of a run
(`-k`, a shard) was collected as well; a file that could not be collected says nothing of its tests.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from gates.model.tested import Result, TestsEvidence

FEW = 50
"""Names of one file, or tests that share a word, among which the nearest is looked for letter by letter."""
COMMON = 200
"""Tests that share a word from which on the word tells nothing."""

_WORD = re.compile(r"[a-z]+|\d+")


class Collected(msgspec.Struct, frozen=True, dict=True):
    """Test ids with their paths from the project's root, the marks of those that ran, and what could not be seen.

    `unseen` are files and folders of which no test is known, since they were skipped or raised while collecting.
    """

    ids: tuple[str, ...]
    marks: Mapping[str, tuple[str, ...]]
    unseen: tuple[str, ...] = ()

    @cached_property
    def known(self) -> frozenset[str]:
        """All ids."""
        return frozenset(self.ids)

    @cached_property
    def places(self) -> Mapping[str, Sequence[str]]:
        """The ids at each place that a command can name: folder, file, class, and test without its parameters."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for one in self.ids:
            for place in _places(one):
                found[place].append(one)
        found.pop("", None)
        return found

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Files with tests, sorted."""
        return tuple(sorted({one.partition("::")[0] for one in self.ids}))

    def below(self, place: str) -> Sequence[str]:
        """The tests that pytest runs for a path or node id; "" for all of them."""
        if place in {"", "."}:
            return self.ids
        if place in self.known:
            return (place,)
        return self.places.get(place.rstrip("/"), ())

    def hidden(self, place: str) -> bool:
        """Whether tests of this place, or some of those below it, could not be seen."""
        path = place.partition("::")[0].rstrip("/")
        return any(
            path in {one, "", "."} or path.startswith(f"{one}/") or one.startswith(f"{path}/") for one in self.unseen
        )

    def nearest(self, wanted: str) -> str:
        """The test or file whose name is nearest to one that does not exist, without parameters; "" for none."""
        return self._nearest(wanted).partition("[")[0]

    def _nearest(self, wanted: str) -> str:
        path, _, name = wanted.partition("::")
        if not name:
            return _closest(path, [one for one in self.files if _words(path) & _words(one)][:COMMON])
        function = name.rpartition("::")[2].partition("[")[0]
        here = self.places.get(path, ())
        if not here:
            same = self._by_function.get(function, ())
            if same:
                return min(same, key=lambda one: (-_shared(path, one.partition("::")[0]), one))
        mates = [one for one in here if _function(one) == function]
        if mates:
            return mates[0]
        return self._alike(path, function, here)

    def _alike(self, path: str, function: str, here: Sequence[str]) -> str:
        words = _words(function) - {"test"}
        counts: Counter[str] = Counter()
        for word in sorted(words):
            with_word = self._by_word.get(word, ())
            if len(with_word) <= COMMON:
                counts.update(with_word)
        best = ""
        if counts:
            most = max(counts.values())
            likely = sorted(one for one, number in counts.items() if number == most)[:FEW]
            best = max(likely, key=lambda one: (one.startswith(f"{path}::"), _likeness(words, one), one))
        if best and 2 * counts[best] >= len(words):
            return best
        names = {_function(one): one for one in here[:FEW]}
        close = _closest(function, list(names))
        return names.get(close, "")

    @cached_property
    def _by_function(self) -> Mapping[str, Sequence[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for one in self.ids:
            found[_function(one)].append(one)
        return found

    @cached_property
    def _by_word(self) -> Mapping[str, Sequence[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for one in self.ids:
            for word in _words(_function(one)):
                found[word].append(one)
        return found


def of(tests: TestsEvidence) -> Collected:
    """What pytest collected in a run, or in all lanes of one."""
    ids: dict[str, tuple[str, ...]] = {}
    unseen: set[str] = set()
    for run in runs(tests):
        shift = Shift.of(run.results.items)
        for one in (*run.selected.items, *run.other_shards.items, *run.deselected.items):
            ids.setdefault(shift.local(one), ())
        ids.update((shift.local(one.id), one.markers.items) for one in run.results.items)
        unseen.update(shift.local(one.id) for one in run.collection_errors.items)
        unseen.update(shift.local(one.id) for one in run.skipped_modules.items)
    return Collected(tuple(sorted(ids)), {one: marks for one, marks in ids.items() if marks}, tuple(sorted(unseen)))


def runs(tests: TestsEvidence) -> tuple[TestsEvidence, ...]:
    """The run itself, or that of each lane."""
    return tuple(one.run for one in tests.lanes.items) or (tests,)


class Shift(msgspec.Struct, frozen=True):
    """What pytest's node ids begin with where its root is not the project's: `taken` goes, `given` comes instead."""

    taken: str = ""
    given: str = ""

    @classmethod
    def of(cls, results: Iterable[Result]) -> Shift:
        """What the first test that tells its path shows."""
        for one in results:
            written = one.id.partition("::")[0]
            if one.path is not None and one.path != written:
                if written.endswith(f"/{one.path}"):
                    return cls(taken=written.removesuffix(one.path))
                if one.path.endswith(f"/{written}"):
                    return cls(given=one.path.removesuffix(written))
            elif one.path is not None:
                return cls()
        return cls()

    def local(self, nodeid: str) -> str:
        """The id with its path from the project's root."""
        return self.given + nodeid.removeprefix(self.taken)


def _places(nodeid: str) -> Iterable[str]:
    path, _, rest = nodeid.partition("::")
    yield path
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
    place = nodeid.partition("::")[0]
    parts = rest.partition("[")[0].split("::")
    for number, part in enumerate(parts):
        place = f"{place}::{part}"
        if number < len(parts) - 1 or "[" in rest:
            yield place


def _function(nodeid: str) -> str:
    return nodeid.partition("[")[0].rpartition("::")[2]


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _likeness(words: frozenset[str], nodeid: str) -> float:
    other = _words(_function(nodeid)) - {"test"}
    return len(words & other) / max(1, len(words | other))


def _shared(one: str, other: str) -> int:
    return len(_words(one) & _words(other))


def _closest(wanted: str, names: Sequence[str]) -> str:
    import difflib

    found = difflib.get_close_matches(wanted, list(names)[:COMMON], 1)
    return found[0] if found else ""
