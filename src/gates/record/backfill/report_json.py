"""Backfill from earlier reports of `gates check --output-format json`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gates.model.report import SCHEMA_VERSION, Report
from gates.record import telling
from gates.record.backfill import runs
from gates.record.backfill.runs import Past, Told, UnreadableError
from gates.record.telling import Scrub
from pytest_vltair.chain import ZEROS


class _Version(msgspec.Struct, frozen=True):
    schema_version: int


def read(data: bytes, scrub: Scrub) -> Past:
    """The run that a report tells of.

    Raises:
        UnreadableError: it is none of this schema version.
    """
    try:
        version = msgspec.json.decode(data, type=_Version).schema_version
        if version != SCHEMA_VERSION:
            raise UnreadableError(f"it has schema version {version}, and {SCHEMA_VERSION} is known")
        found = msgspec.json.decode(data, type=Report)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnreadableError(f"it is not as `gates check --output-format json` prints it: {error}") from error
    started = runs.moment(found.run.started)
    if started is None:
        raise UnreadableError(f"it began at {found.run.started!r}, which is no time")
    wrong = found.error
    scope = found.project.scope
    return Past(
        kind="report",
        command="check",
        gates=(),
        started=started,
        duration_ms=round(1000 * runs.seconds(found.run.duration_s)),
        status=found.verdict if wrong is None else "error",
        verdict=found.verdict,
        exit_code=found.exit_code,
        name=found.project.name,
        commit=found.project.commit,
        scope=scope if isinstance(scope, str) else " ".join(f"{key} {value}" for key, value in scope.items()),
        python=found.run.interpreter_version,
        error=None if wrong is None else (wrong.code, wrong.message),
        events=tuple(_events(found, scrub)),
    )


def _events(found: Report, scrub: Scrub) -> Iterator[Told]:
    for one in found.gates:
        for told in telling.judged(one, None, ZEROS, scrub):
            fields = told.fields
            if told.event == "gate":
                spent = found.run.durations_s.get(one.key, 0)
                known = {"cached": one.key in found.run.cached, "duration_ms": round(1000 * runs.seconds(spent))}
                fields = fields | known
            yield Told(event=told.event, fields=fields, project=told.project, gate=told.gate)
