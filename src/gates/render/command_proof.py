"""Command proof: what `gates prove -- COMMAND` prints for people."""

from __future__ import annotations

import shlex

from gates.model.command_proof import CommandProof, Place, Trial
from gates.render import escape
from gates.render.summary import plural

LONGEST = 100
"""Characters of a line of the wiring that are shown."""


def lines(report: CommandProof, *, verbose: bool = False) -> list[str]:
    """The report as lines of a terminal: what was missed and why first, all else in a line.

    With `verbose` each missed fault says what was planted where.
    """
    shown = [f"{report.project}: {_command(report)}"]
    if report.reason is not None:
        shown += [*(f"    | {line}" for line in report.output), f"  undecided: {report.reason.message}"]
        shown += [f"  fix: {report.reason.fix}"]
    for places, trials in _alike(report.those("missed")).items():
        shown.append(f"  MISSED    {', '.join(trial.fault for trial in trials)}")
        shown += [f"      {_planted(trial)}" for trial in trials if verbose]
        shown += _reasons(places)
    caught = ", ".join(trial.fault for trial in report.those("caught") if trial.sure)
    if caught:
        shown.append(f"  caught    {caught}")
    shown += [f"  caught?   {trial.fault}: {trial.message}" for trial in report.those("caught") if not trial.sure]
    shown += [f"  not tried {trial.fault}: {trial.message}" for trial in report.those("not_tried")]
    shown += [f"  note: {note}" for note in report.notes]
    if report.reason is None:
        shown.append(f"{report.score}{_cost(report)}")
    return [escape.line(line) for line in shown]


def _command(report: CommandProof) -> str:
    return shlex.join(report.command)


def _alike(trials: tuple[Trial, ...]) -> dict[tuple[Place, ...], list[Trial]]:
    """Trials by the lines that let them pass."""
    found: dict[tuple[Place, ...], list[Trial]] = {}
    for trial in trials:
        found.setdefault(trial.places, []).append(trial)
    return found


def _planted(trial: Trial) -> str:
    return f"{trial.fault}: {trial.title}" + (f" ({trial.planted})" if trial.planted else "")


def _reasons(places: tuple[Place, ...]) -> list[str]:
    shown = []
    for place in places:
        if place.path is not None:
            text = place.text if len(place.text) <= LONGEST else f"{place.text[:LONGEST]}…"
            shown.append(f"      {place.path}:{place.line}: {text}")
        shown.append(f"      {'' if place.path is None else '  '}{place.why}")
    return shown


def _cost(report: CommandProof) -> str:
    run = report.run
    if run is None or not run.clean_s:
        return ""
    times = run.duration_s / run.clean_s
    return f"; {plural(run.runs, 'run')}, {run.duration_s:.1f} s: {times:.0f} x the command itself"
