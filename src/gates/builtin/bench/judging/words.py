"""Words: changes, durations, limits and names of benchmarks as findings and reports say them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from gates.model.measure import duration

__all__ = ["bare", "between", "called", "changed", "count", "duration", "first_line", "limit", "number", "percent"]


def called(ids: Iterable[str]) -> Mapping[str, str]:
    """What each benchmark is called: what stands behind its path, or its whole id where two would be called alike."""
    short = {one: bare(one) for one in ids}
    times = Counter(short.values())
    return {one: name if times[name] == 1 else one for one, name in short.items()}


def bare(benchmark: str) -> str:
    """`TestParse::test_json[small]` of `tests/test_parse.py::TestParse::test_json[small]`."""
    path, _, name = benchmark.partition("::")
    return name or path


def percent(change: float, beside: float | None = None) -> str:
    """`12.3 %` of the logarithm of a ratio, with as many more digits as tell it from the limit `beside` it."""
    return f"{_digits(math.expm1(change) * 100, beside)} %"


def _digits(value: float, beside: float | None) -> str:
    for digits in range(1 if abs(value) >= 1 else 2, 5):
        text = f"{value:.{digits}f}"
        if beside is None or float(text) not in (beside, -beside):
            break
    return text.replace("-0.00", "0.00") if float(text) == 0 else text


def number(value: float) -> str:
    """A number as somebody would write it: `5`, `2.5`, `0.75`."""
    return f"{value:.4f}".rstrip("0").rstrip(".") if value >= 1e-3 else f"{value:g}"


def limit(value: float) -> str:
    """`5 %`."""
    return f"{number(value)} %"


def changed(change: float, beside: float | None = None) -> str:
    """`12.3 % longer`, `8.1 % less`."""
    return f"{percent(abs(change), beside)} longer" if change >= 0 else f"{percent(change, beside).lstrip('-')} less"


def between(low: float, high: float) -> str:
    """`9.8 % to 14.9 %`, of two logarithms of ratios."""
    return f"{percent(low)} to {percent(high)}"


def count(many: int, noun: str) -> str:
    """`1 benchmark`, `12 benchmarks`."""
    return f"{many:,} {noun}{'' if many == 1 else 's'}"


def first_line(text: str) -> str:
    """The first line that says something, or nothing."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
