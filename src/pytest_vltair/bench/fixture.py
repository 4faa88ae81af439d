"""The fixture `benchmark` while gates times: it is called as that of pytest-benchmark and pytest-codspeed is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from pytest_vltair.bench.timing import Plain, Rounds

if TYPE_CHECKING:
    from pytest_vltair.bench.measuring import Measuring

MEASURING: pytest.StashKey[Measuring] = pytest.StashKey()
"""What times the benchmark of a test, in the stash of the test."""


class Stats:
    """The seconds per call that were timed, under the names of pytest-benchmark; any other name is 0.0."""

    def __init__(self, times: Sequence[float]) -> None:
        self.data = list(times) or [0.0]
        self.rounds = len(self.data)
        self.min = min(self.data)
        self.max = max(self.data)
        self.total = sum(self.data)
        self.mean = self.total / self.rounds
        self.median = sorted(self.data)[self.rounds // 2]

    @property
    def stats(self) -> Stats:
        """These."""
        return self

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def __getattr__(self, name: str) -> float:
        if name.startswith("_"):
            raise AttributeError(name)
        return 0.0


class Benchmark:
    """Times the one function that it is called with."""

    def __init__(self, item: Any, measuring: Measuring) -> None:
        mark = item.get_closest_marker("benchmark")
        callspec = getattr(item, "callspec", None)
        self._measuring = measuring
        self.name: str = item.name
        self.fullname: str = item.nodeid
        self.group = None if mark is None else mark.kwargs.get("group")
        self.param = None if callspec is None else callspec.id
        self.params = None if callspec is None else callspec.params
        self.extra_info: dict[str, Any] = {}
        self.disabled = False
        self.has_error = False
        self.skipped = False
        self.cprofile = None
        self.stats: Stats | None = None

    @property
    def enabled(self) -> bool:
        """Whether it times."""
        return not self.disabled

    def __call__(self, function_to_benchmark: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What the function returns, once it was timed."""
        return self._run("benchmark(...)", Plain(function_to_benchmark, args, kwargs))

    def pedantic(
        self,
        target: Callable[..., Any],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        setup: Callable[[], Any] | None = None,
        teardown: Callable[..., Any] | None = None,
        rounds: int = 1,
        warmup_rounds: int = 0,
        iterations: int = 1,
    ) -> Any:
        """What the target returns, once it was timed; `setup` and `teardown` go before and after what is timed.

        How many rounds there are is decided by gates, which asks for more while it learns from them.

        Raises:
            ValueError: a number is none, or `setup` would have to serve several calls.
        """
        least = {"rounds": (rounds, 1), "warmup_rounds": (warmup_rounds, 0), "iterations": (iterations, 1)}
        for name, (value, floor) in least.items():
            if type(value) is not int or value < floor:
                raise ValueError(f"benchmark.pedantic: `{name}` must be a whole number from {floor} on")
        if setup is not None and iterations > 1:
            raise ValueError("benchmark.pedantic: with `setup` each round is one call, so `iterations` must be 1")
        return self._run("benchmark.pedantic(...)", Rounds(target, args, kwargs, setup, teardown, iterations))

    def weave(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            RuntimeError: always.
        """
        self.has_error = True
        raise RuntimeError("benchmark.weave and benchmark.patch cannot be timed here: call benchmark(function)")

    patch = weave

    def _run(self, how: str, subject: Plain | Rounds) -> Any:
        try:
            if self.disabled:
                self._measuring.disable("the test sets benchmark.disabled")
            result = self._measuring.run(subject, how)
        except BaseException:
            self.has_error = True
            raise
        self.stats = Stats(self._measuring.times)
        return result


@pytest.fixture
def benchmark(request: pytest.FixtureRequest) -> Benchmark:
    """Times the one function that it is called with, as gates says."""
    return _kind()(request.node, request.node.stash[MEASURING])


@pytest.fixture
def codspeed_benchmark(benchmark: Benchmark) -> Benchmark:
    """As `benchmark`."""
    return benchmark


@pytest.fixture
def benchmark_weave(benchmark: Benchmark) -> Any:
    """Refuses when it is called."""
    return benchmark.weave


def _kind() -> type[Benchmark]:
    """The class to make one of: also a kind of pytest-benchmark's own, which takes no other, where that is loaded."""
    theirs = sys.modules.get("pytest_benchmark.fixture")
    return Benchmark if theirs is None else type("Benchmark", (Benchmark, theirs.BenchmarkFixture), {})
