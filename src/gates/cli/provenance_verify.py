"""`gates provenance verify`: whether artifacts are attested by whom you trust, offline."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import click

from gates.cli import editing, options, output
from gates.errors import FAILED, PASSED, UNDECIDED


@click.command(short_help="Verify who signed what artifacts come from.")
@click.argument("dists", nargs=-1, required=True, metavar="DIST...")
@options.with_options(
    click.option("--attestation", "-a", multiple=True, metavar="FILE", help="Attestations; by default those beside."),
    click.option("--public-key", default="", metavar="FILE", help="Trust this key (ed25519, PEM) ..."),
    click.option("--builder", default="", metavar="ID", help="... for this builder."),
    click.option("--repository", default="", metavar="OWNER/NAME", help="Trust the workflow of this repository ..."),
    click.option("--workflow", default="", metavar="FILE", help="... with this file, such as release.yml ..."),
    click.option("--ref", default="", metavar="REF", help="... for this ref, such as refs/tags/v1.0."),
    click.option("--issuer", default="", metavar="URL", help="Who vouches for it; GitHub's by default."),
    click.option("--commit", default="", metavar="SHA", help="The commit it must be built from."),
    click.option("--version", "release", default="", metavar="VERSION", help="The version it must be."),
    click.option(
        "--kind",
        type=click.Choice(["provenance", "publish", "signature"]),
        default="provenance",
        help="What there must be of each artifact.",
    ),
    click.option("--max-days", type=click.FloatRange(min=0), help="The greatest age; any by default."),
    click.option("--report", default="", metavar="FILE", help="The report of gates that must be attested."),
    click.option("--gates", type=options.Names(), default=(), help="Gates that must be attested to have passed."),
    click.option("--byproduct", multiple=True, metavar="FILE", help="An SBOM that must be that of the build."),
    click.option("--as-of", type=options.Moment(), help="Judge as if it were this time."),
    click.option("--output-format", type=click.Choice(["text", "json"]), default="text"),
)
def command(**given: Any) -> int:
    """Verify that DIST (files or folders) are exactly what was attested, by whom you trust, and nothing else.

    Whom to trust is never taken from what is verified: name a key and its builder, or a workflow's repository, file
    and ref. Nothing is asked of the network.

    \b
    exit 0    every artifact is attested, and nothing speaks against it
    exit 1    it is not; each objection has a name
    exit 3    what verifies is not installed, or the key cannot be used
    """
    from gates.plugins import manager
    from gates.process.redact import redactor

    own: Any = options.own(manager.registry(third_party=False).gates["provenance"])
    asked = own.Asked(
        dists=given["dists"],
        attestations=given["attestation"],
        public_key=given["public_key"],
        builder=given["builder"],
        repository=given["repository"],
        workflow=given["workflow"],
        ref=given["ref"],
        issuer=given["issuer"] or own.ISSUER,
        commit=given["commit"],
        version=given["release"],
        kind=given["kind"],
        max_days=given["max_days"],
        report=given["report"],
        gates=given["gates"],
        byproducts=given["byproduct"],
    )
    try:
        found = own.verify(asked, given["as_of"] or datetime.now(UTC), redactor(os.environ).text)
    except (own.KeyRefused, own.NoLibrary) as error:
        if given["output_format"] == "json":
            output.value({"schema_version": 1, "verdict": "undecided", "message": str(error), "objections": []})
        else:
            editing.say(f"undecided: {error}")
        return UNDECIDED
    _show(found, json=given["output_format"] == "json")
    return FAILED if found.judged.objections else PASSED


def _show(found: Any, *, json: bool) -> None:
    judged = found.judged
    if json:
        output.value(
            {
                "schema_version": 1,
                "verdict": "failed" if judged.objections else "passed",
                "artifacts": found.dists,
                "believed": judged.believed,
                "objections": judged.objections,
            }
        )
        return
    for one in judged.objections:
        output.line(f"{one.place}: {one.slug}: {one.message}")
    if judged.objections:
        number = len(judged.objections)
        output.line(f"refused: {number} objection{'' if number == 1 else 's'}")
        return
    for dist in found.dists:
        kinds = sorted({one.kind for one in judged.believed if dist in one.subjects})
        output.line(f"{dist.name}: verified ({', '.join(kinds)})")
