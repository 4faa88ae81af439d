"""`gates runs list`: recorded runs, and what failed last, looks alike, flips or takes long in them."""

from __future__ import annotations

from typing import Any

import click

from gates.cli import options, runs_asking
from gates.errors import UsageError

FILTERS = ("gate", "status", "since", "branch", "commit", "test", "requirement", "command")
QUESTIONS = {
    "trace": frozenset[str](),
    "last_failed": frozenset({"limit"}),
    "patterns": frozenset({"limit", *FILTERS}),
    "flaky": frozenset({"limit", "runs"}),
    "slowest": frozenset({"limit", "runs"}),
}
"""Questions other than which runs there are, with the options that each of them reads."""

STATUSES = ("passed", "failed", "undecided", "error", "interrupted", "lost", "running")
LIMIT = 20
RUNS = {"flaky": 50, "slowest": 20}


@click.command(short_help="List recorded runs; what failed, flips or takes long in them.")
@options.with_options(
    options.PROJECT,
    click.option("--gate", metavar="GLOB", help="Runs that judged this gate."),
    click.option("--status", type=click.Choice(STATUSES), help="Runs that ended so."),
    click.option("--since", type=runs_asking.Since(), help="Runs since 2h, 3d, 2026-12-31 or a moment in ISO 8601."),
    click.option("--branch", metavar="NAME", help="Runs on this branch."),
    click.option("--commit", metavar="SHA", help="Runs of the commit that begins so."),
    click.option("--test", metavar="GLOB", help="Runs in which this test ran."),
    click.option("--requirement", metavar="ID", help="Runs with tests of this requirement."),
    click.option("--command", "command", metavar="NAME", help="Runs of check, merge, prove or diagnose."),
    click.option("--limit", type=click.IntRange(1, 10_000), help="So many answers at most; 20 by default."),
    click.option("--trace", type=runs_asking.TraceType(), help="In place of runs: every attempt at one question."),
    click.option("--last-failed", is_flag=True, help="In place of runs: what failed when it ran last."),
    click.option("--patterns", is_flag=True, help="In place of runs: failures that look alike."),
    click.option("--flaky", is_flag=True, help="In place of runs: tests whose outcome moves."),
    click.option("--slowest", is_flag=True, help="In place of runs: tests that take the longest."),
    click.option("--runs", type=click.IntRange(min=2), help="With --flaky (50) or --slowest (20): over so many runs."),
    runs_asking.FORM,
)
def command(**given: Any) -> int:
    """List the runs that are recorded here, newest first, or answer one question about all of them.

    \b
    exit 0    there is an answer, whatever the verdicts of the runs were
    exit 3    the record cannot be read
    exit 5    there is no such run, or nothing to answer from
    """
    question = _question(given)
    if question == "trace":
        return runs_asking.asked(given, "trace", name=given["trace"])
    from gates.record.asked.answers import Filter

    filters = {name: given[name] for name in FILTERS if given[name]}
    return runs_asking.asked(
        given,
        question,
        filter=Filter(**filters),
        limit=given["limit"] or LIMIT,
        over=given["runs"] or RUNS.get(question, 0),
        said=", ".join(f"{_option(name)} {value}" for name, value in filters.items()),
    )


def _question(given: dict[str, Any]) -> str:
    """The question that is asked.

    Raises:
        UsageError: it is two, it does not read an option that was given, or one is empty.
    """
    asked = [name for name in QUESTIONS if given[name]]
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(map(_option, asked))} are two questions: ask one at a time")
    question = asked[0] if asked else "runs"
    reads = QUESTIONS.get(question, frozenset({"limit", *FILTERS}))
    unread = [name for name in (*FILTERS, "limit", "runs") if given[name] is not None and name not in reads]
    if unread:
        who = f"{_option(question)} does" if asked else "a list of runs does"
        raise UsageError(f"{who} not read {' or '.join(map(_option, unread))}{_reader(unread)}")
    empty = [name for name in FILTERS if given[name] == ""]
    if empty:
        # What a shell made of a variable that is not set must not stand for all runs.
        raise UsageError(f"{_option(empty[0])} is given without a value")
    return question


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _reader(unread: list[str]) -> str:
    """Which questions read all of these options, as the end of a sentence."""
    able = [_option(name) for name, reads in QUESTIONS.items() if reads >= set(unread)]
    return f"; {' and '.join(able)} {'does' if len(able) == 1 else 'do'}" if able else ""
