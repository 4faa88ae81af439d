"""Combined: what of the combinations in which a test moved it takes, and the causes that explain them all."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gates.builtin.diagnosis.attributing.asking import Ask, Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case, Explained, Found, Step, shown
from gates.builtin.diagnosis.attributing.neutral import controlled
from gates.builtin.diagnosis.attributing.outside import refuted
from gates.builtin.diagnosis.attributing.pairs import chosen, minimal
from gates.builtin.diagnosis.attributing.single import Narrowed, cause_of, drawn, narrowed
from gates.builtin.diagnosis.attributing.verified import verified
from gates.builtin.diagnosis.causes import Cause, Undecided

AGAIN = 4
ONCE = "It failed once with {what} and not again in {runs} runs."


class Account:
    """What has been found of one test so far."""

    def __init__(self, *causes: Cause) -> None:
        self.causes = list(causes)
        self.spoilt: list[Cause] = []
        self.notes: list[str] = []
        self.excuses: list[str] = []
        self.chance: tuple[int, int] | None = None

    def take(self, step: Step) -> None:
        """Enter what one step came to; a cause that is known by its factors is one already."""
        if step.cause and step.cause not in self.causes:
            self.causes.append(step.cause)
        self.spoilt += [step.spoilt] if step.spoilt else []
        words = self.excuses if step.spoilt else self.notes
        words += [step.note] if step.note else []
        self.chance = step.chance

    def found(self) -> Found:
        """All of it."""
        notes = tuple(dict.fromkeys(self.notes))
        if self.causes:
            found = Found(causes=tuple(self.causes), chance=self.chance, notes=notes)
        elif self.chance and self.chance[0] > 1:
            found = Found(chance=self.chance, notes=notes)
        else:
            found = Found(undecided=" ".join(notes) or "It moved in the screening, and not again.")
        return self._excused(found)

    def _excused(self, found: Found) -> Found:
        """The same, beside what moved the test for no reason of its own."""
        if not self.excuses:
            return found
        if found.causes or found.chance or self.notes:
            undecided = " ".join([found.undecided, *self.excuses]) if found.undecided else ""
            return msgspec.structs.replace(found, notes=(*found.notes, *self.excuses), undecided=undecided)
        return Found(excused=" ".join(self.excuses))


Settings = dict[str, str]


def combinations(case: Case, left: list[Settings], account: Account, context: tuple[str, ...]) -> Search[None]:
    """Explain the combinations that move a test after those of its context, until none is left or chance does it."""
    while left and account.chance is None:
        known = [*account.causes, *account.spoilt]
        if known:
            left = yield from _unexplained(left, known, context)
            if not left:
                break
        step = yield from _combined(case, _rest(left[0], known), context)
        account.take(step)
        left = left if step.cause or step.spoilt else left[1:]


def _rest(settings: Settings, causes: list[Cause]) -> Settings:
    """The settings of a combination without one factor of each cause that was found."""
    gone = {cause.factors[0] for cause in causes if len(cause.factors) == 1}
    gone |= {next(name for name in cause.factors if name != "order") for cause in causes if len(cause.factors) > 1}
    return {k: v for k, v in settings.items() if k not in gone}


def _unexplained(left: list[Settings], causes: list[Cause], context: tuple[str, ...]) -> Search[list[Settings]]:
    """The combinations in which the test still moves with the factors that were found put back.

    One of which nothing is put back is asked of a brittle test later on, with more than its context.
    """
    kept = [settings for settings in left if _rest(settings, causes)]
    answers = yield [ask(_rest(settings, causes), 0, context) for settings in kept]
    whole = [bool(context) and _rest(settings, causes) == settings for settings in kept]
    return [settings for settings, one, same in zip(kept, answers, whole, strict=True) if same or bad(one)]


def _combined(case: Case, settings: Settings, context: tuple[str, ...]) -> Search[Step]:
    """What of a combination moves the test."""
    if not settings:
        return Step()
    settings = yield from drawn(case, settings, context)
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
    return (yield from _after_others(case, settings, context))


def _after_others(case: Case, settings: Settings, context: tuple[str, ...]) -> Search[Step]:
    """A combination that moves the test only after others: which settings, and after which of them."""
    prefix = tuple(dict.fromkeys((*context, *case.suite.before(case.nodeid))))
    runs = 1 if case.careful or not prefix else 2
    answers = yield [ask(settings, number, prefix) for number in range(1, runs + 1)]
    if not all(bad(one) for one in answers):
        failed = 1 + sum(bad(one) for one in answers)
        if failed > 1:
            return Step(chance=(failed, 1 + runs))
        return Step(note=ONCE.format(what="several factors changed", runs=2 + runs))
    order = (*prefix, case.nodeid)
    said = case.parts.explain(case.laboratory, case.suite, case.nodeid, order, settings, context)
    if not isinstance(said, Cause):
        return (yield from told(said, settings, prefix, f"after others with {shown(settings)}"))
    if said.settings or "order" not in said.factors:
        return Step(cause=said)
    return (yield from _beside(case, said, settings))


def _beside(case: Case, said: Cause, settings: Settings) -> Search[Step]:
    """The settings in which the polluters do harm, and the polluters, as one cause."""
    before = said.before or said.culprits

    def put(names: tuple[str, ...]) -> Ask:
        return ask(chosen(settings, names), 0, before)

    names = yield from minimal(tuple(sorted(settings)), put, bad)
    least = chosen(settings, names)
    proof = yield from verified(least, before, repeats=case.repeats, extend=False)
    if not proof.holds:
        return Step(note=f"It fails after {', '.join(said.culprits)} with {shown(settings)}, and no less was proved.")
    apart = yield [ask(least, number, said.needs) for number in (1, 2)]
    found = cause_of(Narrowed(settings=least, proof=proof), before)
    if not all(good(one) for one in apart):
        return Step(cause=found)
    factors = tuple(sorted((*names, "order")))
    found = msgspec.structs.replace(
        found, factors=factors, kind=said.kind, culprits=said.culprits, shared=said.shared, needs=said.needs
    )
    return (yield from controlled(case, found))


def told(said: Explained, settings: Mapping[str, str], before: tuple[str, ...], where: str) -> Search[Step]:
    """What another part found; where it found nothing, how often the test ends badly in the same circumstances."""
    if isinstance(said, Cause):
        return Step(cause=said)
    answers = yield [ask(settings, number, before) for number in range(1, 1 + AGAIN)]
    failed, passed = sum(map(bad, answers)), sum(map(good, answers))
    if failed and passed:
        return Step(chance=(failed + 1, failed + passed + 1))
    note = said.reason if isinstance(said, Undecided) else f"It failed {where}, which was not seen again."
    return Step(note=note[:1].upper() + note[1:].rstrip(".") + ".")
