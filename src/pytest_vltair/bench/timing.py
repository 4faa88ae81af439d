"""Timing: how long calls of a function take, in a loop that does nothing else."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from operator import length_hint
from typing import Any


class Timer:
    """Counts the calls that it made; a copy of the process leaves the loop after the call that made it."""

    # As a module's attribute it would be replaced by what freezes time.
    _now = staticmethod(time.perf_counter)

    def __init__(self) -> None:
        self.inside = False
        self._turns = repeat(None, 0)
        self._before = 0
        self._loops = 0
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._leave)

    @property
    def calls(self) -> int:
        """How many calls were begun."""
        return self._before + self._loops - length_hint(self._turns)

    def reset(self) -> None:
        """Begin to count anew."""
        self._turns, self._before, self._loops = repeat(None, 0), 0, 0

    def first(self, function: Callable[[], Any]) -> tuple[Any, float]:
        """What a function returns that makes the first call, and about how many seconds that takes."""
        start = self._now()
        result = function()
        return result, self._now() - start

    def call(self, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """What one call returns that is not timed."""
        self._before = self.calls + 1
        self._turns, self._loops = repeat(None, 0), 0
        self.inside = True
        result = function(*args, **kwargs)
        self.inside = False
        return result

    def time(
        self, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], loops: int, slow: float
    ) -> float:
        """The seconds that so many calls take; with `slow` that share longer."""
        self._before = self.calls
        turns = self._turns = repeat(None, loops)
        self._loops = loops
        now = self._now
        tracer, profiler = sys.gettrace(), sys.getprofile()
        sys.settrace(None)
        sys.setprofile(None)
        self.inside = True
        try:
            start = now()
            for _ in turns:
                function(*args, **kwargs)
            end = now()
            if slow:
                until = start + (end - start) * (1 + slow)
                while now() < until:
                    pass
                end = now()
        finally:
            sys.settrace(tracer)
            sys.setprofile(profiler)
        self.inside = False
        return end - start

    def _leave(self) -> None:
        deque(self._turns, maxlen=0)


class Plain:
    """A function that is called with the same arguments, as often as gates likes."""

    loops: int | None = None

    def __init__(self, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self._function = function
        self._args = args
        self._kwargs = kwargs

    def time(self, timer: Timer, loops: int, slow: float) -> float:
        """The seconds of one call, of so many."""
        return timer.time(self._function, self._args, self._kwargs, loops, slow) / loops

    def result(self, timer: Timer) -> Any:
        """What one more call returns."""
        return timer.call(self._function, self._args, self._kwargs)


class Rounds:
    """A function of `pedantic`: each round has its set-up and its end, and the test's own number of calls."""

    def __init__(
        self,
        target: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any] | None,
        setup: Callable[[], Any] | None,
        teardown: Callable[..., Any] | None,
        iterations: int,
    ) -> None:
        self._target = target
        self._given = (args, {} if kwargs is None else kwargs)
        self._setup = setup
        self._teardown = teardown
        self.loops = iterations

    def time(self, timer: Timer, _loops: int, slow: float) -> float:
        """The seconds of one call of a round."""
        args, kwargs = self._arguments()
        seconds = timer.time(self._target, args, kwargs, self.loops, slow)
        self._end(args, kwargs)
        return seconds / self.loops

    def result(self, timer: Timer) -> Any:
        """What the call of one more round returns."""
        args, kwargs = self._arguments()
        result = timer.call(self._target, args, kwargs)
        self._end(args, kwargs)
        return result

    def _arguments(self) -> tuple[Sequence[Any], Mapping[str, Any]]:
        made = self._setup() if self._setup is not None else None
        if not made:
            return self._given
        if any(self._given):
            raise TypeError("benchmark.pedantic takes arguments from `setup` or from `args` and `kwargs`, not both")
        args, kwargs = made
        return args, kwargs

    def _end(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        if self._teardown is not None:
            self._teardown(*args, **kwargs)
