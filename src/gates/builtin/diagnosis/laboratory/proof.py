"""Proof: which factors the processes of a trial had not, and how those that they had were made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gates.builtin.diagnosis import effects
from gates.builtin.diagnosis.laboratory.means import Means
from gates.builtin.diagnosis.laboratory.reading import Turn
from gates.builtin.diagnosis.trial import Trial

HALVES = "two processes"


def missed(
    trial: Trial, seen: Sequence[Mapping[str, Any]], workers: int, turns: Collection[Turn], folder: str
) -> dict[str, str]:
    """The factors that were asked for and are not proved, with the reason.

    `seen` is what each process says of itself, `folder` what the checkout is called in the base.
    """
    found = effects.missed(trial, seen, folder=folder)
    asked = dict(trial.settings)
    if "parallel" in asked and workers < 2:
        found["parallel"] = "No two workers ran."
    if "repeat" in asked and turns and not any(turn == int(asked["repeat"]) for _, turn in turns):
        found["repeat"] = "No test ran again."
    return found


def methods(trial: Trial, gone: Collection[str], means: Means, halves: bool) -> dict[str, str]:
    """How each factor was made that is proved, by the means of this machine."""
    found = effects.methods(trial, gone)
    asked = dict(trial.settings)
    if not trial.at:
        if "timezone" in found and (rule := means.zone(asked["timezone"])[1]):
            found["timezone"] = rule
        if "locale" in found and means.locale(asked["locale"]):
            found["locale"] = "compiled by localedef"
    if "parallel" in found and halves:
        found["parallel"] = HALVES
    return found
