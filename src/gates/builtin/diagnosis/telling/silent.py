"""Silent: the runs of a suite that gave no answer, those that ended for the same reason in one sentence."""

from __future__ import annotations

from collections.abc import Iterable

from gates.builtin.diagnosis.screening.probes import Probe
from gates.builtin.diagnosis.telling import words
from gates.builtin.diagnosis.trial import Ran

FEW = 2
"""A run in which more factors than this were changed is not called by them."""


def told(useless: Iterable[tuple[Probe, Ran]]) -> str:
    """`3 runs of the suite gave nothing (with timezone=Asia/Tokyo; ...): why`; "" where all gave something."""
    by_reason: dict[str, list[str]] = {}
    for probe, ran in useless:
        by_reason.setdefault((ran.reason or ran.status).rstrip("."), []).append(_circumstances(probe))
    return "; ".join(
        f"{words.times(len(titles), 'run')} of the suite gave nothing ({_listed(titles)}): {reason}"
        for reason, titles in by_reason.items()
    )


def _circumstances(probe: Probe) -> str:
    if probe.in_process or len(probe.settings) <= FEW:
        return words.circumstances(probe.settings) or probe.name
    return f"with {len(probe.settings)} factors changed"


def _listed(titles: list[str]) -> str:
    return words.several(list(dict.fromkeys(titles)))
