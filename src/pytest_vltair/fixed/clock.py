"""Clock: the instant at which each test starts, and the machine's own time for everybody else."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pytest_vltair.fixed.watch import MICROSECOND, Instant, Watch, instant
from pytest_vltair.settings import Given, Settings

MARKER = "vltair_clock"
HOOKS = "vltair-clock"
WATCH: pytest.StashKey[Watch] = pytest.StashKey()


class Clock:
    """The factor: in each phase of a test the time is what the setting says, and in between what it really is."""

    name = "clock"

    def __init__(self, given: Given, _settings: Settings) -> None:
        words = given.text.split()
        frozen = words[-1:] == ["frozen"]
        try:
            self._start = instant(" ".join(words[:-1] if frozen else words), frozen=frozen)
        except ValueError as error:
            given.wrong(f"{error}; the word frozen may stand after it")
        self.demanded = str(self._start)
        self.hooks = Phases(Watch(), self._start)
        self._held = False

    def apply(self, config: pytest.Config) -> None:
        """Take hold of the clock, which goes on showing real time until a test starts.

        Raises:
            pytest.UsageError: another library has it.
        """
        self.hooks.watch.hold()
        self._held = True
        config.stash[WATCH] = self.hooks.watch

    def restore(self) -> None:
        """Let go of the clock."""
        if self._held:
            self.hooks.watch.release()

    def shown(self) -> str:
        """The time that a test reads at its start."""
        with self.hooks.watch.at(self._start):
            now = datetime.now(UTC)
        return self.demanded if abs(now - self._start.time) < timedelta(seconds=1) else now.isoformat()


class Phases:
    """Hooks: the time of a test in its phases, and real time around them, where pytest takes its own."""

    def __init__(self, watch: Watch, start: Instant | None) -> None:
        self.watch = watch
        self._start = start

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Start at the instant of the test; what is wrong with that fails it once everybody has set it up."""
        wrong = self._begin(item)
        try:
            done = yield
            if wrong:
                pytest.fail(wrong, pytrace=False)
        finally:
            self.watch.pause()
        return done

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        """Go on from where set-up left the clock, and later by as long as has really passed."""
        self.watch.resume()
        try:
            return (yield)
        finally:
            self.watch.pause()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, Any, Any]:
        """Go on, and end with the test."""
        self.watch.resume()
        try:
            return (yield)
        finally:
            self.watch.end()

    def _begin(self, item: pytest.Item) -> str:
        mark = item.get_closest_marker(MARKER) if MARKER in item.keywords else None
        try:
            self.watch.begin(self._start if mark is None else _named(mark))
        except (TypeError, ValueError) as error:
            return f"the marker {MARKER} {error}"
        except pytest.UsageError as error:
            return str(error)
        return ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Give real times to what is reported from within a phase, as subtests are."""
        if self.watch.inside and hasattr(report, "start"):
            report.stop = self.watch.real()
            report.start = report.stop - report.duration


class Control:
    """What the fixture hands out: sets the clock for the rest of the test."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def move_to(self, time: str | date, *, frozen: bool | None = None) -> None:
        """Set the clock; it goes on, or stands, as it did before, unless `frozen` says.

        Raises:
            TypeError, ValueError: `time` is no instant.
        """
        self._watch.set(instant(time, frozen=self._watch.frozen if frozen is None else frozen))

    def shift(self, by: timedelta | float) -> None:
        """Move the clock by so much time, or so many seconds; back where it is negative."""
        delta = by if isinstance(by, timedelta) else timedelta(seconds=by)
        self._watch.turn(delta // MICROSECOND * 1000)

    def freeze(self) -> None:
        """Stop the clock where it is."""
        self._watch.turn(frozen=True)

    def tick(self) -> None:
        """Let the clock go on from where it is."""
        self._watch.turn(frozen=False)


@contextmanager
def control(request: pytest.FixtureRequest) -> Iterator[Control]:
    """A control of the clock until the test ends.

    Raises:
        pytest.UsageError: there is no time-machine, or another library has the clock.
    """
    watch = ready(request.config)
    watch.hold()
    try:
        yield Control(watch)
    finally:
        watch.release()


def ready(config: pytest.Config) -> Watch:
    """The watch of a run, its hooks registered; they are before any test where a test bears the marker or fixture.

    Raises:
        pytest.UsageError: there is no time-machine.
    """
    watch = config.stash.get(WATCH, None)
    if watch is None:
        watch = config.stash[WATCH] = Watch()
        config.pluginmanager.register(Phases(watch, None), HOOKS)
    return watch


def attend(items: Sequence[pytest.Item]) -> None:
    """Let the marker and the fixture act on these tests.

    Raises:
        pytest.UsageError: there is no time-machine.
    """
    ready(items[0].config)


def _named(mark: pytest.Mark) -> Instant:
    named = {**dict(zip(("time", "frozen"), mark.args, strict=False)), **mark.kwargs}
    if "time" not in named or len(mark.args) + len(mark.kwargs) != len(named) or set(named) - {"time", "frozen"}:
        raise TypeError("takes a time, and frozen=True or False")
    return instant(named["time"], frozen=bool(named.get("frozen")))
