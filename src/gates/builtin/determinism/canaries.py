"""Canaries: how to make each rule of the gate `determinism` fire in a project that somebody else wrote.

What a rule needs of pytest_vltair is given on the command line of the tests, which wins over the project's own keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gates.builtin.determinism.rules import (
    FACTOR_NOT_FIXED,
    FACTOR_NOT_IN_FORCE,
    FLAKY_TEST,
    LEAK,
    ORDER_DEPENDENT,
    UNSTABLE,
)
from gates.builtin.suite import site
from gates.builtin.suite.site import Site
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.determinism.settings import DeterminismSettings
    from gates.model.gate import Context

FREE = "seed"
"""The factor that is left free; no other canary needs it."""


def _canary(
    rule: Rule,
    title: str,
    act: Callable[[Site], int | Reason | None],
    *,
    args: Sequence[str] = (),
    require: Sequence[str] = (),
    screen: str = "off",
    planted: str = "",
) -> Canary:
    """A canary in a test file of its own; `act` says on which line the finding must be, or None for no place.

    `planted` is the screen of the planted run where the clean copy needs none.
    """

    def plant(context: Context[DeterminismSettings]) -> Planted | Reason:
        tests = context.needed["tests"]
        found = site.find(context.project, tests.args, {**context.environ, **tests.env}, rule.code, "determinism")
        if isinstance(found, Reason):
            return found
        line = act(found)
        if isinstance(line, Reason):
            return line
        return Planted(
            path=None if line is None else found.file,
            line=line,
            settings={"require": list(require), "leaks": True, "screen": planted or screen},
            needed={"tests": found.unmeasured},
        )

    own: dict[str, Any] = {"leaks": True, "screen": screen}
    settings = {"tests": {"args": list(args)}, "determinism": {**own, "require": list(require)}}
    return Canary(rule=rule.code, title=title, plant=plant, settings=settings, shares=screen == "off" and not planted)


def _unfixed(place: Site) -> int | Reason | None:
    place.write("def {name}():\n    pass\n")
    return None


def _moved(place: Site) -> int | Reason | None:
    place.write("def {name}():\n    pass\n")
    return place.hook(
        "gates_canary_zone",
        "import os as gates_canary_zone\nimport time as gates_canary_time\n\n"
        "gates_canary_zone.environ['TZ'] = 'Asia/Tokyo'\n"
        "getattr(gates_canary_time, 'tzset', int)()\n",
    )


def _leaking(place: Site) -> int | Reason | None:
    place.write("import os\n\n\ndef {name}():\n    os.environ['{name}'] = 'planted'\n")
    return 4


def _flaky(place: Site) -> int | Reason | None:
    """A try that failed, reported as plugins report it that run tests again."""
    place.write(
        "import pytest\n\n\n"
        "def {name}(request):\n"
        "    item = request.node\n"
        "    tried = pytest.TestReport(item.nodeid, item.location, {{}}, 'rerun', 'planted', 'call', duration=0.0)\n"
        "    item.ihook.pytest_runtest_logreport(report=tried)\n"
    )
    return 4


def _dependent(place: Site) -> int | Reason | None:
    place.write(
        "def {name}_before():\n    pass\n\n\n"
        "def {name}(request):\n"
        "    names = [item.name for item in request.session.items]\n"
        "    assert names.index('{name}_before') < names.index('{name}')\n"
    )
    return 5


def _unstable(place: Site) -> int | Reason | None:
    """A factor that no setting of pytest_vltair holds."""
    place.write("import sys\n\n\ndef {name}():\n    assert not sys.flags.optimize\n")
    return 4


CANARIES = (
    _canary(
        FACTOR_NOT_FIXED,
        "a run without a seed",
        _unfixed,
        args=(f"--vltair-{FREE}=keep",),
        require=(FREE,),
    ),
    _canary(FACTOR_NOT_IN_FORCE, "a conftest.py that sets the time zone", _moved, args=("--vltair-timezone=UTC",)),
    _canary(
        LEAK,
        "a test that leaves a variable",
        _leaking,
        args=("--vltair-leaks=report", "--override-ini=vltair_leaks_allow=", "--override-ini=vltair_leaks_kinds="),
    ),
    _canary(FLAKY_TEST, "a test that passes when it is run again", _flaky),
    _canary(ORDER_DEPENDENT, "a test that must not be the first", _dependent, screen="reverse"),
    _canary(UNSTABLE, "a test that holds only while assertions are on", _unstable, planted="full"),
)
