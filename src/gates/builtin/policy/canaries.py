"""Canaries: for each rule of `policy` a change that loosens something, or a finding about what another gate found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gates.builtin.policy import plants
from gates.builtin.policy.plants import RULE
from gates.builtin.policy.rules import (
    BASELINE_WORSE,
    EXCLUSION_WIDENED,
    JUDGING_DROPPED,
    LIMIT_LOWERED,
    SETTING_CHANGED,
    WAIVER_EXTENDED,
    WIRING_DEFUSED,
)
from gates.model import account
from gates.model.canary import Canary
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.policy.plants import Plant

ADOPTED = {"schema-version": 1}
"""Where the base did not use gates, nothing would be compared."""


def _canary(rule: Rule, title: str, plant: Plant, **settings: Any) -> Canary:
    levels = [*settings.pop("severity", ())]
    if rule.severity != "error":
        levels.append({"rule": rule.code, "level": "error"})
    added = {**ADOPTED, **settings, **({"severity": levels} if levels else {})}
    # A finding about what another gate found is there whether or not `policy` itself can decide.
    shares = rule not in account.RULES
    return Canary(rule=rule.code, title=title, plant=plant, settings=added, shares=shares)


CANARIES = (
    _canary(LIMIT_LOWERED, "a limit that is looser than before", plants.limit, policy={"max-age": 86400}),
    _canary(
        JUDGING_DROPPED, "a rule of lint is switched off", plants.level, severity=[{"rule": RULE, "level": "error"}]
    ),
    _canary(EXCLUSION_WIDENED, "a gate that judged everything judges one file", plants.exclusion),
    _canary(
        account.DENOMINATOR_SHRUNK,
        "a baseline with a denominator that nobody reaches",
        plants.baseline(plants.larger, beside=True),
    ),
    _canary(WAIVER_EXTENDED, "a waiver that the base does not have", plants.waiver),
    _canary(
        BASELINE_WORSE,
        "a finding that the baseline knows and the base does not",
        plants.baseline(plants.knowing, beside=False),
    ),
    _canary(WIRING_DEFUSED, "a line that calls gates with `|| true`", plants.defused),
    _canary(account.WAIVER_EXPIRED, "a waiver that ended long ago", plants.expired),
    _canary(account.WAIVER_UNUSED, "a waiver that excuses nothing", plants.unused),
    _canary(
        account.FIGURE_REGRESSED,
        "a baseline with a figure that nothing measures",
        plants.baseline(plants.better, beside=True),
    ),
    _canary(
        account.BASELINE_OUTDATED,
        "a baseline with a finding that is gone",
        plants.baseline(plants.knowing, beside=True),
    ),
    _canary(SETTING_CHANGED, "an environment variable more for the tests", plants.setting),
)
