"""Commands: what `gates bench` asks of its gate beyond judging."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gates.model.decision import Verdict
    from gates.model.reason import Reason


def drawn(tables: Mapping[str, Any], verdict: Verdict, reason: Reason | None) -> str:
    """The tables in lines for a terminal."""
    from gates.builtin.bench.report import terminal

    return terminal.render(tables, verdict, reason)
