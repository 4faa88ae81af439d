"""Moving: a test that passes in the base and moved in some probes, and all causes that it takes to explain them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from gates.builtin.diagnosis.attributing.aliases import steady
from gates.builtin.diagnosis.attributing.asking import Ask, Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case, Explained, Found, Step, shown
from gates.builtin.diagnosis.attributing.neutral import controlled
from gates.builtin.diagnosis.attributing.outside import refuted
from gates.builtin.diagnosis.attributing.pairs import chosen, minimal
from gates.builtin.diagnosis.attributing.single import Narrowed, cause_of, narrowed
from gates.builtin.diagnosis.attributing.verified import verified
from gates.builtin.diagnosis.causes import Cause, Undecided
from gates.builtin.diagnosis.screening.moved import Move

AGAIN = 4
ONCE = "It failed once with {what} and not again in {runs} runs."


def moving(case: Case) -> Search[Found]:
    """What explains the moves of a test that passed in the base."""
    causes: list[Cause] = []
    notes: list[str] = []
    excuses: list[str] = []
    spoilt: list[Cause] = []
    chance: tuple[int, int] | None = None
    context: tuple[str, ...] = ()
    (alone,) = yield [ask({}, 1)]
    if bad(alone):
        step = yield from _alone(case)
        if step.cause is None:
            return _ended(causes, step.chance, [step.note])
        if "order" not in step.cause.factors:
            return _ended([step.cause], None, [])
        causes.append(step.cause)
        context = step.cause.before or step.cause.culprits or case.suite.before(case.nodeid)
    left = [move for move in case.seen.moves if not move.probe.in_process]
    while left and chance is None:
        known = [*causes, *spoilt]
        if known:
            left = yield from _unexplained(left, known, context)
            if not left:
                break
        step = yield from _combined(case, _rest(left[0], known), context)
        causes += [step.cause] if step.cause else []
        spoilt += [step.spoilt] if step.spoilt else []
        words = excuses if step.spoilt else notes
        words += [step.note] if step.note else []
        chance = step.chance
        left = left if step.cause or step.spoilt else left[1:]
    for move in case.seen.moves:
        if chance is None and move.probe.in_process and not context:
            step = yield from _in_process(case, move, causes)
            causes += [step.cause] if step.cause and step.cause.factors not in {one.factors for one in causes} else []
            notes += [step.note] if step.note else []
            chance = step.chance
    found = _ended(causes, chance, notes)
    return _excused(found, excuses, alone=not notes)


def _excused(found: Found, excuses: list[str], *, alone: bool) -> Found:
    """What was found, beside what moved the test for no reason of its own; `alone`: nothing else moved it."""
    if not excuses:
        return found
    if found.causes or found.chance or not alone:
        undecided = " ".join([found.undecided, *excuses]) if found.undecided else ""
        return msgspec.structs.replace(found, notes=(*found.notes, *excuses), undecided=undecided)
    return Found(excused=" ".join(excuses))


def _ended(causes: list[Cause], chance: tuple[int, int] | None, notes: Iterable[str]) -> Found:
    words = tuple(dict.fromkeys(note for note in notes if note))
    if causes:
        return Found(causes=tuple(causes), chance=chance, notes=words)
    if chance and chance[0] > 1:
        return Found(chance=chance, notes=words)
    why = " ".join(words) or "It moved in the screening, and not again."
    return Found(undecided=why)


def _rest(move: Move, causes: list[Cause]) -> dict[str, str]:
    """The settings of a probe without what was missed there and one factor of each cause that was found."""
    gone = {cause.factors[0] for cause in causes if len(cause.factors) == 1}
    gone |= {next(name for name in cause.factors if name != "order") for cause in causes if len(cause.factors) > 1}
    return {k: v for k, v in move.probe.settings.items() if k not in gone and k not in move.ran.missed}


def _unexplained(moves: list[Move], causes: list[Cause], context: tuple[str, ...]) -> Search[list[Move]]:
    """The probes in which the test still moves with the factors that were found put back."""
    kept = [move for move in moves if _rest(move, causes)]
    answers = yield [ask(_rest(move, causes), 0, context) for move in kept]
    return [move for move, one in zip(kept, answers, strict=True) if bad(one)]


def _alone(case: Case) -> Search[Step]:
    """A test that failed alone: brittle, or a matter of seeds or of chance."""
    said = case.parts.explain(case.ledger, case.suite, case.nodeid, (case.nodeid,), {})
    return (yield from _told(said, {}, (), "alone"))


def _combined(case: Case, settings: dict[str, str], context: tuple[str, ...]) -> Search[Step]:
    """What of a combination moves the test."""
    if not settings:
        return Step()
    (found,) = yield [ask(settings, 0, context)]
    if bad(found):
        least = yield from narrowed(case, settings, context)
        if least and least.proof.holds:
            step = yield from refuted(case, cause_of(least, context))
            return (yield from controlled(case, step.cause)) if step.cause else step
        if least and least.proof.silent:
            return Step(note=f"Of {shown(least.settings)} not every run could be made.")
    alone = yield [ask(settings, number, context) for number in (1, 2)]
    if all(bad(one) for one in alone):
        return Step(note=f"It fails with {shown(settings)}, of which no less was proved.")
    if any(bad(one) for one in alone):
        return Step(chance=(1 + bad(found) + 1, 4))
    return (yield from _after_others(case, settings))


def _after_others(case: Case, settings: dict[str, str]) -> Search[Step]:
    """A combination that moves the test only after others: which settings, and after which of them."""
    prefix = case.suite.before(case.nodeid)
    runs = 1 if case.careful or not prefix else 2
    answers = yield [ask(settings, number, prefix) for number in range(1, runs + 1)]
    if not all(bad(one) for one in answers):
        failed = 1 + sum(bad(one) for one in answers)
        if failed > 1:
            return Step(chance=(failed, 1 + runs))
        return Step(note=ONCE.format(what="several factors changed", runs=2 + runs))
    said = case.parts.explain(case.ledger, case.suite, case.nodeid, (*prefix, case.nodeid), settings)
    if not isinstance(said, Cause):
        return (yield from _told(said, settings, prefix, f"after others with {shown(settings)}"))
    if said.settings or "order" not in said.factors:
        return Step(cause=said)
    return (yield from _beside(case, said, settings))


def _beside(case: Case, said: Cause, settings: dict[str, str]) -> Search[Step]:
    """The settings in which the polluters do harm, and the polluters, as one cause."""
    before = said.before or said.culprits

    def put(names: tuple[str, ...]) -> Ask:
        return ask(chosen(settings, names), 0, before)

    names = yield from minimal(tuple(sorted(settings)), put, bad)
    least = chosen(settings, names)
    proof = yield from verified(least, before, repeats=case.repeats, extend=False)
    if not proof.holds:
        return Step(note=f"It fails after {', '.join(said.culprits)} with {shown(settings)}, and no less was proved.")
    apart = yield [ask(least, number) for number in (1, 2)]
    found = cause_of(Narrowed(settings=least, proof=proof), before)
    if not all(good(one) for one in apart):
        return Step(cause=found)
    factors = tuple(sorted((*names, "order")))
    found = msgspec.structs.replace(found, factors=factors, kind=said.kind, culprits=said.culprits, shared=said.shared)
    return (yield from controlled(case, found))


def _in_process(case: Case, move: Move, causes: list[Cause]) -> Search[Step]:
    """What a doubled run, another order or workers moved the test for, where no cause that is known does that."""
    before = ran_before(move, case.nodeid)
    turns = {name: value for name, value in move.probe.settings.items() if name == "repeat"}
    if any(set(cause.before or cause.culprits) <= set(before) for cause in causes if cause.factors == ("order",)):
        return Step()
    if any("rngseed" in cause.factors for cause in causes) and (yield from steady(case, turns, before)):
        return Step()
    if turns:
        said = case.parts.repeated(case.ledger, case.suite, case.nodeid)
        return (yield from _told(said, turns, (), "a second time in the process"))
    if move.probe.settings.get("parallel"):
        said = case.parts.met(case.ledger, case.suite, case.nodeid, move.ran)
        return (yield from _told(said, {}, before, "beside other tests"))
    said = case.parts.explain(case.ledger, case.suite, case.nodeid, (*before, case.nodeid), {})
    return (yield from _told(said, {}, before, "in another order"))


def ran_before(move: Move, nodeid: str) -> tuple[str, ...]:
    """The tests that ran before one in its process."""
    names = list(dict.fromkeys(one.nodeid for one in move.ran.results if one.worker == move.result.worker))
    return tuple(names[: names.index(nodeid)] if nodeid in names else names)


def _told(said: Explained, settings: Mapping[str, str], before: tuple[str, ...], where: str) -> Search[Step]:
    """What another part found; where it found nothing, how often the test ends badly in the same circumstances."""
    if isinstance(said, Cause):
        return Step(cause=said)
    answers = yield [ask(settings, number, before) for number in range(1, 1 + AGAIN)]
    failed, passed = sum(map(bad, answers)), sum(map(good, answers))
    if failed and passed:
        return Step(chance=(failed + 1, failed + passed + 1))
    note = said.reason if isinstance(said, Undecided) else f"It failed {where}, which was not seen again."
    return Step(note=note[:1].upper() + note[1:].rstrip(".") + ".")
