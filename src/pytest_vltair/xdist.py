"""xdist: how what its workers know reaches the controller, which alone writes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, TypedDict, cast

import pytest

from pytest_vltair import holding, modules
from pytest_vltair.lines import escape
from pytest_vltair.phases import NAMED
from pytest_vltair.recording import Recorder
from pytest_vltair.requirements import Requirements
from pytest_vltair.selection import Collection, Selection

COLLECTION = "_vltair_collection"
OUTPUT = "vltair"


class Output(TypedDict):
    """What a worker hands over when it ends in good order."""

    collection: Collection | None
    modules: dict[str, str]
    fixed: list[dict[str, object]]


class Worker:
    """The side of a worker: it sends its collection with its first report, in case it never gets to its end."""

    def __init__(self, config: pytest.Config, selection: Selection, known: Requirements) -> None:
        self._config = config
        self._selection = selection
        self._requirements = known
        self._collection: Collection | None = None
        self._sent = False
        self._fixed: list[dict[str, object]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Keep what this process holds still, now that everybody has started."""
        self._fixed.append(holding.account(self._config, "start"))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the collection for the first report."""
        self._collection = self._selection.collection(session.items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Put on each report what is named on its test, and on the first one the collection."""
        named = self._requirements.of(report.nodeid)
        if named.markers:
            setattr(report, NAMED, tuple(named))
        if not self._sent:
            self._sent = True
            setattr(report, COLLECTION, self._collection)

    def pytest_sessionfinish(self) -> None:
        """Hand over what is known only at the end."""
        found = modules.imported(dict(sys.modules), self._config.rootpath)
        output = cast("dict[str, object]", cast("Any", self._config).workeroutput)
        fixed = [*self._fixed, holding.account(self._config, "end")]
        output[OUTPUT] = Output(collection=self._collection, modules=found, fixed=fixed)


class Controller:
    """The side of the controller: it collects nothing itself, and learns from workers what was selected."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._names: dict[str, None] = {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Keep the names that any worker selected: with `--dist each` workers may differ."""
        self._names.update(dict.fromkeys(map(escape, ids)))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the collection off the first report that has one; all workers have collected by then."""
        self._learn(report.__dict__.pop(COLLECTION, None))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Write down what a worker handed over, or that it went down without."""
        worker: str = node.gateway.id
        if error is not None:
            self._recorder.crashed(worker, str(error))
            return
        output: Output | None = node.workeroutput.get(OUTPUT)
        if output is None:
            self._recorder.crashed(worker, "the worker ended without handing over what it recorded")
            return
        self._learn(output["collection"])
        self._recorder.imported(worker, output["modules"])
        for account in output["fixed"]:
            self._recorder.held(worker, account)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Fall back on the bare names where no worker lived long enough to send more."""
        if self._names:
            self._learn(Collection(selected=[], deselected=[], other_shards=[], skipped_modules=[], renamed={}))

    def _learn(self, collection: Collection | None) -> None:
        if collection is None or self._recorder.knows_collection:
            return
        renamed = collection["renamed"]
        known = set(collection["selected"])
        others = [name for name in (renamed.get(name, name) for name in self._names) if name not in known]
        self._recorder.collected(Collection(**{**collection, "selected": collection["selected"] + others}))
