"""Commands: what `gates bench` asks of its gate beyond judging."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gates.model.evidence import Refusal

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.model.gate import Context


def selfcheck(context: Context[BenchSettings], suites: int, percent: float) -> tuple[Mapping[str, Any] | Refusal, bool]:
    """What is found of the project beside itself, and whether that is what should be found."""
    from gates.builtin.bench import selfcheck

    found = selfcheck.run(context, suites, percent)
    return found, not isinstance(found, Refusal) and selfcheck.passed(found)


def history(context: Context[BenchSettings]) -> Mapping[str, Any] | Refusal:
    """The runs of the history in plain values."""
    from gates.builtin.bench.stored import recalled

    return recalled.tables(context)
