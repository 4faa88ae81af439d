"""Inquiry: how one test ends after others, as often as it is asked and each trial once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from gates.builtin.diagnosis.causes import Suite
from gates.builtin.diagnosis.ordering.units import companions, together
from gates.builtin.diagnosis.trial import BAD, Laboratory, Ran, Result, Trial, trial


class NoAnswerError(Exception):
    """The laboratory could not run what had to be known; says why."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a test: how it ends `after` others, with others `behind` it, in these settings."""

    after: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    settings: Mapping[str, str] = {}
    number: int = 0
    watch: tuple[str, ...] = ()


class Inquiry:
    """Asks a laboratory about one test. The examples before it in its own document always run with it.

    So do the tests that it `needs`: before all others, or `late`, right before itself.
    """

    def __init__(
        self, lab: Laboratory, suite: Suite, nodeid: str, needs: tuple[str, ...] = (), *, late: bool = False
    ) -> None:
        self.lab = lab
        self.suite = suite
        self.nodeid = nodeid
        self.needs = needs
        self.late = late
        self.own = companions(suite.tests, nodeid)
        self._known: dict[Trial, Ran] = {}

    def ask(self, *questions: Question) -> list[Result | None]:
        """How the test ended; None where a run says nothing of it. All are run at once."""
        return [self.answer(ran) for ran in self.run(*questions)]

    def run(self, *questions: Question) -> list[Ran]:
        """What came of each run."""
        trials = [self.trial(question) for question in questions]
        missing = [one for one in dict.fromkeys(trials) if one not in self._known]
        if missing:
            self._known.update(zip(missing, self.lab.run(missing), strict=True))
        return [self._known[one] for one in trials]

    def times(self, question: Question, first: int, number: int) -> list[Result | None]:
        """The answers to a question, that many times from a repetition on."""
        return self.ask(*numbered(question, first, number))

    def others(self, tests: Sequence[str]) -> tuple[str, ...]:
        """The tests without this one and what always runs with it; documents whole."""
        skipped = {self.nodeid, *self.own, *self.needs}
        return together([one for one in tests if one not in skipped], self.suite.tests)

    def before(self, tests: tuple[str, ...]) -> tuple[str, ...]:
        """These tests and those that it needs, in the order in which they run."""
        return (*tests, *self.needs) if self.late else (*self.needs, *tests)

    def answer(self, ran: Ran) -> Result | None:
        """What a run says of the test; None where it says nothing: no run, no effect, another one ended the process."""
        if ran.status == "budget":
            raise NoAnswerError("no time was left to find what it comes from")
        if ran.status != "done" or ran.missed:
            return None
        found = ran.of(self.nodeid)
        return None if found.own or found.ended == "missing" else found

    def trial(self, question: Question) -> Trial:
        """The run that answers a question."""
        tests = (*self.before(question.after), *self.own, self.nodeid, *question.behind)
        return trial(tests, question.settings, number=question.number, watch=question.watch)


def bad(result: Result | None) -> bool:
    """Whether it surely failed."""
    return result is not None and result.ended in BAD


def good(result: Result | None) -> bool:
    """Whether it surely passed; a skip says neither."""
    return result is not None and result.ended == "passed"


def numbered(question: Question, first: int, number: int) -> list[Question]:
    """That many repetitions of a question, from a number on."""
    return [msgspec.structs.replace(question, number=first + one) for one in range(number)]
