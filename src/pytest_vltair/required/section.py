"""The section `requirements` at the end of a run, and how a worker of xdist makes its part of it known.

Nothing is done between tests: what they name, and how they ended, is looked up when the run is over, in the reports
that the terminal has kept. A worker, where the tests are, sends it once, with its first report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import pytest

from pytest_vltair.hooks import Hooks
from pytest_vltair.lines import escape
from pytest_vltair.options import SENT
from pytest_vltair.required import listed, verified
from pytest_vltair.requirements import named, named_each

IGNORED = f"{SENT}_ignored"
"""The attribute of reports by which a worker sends the marks that name nothing, with a test that has each."""
MARK = "requirement"
SHOWN = 20
"""So many requirements of a kind are shown, and tests of a requirement, where pytest is not asked for more (-v)."""


class Sender:
    """Puts on a worker's first report what its tests name, and on others what a fixture has added since."""

    def __init__(self, items: Sequence[pytest.Item]) -> None:
        self._items = items
        self._known: dict[str, tuple[pytest.Item, int]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Send."""
        if not self._known:
            self._known = {item.nodeid: (item, len(item.own_markers)) for item in self._items}
            setattr(report, SENT, _names(self._items))
            setattr(report, IGNORED, _ignored(self._items))
        elif report.when == "teardown":
            item, count = self._known.get(report.nodeid, (None, 0))
            if item is not None and len(item.own_markers) != count:
                setattr(report, SENT, {item.nodeid: named(item).requirements})


def send(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Have a worker send what its tests name."""
    config.pluginmanager.register(Hooks(Sender(items)), "vltair-requirements-sent")


def write(terminal: pytest.TerminalReporter, items: Sequence[pytest.Item] | None) -> None:
    """Write the section about these tests or, without any, about those whose names workers have sent."""
    config = terminal.config
    kept = list(chain.from_iterable(terminal.stats.values()))
    names = _sent(kept, SENT) if items is None else _names(items)
    ignored = _sent(kept, IGNORED) if items is None else _ignored(items)
    if not (names or ignored) or config.getoption("collectonly", False):
        return
    found = verified.verified(names, verified.outcomes(kept))
    known = config.stash.get(listed.LISTED, None)
    held = {_number(one.id) for one in found}
    missing = [] if known is None else sorted(one for one in known.wanted if _number(one) not in held)
    where = "not in this run" if _narrowed(terminal) else "untested"
    terminal.write_sep("=", "requirements")
    words = Counter(one.word for one in found)
    counts = [f"{words[word]} {word}" for word in verified.WORDS if words[word]]
    if missing:
        counts.append(f"{len(missing)} {where}")
    if counts:
        terminal.write_line(f"requirements: {', '.join(counts)}")
    limit = None if config.option.verbose > 0 else SHOWN
    for line in _lines(found, limit):
        terminal.write_line(line)
    if missing:
        terminal.write_line(f"{where}: {', '.join(_cut(missing, limit))}")
    if known is not None:
        listing = set(map(_number, known.ids))
        strangers = [one for one in found if _number(one.id) not in listing]
        for line in _cut(
            [f"{one.id}: not in {known.name}, and named by {one.tests[0][0]}" for one in strangers], limit
        ):
            terminal.write_line(line)
    for line in _cut(
        [f"{mark} of {nodeid} names nothing: give ids without a keyword" for mark, nodeid in ignored.items()], limit
    ):
        terminal.write_line(line)


def _lines(found: Sequence[verified.Verified], limit: int | None) -> Iterator[str]:
    """What did not pass, the failed ones first, with the tests."""
    for word in verified.WORDS[1:]:
        kind = [one for one in found if one.word == word]
        for one in kind[:limit]:
            yield f"{one.id}: {word}"
            yield from (f"  {line}" for line in _cut([f"{ended}: {nodeid}" for nodeid, ended in one.tests], limit))
        if limit is not None and len(kind) > limit:
            yield f"+ {len(kind) - limit:,} more {word}: all are shown with -v"


def _cut(texts: Sequence[str], limit: int | None) -> Sequence[str]:
    if limit is None or len(texts) <= limit:
        return texts
    return [*texts[:limit], f"+ {len(texts) - limit:,} more"]


def _names(items: Iterable[pytest.Item]) -> dict[str, tuple[str, ...]]:
    return {item.nodeid: found.requirements for item, found in named_each(items) if found.requirements}


def _ignored(items: Iterable[pytest.Item]) -> dict[str, str]:
    """Marks that have keywords alone, as they are written, each with the first test that bears it."""
    found: dict[str, str] = {}
    for item in items:
        for mark in item.iter_markers(MARK):
            if mark.kwargs and not mark.args:
                written = ", ".join(f"{name}={value!r}" for name, value in mark.kwargs.items())
                found.setdefault(escape(f"{MARK}({written})"), item.nodeid)
    return found


def _number(name: str) -> str:
    """An id without the sign before a number: `#12` and `12` are one."""
    return name.removeprefix("#")


def _sent(kept: Iterable[object], attribute: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for report in kept:
        names.update(getattr(report, "__dict__", {}).get(attribute, {}))
    return names


def _narrowed(terminal: pytest.TerminalReporter) -> bool:
    """Whether this run is only a part of the suite, so that nobody can say what has no test."""
    config = terminal.config
    asked = (
        "keyword",
        "markexpr",
        "lf",
        "last_failed",
        "stepwise",
        "deselect",
        "ignore",
        "ignore_glob",
        "vltair_shard",
    )
    return (
        any(config.getoption(name, None) for name in (*asked, "vltair_requirement"))
        or config.args_source is config.ArgsSource.ARGS
        or bool(terminal.stats.get("deselected"))
        or any(isinstance(one, pytest.CollectReport) for one in chain.from_iterable(terminal.stats.values()))
    )
