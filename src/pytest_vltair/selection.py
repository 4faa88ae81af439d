"""Selection: the tests that a process selected, and those that were taken out before."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import TypedDict

import pytest

from pytest_vltair.lines import escape
from pytest_vltair.reports import message_of

CollectHook = Generator[None, pytest.CollectReport, pytest.CollectReport]


class Collection(TypedDict):
    """Node ids as they were before xdist renamed any (`renamed`: from its name to the first one).

    `skipped_modules` have a `nodeid` and a `message`.
    """

    selected: list[str]
    deselected: list[str]
    other_shards: list[str]
    skipped_modules: list[dict[str, str]]
    renamed: dict[str, str]


class Selection:
    """Follows a collection from the first full list of tests to the final one."""

    def __init__(self) -> None:
        # Items are kept, so that no other object can take the identity that their names are found by.
        self._items: list[pytest.Item] = []
        self._names: dict[int, str] = {}
        self._deselected: list[str] = []
        self._others: Sequence[pytest.Item] = ()
        self._left_out: list[str] = []
        self._skipped: list[dict[str, str]] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, object, object]:
        """Remember every test before any plugin takes some out or, as xdist does for groups, renames some."""
        self._items = list(items)
        self._names = {id(item): item.nodeid for item in items}
        return (yield)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that `importorskip` or the like skipped with all that is in it."""
        if report.skipped:
            self._skipped.append({"nodeid": escape(report.nodeid), "message": escape(message_of(report))})

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Note what `-k`, `-m`, `--lf`, `--deselect` or a plugin took out."""
        if items is not self._others:
            self._deselected.extend(map(self.name, items))

    def leave(self, config: pytest.Config, items: Sequence[pytest.Item]) -> None:
        """Take `items` out for other shards: pytest says that they are deselected, this selection does not."""
        self._others = items
        config.hook.pytest_deselected(items=items)

    def never_collected(self, nodeids: Iterable[str]) -> None:
        """Note tests, or whole files, that `--lf` took out before the list of tests was made."""
        self._left_out.extend(map(escape, nodeids))

    def name(self, item: pytest.Item) -> str:
        """The node id that a test had when it was collected."""
        return escape(self._names.get(id(item), item.nodeid))

    def collection(self, items: Iterable[pytest.Item]) -> Collection:
        """What became of all tests, now that `items` are left.

        A test that a plugin dropped without a word counts as deselected: it was there, and does not run.
        """
        left = list(items)
        selected = list(map(self.name, left))
        others = list(map(self.name, self._others))
        accounted = {*selected, *self._deselected, *others}
        missing = dict.fromkeys([*map(self.name, self._items), *self._left_out])
        dropped = [name for name in missing if name not in accounted]
        renamed = {escape(item.nodeid): self.name(item) for item in left if escape(item.nodeid) != self.name(item)}
        return Collection(
            selected=selected,
            deselected=self._deselected + dropped,
            other_shards=others,
            skipped_modules=self._skipped,
            renamed=renamed,
        )


class LastFailed:
    """Names what `--lf` leaves out while it collects, of which pytest tells nobody.

    Of a file that it does not open the tests are named that pytest's cache knows, or else the file itself.
    """

    def __init__(self, config: pytest.Config, selection: Selection) -> None:
        cache = getattr(config, "cache", None)
        self._known: list[str] = [] if cache is None else cache.get("cache/nodeids", [])
        self._selection = selection
        self.inner = _Found()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> CollectHook:
        """Compare what is left of the tests of a file with what was in it."""
        self.inner.items = []
        report = yield
        if isinstance(collector, pytest.File) and report.passed:
            kept = {id(node) for node in report.result}
            gone = [item.nodeid for item in self.inner.items if id(item) not in kept]
            if not report.result and not gone:
                within = f"{collector.nodeid}::"
                gone = [name for name in self._known if name.startswith(within)] or [collector.nodeid]
            self._selection.never_collected(gone)
        return report


class _Found:
    """Sees the tests of a file before any other wrapper does."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_make_collect_report(self) -> CollectHook:
        report = yield
        self.items = [node for node in report.result if isinstance(node, pytest.Item)]
        return report
