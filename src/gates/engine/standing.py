"""Standing: whether what was judged is still what lies there when the run ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gates.engine.collection import Collected
from gates.engine.plan import Plan
from gates.engine.runner import Outcome
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.project.facts import Project


def checked(project: Project, plan: Plan, outcomes: Mapping[str, Outcome]) -> Mapping[str, Outcome]:
    """The outcomes, where a gate that read a file which has changed or gone since is undecided.

    Files that are new since the beginning were not judged and change no verdict. A run that took everything from the
    cache has had no time for it, and is left alone.
    """
    if all(one.collected.cached for one in outcomes.values()):
        return outcomes
    found = dict(outcomes)
    for one in plan.planned:
        name = one.gate.name
        if outcomes[name].decision is None:
            continue
        path = project.tree.changed(one.gate.inputs(project, one.settings).globs)
        if path is not None:
            found[name] = Outcome(planned=one, collected=Collected(reason=_stale(name, path)), decision=None)
    return found


def _stale(gate: str, path: str) -> Reason:
    return Reason(
        code="evidence_stale",
        message=f"{path} changed while gates were at work, so {gate} judged no one state of it",
        fix="leave the tree alone meanwhile, then run again",
    )
