"""`gates release check`: whether a release is whole, and all of it says the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gates.cli import options, output
from gates.errors import EXIT, UsageError, nearest
from gates.model.release import PARTS

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.model.release import Part, ReleaseReport

MARKS = {"complete": "complete", "missing": "MISSING", "wrong": "WRONG", "unknown": "UNKNOWN", "left_out": "left out"}
FORMATS = ("text", "json")


@click.command(short_help="Check that a release is whole and agrees with itself.")
@click.argument("folder", required=False, metavar="[FOLDER]")
@options.with_options(
    options.PROJECT,
    click.option("--tag", metavar="TAG", help="The tag of the release; that of HEAD by default."),
    click.option("--without", multiple=True, metavar="PART", help=f"Leave a part out, and say so: {', '.join(PARTS)}."),
    click.option("--output-format", type=click.Choice(FORMATS), default="text"),
    click.option("--output-file", multiple=True, metavar="FORMAT=PATH", help="Also write text or json here."),
)
def command(**given: Any) -> int:
    """Check what is about to be published from FOLDER (dist): tag, version, changelog, notes, artifacts, and the rest.

    FOLDER holds the artifacts, a list of their SHA-256 sums, an SBOM, and signed provenance. Everything is read,
    nothing is built or uploaded.

    \b
    exit 0    every part is there, and all of them agree
    exit 1    a part is missing or wrong
    exit 2    usage error: no such folder, tag or part
    exit 3    nobody knows: something cannot be read, or there is no repository
    """
    without = frozenset(_part(one) for one in given["without"])
    files = output.files(given["output_file"], FORMATS)
    prepared = options.prepare(given["directory"], {})
    commands = options.own(prepared.registry.gates["packaging"])
    settings = prepared.config.gates.get("packaging")
    root = prepared.project.root
    path = root / "dist" if given["folder"] is None else Path(given["folder"])
    wish = commands.Wish(
        verify=_verifier(prepared),
        tag=given["tag"],
        without=without,
        changelog=getattr(settings, "changelog", None),
        version_files=tuple(getattr(settings, "version_files", ())),
        now=datetime.now(UTC),
    )
    report = commands.check(prepared.project, commands.read(path, given["folder"] or "dist"), wish)
    for name, place in files.items():
        output.write(place, output.document(report) if name == "json" else _text(report))
    if given["output_format"] == "json":
        output.value(report)
    else:
        output.rendered(_text(report))
    return EXIT[report.verdict]


def _verifier(prepared: Prepared) -> Callable[[Any, str], Any] | None:
    """What verifies attestations by the settings of the gate `provenance`; None where they trust nobody."""
    settings: Any = prepared.config.gates.get("provenance")
    if settings is None or not settings.trusting:
        return None
    own = options.own(prepared.registry.gates["provenance"])

    def verify(folder: Any, version: str) -> Any:
        release = own.Release(
            version=version,
            artifacts=[one.path for one in folder.artifacts],
            attestations=[one.path for one in folder.of("attestation")],
            byproducts=[one.path for one in folder.of("sbom")],
        )
        return own.judge_release(settings, prepared.project, release, datetime.now(UTC))

    return verify


def _part(name: str) -> str:
    if name in PARTS:
        return name
    close = nearest(name, PARTS)
    hint = f", did you mean {close!r}?" if close else f"; there are {', '.join(PARTS)}"
    raise UsageError(f"a release has no part {name!r}{hint}")


def _text(report: ReleaseReport) -> str:
    rows = [f"{report.folder}: {report.version or 'no version'}, {report.denominator.count} files"]
    width = max(len(one.name) for one in report.parts)
    rows += [row for part in report.parts for row in _rows(part, width)]
    wrong = [one.name for one in report.parts if one.state in {"missing", "wrong"}]
    unknown = [one.name for one in report.parts if one.state == "unknown"]
    if wrong:
        rows.append(f"failed: {', '.join(wrong)}")
    elif unknown:
        rows.append(f"undecided: {', '.join(unknown)}")
    else:
        rows.append(f"passed: {sum(one.state == 'complete' for one in report.parts)} parts")
    return "\n".join(rows) + "\n"


def _rows(part: Part, width: int) -> list[str]:
    rows = [f"  {part.name:<{width}}  {MARKS[part.state]:<8}  {part.message}".rstrip()]
    for one in part.problems:
        rows += [f"    {one.message}", f"      fix: {one.fix}"]
    return rows
