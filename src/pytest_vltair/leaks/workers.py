"""Workers: the leaks that other processes found, in the process that hands them their tests."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_vltair.hooks import LEFT_LATE
from pytest_vltair.leaks.report import ATTRIBUTE, OUTPUT, LateLeak, Summary


class Workers(Summary):
    """Reads the leaks off the reports of tests that other processes run."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what was found at the end of a test."""
        leaks = report.__dict__.get(ATTRIBUTE)
        if leaks:
            self.found += [(report.nodeid, leak) for leak in leaks]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Keep what a worker found after its last test."""
        output = getattr(node, "workeroutput", {}).get(OUTPUT)
        if output:
            late = [LateLeak(output["last"], leak, node.gateway.id) for leak in output["leaks"]]
            node.config.stash.setdefault(LEFT_LATE, []).extend(late)
            self.found += [(one.test, one.leak) for one in late]
            self.notes.update(dict.fromkeys(output["notes"]))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let a run with workers fail for what they found after their last tests."""
        if self.strict and session.config.stash.get(LEFT_LATE, []) and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
