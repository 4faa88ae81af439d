"""Bench evidence: benchmarks with known changes and a known noise, made up burst by burst."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from gates.builtin.bench.facts import (
    BenchEvidence,
    Benchmark,
    Kept,
    Kind,
    Machine,
    Noise,
    Past,
    Problem,
    Side,
    Timed,
)
from gates.builtin.bench.settings import BenchSettings
from gates.model.evidence import counted

PAIRS = 8
BURSTS = 6
MACHINE = Machine(system="Linux", arch="x86_64", cpu="a processor", cores=2, python="CPython 3.12.4", distributions="")


def problem(kind: Kind, *sides: Side, message: str = "ValueError: no") -> list[Problem]:
    """The same problem at each of the sides."""
    return [Problem(side=side, kind=kind, message=message) for side in sides]


def timed(
    number: int,
    *,
    base: Sequence[float] = (),
    head: Sequence[float] = (),
    control: Sequence[float] = (),
    median: float | None = None,
) -> Timed:
    """One process pair with these bursts."""
    if median is None:
        median = sorted(head)[len(head) // 2] if head else 0.0
    return Timed(
        pair=number,
        swapped=number % 2 == 1,
        base=counted(base),
        head=counted(head),
        control=counted(control),
        calls=3 * len(head),
        median=median,
        p95=median * 1.1,
    )


def pairs(
    change: float = 0.0,
    *,
    noise: float = 0.01,
    weather: float = 0.05,
    control: float = 0.0,
    time: float = 1e-3,
    many: int = PAIRS,
    seed: object = 0,
    sides: Iterable[Side] = ("base", "head", "control"),
) -> list[Timed]:
    """Process pairs in which head takes `change` percent longer; pairs differ by `noise` as a share.

    What slows the machine slows all sides, from burst to burst, by `weather` as a share.
    """
    chance = random.Random(f"{seed} {many}")
    there = set(sides)
    found = []
    for number in range(many):
        level = {
            "base": 0.0,
            "head": math.log1p(change / 100) + chance.gauss(0, noise),
            "control": math.log1p(control / 100) + chance.gauss(0, noise),
        }
        storms = [chance.gauss(0, weather) for _ in range(BURSTS)]
        bursts = {
            side: [time * math.exp(held + one + chance.gauss(0, noise / 4)) for one in storms] if side in there else []
            for side, held in level.items()
        }
        median = time * math.exp(level["head"]) if "head" in there else 0.0
        found.append(timed(number, **bursts, median=median))
    return found


def benchmark(
    name: str = "test_a",
    *,
    problems: Iterable[Problem] = (),
    held: Iterable[Timed] | None = None,
    limit: float | None = None,
    was: Sequence[float] | None = None,
    before: bool = True,
    kind: Literal["test", "command", "import", "file"] = "test",
    **made: Any,
) -> Benchmark:
    """A benchmark of `tests/test_bench.py`, or of another id where there is a `::` or another kind."""
    is_test = kind == "test"
    known = name if "::" in name or not is_test else f"tests/test_bench.py::{name}"
    made.setdefault("seed", name)
    return Benchmark(
        id=known,
        kind=kind,
        path=known.partition("::")[0] if is_test else None,
        line=3 if is_test else None,
        limit=counted([] if limit is None else [limit]),
        was=counted([5.0 if limit is None else limit] if before and was is None else was or []),
        loops=1,
        before=before,
        problems=counted(problems),
        pairs=counted(pairs(**made) if held is None else held),
    )


def evidence(*benchmarks: Benchmark, **more: Any) -> BenchEvidence:
    """Evidence of these benchmarks, measured beside base unless `more` says otherwise."""
    stored = more.get("mode") == "stored"
    left = {one.id for one in benchmarks if any(held.kind == "left" for held in one.problems.items)}
    plain: dict[str, Any] = {
        "schema_version": 1,
        "mode": "paired",
        "base": None if stored else "1f2e3d4c5b6a79880f1e2d3c4b5a69788f0e1d2c",
        "planned": min([PAIRS, *(one.pairs.count for one in benchmarks if one.pairs.count > 1)]),
        "most": 27,
        "machine": MACHINE,
        "noise": Noise(load=0.4, steal=0.002, mhz=counted([]), governor=None),
        "differing": counted([]),
        "base_ids": counted([] if stored else [one.id for one in benchmarks if one.before]),
        "head_ids": counted([one.id for one in benchmarks if one.id not in left]),
        "benchmarks": counted(benchmarks),
        "files": counted([]),
        "history": counted([]),
        "notes": counted([]),
    }
    return BenchEvidence(**{**plain, **more})


def kept(
    name: str = "test_a", *, runs: int = 6, drift: float = 0.01, time: float = 1e-3, foreign: int = 0, seed: object = 0
) -> Kept:
    """The history of a benchmark: so many runs, which differ by `drift` as a share."""
    chance = random.Random(f"{seed} {name}")
    past = []
    for number in range(runs, 0, -1):
        level = time * math.exp(chance.gauss(0, drift))
        processes = [level * math.exp(chance.gauss(0, 0.003)) for _ in range(5)]
        past.append(Past(run=str(number), processes=counted(processes), median=level, p95=level * 1.1))
    known = name if "::" in name else f"tests/test_bench.py::{name}"
    differs = "its processor is another one" if foreign else ""
    return Kept(id=known, runs=counted(past), foreign=foreign, differs=differs)


def stored(*benchmarks: Benchmark, history: Iterable[Kept] = (), **more: Any) -> BenchEvidence:
    """Evidence of these benchmarks, compared with the history."""
    return evidence(*benchmarks, mode="stored", history=counted(history), **more)


def alone(name: str = "test_a", **made: Any) -> Benchmark:
    """A benchmark that ran at head only."""
    return benchmark(name, before=False, sides=("head",), **{"noise": 0.003, "weather": 0.0, **made})


def settings(**given: Any) -> BenchSettings:
    """Settings as they are read from the table."""
    return msgspec.convert(given, type=BenchSettings)
