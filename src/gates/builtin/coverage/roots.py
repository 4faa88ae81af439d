"""Roots: which directories of another machine are directories of the project, by agreement of what is below them.

A path and a file that end in the same names say that what is in front of these in the path is what is in front of them
in the file. That is a guess; it counts where most of what is below is there too, and no better guess says otherwise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

Parts = tuple[str, ...]

PACKAGE = "__init__.py"
"""A name that every package has, and that says nothing about which one it is."""

FEW = 4
"""Below this part of the files of a project, the same files elsewhere are a copy of some of them."""


@dataclass(frozen=True, kw_only=True)
class Spelt:
    """A path of the data: what it is anchored to ("" if it is relative), and the names of directories and file."""

    anchor: str
    names: Parts
    windows: bool

    @cached_property
    def key(self) -> Parts:
        """The anchor and the names as they are compared: without regard to case where the path is of Windows."""
        return (self.anchor, *(name.casefold() if self.windows else name for name in self.names))


class Tree:
    """The project's files by their names and by the names that they end in."""

    def __init__(self, files: Collection[str]) -> None:
        self.names = {tuple(file.split("/")): file for file in files}
        self._folded: defaultdict[Parts, list[Parts]] = defaultdict(list)
        self._ends: defaultdict[Parts, list[Parts]] = defaultdict(list)
        self._folded_ends: defaultdict[Parts, list[Parts]] = defaultdict(list)
        self.sizes: Counter[Parts] = Counter()
        """How many Python files there are below each directory."""
        for own in self.names:
            if own[-1].endswith(".py"):
                self.sizes.update(own[:at] for at in range(len(own)))
            folded = _folded(own)
            self._folded[folded].append(own)
            for at in range(len(own)):
                self._ends[own[at:]].append(own)
                self._folded_ends[folded[at:]].append(own)

    def file(self, names: Parts, *, windows: bool) -> str | None:
        """The file of these names; of other case where they come from Windows and no second file is like them."""
        if names in self.names or not windows:
            return self.names.get(names)
        alike = self._folded.get(_folded(names), [])
        return self.names[alike[0]] if len(alike) == 1 else None

    def guesses(self, one: Spelt) -> Iterator[tuple[int, Parts]]:
        """How many names at the end of the path are those of a file, and the directory of ours in front of them.

        Files that are the end of the path as a whole, and the one that shares more names with it than any other.
        """
        longest: list[Parts] = []
        for at in range(len(one.names)):
            end, size = one.names[at:], len(one.names) - at
            if self.file(end, windows=one.windows):
                yield size, ()
            if not longest:
                longest = self._ends.get(end) or (self._folded_ends.get(_folded(end), []) if one.windows else [])
                if len(longest) == 1 and len(longest[0]) > size:
                    yield size, longest[0][:-size]


@dataclass(frozen=True, kw_only=True)
class _Guess:
    """A directory of theirs taken for one of ours; `alike` is how many names at the end were the same at best.

    `claims` are the paths below it, in those directories and files right below it of which anything is there, with the
    files that they would be.
    """

    theirs: Parts
    ours: Parts
    alike: int
    claims: Mapping[str, str | None]
    whole: bool

    @cached_property
    def files(self) -> frozenset[str]:
        """The files that it would be."""
        return frozenset(file for file in self.claims.values() if file)

    @cached_property
    def score(self) -> int:
        """How many of the paths are there; of another root than the project's own, names of packages alone do not."""
        return sum(1 for file in self.claims.values() if file and (not self.ours or not file.endswith(PACKAGE)))

    def likely(self, tree: Tree) -> bool:
        """Whether most of what it claims is there, by more than bare names."""
        present = sum(1 for file in self.claims.values() if file)
        if not self.score or 2 * present <= len(self.claims):
            return False
        if self.alike > 1 and not (self.ours and (*self.ours, PACKAGE) in tree.names):
            return True
        # A root is no package, and a bare name is anybody's: then everything must be there, on both sides.
        return bool(self.ours) and self.whole and present > 1 and present == tree.sizes[self.ours]

    def disputed(self, claimed: Mapping[str, list[_Guess]]) -> bool:
        """Whether another guess, as good, has another file for one of the paths."""
        return any(
            other is not self and other.score >= self.score and other.claims[path] and other.claims[path] != file
            for path, file in self.claims.items()
            if file
            for other in claimed[path]
        )

    def related(self, other: _Guess) -> bool:
        """Whether one of the directories is in the other."""
        size = min(len(self.theirs), len(other.theirs))
        return self.theirs[:size] == other.theirs[:size]


def agreed(foreign: Mapping[str, Spelt], tree: Tree, known: Mapping[str, Collection[str]]) -> Mapping[str, str | None]:
    """The file that each of these paths is, as most of the paths with the same root say; None where they do not.

    `known` are files that other paths of the data are without a guess, by what these are anchored to; beside them bare
    names are nothing.
    """
    guesses = _guesses(foreign, tree)
    own = [one for one in guesses if not one.ours]
    likely = [one for one in guesses if one.likely(tree)]
    if not likely and not known:
        likely = [one for one in own if one.whole and all(one.claims.values())]
    rivals = _claimed(own)
    taken: list[_Guess] = []
    for one in sorted(
        (one for one in likely if not one.disputed(rivals)), key=lambda one: (-one.score, one.theirs, one.ours)
    ):
        if not _copied(one, known, taken) and not _beside(one, taken):
            taken.append(one)
    claimed = _claimed(taken)
    return {path: _best(path, claimed[path]) for path in foreign}


def _copied(one: _Guess, known: Mapping[str, Collection[str]], taken: list[_Guess]) -> bool:
    """Whether it is a copy of a few files of a project that is there as a whole, as tests make them.

    Only of one with the same anchor, since on another system it is no copy of that.
    """
    anchor, size = one.theirs[0], FEW * len(one.files)
    whole = [
        *(files for at, files in known.items() if at in {"", anchor}),
        *(best.files for best in taken if best.theirs[0] == anchor),
    ]
    return any(size < len(files) and not one.files.isdisjoint(files) for files in whole)


def _beside(one: _Guess, taken: list[_Guess]) -> bool:
    """Whether it is no directory of the project's own root, and in or around a better one."""
    return bool(one.ours) and any(one.related(best) and best.score > one.score for best in taken)


def _guesses(foreign: Mapping[str, Spelt], tree: Tree) -> list[_Guess]:
    below: defaultdict[Parts, list[str]] = defaultdict(list)
    alike: defaultdict[tuple[Parts, Parts], int] = defaultdict(int)
    for path, one in foreign.items():
        for size in range(1, len(one.key)):
            below[one.key[:size]].append(path)
        for size, ours in tree.guesses(one):
            pair = (one.key[:-size], ours)
            alike[pair] = max(alike[pair], size)
    return [
        _guess(theirs, ours, size, {path: foreign[path] for path in below[theirs]}, tree)
        for (theirs, ours), size in alike.items()
    ]


def _guess(theirs: Parts, ours: Parts, alike: int, below: Mapping[str, Spelt], tree: Tree) -> _Guess:
    depth = len(theirs) - 1
    files = {path: tree.file((*ours, *one.names[depth:]), windows=one.windows) for path, one in below.items()}
    there = {below[path].key[depth + 1] for path, file in files.items() if file}
    claims = {path: file for path, file in files.items() if below[path].key[depth + 1] in there}
    return _Guess(theirs=theirs, ours=ours, alike=alike, claims=claims, whole=len(claims) == len(files))


def _claimed(guesses: Collection[_Guess]) -> Mapping[str, list[_Guess]]:
    """The guesses that claim each path."""
    claimed: defaultdict[str, list[_Guess]] = defaultdict(list)
    for one in guesses:
        for path in one.claims:
            claimed[path].append(one)
    return claimed


def _best(path: str, claims: list[_Guess]) -> str | None:
    most = max((one.score for one in claims), default=0)
    found = {one.claims[path] for one in claims if one.score == most}
    return found.pop() if len(found) == 1 else None


def _folded(names: Parts) -> Parts:
    return tuple(name.casefold() for name in names)
