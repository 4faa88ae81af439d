"""`gates runs verify`: whether the log of runs is what was written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gates.cli import options, output
from gates.errors import EXIT, NOTHING_JUDGED, UsageError
from gates.plugins import manager
from gates.project import facts, git
from pytest_vltair import eventlog

if TYPE_CHECKING:
    from gates.record.integrity.verifying import Verified


@click.command(short_help="Verify that the log of runs is what was written.")
@click.argument("folder", required=False, metavar="[DIR]")
@options.with_options(
    options.PROJECT,
    click.option("--key", metavar="FILE", help="Verify checkpoints with this public key (ed25519, PEM)."),
    click.option(
        "--checkpoint",
        "checkpoints",
        multiple=True,
        metavar="FILE",
        help="A checkpoint that was kept elsewhere; repeatable; it needs --key.",
    ),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Walk the chains of the log and name the first event that was changed, dropped, inserted or reordered.

    DIR is a project, its `.gates`, or a folder of event files from elsewhere; by default the project at hand. Without
    a checkpoint and its key, accidents and careless edits show, and not a forger who reckons every digest anew.

    \b
    exit 0    all of it is what was written
    exit 1    something was tampered with
    exit 3    something cannot be read
    exit 5    there is no log
    """
    if given["checkpoints"] and not given["key"]:
        raise UsageError("--checkpoint needs --key: a checkpoint that nobody verified shows nothing")
    path, own = _folder(given)
    found = _verified(path, given, own=own)
    code = NOTHING_JUDGED if found.is_empty else EXIT[found.verdict]
    if given["output_format"] == "json":
        _print(found, path)
    else:
        _show(found, path, {Path(one).as_posix() for one in given["checkpoints"]})
    return code


def _verified(path: Path, given: dict[str, Any], *, own: bool) -> Verified:
    from gates.record.integrity import checkpoints, verifying

    provenance: Any = options.own(manager.registry(third_party=False).gates["provenance"])
    project = facts.find(path.parent.parent if own else Path(given["directory"])).name

    def unseal(data: bytes) -> bytes:
        payload: bytes = provenance.unseal(data, checkpoints.KIND, given["key"])
        return payload

    try:
        checked = checkpoints.check(
            path, [Path(one) for one in given["checkpoints"]], project, unseal if given["key"] else None
        )
    except (provenance.KeyRefused, provenance.NoLibrary) as error:
        checked = checkpoints.Checked(unread=(error.message,))
    return verifying.verify(path, checked, own=own)


def _folder(given: dict[str, Any]) -> tuple[Path, bool]:
    """The folder of events, and whether it is one that runs write to."""
    if given["folder"] is None:
        return facts.find(Path(given["directory"])).root / git.STATE / eventlog.FOLDER, True
    path = Path(given["folder"])
    if not path.is_dir():
        raise UsageError(f"there is no directory {given['folder']!r}")
    for below in (path / git.STATE / eventlog.FOLDER, path / eventlog.FOLDER):
        if below.is_dir():
            return below, True
    return path, False


def _print(found: Verified, path: Path) -> None:
    from gates.model.reason import Reason
    from gates.record.maintenance import Verification

    reason = None
    if found.is_empty:
        reason = Reason(code="nothing_examined", message=_nothing(path), fix="gates check")
    elif found.verdict == "undecided":
        reason = Reason(code="unreadable", message=found.unread[0], fix="ls -l .gates/events")
    verdict = "undecided" if reason else found.verdict
    output.value(Verification(verdict=verdict, reason=reason, folder=path.as_posix(), found=found))


def _nothing(path: Path) -> str:
    return f"there is no log of runs in {path.as_posix()}"


def _show(found: Verified, path: Path, named: set[str]) -> None:
    if found.is_empty:
        output.line(_nothing(path))
        return
    for one in found.faults:
        place = one.file if one.line is None else f"{one.file}:{one.line}"
        output.line(f"{place}: {one.kind}: expected {one.expected}")
    for text in found.unread:
        output.line(f"undecided: {text}")
    for text in found.notes:
        output.line(f"note: {text}")
    retired = f", {_count(found.retired, 'more')} retired" if found.retired else ""
    said = f"{_count(found.runs, 'closed run')} with {_count(found.events, 'event')}{retired}"
    if found.faults:
        number = _count(len(found.faults), "fault")
        output.line(f"tampered: {number} in {said}; the first is at {found.faults[0].file}")
        output.line(f"to do: {_to_do(found.faults[0].file, path, named)}")
    elif not found.unread:
        output.line(f"whole: {said}")


def _to_do(file: str, path: Path, named: set[str]) -> str:
    if file in named:
        return "see first that --key and --checkpoint are those of this log"
    return (
        f"copy {path.as_posix()} elsewhere before another run writes to it, "
        f"then compare {file} with a backup or an artifact of CI"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 or noun == 'more' else 's'}"
