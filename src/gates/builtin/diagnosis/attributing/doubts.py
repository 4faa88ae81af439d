"""Doubts: causes are shown more often where the test ended otherwise than they say, so that chance is not one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from gates.builtin.diagnosis.attributing.asking import Ask, Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case, Found
from gates.builtin.diagnosis.attributing.chance import by_chance
from gates.builtin.diagnosis.causes import Cause
from gates.builtin.diagnosis.factors import FACTORS, IN_PROCESS
from gates.builtin.diagnosis.screening.ledger import Turn
from gates.builtin.diagnosis.trial import BAD

ROUNDS = (4, 5)
FIRST = 31  # repetitions that nobody else asks for
LEVEL = 0.0005


def weighed(case: Case, found: Found) -> Search[Found]:
    """What was found, without the causes that further runs refute; these are made where a run spoke against them."""
    if not found.causes or not (found.notes or found.chance or _doubtful(case, found.causes)):
        return found
    kept: list[Cause] = []
    chance = found.chance
    for cause in found.causes:
        shown = yield from _shown(case, cause)
        if shown.holds:
            kept.append(msgspec.structs.replace(cause, flips=shown.flips, runs=shown.runs, back=shown.back))
        else:
            chance = shown.flips + shown.back_runs - shown.back, shown.runs + shown.back_runs
    return msgspec.structs.replace(found, causes=tuple(kept), chance=chance)


class _Shown(NamedTuple):
    """A cause with further runs: how often it flipped, and how often the test passed with it put back."""

    flips: int
    runs: int
    back: int
    back_runs: int

    @property
    def holds(self) -> bool:
        """Whether the test never failed without it, and far more often with it than chance would have it."""
        if self.back < self.back_runs:
            return False
        return self.flips == self.runs or by_chance(self.flips, self.runs, self.back) < LEVEL


def _shown(case: Case, cause: Cause) -> Search[_Shown]:
    shown = _Shown(cause.flips, cause.runs, cause.back, cause.back)
    number = FIRST
    for times in ROUNDS[:1] if case.careful else ROUNDS:
        turns = range(number, number + times)
        number += times
        asked = [one for turn in turns for one in flipping(cause, turn)]
        put_back = [one for turn in turns for one in putting_back(cause, turn)]
        answers = yield [*asked, *put_back]
        flips, backs = answers[: len(asked)], answers[len(asked) :]
        failed, passed = sum(map(bad, backs)), sum(map(good, backs))
        shown = _Shown(
            shown.flips + sum(map(bad, flips)),
            shown.runs + sum(map(bad, flips)) + sum(map(good, flips)),
            shown.back + passed,
            shown.back_runs + passed + failed,
        )
        if failed:
            break
    return shown


def flipping(cause: Cause, number: int) -> list[Ask]:
    """What is asked of a test to see a cause again; nothing where it takes more than tests before it."""
    if "parallel" in cause.factors or _of_files(cause):
        return []
    return [ask(cause.settings, number, () if cause.kind == "brittle" else cause.before)]


def putting_back(cause: Cause, number: int) -> list[Ask]:
    """What is asked of a test to see it pass without the cause."""
    if not cause.back or (_of_files(cause) and cause.kind == "brittle"):
        return []
    if cause.kind == "brittle":
        return [ask({}, number, cause.before)]
    if "order" in cause.factors:
        others = [ask(cause.passing, number, cause.before)] if cause.settings != cause.passing else []
        return [ask(cause.settings, number, cause.needs), *others]
    return [ask(cause.passing, number, cause.before)]


def _of_files(cause: Cause) -> bool:
    """Whether it is files that are named, which may do their harm as they are imported."""
    return bool(cause.culprits) and not any("::" in name for name in cause.culprits)


def _doubtful(case: Case, causes: tuple[Cause, ...]) -> bool:
    """Whether a run spoke against the causes, or a seed was picked from many for a test that other things moved too."""
    turns = case.ledger.turns(case.nodeid)
    elsewise = any(move.probe.in_process for move in case.seen.moves) or case.suite.base[case.nodeid].ended in BAD
    if elsewise and any("rngseed" in cause.factors for cause in causes):
        return True
    return any(_against(causes, one) for one in turns)


def _against(causes: tuple[Cause, ...], turn: Turn) -> bool:
    """Whether a test ended otherwise in one run than its causes say."""
    result, ran = turn.result, turn.ran
    if result.own or ran.missed or ran.trial.at or (result.ended not in BAD and result.ended != "passed"):
        return False
    settings = {name: factor.base for name, factor in FACTORS.items()} | dict(ran.trial.settings)
    said = [_acts(cause, settings, turn) for cause in causes]
    if any(said):
        return result.ended == "passed"
    return all(one is False for one in said) and result.ended in BAD


def _acts(cause: Cause, settings: Mapping[str, str], turn: Turn) -> bool | None:
    """Whether a cause was at work in one run; None where that cannot be told."""
    alone = len(turn.ran.trial.tests) == 1
    if "order" in cause.factors or (cause.before and "repeat" not in cause.factors):
        return _acts_after(cause, turn)
    if "rngseed" in cause.factors and (not alone or settings["rngseed"] == "none"):
        return None
    if "parallel" in cause.factors:
        return False if alone and settings["parallel"] == "0" else None
    if "repeat" in cause.factors:
        return turn.result.turn > 1 if alone and not cause.before else None
    return _at_work(cause, settings)


def _acts_after(cause: Cause, turn: Turn) -> bool | None:
    """The same of one that takes tests before it, in the circumstances that it was shown in and in no others."""
    others = {name: value for name, value in turn.ran.trial.settings if name not in IN_PROCESS}
    if turn.result.turn > 1 or others != {k: v for k, v in cause.settings.items() if k not in IN_PROCESS}:
        return None
    before = set(turn.before)
    if before.isdisjoint(cause.before):
        return cause.kind == "brittle"
    if cause.needs and not _in_turn(cause.before, turn.before):
        return None if before.issuperset(cause.before) else False
    return cause.kind != "brittle" if before.issuperset(cause.before) else None


def _in_turn(tests: tuple[str, ...], ran: tuple[str, ...]) -> bool:
    """Whether some tests ran in that order, with others between them or not."""
    left = iter(ran)
    return all(one in left for one in tests)


def _at_work(cause: Cause, settings: Mapping[str, str]) -> bool | None:
    if cause.settings.items() <= settings.items():
        return True
    if cause.passing:
        return False if cause.passing.items() <= settings.items() else None
    return False if any(settings[name] == FACTORS[name].base for name in cause.factors) else None
