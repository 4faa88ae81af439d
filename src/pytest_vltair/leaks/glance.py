"""Glance: sees at once that nothing has moved; what tells by signs is asked by itself only where any sign differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pytest_vltair.leaks.values import Held

if TYPE_CHECKING:
    from pytest_vltair.leaks.baseline import Watched


class Glance:
    """What a number of probes have to say, in one comparison.

    Asking each of them costs several times as much: between two tests neither their code nor what they look at is in
    the processor's caches. For the same reason things that can be compared as they are, without any code that reads
    them, are compared first and together.
    """

    def __init__(self, watched: Iterable[Watched], drop: Callable[[Watched, Exception], None]) -> None:
        self._watched = list(watched)
        self._drop = drop
        self._ready = False
        self._things: list[object] = []
        self._alike: list[object] = []
        self._reads: list[tuple[Callable[[], object], object]] = []
        self._asked: list[Watched] = []
        for one in self._watched:
            one.glances.append(self)

    def forget(self) -> None:
        """Have the signs made anew: a probe is known to see something else than before."""
        self._ready = False

    def leave_out(self, one: Watched) -> None:
        """Go on without a probe."""
        self._watched = [other for other in self._watched if other is not one]
        self._ready = False

    def moved(self) -> list[Watched]:
        """The probes that may see something new."""
        if not self._ready:
            self._prepare()
        try:
            quiet = self._things == self._alike
            for read, expected in self._reads:
                if read() != expected:
                    quiet = False
                    break
        except Exception:  # noqa: BLE001 - whatever objects of a test do when they are compared
            quiet = False
        if quiet and not self._asked:
            return []
        asked = self._asked if quiet else self._watched
        found: list[Watched] = []
        for one in asked:
            try:
                if one.changed(one.known):
                    found.append(one)
            except Exception as error:  # noqa: BLE001 - a probe of somebody else's
                self._drop(one, error)
        if not (quiet or found):
            self._ready = False
        return found

    def _prepare(self) -> None:
        self._ready = True
        self._things, self._alike, self._reads, self._asked = [], [], [], []
        for one in list(self._watched):
            try:
                signs = one.signs
            except Exception as error:  # noqa: BLE001 - a probe of somebody else's
                self._drop(one, error)
                continue
            if signs is None:
                self._asked.append(one)
                continue
            for sign in signs:
                if isinstance(sign, Held):
                    self._things.append(sign.thing)
                    self._alike.append(sign.alike)
                else:
                    self._reads.append((sign.read, sign.expected))
