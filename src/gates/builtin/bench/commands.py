"""Commands: what `gates bench` asks of its gate beyond judging."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gates.model.decision import Verdict
    from gates.model.reason import Reason


def drawn(form: str, tables: Mapping[str, Any], verdict: Verdict, reason: Reason | None) -> str:
    """The tables as `text`, `markdown` or `svg`."""
    if form == "svg":
        from gates.builtin.bench.report import picture

        return picture.render(tables)
    if form == "markdown":
        from gates.builtin.bench.report import markdown

        return markdown.render(tables, verdict, reason)
    from gates.builtin.bench.report import terminal

    return terminal.render(tables, verdict, reason)
