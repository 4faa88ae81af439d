"""Baseline: what every probe saw last, and whose the differences from it are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_vltair.leaks.glance import Glance
from pytest_vltair.leaks.values import MISSING, Held, Sign, cut, shown

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import Probe, State


class Difference:
    """One key of one probe that is not what it was."""

    __slots__ = ("after", "before", "key", "watched")

    def __init__(self, watched: Watched, key: Hashable, before: Any, after: Any) -> None:
        self.watched = watched
        self.key = key
        self.before = before
        self.after = after

    def describe(self) -> str:
        """What the probe calls it."""
        return cut(self.watched.probe.describe(self.key, self.before, self.after), 400)

    def name(self) -> str:
        """The key in words."""
        key = self.key
        return key.decode(errors="backslashreplace") if isinstance(key, bytes) else str(key)

    def undone(self) -> bool:
        """Whether things are as they were before."""
        return self.watched.matches(self.key, self.before, self.watched.known.get(self.key, MISSING))


class Watched:
    """A probe with its part of the baseline; `known` is replaced and never changed.

    `innocent` holds, for the time of one test, values that a key had before somebody else changed it by right while
    the test was at it: a test that puts back what it found puts these back.
    """

    __slots__ = ("_known", "_signs", "between", "changed", "glances", "innocent", "probe")

    def __init__(self, probe: Probe, between: str) -> None:
        self.probe = probe
        self.between = between
        self.changed: Callable[[State], bool] = probe.changed
        self.innocent: dict[Hashable, list[Any]] = {}
        self.glances: list[Glance] = []
        self._known: State = {}
        self._signs: Callable[[State], Sequence[Sign | Held] | None] | None = getattr(probe, "signs", None)

    @property
    def known(self) -> State:
        """What the probe saw, as far as it is anybody's by right."""
        return self._known

    @known.setter
    def known(self, state: State) -> None:
        self._known = state
        if self._signs is not None:
            for glance in self.glances:
                glance.forget()

    @property
    def signs(self) -> Sequence[Sign | Held] | None:
        """What tells that nothing has changed; None where the probe itself must be asked."""
        return None if self._signs is None else self._signs(self._known)

    def matches(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether nobody is accused of going from `before` to `after`."""
        return before is after or self.probe.same(key, before, after)

    def differences(self, before: State, after: State) -> Iterator[Difference]:
        """What somebody is to be accused of."""
        for key, now in after.items():
            was = before.get(key, MISSING)
            if not self.matches(key, was, now):
                yield Difference(self, key, was, now)
        for key in [key for key in before if key not in after]:
            if not self.matches(key, before[key], MISSING):
                yield Difference(self, key, before[key], MISSING)

    def accused(self, now: State) -> list[Difference]:
        """What the test that ends is to be accused of."""
        return [
            one
            for one in self.differences(self.known, now)
            if not any(self.matches(one.key, value, one.after) for value in self.innocent.get(one.key, ()))
        ]


Frame = dict[Watched, Mapping[Hashable, Any]]
"""What the probes saw before something that may change things by right."""


class Baseline:
    """What is known of the process, probe by probe; a probe that raises is dropped, and `notes` says so.

    `moved()` says which probes may see something new.
    """

    def __init__(self, probes: Iterable[tuple[Probe, str]]) -> None:
        self.watched = [Watched(probe, between) for probe, between in probes]
        self.notes: dict[str, None] = {}
        self._frames: list[Frame] = []
        self.moved = self._glance("anybody", "plugins", "nobody").moved
        self._before = self._glance("anybody", "plugins")
        self._before_alone = self._glance("anybody")

    def take(self) -> None:
        """Look at everything, and hold nobody responsible for it."""
        for one in list(self.watched):
            one.known = self.look(one)

    def refresh(self, alone: bool) -> None:
        """Hold nobody responsible for what changed between two tests; `alone`, where only pytest itself acts there."""
        for one in (self._before_alone if alone else self._before).moved():
            one.known = self.look(one)

    def look(self, one: Watched) -> State:
        """What a probe sees now; what it saw last where it fails."""
        try:
            return one.probe.look()
        except Exception as error:  # noqa: BLE001 - a probe of somebody else's
            self.drop(one, error)
            return one.known

    def drop(self, one: Watched, error: Exception) -> None:
        """Go on without a probe that raised."""
        self.notes[f"{one.probe.kind}: no longer looked for: {type(one.probe).__qualname__} raised {shown(error)}"] = (
            None
        )
        self.watched = [other for other in self.watched if other is not one]
        for glance in one.glances:
            glance.leave_out(one)
        for frame in self._frames:
            frame.pop(one, None)

    def open(self) -> Frame:
        """A frame around what may change things by right."""
        frame = {one: self.look(one) if self._changed(one) else one.known for one in list(self.watched)}
        self._frames.append(frame)
        return frame

    def close(self, frame: Frame) -> list[Difference]:
        """What changed since `frame` was opened, which is now part of the baseline and of the frames around it."""
        while self._frames and self._frames.pop() is not frame:
            pass
        found: list[Difference] = []
        for one, before in list(frame.items()):
            if before is one.known and not self._changed(one):
                continue
            try:
                mine = list(one.differences(before, self.look(one)))
            except Exception as error:  # noqa: BLE001 - a probe of somebody else's
                self.drop(one, error)
                continue
            for outer in self._frames:
                outer[one] = _with(outer[one], mine)
            if before is not one.known:
                for difference in mine:
                    key = difference.key
                    one.innocent.setdefault(key, []).append(one.known.get(key, MISSING))
            one.known = _with(one.known, mine)
            found += mine
        return found

    def _glance(self, *between: str) -> Glance:
        return Glance((one for one in self.watched if one.between in between), self.drop)

    def _changed(self, one: Watched) -> bool:
        try:
            return one.changed(one.known)
        except Exception as error:  # noqa: BLE001 - a probe of somebody else's
            self.drop(one, error)
            return False


def _with(state: State, differences: Iterable[Difference]) -> State:
    changed = dict(state)
    for one in differences:
        if one.after is MISSING:
            changed.pop(one.key, None)
        else:
            changed[one.key] = one.after
    return changed
