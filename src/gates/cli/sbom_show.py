"""`gates sbom show`: the bill of materials, written where it is asked for, with its verdict; the exit code is that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gates.cli import editing, options, output
from gates.errors import EXIT, UsageError

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.engine.session import Judgement
    from gates.model.report import GateReport

FORMATS = ("text", "json", "markdown", "cyclonedx")
DOCUMENT = "cyclonedx"


@click.command(short_help="Make the document, or judge one (without a command, too).")
@options.with_options(
    options.PROJECT,
    click.option("--document", metavar="PATH", help="Judge this document in the place of one made here."),
    *options.RUNNING,
    click.option("--output-format", type=click.Choice(FORMATS), default="text"),
    click.option("--output-file", multiple=True, metavar="FORMAT=PATH", help="Also write one of the formats here."),
)
def command(**given: Any) -> int:
    """Make a CycloneDX document of what is locked or installed, and judge it.

    The format `cyclonedx` is the document itself. It is written whatever the verdict is, where there is one. It judges
    the gate `sbom` too, and exits with its code as `gates check sbom` does.

    \b
    exit 0    the document is whole, says enough, and no licence is denied
    exit 1    something is wrong with it
    exit 3    nobody knows: nothing is installed or locked, or no document could be made
    """
    files = output.files(given["output_file"], FORMATS)
    making = DOCUMENT in files or given["output_format"] == DOCUMENT
    if making and given["document"]:
        raise UsageError("--document is judged as it is: there is no document to write by the format cyclonedx")
    prepared = options.prepare(given["directory"], options.configurable(given))
    prepared = _of(prepared, given["document"], making=making)
    judgement = _judged(prepared, given)
    (report,) = [one for one in judgement.report.gates if one.name == "sbom"]
    tables = _tables(prepared, judgement)
    document = str(tables.get("document", ""))
    value = _value(report, {key: one for key, one in tables.items() if key != "document"})
    for name, path in files.items():
        if name != DOCUMENT or document:
            output.write(path, document if name == DOCUMENT else _rendered(value, name))
    if making and not document:
        editing.say("there is no document: nothing was written by the format cyclonedx")
    _show(value, document, given["output_format"])
    for note in judgement.report.run.notes:
        if note.startswith("sbom: "):
            editing.say(f"note: {note.removeprefix('sbom: ')}")
    return EXIT[report.verdict]


def _of(prepared: Prepared, document: str | None, *, making: bool) -> Prepared:
    """The prepared project with the document that is judged; one that is to be made is judged itself."""
    if document is None and not making:
        return prepared
    own = options.own(prepared.registry.gates["sbom"])
    held = prepared.config.gates
    settings = {**held, "sbom": own.of(held["sbom"], document, prepared.project.root)}
    config = msgspec.structs.replace(prepared.config, gates=settings)
    return msgspec.structs.replace(prepared, config=config)


def _judged(prepared: Prepared, given: Mapping[str, Any]) -> Judgement:
    from gates.cli import progress
    from gates.engine import session

    watching = progress.observer(given["log_format"], quiet=given["quiet"], environ=dict(prepared.environ))
    request = options.request(
        prepared, watching, named=("sbom",), python=given["python"], use_cache=not given["no_cache"]
    )
    return session.judge(request)


def _tables(prepared: Prepared, judgement: Judgement) -> Mapping[str, Any]:
    facts = judgement.evidence.get("sbom")
    if facts is None:
        return {}
    return prepared.registry.gates["sbom"].tables(facts, prepared.config.gates["sbom"])


def _value(report: GateReport, tables: Mapping[str, Any]) -> Mapping[str, Any]:
    """What JSON has, and what the other forms are made from."""
    return {
        "schema_version": 1,
        "verdict": report.verdict,
        "reason": report.reason,
        "findings": [
            {
                "rule": one.rule,
                "name": one.name,
                "severity": one.severity,
                "message": one.message,
                "subject": one.subject,
                "blocks": one.blocks,
            }
            for one in report.findings
        ],
        **tables,
    }


def _rendered(value: Mapping[str, Any], form: str) -> str:
    if form == "json":
        return output.document(value) + "\n"
    if form == "markdown":
        from gates.render.sbom import markdown

        return markdown.render(value)
    from gates.render.sbom import terminal

    return terminal.render(value)


def _show(value: Mapping[str, Any], document: str, form: str) -> None:
    if form == "json":
        output.value(value)
    elif form != DOCUMENT:
        output.rendered(_rendered(value, form))
    elif document:
        output.rendered(document)
