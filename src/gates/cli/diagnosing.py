"""Diagnosing: the time that a diagnosis may take, what is said on the way, and with what it runs tests."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from gates.cli.options import ParamType
from gates.errors import UsageError

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.engine.observer import Observer

SUITE = 3600.0
"""Seconds that the screening of a whole suite may take unless told otherwise: nobody waits for it, and CI kills a job
that is silent for longer. Tests that were named have no limit, since somebody does wait for those, and can end it."""
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
NAME = "diagnose"
SELDOM = 30.0
"""Seconds between two lines in a pipe of one phase."""


class Span(ParamType):
    """`90s`, `10m`, `1h` or `1h30m`, in seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds, or a usage error."""
        if isinstance(value, float):
            return value
        text = str(value).strip()
        if not re.fullmatch(r"(\d+(\.\d+)?[smh])+", text):
            self.fail(f"{value!r} is not a time: write it as 90s, 10m or 1h30m", param, ctx)
        seconds = sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([\d.]+)([smh])", text))
        if not seconds:
            self.fail("a time budget of nothing finds nothing out", param, ctx)
        return seconds


def budget(given: float | None, tests: tuple[str, ...], say: Callable[[str], None]) -> float | None:
    """The seconds that there are; the default of a whole suite is said."""
    if given is not None or (tests and all("::" in one for one in tests)):
        return given
    say(f"at most {SUITE / 60:.0f} minutes (--time-budget); what is not done by then is undecided")
    return SUITE


class Telling:
    """Says where a diagnosis is: in a row on a terminal, in lines in a pipe, in events where JSON is asked for."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._began = time.monotonic()
        self._phase = ""
        self._last = self._began

    @property
    def plain(self) -> bool:
        """Whether it says lines that stay."""
        from gates.cli import progress

        return isinstance(self._observer, progress.Plain)

    def say(self, text: str) -> None:
        """A phase has begun."""
        self._phase = text
        self._tell(text)

    def follow(self, text: str) -> None:
        """How far the runs are; lines that stay are written now and then only."""
        now = time.monotonic()
        if self.plain and now - self._last < SELDOM:
            return
        self._tell(f"{self._phase}: {text}" if self._phase else text)

    def ended(self) -> None:
        """It is over, whatever ended it."""
        seconds = time.monotonic() - self._began
        if self.plain:
            self._tell(f"ended after {seconds:.0f} s")
        self._observer.collected(NAME, seconds, cached=True)
        self._observer.ended()

    def _tell(self, text: str) -> None:
        self._last = time.monotonic()
        if self.plain:
            _line(text)
        else:
            self._observer.progressed(NAME, text)


@contextmanager
def telling(log_format: str, *, quiet: bool, environ: Mapping[str, str]) -> Iterator[Telling]:
    """Says where a diagnosis is, and stops when it is over."""
    from gates.cli import progress

    observer = progress.observer(log_format, quiet=quiet, environ=dict(environ))
    found = Telling(observer)
    observer.planned(((NAME, None),))
    if not found.plain:
        observer.started(NAME)
    try:
        yield found
    finally:
        found.ended()


@contextmanager
def means(prepared: Prepared, given: Mapping[str, Any], told: Telling, own: Any) -> Iterator[Any]:
    """With what tests are run; the folder of their copies is gone afterwards, and so is every process.

    Raises:
        UsageError: there is no Python to run them with.
    """
    from gates.engine import state
    from gates.engine.request import chosen_python
    from gates.engine.scratch import Scratch
    from gates.model.evidence import Refusal

    request = _request(prepared, given)
    tests: Any = prepared.config.gates["tests"]
    chosen = chosen_python(request)
    if isinstance(chosen, Refusal):
        raise UsageError(f"{chosen.reason.message} (fix: {chosen.reason.fix})")
    limit = budget(given["time_budget"], given["tests"], told.say)
    scratch = Scratch()
    try:
        yield own.Means(
            project=prepared.project,
            interpreter=chosen,
            environ=prepared.environ,
            state=prepared.project.root / state.FOLDER,
            scratch=scratch.folder(NAME),
            jobs=given["jobs"] or 0,
            deadline=None if limit is None else time.monotonic() + limit,
            args=tests.args,
            say=told.say,
            follow=told.follow,
        )
    except BaseException:
        from gates.process import child

        child.end_all()
        raise
    finally:
        scratch.remove()


def _request(prepared: Prepared, given: Mapping[str, Any]) -> Any:
    from gates.cli import options
    from gates.engine.observer import Silent

    return options.request(prepared, Silent(), named=(), python=given["python"])


def _line(text: str) -> None:
    from gates.render import escape

    print(escape.commands(escape.line(f"gates: {text}")), file=sys.stderr, flush=True)  # noqa: T201 - the command line
