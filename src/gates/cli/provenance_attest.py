"""`gates provenance`: signed statements of where artifacts come from and which gates they passed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gates.cli import editing, options, output
from gates.errors import FAILED, PASSED, UNDECIDED, OutputError, UsageError

NAME = "provenance.intoto.jsonl"


@click.command(short_help="Sign where artifacts come from.")
@click.argument("dists", nargs=-1, metavar="[DIST]...")
@options.with_options(
    options.PROJECT,
    click.option("--key", metavar="FILE", help="The private key; without, that in PROVENANCE_SIGNING_KEY."),
    click.option("--keyless", is_flag=True, help="Sign with the identity of this CI job, through sigstore."),
    click.option("--builder", default="", metavar="ID", help="Who built it; in a CI job on GitHub, its workflow."),
    click.option("--record", metavar="FILE", help="What `gates repro --record` wrote of these artifacts."),
    click.option("--packages", metavar="FILE", help="Instead: what `pip install --report` wrote of the build's."),
    click.option("--report", metavar="FILE", help="A report of gates, in JSON, to attest too."),
    click.option("--gates", type=options.Names(), default=(), help="Gates that the report must have."),
    click.option("--byproduct", multiple=True, metavar="FILE", help="An SBOM, or what else the build made."),
    click.option("--output", metavar="FILE", help=f"Where to; {NAME} beside the first artifact by default."),
    click.option("--dry-run", is_flag=True, help="Show the statements, and sign and write nothing."),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Sign that DIST (files or folders; `dist` by default) were built from this commit, with what, and by whom.

    With --report, "these artifacts passed these gates at this commit" is signed too. What is signed must be true:
    the tree has to be that of the commit, the report whole and green, and everything that the build was made with
    has to have a digest.

    \b
    exit 0    it is written
    exit 1    it would not be true
    exit 3    there is nothing to sign with
    """
    from gates.process.redact import redactor

    prepared = options.prepare(given["directory"], {})
    own = options.own(prepared.registry.gates["provenance"])
    settings: Any = prepared.config.gates["provenance"]
    dists = given["dists"] or ("dist",)
    place = Path(given["output"]) if given["output"] else _beside(dists[0])
    if given["keyless"] and given["key"]:
        raise UsageError("--key and --keyless are two ways to sign: use one")
    wish = own.Wish(
        dists=dists,
        output=place,
        key=given["key"],
        keyless=given["keyless"],
        builder=given["builder"],
        record=given["record"] or settings.record,
        packages=given["packages"],
        byproducts=given["byproduct"],
        report=given["report"],
        gates=given["gates"],
        unsigned=given["dry_run"],
    )
    # Not the profile `strict`: it would take the digests, of which a statement is full, for secrets.
    hiding = redactor(prepared.environ, patterns=prepared.config.redact.patterns)
    try:
        made = own.make(prepared.project, wish, prepared.environ, datetime.now(UTC), hiding.text)
    except own.NotAttested as error:
        return _told(given, "failed", str(error), FAILED)
    except (own.KeyRefused, own.NoLibrary) as error:
        return _told(given, "undecided", str(error), UNDECIDED)
    if not given["dry_run"]:
        _write(place, made.data)
    _show(made, place, given)
    return PASSED


def _beside(dist: str) -> Path:
    path = Path(dist)
    return (path if path.is_dir() else path.parent) / NAME


def _write(place: Path, data: bytes) -> None:
    from gates.engine import state

    try:
        state.write(place, data)
    except OSError as error:
        raise OutputError(f"{place} cannot be written: {error.strerror or error}") from error


def _told(given: dict[str, Any], verdict: str, message: str, code: int) -> int:
    if given["output_format"] == "json":
        output.value({"schema_version": 1, "verdict": verdict, "message": message, "statements": []})
    else:
        editing.say(f"nothing is signed: {message}" if verdict == "failed" else f"undecided: {message}")
    return code


def _show(made: Any, place: Path, given: dict[str, Any]) -> None:
    import json

    if given["output_format"] == "json":
        held = [json.loads(one) for one in made.statements]
        written = None if given["dry_run"] else place.as_posix()
        output.value({"schema_version": 1, "verdict": "passed", "message": "", "written": written, "statements": held})
        return
    if given["dry_run"]:
        for one in made.statements:
            output.paragraphs(json.dumps(json.loads(one), indent=2))
        editing.say("nothing is signed or written (--dry-run)")
        return
    files = ", ".join(one.name for one in made.dists)
    output.line(f"attested {files} of {made.source.commit[:12]} in {place}")
