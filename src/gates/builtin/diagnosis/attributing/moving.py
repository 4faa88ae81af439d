"""Moving: a test that passes in the base and moved in some probes, and all causes that it takes to explain them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gates.builtin.diagnosis.attributing import aliases
from gates.builtin.diagnosis.attributing.asking import Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case, Explained, Found, Step, kind_of, shown
from gates.builtin.diagnosis.attributing.outside import refuted
from gates.builtin.diagnosis.attributing.pairs import chosen, minimal
from gates.builtin.diagnosis.attributing.single import Narrowed, cause_of, narrowed
from gates.builtin.diagnosis.attributing.verified import verified
from gates.builtin.diagnosis.causes import Cause, Undecided
from gates.builtin.diagnosis.screening.moved import Move

ONCE = "It failed once with {what} and not again in {runs} runs."


def moving(case: Case) -> Search[Found]:
    """What explains the moves of a test that passed in the base."""
    causes: list[Cause] = []
    notes: list[str] = []
    chance: tuple[int, int] | None = None
    context: tuple[str, ...] = ()
    (alone,) = yield [ask({}, 1)]
    if bad(alone):
        step = yield from _alone(case)
        if step.cause is None:
            return _ended(causes, step.chance, [step.note])
        if step.cause.factors == ("rngseed",):
            return _ended([step.cause], None, [])
        causes.append(step.cause)
        context = step.cause.culprits or case.suite.before(case.nodeid)
    left = [move for move in case.seen.moves if not move.probe.in_process]
    while left and chance is None:
        if causes:
            left = yield from _unexplained(left, causes, context)
            if not left:
                break
        step = yield from _combined(case, _rest(left[0], causes), context)
        causes += [step.cause] if step.cause else []
        notes += [step.note] if step.note else []
        chance = step.chance
        left = left[1:]
    for move in case.seen.moves:
        if chance is None and move.probe.in_process and not context:
            step = yield from _in_process(case, move, causes)
            causes += [step.cause] if step.cause else []
            notes += [step.note] if step.note else []
            chance = step.chance
    return _ended(causes, chance, notes)


def _ended(causes: list[Cause], chance: tuple[int, int] | None, notes: Iterable[str]) -> Found:
    words = tuple(dict.fromkeys(note for note in notes if note))
    if causes:
        return Found(causes=tuple(causes), notes=words)
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
    again = yield [ask({}, 2), ask({}, 3)]
    failed = 1 + sum(bad(one) for one in again)
    if any(good(one) for one in again):
        return Step(chance=(failed, 3), note="Alone it ended both ways.")
    steady = yield [ask({"rngseed": seed}) for seed in (*aliases.FIRST, *aliases.EACH)]
    passing = [seed for seed, one in zip((*aliases.FIRST, *aliases.EACH), steady, strict=True) if good(one)]
    for seed in passing[:1]:
        proof = yield from verified({"rngseed": seed}, inside=good, outside=bad, repeats=case.repeats)
        if proof.holds:
            found = Narrowed(settings={"rngseed": "0"}, proof=proof)
            return Step(cause=_inverted(found, seed))
    return _step(case.parts.explain(case.ledger, case.suite, case.nodeid, (case.nodeid,), {}), "alone")


def _inverted(found: Narrowed, passing: str) -> Cause:
    proof = found.proof
    return Cause(
        factors=("rngseed",),
        kind="random",
        settings={"rngseed": "0"},
        flips=proof.back,
        runs=proof.back_runs,
        back=proof.flips,
        passing={"rngseed": passing},
    )


def _combined(case: Case, settings: dict[str, str], context: tuple[str, ...]) -> Search[Step]:
    """What of a combination moves the test."""
    if not settings:
        return Step()
    (found,) = yield [ask(settings, 0, context)]
    if bad(found):
        least = yield from narrowed(case, settings, context)
        if least and least.proof.holds:
            return (yield from refuted(case, cause_of(least, context)))
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
        return _step(said, f"after others with {shown(settings)}")
    before = said.before or said.culprits

    def put(names: tuple[str, ...]) -> object:
        return ask(chosen(settings, names), 0, before)

    names = yield from minimal(tuple(sorted(settings)), put, bad)  # type: ignore[arg-type]
    least = chosen(settings, names)
    proof = yield from verified(least, before, repeats=case.repeats, extend=False)
    if not proof.holds:
        return Step(note=f"It fails after {', '.join(said.culprits)} with {shown(settings)}, and no less was proved.")
    apart = yield [ask(least, number) for number in (1, 2)]
    found = cause_of(Narrowed(settings=least, proof=proof), before)
    if not all(good(one) for one in apart):
        return Step(cause=found)
    kind = said.kind if said.kind in ("victim", "brittle") else kind_of(("order", *names))
    return Step(
        cause=msgspec.structs.replace(
            found, factors=tuple(sorted((*names, "order"))), kind=kind, culprits=said.culprits, shared=said.shared
        )
    )


def _in_process(case: Case, move: Move, causes: list[Cause]) -> Search[Step]:
    """What a doubled run, another order or workers moved the test for."""
    if move.probe.name == "doubled":
        return (yield from _doubled(case, causes))
    ran_before = _ran_before(move, case.nodeid)
    for cause in causes:
        if (
            "order" in cause.factors
            and len(cause.factors) == 1
            and set(cause.before or cause.culprits) <= set(ran_before)
        ):
            return Step()
    if move.probe.settings.get("parallel"):
        return (yield from _workers(case, move, causes, ran_before))
    return (yield from _ordered(case, causes, ran_before))


def _ran_before(move: Move, nodeid: str) -> tuple[str, ...]:
    worker = move.result.worker
    names = list(dict.fromkeys(one.nodeid for one in move.ran.results if one.worker == worker))
    return tuple(names[: names.index(nodeid)] if nodeid in names else names)


def _ordered(case: Case, causes: list[Cause], before: tuple[str, ...]) -> Search[Step]:
    """A test that failed after these others."""
    by_seed = yield from _by_seed(case, causes, {}, before)
    if by_seed is not None:
        return by_seed
    step = _step(
        case.parts.explain(case.ledger, case.suite, case.nodeid, (*before, case.nodeid), {}), "in another order"
    )
    if step.cause and step.cause.kind == "victim":
        held = yield from aliases.steady(case, {}, step.cause.before or step.cause.culprits)
        if held and (seed := (yield from aliases.seeded(case, more=True))):
            return Step(cause=seed)
    return step


def _doubled(case: Case, causes: list[Cause]) -> Search[Step]:
    """A test that failed the second time: of itself, or of the others that ran between."""
    (again,) = yield [ask({"repeat": "2"}, 1)]
    if bad(again):
        by_seed = yield from _by_seed(case, causes, {"repeat": "2"}, ())
        if by_seed is not None:
            return by_seed
        return _step(case.parts.repeated(case.ledger, case.suite, case.nodeid), "a second time in the process")
    others = tuple(name for name in case.suite.tests if name != case.nodeid)
    if not others:
        return Step(note=ONCE.format(what="a second turn", runs=1))
    (last,) = yield [ask({}, 1, others)]
    if bad(last):
        return (yield from _ordered(case, causes, others))
    return Step(note=ONCE.format(what="a second turn", runs=2))


def _workers(case: Case, move: Move, causes: list[Cause], before: tuple[str, ...]) -> Search[Step]:
    """A test that failed beside others: for what ran before it in its process, for the workers, or for whom it met."""
    serial, alone = yield [ask({}, 1, before), ask(dict(move.probe.settings), 1)]
    if before and bad(serial):
        return (yield from _ordered(case, causes, before))
    if bad(alone):
        by_seed = yield from _by_seed(case, causes, dict(move.probe.settings), ())
        if by_seed is not None:
            return by_seed
        proof = yield from verified(move.probe.settings, repeats=case.repeats, extend=False)
        if proof.holds:
            return Step(cause=cause_of(Narrowed(settings=move.probe.settings, proof=proof)))
    return _step(case.parts.met(case.ledger, case.suite, case.nodeid, move.ran), "beside other tests")


def _by_seed(case: Case, causes: list[Cause], settings: dict[str, str], before: tuple[str, ...]) -> Search[Step | None]:
    """The seed that explains a flip: one found already, or a new one; None if it is no matter of seeds."""
    known = any("rngseed" in cause.factors for cause in causes)
    seed = None if known else (yield from aliases.seeded(case))
    if not known and seed is None:
        return None
    if not (yield from aliases.steady(case, settings, before)):
        return None
    return Step(cause=seed)


def _step(said: Explained, where: str) -> Step:
    if isinstance(said, Cause):
        return Step(cause=said)
    if isinstance(said, Undecided):
        return Step(note=said.reason)
    return Step(note=f"It failed {where}, which was not seen again.")
