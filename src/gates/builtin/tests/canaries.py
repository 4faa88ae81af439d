"""Canaries: how to make each rule of the gate `tests` fire in a project that somebody else wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gates.builtin.suite import site
from gates.builtin.suite.options import PytestOptions
from gates.builtin.suite.site import Site
from gates.builtin.tests.rules import (
    COLLECTION_ERROR,
    MODULE_SKIPPED,
    RAN_NOWHERE,
    TEST_ERRORED,
    TEST_FAILED,
    TEST_UNACCOUNTED,
    TESTS_DESELECTED,
    TOO_MANY_WARNINGS,
    WORKER_CRASHED,
)
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.tests.settings import TestsSettings
    from gates.model.gate import Context


NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class _Plot:
    """A site with what else a canary of this gate goes by."""

    site: Site
    max_warnings: int | None

    @property
    def options(self) -> PytestOptions:
        """What the project tells pytest."""
        return self.site.options

    def write(self, text: str, line: int | None, *, named: bool = True) -> Planted:
        """Write the test file; `line` is where the finding must be, and `named` whether it names the file."""
        self.site.write(text)
        return Planted(path=self.site.file if named else None, line=line, settings={"args": list(self.site.only)})

    def hook(self, name: str, text: str) -> Reason | None:
        """Add a hook to the folder's conftest.py, or say why that would change the project's own."""
        return self.site.hook(name, text)


def _canary(
    rule: Rule,
    title: str,
    act: Callable[[_Plot], Planted | Reason],
    *,
    shares: bool = True,
    as_error: bool = False,
    needs: Mapping[str, Any] = NOTHING,
) -> Canary:
    """A canary in a test file of its own; `as_error` where the rule does not block by itself."""

    def plant(context: Context[TestsSettings]) -> Planted | Reason:
        settings = context.settings
        found = site.find(context.project, settings.args, {**context.environ, **settings.env}, rule.code, "tests")
        return found if isinstance(found, Reason) else act(_Plot(site=found, max_warnings=settings.max_warnings))

    severity = {"severity": [{"rule": rule.code, "level": "error"}]} if as_error else {}
    return Canary(rule=rule.code, title=title, plant=plant, settings={**severity, **needs}, shares=shares)


def _failing(plot: _Plot) -> Planted | Reason:
    return plot.write("def {name}():\n    found = 'planted'\n    assert found == 'clean'\n", 3)


def _erroring(plot: _Plot) -> Planted | Reason:
    fixture = "import pytest\n\n\n@pytest.fixture\ndef planted():\n    raise RuntimeError('planted')\n\n\n"
    return plot.write(fixture + "def {name}(planted):\n    pass\n", 6)


def _uncollectable(plot: _Plot) -> Planted | Reason:
    return plot.write("raise RuntimeError('planted')\n\n\ndef {name}():\n    pass\n", 1)


def _lost(plot: _Plot) -> Planted | Reason:
    hook = "def pytest_runtest_protocol(item):\n    return True if item.name == '{name}' else None\n"
    return plot.hook("pytest_runtest_protocol", hook) or plot.write("def {name}():\n    pass\n", None)


def _crashing(plot: _Plot) -> Planted | Reason:
    workers = plot.options.values("--numprocesses", short="-n")
    if not workers or workers[-1][0] in {None, "0", "no"}:
        return Reason(
            code="not_configured",
            message="the suite does not run under pytest-xdist, so there is no worker that could crash",
            fix="give pytest `-n 2`, in addopts or in args of [tool.gates.tests]",
        )
    return plot.write("import os\n\n\ndef {name}():\n    os._exit(70)\n", None)


def _warning(plot: _Plot) -> Planted | Reason:
    ours = plot.max_warnings
    own = [value for value, _ in plot.options.values("--max-warnings")] or [plot.options.ini.get("max_warnings")]
    limits = [int(str(limit)) for limit in (ours, own[-1]) if str(limit).isdigit()]
    if not limits:
        return Reason(
            code="not_configured",
            message="no limit on warnings is set, so no number of them is too many",
            fix="set max-warnings in [tool.gates.tests]",
        )
    mark = "import warnings\n\nimport pytest\n\npytestmark = pytest.mark.filterwarnings('always')\n\n\n"
    loop = f"def {{name}}():\n    for number in range({max(limits) + 1}):\n"
    line = 10 if ours == 0 else None
    warn = "        warnings.warn(f'planted {{number}}', stacklevel=1)\n"
    return plot.write(mark + loop + warn, line, named=ours == 0)


def _skipped(plot: _Plot) -> Planted | Reason:
    skip = "import pytest\n\npytest.skip('planted', allow_module_level=True)\n\n\n"
    return plot.write(skip + "def {name}():\n    pass\n", None)


def _idle(plot: _Plot) -> Planted | Reason:
    skipped = "import pytest\n\n\n@pytest.mark.skip(reason='planted')\ndef {name}():\n    pass\n"
    return plot.write(skipped + "\n\ndef {name}_too():\n    pass\n", None)


def _deselected(plot: _Plot) -> Planted | Reason:
    hook = (
        "def pytest_collection_modifyitems(config, items):\n"
        "    taken = [item for item in items if item.name == '{name}']\n"
        "    items[:] = [item for item in items if item.name != '{name}']\n"
        "    config.hook.pytest_deselected(items=taken)\n"
    )
    tests = "def {name}():\n    pass\n\n\ndef {name}_too():\n    pass\n"
    return plot.hook("pytest_collection_modifyitems", hook) or plot.write(tests, None, named=False)


CANARIES = (
    _canary(TEST_FAILED, "a test that fails", _failing),
    _canary(TEST_ERRORED, "a fixture that raises", _erroring),
    # With an error at collection, pytest runs nothing else.
    _canary(COLLECTION_ERROR, "a test file that raises when imported", _uncollectable, shares=False),
    _canary(TEST_UNACCOUNTED, "a hook that swallows a test", _lost),
    _canary(WORKER_CRASHED, "a test that ends its worker", _crashing, shares=False),
    _canary(TOO_MANY_WARNINGS, "one warning too many", _warning),
    _canary(TESTS_DESELECTED, "a hook that takes a test out", _deselected, as_error=True),
    _canary(MODULE_SKIPPED, "a test file that skips itself", _skipped, as_error=True),
    # Asked of a single run, it would object to what other canaries leave out.
    _canary(RAN_NOWHERE, "a test that is skipped", _idle, shares=False, needs={"tests": {"run-all": True}}),
)
