"""`gates runs checkpoint`: sign how far the log of runs is, which shows what is changed before it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gates.cli import editing, options, output
from gates.errors import FAILED, PASSED, UNDECIDED, OutputError

if TYPE_CHECKING:
    from gates.model.decision import Verdict


@click.command(short_help="Sign how far the log of runs is.")
@options.with_options(
    options.PROJECT,
    click.option("--key", metavar="FILE", help="The private key; without, that in PROVENANCE_SIGNING_KEY."),
    click.option("--output", metavar="FILE", help="Write a copy here, to be kept elsewhere."),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Sign the number of closed runs and the digest of the last one, with the key of provenance.

    It is kept in `.gates/events/checkpoints`. Who can write there can remove it: keep a copy elsewhere, such as an
    artifact of CI. `gates runs verify --key PUBLIC --checkpoint FILE` then shows whatever was done before it.

    \b
    exit 0    it is written
    exit 1    the log is not what was written, or nothing was closed yet
    exit 3    there is nothing to sign with, or the log cannot be read
    """
    from gates.engine import state
    from gates.plugins import manager
    from gates.project import facts
    from gates.record.integrity import checkpoints
    from pytest_vltair import eventlog

    project = facts.find(Path(given["directory"]))
    folder = project.root / state.FOLDER / eventlog.FOLDER
    own: Any = options.own(manager.registry(third_party=False).gates["provenance"])
    try:
        # What is signed is what is verified, whoever changes the log in between.
        payload = checkpoints.made(folder, project.name, eventlog.stamp(datetime.now(UTC)))
        _hold(folder, project.name, payload)
        signed = own.seal(payload, checkpoints.KIND, given["key"], os.environ)
    except checkpoints.CheckpointError as error:
        return _told(given, "failed", error.message, FAILED)
    except (own.KeyRefused, own.NoLibrary) as error:
        return _told(given, "undecided", error.message, UNDECIDED)
    except OSError as error:
        return _told(given, "undecided", f"the log cannot be read: {error.strerror or error}", UNDECIDED)
    # The copy goes first: where it cannot be written, nothing says that there is one.
    if given["output"]:
        _write(Path(given["output"]), signed)
    try:
        state.folder(project.root)  # with the file that is locked
        place = checkpoints.entered(folder, payload, signed)
    except OSError as error:
        raise OutputError(f"the checkpoint cannot be kept in {folder}: {error.strerror or error}") from error
    kept = place.relative_to(project.root).as_posix()
    return _told(
        given,
        "passed",
        f"signed the log up to line {place.stem.partition('-')[0]}",
        PASSED,
        written=(kept, given["output"]),
    )


def _hold(folder: Path, project: str, payload: bytes) -> None:
    """Refuse to sign away what runs and earlier checkpoints have seen of the log, or what it is no more.

    Raises:
        CheckpointError: the log is not what was written.
    """
    from gates.record.integrity import checkpoints, verifying

    seen = (*checkpoints.check(folder, (), project, None).seen, checkpoints.seen("what is to be signed", payload))
    for one in verifying.verify(folder, checkpoints.Checked(seen=seen)).faults[:1]:
        place = one.file if one.line is None else f"{one.file}:{one.line}"
        raise checkpoints.CheckpointError(f"{place} is not what was written ({one.kind}); see `gates runs verify`")


def _write(path: Path, signed: bytes) -> None:
    from gates.engine import state

    try:
        state.write(path, signed)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error


def _told(
    given: dict[str, Any], verdict: Verdict, message: str, code: int, written: tuple[str | None, ...] = ()
) -> int:
    files = [one for one in written if one is not None]
    if given["output_format"] == "json":
        from gates.model.reason import Reason
        from gates.record.maintenance import Signing

        fix = "gates runs checkpoint --key FILE"
        reason = Reason(code="unreadable", message=message, fix=fix) if verdict == "undecided" else None
        output.value(Signing(verdict=verdict, reason=reason, message=message, written=tuple(files)))
    elif verdict == "passed":
        output.line(f"{message}: {' and '.join(files)}")
    else:
        editing.say(f"nothing is signed: {message}" if verdict == "failed" else f"undecided: {message}")
    return code
