"""Commands: what `gates diagnose` asks of the gate: a diagnosis, a reproduction, and what may be named."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.diagnosis.factors import FACTORS
from gates.errors import UsageError, nearest
from gates.model.diagnosis import DiagnosisReport, Reproduction

if TYPE_CHECKING:
    from gates.builtin.diagnosis.laboratory import Progress
    from gates.builtin.diagnosis.trial import Laboratory
    from gates.model.gate import Shard
    from gates.process.interpreter import Interpreter
    from gates.project.facts import Project

Say = Callable[[str], None]


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """With what tests are run: where, by which Python, how many at a time, until when on the monotonic clock.

    Without a number of `jobs` it is that of processors. `say` is told each phase, `follow` how far the runs are.
    """

    project: Project
    interpreter: Interpreter
    environ: Mapping[str, str]
    state: Path
    scratch: Path
    jobs: int
    deadline: float | None
    args: Sequence[str] = ()
    say: Say
    follow: Say | None = None
    opened: Callable[[Means], AbstractContextManager[Laboratory]] | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be found out: of which tests (none named: all), over which factors (none named: all)."""

    tests: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    sites: bool = True
    shard: Shard | None = None


def diagnose(means: Means, asked: Asked) -> DiagnosisReport:
    """What is said of the tests.

    Raises:
        UsageError: no test is called like one that was named.
    """
    from gates.builtin.diagnosis import search
    from gates.builtin.diagnosis.telling import document, only, selection

    shard = None if asked.shard is None else str(asked.shard)
    with _laboratory(means) as whole:
        for note in getattr(whole, "notes", ()):
            means.say(note)
        laboratory = only.these(whole, asked.factors)
        chosen: tuple[str, ...] = ()
        if asked.tests:
            means.say("collecting the tests, and how they end in the base")
            found = selection.collected(laboratory)
            if found.reason:
                return document.undecided(found.reason, shard)
            chosen = selection.chosen(asked.tests, found.tests)
            # All of them by name are the whole suite, which needs no looking up.
            chosen = () if len(chosen) == len(found.tests) else chosen
        part = (1, 1) if asked.shard is None else (asked.shard.index, asked.shard.count)
        wish = search.Wish(tests=chosen, shard=part, sites=asked.sites)
        said = search.diagnose(laboratory, wish, means.say)
    return document.document(only.told(said, asked.factors), shard)


def tried(means: Means, nodeid: str, settings: Mapping[str, str], after: Sequence[str]) -> Reproduction:
    """Whether a test ends otherwise with these settings, after these tests, than it does in the base.

    Raises:
        UsageError: there is no such test.
    """
    from gates.builtin.diagnosis.telling import trying

    # A reproduction is of now: what an earlier diagnosis has left to go on with is none of its business.
    with _laboratory(msgspec.structs.replace(means, state=means.scratch)) as laboratory:
        return trying.tried(laboratory, nodeid, settings, after, means.say)


def settings(given: Sequence[str]) -> dict[str, str]:
    """The values of each `--try FACTOR=VALUE`.

    Raises:
        UsageError: one is not written like that, names no factor, or a value that the factor cannot have.
    """
    from gates.builtin.diagnosis.telling import values

    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise UsageError(f"--try {one!r}: write it as FACTOR=VALUE, such as --try timezone=Asia/Kolkata")
        (factor,) = factors((name,))
        problem = values.problem(factor, value)
        if problem:
            raise UsageError(f"--try {one}: {problem}")
        found[factor] = value
    return found


def factors(given: Sequence[str]) -> tuple[str, ...]:
    """The factors that were named.

    Raises:
        UsageError: one is none.
    """
    for one in given:
        if one not in FACTORS:
            close = nearest(one, FACTORS)
            hint = f"did you mean {close!r}? All" if close else "all"
            raise UsageError(f"there is no factor {one!r}; {hint} of them: {', '.join(FACTORS)}")
    return tuple(dict.fromkeys(given))


def merged(texts: Mapping[str, bytes]) -> DiagnosisReport:
    """One document out of those of all shards, by the names of their files.

    Raises:
        UsageError: one is no such document, or they make no whole.
    """
    from gates.builtin.diagnosis.telling import document

    parts = []
    for name, text in texts.items():
        try:
            parts.append(msgspec.json.decode(text, type=DiagnosisReport))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{name} is no document of `gates diagnose --output-format json`: {error}") from None
    try:
        return document.merged(parts)
    except ValueError as error:
        raise UsageError(f"these documents make no whole: {error}") from None


def written(report: DiagnosisReport, depth: int) -> str:
    """The diagnosis as a test file that lies so many folders below the project.

    Raises:
        UsageError: no test was found unstable in circumstances that a test could bring about.
    """
    from gates.builtin.diagnosis.telling import written as telling

    try:
        return telling.written(report.tests, depth)
    except ValueError as error:
        raise UsageError(f"no test is written: {error}") from None


def _laboratory(means: Means) -> Any:
    if means.opened is not None:
        return means.opened(means)
    from gates.builtin.diagnosis import laboratory

    return laboratory.opened(
        means.project,
        means.interpreter,
        environ=means.environ,
        state=means.state,
        scratch=means.scratch,
        jobs=means.jobs or os.cpu_count() or 1,
        deadline=means.deadline,
        args=means.args,
        observer=_following(means.follow),
    )


def _following(follow: Say | None) -> Callable[[Progress], None] | None:
    """What puts progress into words: how many runs are done of those known so far, and how long these may take."""
    if follow is None:
        return None

    def told(found: Progress) -> None:
        left = "" if found.left is None else f", about {found.left:.0f} s more for these"
        follow(f"{found.done:,} of {found.known:,} runs of pytest{left}")

    return told
