"""A session over sample gates in a temporary project: the public one, and what tests here ask of its report."""

from __future__ import annotations

from gates.engine.session import Judgement
from gates.testing.run import judged, request

__all__ = ["judged", "reasons", "request", "verdicts"]


def verdicts(judgement: Judgement) -> dict[str, str]:
    """Verdict by gate."""
    return {one.name: one.verdict for one in judgement.report.gates}


def reasons(judgement: Judgement) -> dict[str, str]:
    """Code of the reason by gate, for gates that have one."""
    return {one.name: one.reason.code for one in judgement.report.gates if one.reason is not None}
