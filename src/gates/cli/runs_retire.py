"""`gates runs retire`: take away runs that are old enough; the chain says of each that it was there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from gates.cli import editing, options, output
from gates.errors import FAILED, NOTHING_JUDGED, PASSED, UNDECIDED

if TYPE_CHECKING:
    from gates.model.decision import Verdict
    from gates.record.integrity.retention import Found
    from gates.record.maintenance import Retirement

MOST = 10_000 * 365
"""Days beyond which no moment can be reckoned."""


class Days(options.ParamType):
    """`90d`: a number of days."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The time, or a usage error."""
        match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)d?", str(value))
        if match is None or not 0 < float(match[1]) <= MOST:
            self.fail(f"{value!r} is not a number of days: write it as 90d", param, ctx)
        return timedelta(days=float(match[1]))


@click.command(short_help="Take away runs that are old enough.")
@options.with_options(
    options.PROJECT,
    click.option("--older-than", type=Days(), metavar="90d", help="By default `record.keep` of the settings."),
    click.option("--dry-run", is_flag=True, help="Show what would go, and take nothing away."),
    click.option(
        "--even-tampered", is_flag=True, help="Even where `gates runs verify` finds that it was tampered with."
    ),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Take away the events of old runs, with the recordings, grounds and reports that no other run names.

    The age is that of the run's last event, in the log. `heads.jsonl` keeps what the files were, so that what stays can
    be verified. There is no way back.

    \b
    exit 0    they are gone
    exit 1    the log was tampered with, and nothing is gone
    exit 3    something cannot be read or taken away
    exit 5    no run is old enough
    """
    from gates.engine import state
    from gates.record.integrity import retention
    from pytest_vltair import eventlog

    prepared = options.prepare(given["directory"], {})
    keep = given["older_than"] or timedelta(days=min(prepared.config.record.keep, MOST))
    path = prepared.project.root / state.FOLDER / eventlog.FOLDER
    now = datetime.now(UTC)
    found = retention.find(path, now, keep)
    verdict = "passed" if given["even_tampered"] and found.verified.faults else found.verified.verdict
    if verdict != "passed":
        return _refused(found, verdict, given)
    try:
        if not given["dry_run"]:
            retention.retire(path, found.old, now)
    except retention.RetentionError as error:
        return _told(given, found, "undecided", error.message, UNDECIDED)
    days = f"{keep / timedelta(days=1):,.10g} day{'s' * (keep != timedelta(days=1))}"
    if not found.old:
        return _told(given, found, "undecided", f"no run is older than {days}; {_staying(found)}", NOTHING_JUDGED)
    verb = "would retire" if given["dry_run"] else "retired"
    number = f"{len(found.old):,} run{'s' * (len(found.old) != 1)}"
    return _told(given, found, "passed", f"{verb} {number} older than {days}; {_staying(found)}", PASSED)


def _staying(found: Found) -> str:
    waiting = f", {found.waiting:,} of them until runs that go on have ended" if found.waiting else ""
    return f"{found.staying:,} stay{waiting}"


def _refused(found: Found, verdict: Verdict, given: dict[str, Any]) -> int:
    faults = found.verified.faults
    if verdict == "failed":
        place = faults[0].file if faults[0].line is None else f"{faults[0].file}:{faults[0].line}"
        said = f"{place} was {faults[0].kind}; see `gates runs verify` (--even-tampered retires nevertheless)"
        return _told(given, found, verdict, f"nothing is retired: {said}", FAILED)
    return _told(given, found, verdict, f"nothing is retired: {found.verified.unread[0]}", UNDECIDED)


def _told(given: dict[str, Any], found: Found, verdict: Verdict, message: str, code: int) -> int:
    done = code == PASSED
    if given["output_format"] == "json":
        output.value(_document(found, verdict, message, done=done, dry_run=given["dry_run"]))
        return code
    if done:
        for one in found.old:
            more = f" and {len(one.files)} file{'s' * (len(one.files) != 1)}" if one.files else ""
            output.line(f"{one.run}  {one.at[:10]}  {one.events} events{more}")
        output.line(message)
        return code
    editing.say(f"undecided: {message}" if code == UNDECIDED else message)
    return code


def _document(found: Found, verdict: Verdict, message: str, *, done: bool, dry_run: bool) -> Retirement:
    from gates.model.reason import Reason
    from gates.record.maintenance import RetiredRun, Retirement

    reason = None
    if verdict == "undecided":
        if found.old or found.verified.unread:
            reason = Reason(code="unreadable", message=message, fix="gates runs verify")
        else:
            reason = Reason(code="nothing_examined", message=message, fix="gates runs list")
    runs = [RetiredRun(run=one.run, at=one.at, events=one.events, files=one.files) for one in found.old]
    return Retirement(
        verdict=verdict,
        reason=reason,
        message=message,
        dry_run=dry_run,
        retired=tuple(runs) if done else (),
        staying=found.staying,
        waiting=found.waiting,
    )
