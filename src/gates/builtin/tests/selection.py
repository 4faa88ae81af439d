"""Selection: which options took tests out of a run, and where they are set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from gates.model.tested import Restriction

if TYPE_CHECKING:
    from gates.builtin.suite.options import PytestOptions
    from gates.model.recorded_run import Begin

UNKNOWN = "a conftest.py or plugin"


def restrictions(begin: Begin, options: PytestOptions) -> list[Restriction]:
    """Options in force that take tests out before the run (`deselects`) or in the middle of it (`stops`)."""
    found: list[Restriction] = []
    if begin.keyword:
        found.append(_restriction(f"-k {begin.keyword!r}", "deselects", _place(options, "--keyword", "-k")))
    if begin.markexpr:
        found.append(_restriction(f"-m {begin.markexpr!r}", "deselects", _place(options, "--markexpr", "-m")))
    if begin.last_failed:
        place = options.flag("--lf", "--last-failed") or _somewhere(begin)
        found.append(_restriction("--lf", "deselects", place))
    for option in ("--deselect", "--requirement"):
        for value, place in options.values(option):
            found.append(_restriction(f"{option} {value}", "deselects", place))
    if begin.maxfail:
        exitfirst = options.flag("-x", "--exitfirst")
        option = "-x" if exitfirst is not None else f"--maxfail={begin.maxfail}"
        found.append(_restriction(option, "stops", exitfirst or _place(options, "--maxfail", "")))
    return sorted(found, key=lambda one: (one.kind, one.option, one.place))


def named(options: Iterable[Restriction]) -> str:
    """`-k 'a' (addopts in pytest.ini) and -m 'b' (…)`, or who else may have done it when there is no option."""
    words = [f"{one.option} ({one.place})" for one in options]
    return " and ".join(words) or UNKNOWN


def _restriction(option: str, kind: Literal["deselects", "stops"], place: str) -> Restriction:
    return Restriction(option=option, kind=kind, place=place)


def _place(options: PytestOptions, name: str, short: str) -> str:
    given = options.values(name, short=short)
    return given[-1][1] if given else "the command line"


def _somewhere(begin: Begin) -> str:
    return "addopts" if {"--lf", "--last-failed"} & set(begin.addopts) else "the command line"
