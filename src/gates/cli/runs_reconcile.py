"""`gates runs reconcile`: whether the store holds what follows from the log of events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gates.cli import options, output
from gates.cli.runs_ingest import refused, told
from gates.errors import FAILED, NOTHING_JUDGED, PASSED
from gates.project import facts

if TYPE_CHECKING:
    from gates.model.decision import Verdict
    from gates.record.maintenance import Reconciliation
    from gates.record.stored.reconcile import Drift, Reconciled

NOTHING = "there are no events to compare"
LONGEST = 120
"""Characters of a value that are shown."""


@click.command(short_help="Compare the store with the log, and name every drift.")
@options.with_options(
    options.PROJECT,
    click.option("--repair", is_flag=True, help="Make the store anew where there is drift."),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Project all events again, compare that with the tables of the store, and the events with their files.

    \b
    exit 0    there is no drift, or it was repaired
    exit 1    there is drift, or lines of event files here cannot be compared
    exit 3    the store or the log cannot be read
    exit 5    there is nothing to compare
    """
    from gates.record.stored.errors import StoreError

    try:
        return reconciled(facts.find(Path(given["directory"])).root, given)
    except (StoreError, OSError) as error:
        from gates.record.maintenance import Reconciliation

        return refused(Reconciliation, error, given["output_format"])


def reconciled(root: Path, given: dict[str, Any]) -> int:
    """The exit code, after what differs was printed.

    Raises:
        StoreError: the store cannot be read, or lacks runs and cannot be written.
    """
    from gates.record.asked import questions
    from gates.record.stored import ingest, rebuilding, reconcile, sources
    from gates.record.stored.errors import StoreError

    own = sources.own(root)
    with questions.open_store(root) as store:
        if not store.writable and ingest.unread(store, own):
            raise StoreError(f"the store .gates/{store.path.name} cannot be written, and lacks newer runs")
        found = reconcile.reconcile(store, own, told("runs are compared"))
        path = store.path
    repaired = False
    if found.drifts and given["repair"]:
        rebuilding.rebuild(path, [own])
        with questions.open_store(root) as store:
            left = reconcile.reconcile(store, own)
        # What no file and no ingest accounts for stays, and is named again.
        repaired = not left.drifts
        found = found if repaired else left
    advice = (
        "no file here accounts for it" if given["repair"] else "`gates runs reconcile --repair` makes the store anew"
    )
    _show(found, given["output_format"], advice, repaired=repaired)
    if not found.events and not found.bad_lines:
        return NOTHING_JUDGED
    return PASSED if _is_right(found, repaired=repaired) else FAILED


def _is_right(found: Reconciled, *, repaired: bool) -> bool:
    return not found.bad_lines and (repaired or not found.drifts)


def _show(found: Reconciled, form: str, advice: str, *, repaired: bool) -> None:
    if form == "json":
        output.value(_document(found, repaired=repaired))
        return
    from gates.render.summary import plural

    for one in found.drifts:
        output.line(_said(one))
    if found.bad_lines:
        number = plural(found.bad_lines, "line")
        output.line(f"{number} of event files here cannot be compared; `gates runs ingest` says why")
    if not found.events:
        output.line(NOTHING)
        return
    elsewhere = f", {found.elsewhere:,} of these events from files that are not here" if found.elsewhere else ""
    said = f"{plural(found.runs, 'run')} with {plural(found.events, 'event')}{elsewhere}"
    if not found.drifts:
        output.line(f"no drift: {said}")
    elif repaired:
        output.line(f"repaired: {plural(len(found.drifts), 'drift')} in {said}")
    else:
        output.line(f"{plural(len(found.drifts), 'drift')} in {said}; {advice}")


def _document(found: Reconciled, *, repaired: bool) -> Reconciliation:
    from gates.model.reason import Reason
    from gates.record.maintenance import Reconciliation

    if not found.events and not found.bad_lines:
        return Reconciliation(
            reason=Reason(code="nothing_examined", message=NOTHING, fix="gates check"), repaired=repaired, found=found
        )
    verdict: Verdict = "passed" if _is_right(found, repaired=repaired) else "failed"
    return Reconciliation(verdict=verdict, repaired=repaired, found=found)


def _said(one: Drift) -> str:
    field = f".{one.field}" if one.field else ""
    return f"{one.table}{field} of {one.key}: stored {_cut(one.stored)}, from the log {_cut(one.log)}"


def _cut(text: str | None) -> str:
    if text is None:
        return "nothing"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
