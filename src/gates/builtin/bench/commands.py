"""Commands: what `gates bench` asks of its gate beyond judging."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gates.model.evidence import Refusal

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.model.decision import Verdict
    from gates.model.gate import Context
    from gates.model.reason import Reason


def drawn(tables: Mapping[str, Any], verdict: Verdict, reason: Reason | None) -> str:
    """The tables in lines for a terminal."""
    from gates.builtin.bench.report import terminal

    return terminal.render(tables, verdict, reason)


def selfcheck(context: Context[BenchSettings], suites: int, percent: float) -> tuple[Mapping[str, Any] | Refusal, bool]:
    """What is found of the project beside itself, and whether that is what should be found."""
    from gates.builtin.bench import selfcheck

    found = selfcheck.run(context, suites, percent)
    return found, not isinstance(found, Refusal) and selfcheck.passed(found)
