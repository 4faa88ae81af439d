"""Comparing: a project whose sides are made, measured as often as somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.bench import machine, noise
from gates.builtin.bench.facts import BenchEvidence, Mode
from gates.builtin.bench.paired import channel, measured
from gates.builtin.bench.paired.channel import Exchange
from gates.builtin.bench.paired.measured import Effort
from gates.builtin.bench.paired.measuring import Measuring
from gates.builtin.bench.sides import making
from gates.builtin.bench.sides.making import Sides
from gates.builtin.bench.stored import data
from gates.builtin.suite import options
from gates.model.evidence import Refusal, counted
from gates.process.interpreter import Interpreter

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.model.gate import Context

SCHEMA_VERSION = 1
ITSELF = "the work tree"
"""What is said of base where head is compared with itself."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The sides of one comparison, and where their processes connect; `base` is None where head is alone."""

    context: Context[BenchSettings]
    python: Interpreter
    base: str | None
    sides: Sides
    exchange: Exchange

    def evidence(self, effort: Effort) -> BenchEvidence | Refusal:
        """The facts of one measurement, or why there are none."""
        watch = noise.Watch()
        here = machine.here(self.context, self.python)
        if isinstance(here, Refusal):
            return here
        found = Measuring(self.context, self.python, self.sides, self.exchange, effort).run()
        if isinstance(found, Refusal):
            return found
        benchmarks = [*measured.marked(found, self.context.settings.limit), *measured.unmeasured(found)]
        if not benchmarks:
            return measured.nothing(self.context.project.layout.python, self.context.settings.paths)
        past = data.past(self.context, here, benchmarks) if self.base is None else ()
        if isinstance(past, Refusal):
            return past
        mode: Mode = "stored" if self.base is None else "paired"
        return BenchEvidence(
            schema_version=SCHEMA_VERSION,
            mode=mode,
            base=self.base,
            planned=effort.planned(len(found.benchmarks)),
            most=effort.most,
            machine=here,
            noise=watch.ended(),
            differing=counted(self.sides.differing),
            base_ids=counted(sorted(one.id for one in found.before)),
            head_ids=counted(sorted(one.id for one in found.benchmarks)),
            benchmarks=counted(sorted(benchmarks, key=lambda one: one.id)),
            files=counted(()),
            history=counted(past),
            notes=counted((*self.sides.notes, *([found.unheard] if found.unheard else []), *self._circumstances())),
        )

    def _circumstances(self) -> Iterator[str]:
        """Sentences on what nobody set in the project, and what is measured or judged goes by all the same."""
        given = self.context.environ.get(options.VARIABLE, "").strip()
        if given:
            told = f"{options.VARIABLE}={given!r}"
            yield f"pytest is given {told} too: a benchmark that it leaves out is missed on no side"
        reason = self.context.no_base if self.base is None and self.context.settings.mode == "auto" else None
        if reason is not None:
            yield f"compared with the history, as there is no base: {reason.message} ({reason.fix})"


@contextmanager
def opened(
    context: Context[BenchSettings], python: Interpreter, base: str | None, *, itself: bool = False
) -> Iterator[Comparison | Refusal]:
    """The comparison of head with the commit `base`, with nothing, or with `itself`; gone when the block ends."""
    context.progress("the sides are made")
    with making.made(context, base, itself=itself) as made, channel.opened(offline=context.offline) as exchange:
        if isinstance(made, Refusal):
            yield made
        else:
            against = ITSELF if itself else base
            yield Comparison(context=context, python=python, base=against, sides=made, exchange=exchange)
