"""Settings of the gate `bench`: the table `[tool.gates.bench]`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gates.model.gate import GateSettings
from gates.model.strictness import stricter

Percent = Annotated[float, Meta(gt=0)]
Duration = Annotated[str, Meta(pattern=r"^\s*\d+(\.\d+)?\s*(ns|us|µs|ms|s)\s*$")]


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The limit of the benchmarks that a glob names; the last that names one counts."""

    glob: Annotated[str, Meta(min_length=1, description="The benchmarks, as `tests/bench/*::test_parse*`.")]
    limit: Annotated[
        Percent, Meta(description="How much slower than base each may be, in percent.", extra=stricter("lower"))
    ]


class Budget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How long the benchmarks that a glob names may take, whatever base took."""

    glob: Annotated[str, Meta(min_length=1, description="The benchmarks; a glob that names none is undecided.")]
    p50: Annotated[
        Duration | None, Meta(description="The most that the median call may take: `3 ms`.", extra=stricter("unknown"))
    ] = None
    p95: Annotated[
        Duration | None, Meta(description="The most that 95 of 100 calls may take.", extra=stricter("unknown"))
    ] = None

    def __post_init__(self) -> None:
        """Refuse a budget of nothing.

        Raises:
            ValueError: msgspec reports it as a validation error.
        """
        if self.p50 is None and self.p95 is None:
            raise ValueError("a budget without `p50` and `p95` limits nothing")


class Between(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How much longer one benchmark may take than another one of the same run."""

    benchmark: Annotated[str, Meta(min_length=1, description="The benchmark that has the cost: `test_traced`.")]
    against: Annotated[str, Meta(min_length=1, description="The benchmark that has it not: `test_plain`.")]
    at_most: Annotated[Percent, Meta(description="The most it may take longer, in percent.", extra=stricter("lower"))]


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A command that is timed from its start to its end, such as a script or the start-up of a program."""

    name: Annotated[str, Meta(min_length=1, description="What it is called in reports.")]
    argv: Annotated[
        tuple[str, ...], Meta(min_length=1, description="The words; `python` is the judged one of each side.")
    ]
    limit: Annotated[
        Percent | None, Meta(description="How much slower it may be, in percent.", extra=stricter("lower"))
    ] = None


class BenchSettings(GateSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How much slower than base benchmarks may be, how long they may take, and how they are measured."""

    limit: Annotated[
        Percent,
        Meta(description="How much slower than base each benchmark may be, in percent.", extra=stricter("lower")),
    ] = 5.0
    rule: Annotated[
        Literal["detect", "prove"],
        Meta(
            description="`detect` is red when it is shown that the limit is passed; `prove` when it is not shown that"
            " it is kept.",
            extra=stricter("unknown"),
        ),
    ] = "detect"
    mode: Annotated[
        Literal["auto", "paired", "stored"],
        Meta(
            description="`paired` measures base beside head, `stored` compares with the history; `auto` is paired"
            " wherever there is a base.",
            extra=stricter("unknown"),
        ),
    ] = "auto"
    limits: Annotated[
        tuple[Limit, ...],
        Meta(
            description="Limits of the benchmarks that a glob names; a mark on a test counts too where it is stricter.",
            extra=stricter("grow", by="glob"),
        ),
    ] = ()
    budget: Annotated[
        tuple[Budget, ...],
        Meta(description="How long benchmarks may take, whatever base took.", extra=stricter("grow", by="glob")),
    ] = ()
    between: Annotated[
        tuple[Between, ...],
        Meta(
            description="How much longer one benchmark may take than another.", extra=stricter("grow", by="benchmark")
        ),
    ] = ()
    command: Annotated[
        tuple[Command, ...], Meta(description="Commands that are timed whole.", extra=stricter("grow", by="name"))
    ] = ()
    imports: Annotated[
        tuple[str, ...], Meta(description="Modules whose import is timed, in fresh processes.", extra=stricter("grow"))
    ] = ()
    paths: Annotated[
        tuple[str, ...],
        Meta(
            description="Where pytest looks for benchmarks; without any, where it looks for tests.",
            extra=stricter("scope"),
        ),
    ] = ()
    args: Annotated[tuple[str, ...], Meta(description="More arguments for pytest.", extra=stricter("unknown"))] = ()
    data: Annotated[
        tuple[str, ...],
        Meta(
            description="Files of results made before: of pytest-benchmark, pyperf, or `{name: {value, unit}}`; they"
            " are compared with the history.",
            extra=stricter("unknown"),
        ),
    ] = ()
    history: Annotated[str, Meta(description="The file with the figures of former runs.", extra=stricter("free"))] = (
        "gates-baseline/bench-history.jsonl"
    )
    pairs: Annotated[
        Annotated[int, Meta(ge=3)] | None,
        Meta(description="Process pairs of each benchmark; without, as many as the number of them asks for."),
    ] = None
    most_pairs: Annotated[
        int, Meta(ge=3, description="Process pairs that a suspect may get at most.", extra=stricter("free"))
    ] = 32
    benchmark_timeout: Annotated[
        float, Meta(gt=0, description="Seconds after which a single benchmark counts as hung.", extra=stricter("free"))
    ] = 60.0
    install: Annotated[
        Literal["auto", "never"],
        Meta(
            description="`auto` installs, apart, what only one side requires and what has to be built; `never` is"
            " undecided there.",
            extra=stricter("free"),
        ),
    ] = "auto"

    def __post_init__(self) -> None:
        """Refuse settings of which one would silently keep another from its work.

        Raises:
            ValueError: msgspec reports it as a validation error.
        """
        names = [one.name for one in self.command]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two tables of `command` have the name {twice!r}")
        if self.data and self.mode == "paired":
            raise ValueError('`data` is compared with the history, and `mode = "paired"` measures base')
