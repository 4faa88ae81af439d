"""Replaying: a run of the log decided again, and whether it comes to what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.engine import masking
from gates.engine.joined import Joined
from gates.engine.session import Judgement
from gates.model.reason import Reason
from gates.model.report import Report
from gates.process.redact import redactor
from gates.record import reports
from gates.record.replay import deciding, differences, replayable
from gates.record.replay.deciding import Again
from gates.record.replay.differences import Difference
from gates.record.replay.replayable import Replayable, ReplayError
from gates.record.replay.supposed import Change
from gates.record.reports import KeptReport
from pytest_vltair.personal import scrub
from pytest_vltair.tokens import MASK

if TYPE_CHECKING:
    from gates.plugins.hookspecs import Renderer

MOST = 10
"""Fields in which a replay differs that are named."""
UNCHANGED = "with --set the report is the same; what a setting makes a gate collect is not collected anew"
HIDDEN = f"{MASK} hides what was secret in the environment of the run; replay it where that is secret too, to compare"


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """A run decided again; it is the same where there is neither a difference nor a reason why nobody can tell.

    `notes` say what is not as it was then.
    """

    run: Replayable
    judged: Judgement | Joined
    renderers: Mapping[str, Renderer]
    different: tuple[Difference, ...] = ()
    lost: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def report(self) -> Report:
        """What the replay came to."""
        return self.judged.report

    @property
    def same(self) -> bool:
        """Whether it is what was recorded, byte for byte."""
        return not self.different and not self.lost


class Supposition(msgspec.Struct, frozen=True, kw_only=True):
    """A run decided again as it was, and once more with other settings or as of another moment.

    What the run came to is in its record; `before` is what it comes to today without them.
    """

    run: Replayable
    before: Report
    judged: Judgement | Joined
    renderers: Mapping[str, Renderer]
    lost: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def report(self) -> Report:
        """What would have been reported."""
        return self.judged.report


def replay(root: Path, wanted: str, environ: Mapping[str, str]) -> Replay:
    """A run decided again and compared with what was recorded; what is secret in `environ` is not in the record.

    Raises:
        UsageError: there is no such run.
        ReplayError: it cannot be decided again, or its report is not there to compare with.
    """
    run = replayable.find(root, wanted)
    made = deciding.again(root, run.grounds)
    if made.lost:
        return Replay(run=run, judged=made.judged, renderers=made.renderers, lost=made.lost, notes=made.notes)
    kept = _kept(root, run)
    report = made.judged.report
    config = next(iter(made.judged.judgements.values())).request.config
    hiding = redactor(environ, profile=config.redact.profile, patterns=config.redact.patterns)
    # What was secret in the environment of the run was hidden in its report, and may be so today.
    if kept.exact in {reports.exact(report), reports.exact(masking.whole(report, hiding))}:
        return Replay(run=run, judged=made.judged, renderers=made.renderers, notes=made.notes)

    def clean(text: str) -> str:
        return scrub(hiding.text(text), strict=config.record.profile == "strict")

    different = tuple(_different(kept, report, clean))
    hidden = [HIDDEN] if any(MASK in one.recorded and MASK not in one.replayed for one in different) else []
    notes = (*made.notes, *hidden)
    return Replay(run=run, judged=made.judged, renderers=made.renderers, different=different, notes=notes)


def suppose(root: Path, wanted: str, changes: Sequence[Change], as_of: datetime | None) -> Supposition:
    """What a run would have come to with these settings, or as of that moment.

    Raises:
        UsageError: there is no such run, or a change is of what it did not judge.
        ReplayError: it cannot be decided again.
    """
    run = replayable.find(root, wanted)
    before = deciding.again(root, run.grounds)
    after = deciding.again(root, run.grounds, changes, as_of)
    notes = (*after.notes, *_unlike(run, before), *_unchanged(before, after, changes))
    return Supposition(
        run=run,
        before=before.judged.report,
        judged=after.judged,
        renderers=after.renderers,
        lost=after.lost,
        notes=notes,
    )


def _unlike(run: Replayable, before: Again) -> Iterator[str]:
    """A note on each gate that does not come to what was recorded even as it was."""
    for gate in before.judged.report.gates:
        was = run.verdicts.get(gate.key)
        if gate.reason not in before.lost and was not in {None, gate.verdict}:
            yield f"as it was, {gate.key} comes to {gate.verdict} here, and was {was}: gates runs replay {run.run}"


def _unchanged(before: Again, after: Again, changes: Sequence[Change]) -> Iterator[str]:
    """A note where settings were given and nothing came of them."""
    alike = reports.canonical(before.judged.report) == reports.canonical(after.judged.report)
    if changes and alike and not after.lost:
        yield UNCHANGED


def _kept(root: Path, run: Replayable) -> KeptReport:
    digest = run.end.report
    if digest is None:
        raise ReplayError(f"{run.run} left no report to compare with: .gates could not be written")
    shown = f".gates/{reports.FOLDER}/{digest}.json"
    try:
        return reports.read(root, digest)
    except FileNotFoundError as error:
        raise ReplayError(f"{shown}, what {run.run} reported, is gone; only the newest are kept") from error
    except OSError as error:
        raise ReplayError(f"{shown} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ReplayError(f"{shown} cannot be trusted: {error}") from error


def _different(kept: KeptReport, report: Report, scrub: Callable[[str], str]) -> Sequence[Difference]:
    """The first fields that differ, as far as the record can tell."""
    if kept.report is None:
        return [Difference(path="", recorded="a report too large to be kept", replayed="another one")]
    shown = msgspec.json.decode(reports.scrubbed(reports.canonical(report), scrub))
    found = list(islice(differences.fields(kept.report, shown), MOST))
    return found or [Difference(path="", recorded="personal data that the record has not", replayed="other data")]
