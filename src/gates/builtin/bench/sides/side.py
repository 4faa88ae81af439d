"""Side: a folder in which benchmarks of head run over one product, and the variables for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from gates.builtin.bench.facts import Side as Name
from gates.builtin.bench.sides import isolation
from gates.model.reason import Reason

PLACES: Mapping[Name, str] = {"base": "a", "head": "b", "control": "c"}
"""Where each side is; names of one length, since that of a path is part of what is timed."""

SPARE = "x"
EXCHANGED: Mapping[Name, str] = {"base": "b", "head": "a", "control": "c"}


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side: the folder to start pytest in, and the variables over those of the run."""

    name: Name
    folder: Path
    env: Mapping[str, str]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a side's environment is made of, wherever its folder is.

    `root` is the project's, `roots` are import roots in the folder, `more` other folders that are not exchanged.
    """

    root: Path
    roots: tuple[str, ...]
    more: tuple[Path, ...]
    environ: Mapping[str, str]

    def side(self, name: Name, folder: Path) -> Side:
        """The side in `folder`."""
        roots = [folder if one == "." else folder / one for one in self.roots]
        env = isolation.environment(self.root, folder, roots, self.more, self.environ)
        return Side(name=name, folder=folder, env=env)


class Sides(msgspec.Struct, kw_only=True):
    """All sides of one comparison.

    `names` are those that there are; `original` is base with its own tests and configuration, to ask which benchmarks
    it had. `modules` are the names to ask a process about, for `strays`. `differing` are requirements that only one
    side has; `notes` are sentences for the reader.

    What comes from the path cancels between base and head, which change places. It cannot cancel for the control as
    well, with two arrangements and three places: what the place does to it counts as noise, and errs on that side.
    """

    names: tuple[Name, ...]
    original: Side | None
    modules: Mapping[Name, tuple[str, ...]]
    differing: tuple[str, ...]
    notes: tuple[str, ...]
    place: Path
    prefix: str
    sources: Mapping[Name, Source]
    swapped: bool = False
    lock: Any = msgspec.field(default_factory=threading.Lock)

    def side(self, name: Name, *, swapped: bool) -> Side:
        """The side, with base and head in each other's places where they are `swapped`.

        The folders change places when another arrangement is asked for than last time, so that no process of the
        one before may still run.

        Raises:
            OSError: something in a folder is in use (Windows).
            KeyError: there is no such side.
        """
        paired = "base" in self.names
        with self.lock:
            if paired and swapped != self.swapped:
                _exchange(self.place / PLACES["base"], self.place / PLACES["head"], self.place / SPARE)
                self.swapped = swapped
        where = EXCHANGED if paired and swapped else PLACES
        return self.sources[name].side(name, self.place / where[name] / self.prefix)


def strays(sides: Sides, side: Side, packages: Mapping[str, str | None]) -> Reason | None:
    """None where the packages of a side came from its own folders; else which one came from elsewhere.

    `packages` are files by module, as a process of the side imported them. One that cannot be imported is no stray: no
    benchmark runs anything of it, and each that needs it says so itself.
    """
    asked = {name: file for name in sides.modules[side.name] if (file := packages.get(name)) is not None}
    return isolation.strays(side.name, (side.folder, *sides.sources[side.name].more), asked)


def _exchange(one: Path, other: Path, spare: Path) -> None:
    one.replace(spare)
    other.replace(one)
    spare.replace(other)
