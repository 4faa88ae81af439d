"""Canaries: how to make each rule of the gate `bench` fire in a project that somebody else wrote.

Each plants a benchmark in a file of its own, and only these files are run. What is to be slower at head than at base
is code of the project's own package, which only head has: were the sides not apart, nothing would be slower.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.bench import planting
from gates.builtin.bench.planting import ALONE, FACTOR, NAMELESS, NARROW, PAIRS, WORK, Plot
from gates.builtin.bench.rules import (
    CONTROL,
    DISABLED,
    ERRORED,
    FOREIGN,
    GONE,
    IMPROVED,
    INCONCLUSIVE,
    NEW,
    OVER_BUDGET,
    REGRESSED,
)
from gates.model.canary import Canary, Planted
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.model.gate import Context

SLOWER = 2.0
AWAY = 4.0
FORMER = 1.0
"""Seconds that the planted benchmark took in the planted history: some thousand times what it takes."""

AS_IT_IS: Mapping[str, Any] = {**ALONE, "most-pairs": PAIRS}
"""Settings under which nothing is measured again: what is planted makes a few pairs differ as much as many."""


def _canary(
    rule: Rule,
    title: str,
    act: Callable[[Plot], Planted | Reason],
    *,
    settings: Mapping[str, Any] | None = None,
    shares: bool = True,
) -> Canary:
    def plant(context: Context[BenchSettings]) -> Planted | Reason:
        return act(planting.plot(context, rule))

    return Canary(
        rule=rule.code,
        title=title,
        plant=plant,
        settings={} if settings is None else {"bench": dict(settings)},
        shares=shares,
    )


def _slower(plot: Plot) -> Planted | Reason:
    """Head's product says that there is twice as much work; base has no such module."""
    module = plot.product(str(SLOWER))
    if isinstance(module, Reason):
        return module
    return plot.plant(plot.test(WORK, before=planting.factor(module), limit=NARROW), line=11)


def _gone(plot: Plot) -> Planted | Reason:
    """A file that has a benchmark at base, and another one at head."""
    text = plot.test(WORK, before=planting.plain())
    return plot.plant(text, before=plot.test(WORK, before=planting.plain(), suffix="_gone"))


def _skipped(plot: Plot) -> Planted | Reason:
    skip = "@pytest.mark.skip(reason='planted')\n"
    return plot.plant(plot.test(WORK, before=planting.plain(), after=skip), line=6)


def _raising(plot: Plot) -> Planted | Reason:
    return plot.plant(plot.test("    raise RuntimeError('planted')\n", before=planting.plain()), line=6)


def _over(plot: Plot) -> Planted | Reason:
    """One that takes longer than its budget, and twice as long as another one."""
    text = plot.test("    for _ in range(40_000):\n        pass\n", before=planting.plain())
    return plot.plant(text + plot.test(WORK, before="\n\n", suffix="_plain"), line=6)


def _new(plot: Plot) -> Planted | Reason:
    """One that imports what only head has, beside one that has no need of it."""
    module = plot.product("1")
    if isinstance(module, Reason):
        return module
    text = plot.test(f"    from {module} import {FACTOR}\n\n    assert {FACTOR} == 1\n", before=planting.plain())
    text += plot.test(WORK, before="\n\n", suffix="_plain")
    return plot.plant(text, line=6, settings={**ALONE, **NAMELESS})


def _fickle(plot: Plot) -> Planted | Reason:
    """One that takes twice as long with every second hash seed, at head alone."""
    module = plot.product("1.0 + int(__import__('os').environ['PYTHONHASHSEED']) % 2")
    if isinstance(module, Reason):
        return module
    return plot.plant(plot.test(WORK, before=planting.factor(module), limit=NARROW), line=11, settings=AS_IT_IS)


def _placed(plot: Plot) -> Planted | Reason:
    """One that takes longer in the folder of the control, where base runs once more."""
    from gates.builtin.bench.sides.side import PLACES

    repository = plot.context.project.git
    above = "" if repository is None else repository.prefix
    depth = len(PurePosixPath(above, plot.site.file).parts) - 1
    condition = f"if pathlib.Path(__file__).resolve().parents[{depth}].name == {PLACES['control']!r}:"
    top = f"import pathlib\n\n{planting.plain([condition, f'    factor = {AWAY}'])}"
    return plot.plant(plot.test(WORK, before=top), line=10, settings=AS_IT_IS)


def _faster(plot: Plot) -> Planted | Reason:
    return _recorded(plot, elsewhere=False)


def _foreign(plot: Plot) -> Planted | Reason:
    return _recorded(plot, elsewhere=True)


def _recorded(plot: Plot, *, elsewhere: bool) -> Planted | Reason:
    """A benchmark, and a history in which it was far slower, on this machine or on another one."""
    from gates.builtin.bench import machine
    from gates.builtin.bench.judging import drift
    from gates.builtin.bench.stored import history

    python = plot.context.python
    here = python if isinstance(python, Refusal) else machine.here(plot.context, python)
    if isinstance(here, Refusal):
        return here.reason
    if elsewhere:
        here = msgspec.structs.replace(here, cpu=f"not {here.cpu}")
    took = history.Process(least=FORMER, median=FORMER, p95=FORMER)
    benchmark = f"{plot.site.file}::{plot.site.function}"
    run = history.Run(commit=None, date=None, machine=here, benchmarks={benchmark: (took,) * 3}, anew=())
    name = f"{plot.module}.jsonl"
    (plot.context.project.root / name).write_bytes(history.encode([run] * drift.LEAST))
    settings = {**ALONE, **NAMELESS, "mode": "stored", "history": name}
    return plot.plant(plot.test(WORK, before=planting.plain()), line=6, settings=settings)


OF_TWO = f"*{planting.named(OVER_BUDGET)}"
BUDGET: Mapping[str, Any] = {
    "budget": [{"glob": OF_TWO, "p50": "1 ns"}],
    "between": [{"benchmark": OF_TWO, "against": f"{OF_TWO}_plain", "at-most": 10.0}],
}

CANARIES = (
    _canary(REGRESSED, "code of head that makes a benchmark twice as slow", _slower),
    _canary(IMPROVED, "a history in which a benchmark was slower", _faster, shares=False),
    _canary(GONE, "a benchmark that only base has", _gone),
    _canary(DISABLED, "a benchmark that is skipped", _skipped),
    _canary(ERRORED, "a benchmark that raises", _raising),
    _canary(NEW, "a benchmark of what only head has", _new, shares=False),
    _canary(INCONCLUSIVE, "a benchmark that goes by the hash seed", _fickle),
    _canary(OVER_BUDGET, "a benchmark above its budget and above another one", _over, settings=BUDGET),
    _canary(FOREIGN, "a history of another machine", _foreign, shares=False),
    _canary(CONTROL, "a benchmark that is slower in the folder of the control", _placed),
)
