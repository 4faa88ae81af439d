"""Evidence: which line is meant by what was read and where it failed; none rather than a wrong one."""

from __future__ import annotations

from typing import Self

import msgspec

from gates.builtin.diagnosis.causes import Cause
from gates.builtin.diagnosis.trial import Place, Ran

SHARED = frozenset({"order", "repeat"})
AT_FAILURE = frozenset({"order", "repeat", "directory", "user", "parallel", "umask", "network", "locale"})
"""Factors of which the line of the failure is the reader, if no other line is known."""
EVERYWHERE = frozenset({"directory", "user"})
"""Factors that are read as most modules are imported, for nothing that a test looks at."""
WAITING = frozenset({"load"})


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The lines that read a factor: in the flip and in the pass, in the course of the test or as they were imported."""

    factor: str
    place: Place | None
    reads: tuple[Place, ...] = ()  # in the course of the test, in the flip or in the pass
    imported: tuple[Place, ...] = ()
    both: tuple[Place, ...] = ()  # in the course of the test, in the flip and in the pass
    earlier: tuple[Place, ...] = ()  # in the tests before it

    @classmethod
    def of(cls, factor: str, nodeid: str, cause: Cause, bad: Ran, good: Ran) -> Self:
        """What two runs have seen."""
        flip, passed = _of_test(factor, nodeid, bad), _of_test(factor, nodeid, good)
        before = [place for test in cause.before for place in _of_test(factor, test, bad)]
        imported = [*_of_test(factor, "", bad), *_of_test(factor, "", good)]
        return cls(
            factor=factor,
            place=bad.of(nodeid).place,
            reads=_unique([*flip, *passed]),
            imported=_unique(imported),
            both=tuple(one for one in _unique(flip) if one in passed),
            earlier=_unique(before),
        )

    @property
    def candidates(self) -> tuple[Place, ...]:
        """Lines that are worth a try, likeliest first."""
        place = (self.place,) if self.place is not None else ()
        return _unique([*self.reads, *place, *self.imported, *self.earlier])


def nearest(found: tuple[Place, ...], seen: Seen) -> tuple[Place, ...]:
    """Of lines that each do it alone, the one that is meant: of the code under test, else nearest to the failure."""
    real = tuple(one for one in found if one in seen.reads or one in seen.imported or one in seen.earlier)
    code = tuple(one for one in real if not is_test(one.path))
    if code:
        return (code[-1],) if len(code) > 1 else code
    if seen.place is not None and seen.place in found:
        return (seen.place,)
    return _last(real or found, seen.place)


def likely(seen: Seen) -> tuple[Place, ...]:
    """The line that is meant, where lines cannot be perturbed one by one."""
    place = seen.place
    if seen.factor in SHARED:
        return _of_shared(seen)
    if seen.factor == "parallel":
        return _of_names(seen)
    if place is not None and place in seen.reads:
        return (place,)
    if seen.factor in WAITING:
        return _last(seen.reads, place)
    # In the course of the test, else before it: the only one there.
    read = seen.reads or (() if seen.factor in EVERYWHERE else (*seen.imported, *seen.earlier))
    return _only(read) or (_place(place) if seen.factor in AT_FAILURE else ())


def _of_names(seen: Seen) -> tuple[Place, ...]:
    """Where a name that two processes share is made as a module is imported."""
    own = tuple(one for one in seen.imported if seen.place is None or one.path == seen.place.path)
    return _only(own) or _place(seen.place)


def _of_shared(seen: Seen) -> tuple[Place, ...]:
    """The line that reads what tests share: that of the failure, unless it only calls one that does."""
    if seen.place is not None and (seen.place in seen.reads or not is_test(seen.place.path)):
        return (seen.place,)
    common = seen.both or seen.reads
    code = tuple(one for one in common if not is_test(one.path))
    if code:
        # What a test finds used up is changed first, what others left is read last.
        return code[:1] if seen.factor == "repeat" else code[-1:]
    helping = tuple(one for one in common if seen.place is None or one != seen.place)
    return _last(helping, seen.place) or _place(seen.place)


def is_test(path: str) -> bool:
    """Whether a file is of tests."""
    name = path.rpartition("/")[2]
    return name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py")


def _last(places: tuple[Place, ...], place: Place | None) -> tuple[Place, ...]:
    """The nearest above the failure in its own file, else the last."""
    above = [one for one in places if place is not None and one.path == place.path and one.line <= place.line]
    return (max(above),) if above else places[-1:]


def _only(places: tuple[Place, ...]) -> tuple[Place, ...]:
    return places if len(places) == 1 else ()


def _place(place: Place | None) -> tuple[Place, ...]:
    return () if place is None else (place,)


def _of_test(factor: str, nodeid: str, ran: Ran) -> list[Place]:
    return [one.place for one in ran.reads if one.factor == factor and one.nodeid == nodeid]


def _unique(places: list[Place]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(places))
