"""`gates runs ingest`: event files, of here or from elsewhere, into the store."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gates.cli import options, output
from gates.errors import FAILED, NOTHING_JUDGED, PASSED, UNDECIDED
from gates.project import facts

if TYPE_CHECKING:
    from gates.model.decision import Verdict
    from gates.record.maintenance import Backfilling, Ingestion, Reconciliation
    from gates.record.stored.ingest import Ingested
    from gates.record.stored.sources import Source

NO_FILES = "there are no event files here; `gates check` leaves one"
NO_EVENTS = "there are no events in what was read; `gates check` leaves some in .gates/events"
SILENT = 1.0
"""Seconds before it is said how far it is, and between two such lines."""


@click.command(short_help="Take event files into the store, also from elsewhere.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[DIR|FILE]...")
@options.with_options(
    options.PROJECT,
    click.option("--rebuild", is_flag=True, help="Make the store anew; what only the old one has is carried over."),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Take events into `.gates/record.sqlite`, each once, however often they are given.

    Without an argument those of this project. DIR is a `.gates` from elsewhere, such as one that a CI uploaded, its
    `events`, or a folder of such; recordings of tests are looked for beside `events`. Lines that are no events are put
    into `.gates/quarantine.jsonl`.

    \b
    exit 0    all is in the store
    exit 1    lines are in the quarantine, put there now or when their file was read before
    exit 3    the store cannot be used, or a file is of another version
    exit 5    there is nothing to take in
    """
    from gates.record.stored.errors import StoreError

    try:
        return _ingested(facts.find(Path(given["directory"])).root, given)
    except (StoreError, OSError) as error:
        from gates.record.maintenance import Ingestion

        return refused(Ingestion, error, given["output_format"])


def refused(kind: type[Ingestion | Reconciliation | Backfilling], error: Exception, form: str) -> int:
    """Say why nothing can be told of the store; the exit code."""
    message = str(getattr(error, "strerror", None) or error)
    if form == "json":
        from gates.model.reason import Reason

        output.value(kind(reason=Reason(code="unreadable", message=message, fix="gates runs ingest --rebuild")))
    else:
        output.line(f"undecided: {message}")
    return UNDECIDED


def told(noun: str) -> Callable[[int], None]:
    """What says on standard error how many there are by now, where it takes longer than a second."""
    last = time.monotonic()

    def tell(number: int) -> None:
        nonlocal last
        if time.monotonic() - last > SILENT:
            last = time.monotonic()
            sys.stderr.write(f"gates: {number:,} {noun}\n")

    return tell


def _ingested(root: Path, given: dict[str, Any]) -> int:
    from gates.engine import state
    from gates.record.stored import ingest, rebuilding, sources, store
    from gates.record.stored.errors import StoreError

    chosen: tuple[Source, ...] = sources.given(given["paths"]) if given["paths"] else (sources.own(root),)
    path = root / state.FOLDER / store.NAME
    if not path.exists() and not any(any(one.found()) for one in chosen):
        return _nothing(NO_FILES, given["output_format"])
    path = state.folder(root) / store.NAME
    tell = told("events are in the store")

    def said(result: Ingested) -> None:
        tell(result.inserted)

    if given["rebuild"]:
        own = sources.own(root)
        rebuilt = rebuilding.rebuild(path, [own, *(one for one in chosen if one != own)], said)
        damaged = None if rebuilt.damaged is None else f"{state.FOLDER}/{rebuilt.damaged.name}"
        return _show(rebuilt.ingested, rebuilt.carried, damaged, given["output_format"])
    with store.opened(path) as opened:
        if not opened.writable:
            raise StoreError(f"the store .gates/{path.name} cannot be written: see to its permissions")
        rebuilding.clear(path)
        return _show(ingest.ingest(opened, chosen, said), 0, None, given["output_format"])


def _nothing(message: str, form: str) -> int:
    if form == "json":
        from gates.model.reason import Reason
        from gates.record.maintenance import Ingestion

        output.value(Ingestion(reason=Reason(code="nothing_examined", message=message, fix="gates check")))
    else:
        output.line(message)
    return NOTHING_JUDGED


def _show(found: Ingested, carried: int, damaged: str | None, form: str) -> int:
    if found.is_nothing and not carried and damaged is None:
        return _nothing(NO_EVENTS, form)
    bad = found.parse_errors + found.conflicts + found.quarantined
    code = UNDECIDED if found.refused else FAILED if bad else PASSED
    if form == "json":
        output.value(_document(found, carried, damaged, code))
        return code
    from gates.render.summary import plural

    output.line(
        f"{plural(found.inserted, 'event')} inserted, {found.skipped:,} skipped,"
        f" {plural(found.parse_errors, 'parse error')}, {plural(found.conflicts, 'conflict')};"
        f" {plural(found.files, 'file')} read, {found.unchanged:,} unchanged"
    )
    for text in _notes(found, carried, damaged):
        output.line(text)
    for text in found.refused:
        output.line(f"undecided: {text}")
    return code


def _notes(found: Ingested, carried: int, damaged: str | None) -> Iterator[str]:
    from gates.render.summary import plural

    if carried:
        yield f"carried over: {plural(carried, 'event')} that only the old store had"
    if damaged is not None:
        yield f"the old store is damaged; it is at {damaged} now, and can be deleted"
        yield "it may have had more from files that are not here: give those to `gates runs ingest` again"
    if bad := found.parse_errors + found.conflicts:
        yield f"in .gates/quarantine.jsonl: {plural(bad, 'line')}, with the reason of each"
    if found.conflicts:
        yield "where events conflict the one that was there stays; --rebuild reads the event files here first"
    if found.quarantined:
        since = f"in .gates/quarantine.jsonl since before: {plural(found.quarantined, 'line')} of unchanged files"
        yield f"{since}; `gates runs verify` says which files are not what was written"
    if found.retired:
        yield f"passed over: {plural(found.retired, 'file')} with runs that were retired here"
    if found.awaited:
        yield f"not here: {plural(found.awaited, 'recording')} of tests, unknown until an ingest finds them"


def _document(found: Ingested, carried: int, damaged: str | None, code: int) -> Ingestion:
    from gates.model.reason import Reason
    from gates.record.maintenance import Ingestion

    verdicts: dict[int, Verdict] = {PASSED: "passed", FAILED: "failed", UNDECIDED: "undecided"}
    again = "gates runs ingest"
    reason = Reason(code="unreadable", message=found.refused[0], fix=again) if found.refused else None
    return Ingestion(verdict=verdicts[code], reason=reason, ingested=found, carried=carried, damaged=damaged)
