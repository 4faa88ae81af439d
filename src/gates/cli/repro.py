"""`gates repro`: every difference with its factor, cause and cure; the exit code is the gate's."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gates.cli import editing, options, output
from gates.errors import EXIT, UNDECIDED, UsageError

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.engine.session import Judgement
    from gates.model.keeping import Keeping
    from gates.model.reason import Reason
    from gates.model.report import GateReport

FORMATS = ("text", "json", "markdown")
NOTHING: Mapping[str, Any] = {
    "artifacts": [],
    "factors": {"varied": [], "not_varied": []},
    "methods": {},
    "against": [],
    "record": None,
}
"""What is told of a project of which nothing was found out."""


@click.command(short_help="Show what makes builds differ, by which factor, and what mends it.")
@options.with_options(
    options.PROJECT,
    click.option(
        "--against",
        multiple=True,
        metavar="FILE|PATH|NAME==VERSION",
        help="Also compare a rebuild with this published artifact.",
    ),
    click.option("--record", is_flag=True, help="Write today's hashes and tools down as those to expect."),
    click.option("--dry-run", is_flag=True, help="Show what --record would write, and write nothing."),
    *options.RUNNING,
    click.option("--output-format", type=click.Choice(FORMATS), default="text"),
    click.option("--output-file", multiple=True, metavar="FORMAT=PATH", help="Also write text, json or markdown here."),
)
def command(**given: Any) -> int:
    """Build wheel and sdist under circumstances that differ, and explain every byte that does.

    It judges the gate `repro` too, and exits with its code as `gates check repro` does.

    \b
    exit 0    the same bytes everywhere (and as recorded and published, where that is asked for)
    exit 1    something differs
    exit 3    nobody knows: nothing was built, a factor could not be varied, or --record had nothing to write
    """
    if given["dry_run"] and not given["record"]:
        raise UsageError("--dry-run is for --record: nothing else is written")
    files = output.files(given["output_file"], FORMATS)
    prepared = options.prepare(given["directory"], options.configurable(given))
    prepared = _compared(prepared, given["against"])
    judgement = _judged(prepared, given)
    (report,) = [one for one in judgement.report.gates if one.name == "repro"]
    keeping = _kept(prepared, judgement, report) if given["record"] else None
    recorded = keeping is not None and bool(keeping.files) and not given["dry_run"]
    value = _value(prepared, judgement, report, recorded=recorded)
    for name, path in files.items():
        output.write(path, _rendered(value, name))
    if given["output_format"] == "json":
        output.value(value)
    else:
        output.rendered(_rendered(value, given["output_format"]))
    if keeping is not None:
        return _written(prepared, keeping, value["verdict"], given)
    return EXIT[value["verdict"]]


def _compared(prepared: Prepared, given: tuple[str, ...]) -> Prepared:
    """The prepared project with what is compared with beside what its settings name."""
    if not given:
        return prepared
    own = options.own(prepared.registry.gates["repro"])
    held = prepared.config.gates
    settings = {**held, "repro": own.against(held["repro"], given, prepared.project.root)}
    config = msgspec.structs.replace(prepared.config, gates=settings)
    return msgspec.structs.replace(prepared, config=config)


def _judged(prepared: Prepared, given: Mapping[str, Any]) -> Judgement:
    from gates.cli import progress
    from gates.engine import session

    watching = progress.observer(given["log_format"], quiet=given["quiet"], environ=dict(prepared.environ))
    request = options.request(
        prepared, watching, named=("repro",), python=given["python"], use_cache=not given["no_cache"]
    )
    return session.judge(request)


def _value(prepared: Prepared, judgement: Judgement, report: GateReport, *, recorded: bool) -> Mapping[str, Any]:
    """What JSON has, and what the other forms are made from."""
    facts = judgement.evidence.get("repro")
    gate, settings = prepared.registry.gates["repro"], prepared.config.gates["repro"]
    verdict: str = report.verdict
    if recorded:
        verdict = options.own(gate).verdict_once_recorded(report)
    return {
        "schema_version": 1,
        "verdict": verdict,
        "reason": report.reason,
        "findings": [
            {"rule": one.rule, "name": one.name, "severity": one.severity, "message": one.message, "blocks": one.blocks}
            for one in report.findings
        ],
        **(NOTHING if facts is None else gate.tables(facts, settings)),
    }


def _rendered(value: Mapping[str, Any], form: str) -> str:
    if form == "json":
        return output.document(value) + "\n"
    reason: Reason | None = value["reason"]
    if form == "markdown":
        from gates.render.repro import markdown

        return markdown.render(value, value["verdict"], reason)
    from gates.render.repro import terminal

    return terminal.render(value, value["verdict"], reason)


def _kept(prepared: Prepared, judgement: Judgement, report: GateReport) -> Keeping | None:
    """What --record writes; None where nothing was found out."""
    from gates.model.keeping import Wish

    facts = judgement.evidence.get("repro")
    if facts is None:
        return None
    wish = Wish(
        project=prepared.project,
        settings=prepared.config.gates["repro"],
        report=report,
        now=datetime.fromisoformat(judgement.report.run.started),
    )
    return prepared.registry.gates["repro"].keeps(facts, wish)


def _written(prepared: Prepared, keeping: Keeping, verdict: str, given: Mapping[str, Any]) -> int:
    """Write the record, or say why there is none; the code."""
    from gates.config.file_edit import FileEdit

    if keeping.reason is not None:
        editing.say(f"the record was not written: {keeping.reason.message}")
        return EXIT[verdict] or UNDECIDED
    root, top = prepared.project.root, editing.top(prepared)
    edits = [
        FileEdit(top, editing.below(prepared, name), _bytes(root / name), data) for name, data in keeping.files.items()
    ]
    changed = [one for one in edits if one.changes]
    if not changed:
        editing.say("nothing to do: the record says this already")
        return EXIT[verdict]
    # The diff is for people, and standard output may hold a document.
    with contextlib.redirect_stdout(sys.stderr):
        editing.finish(prepared, changed, keeping.notes, dry_run=given["dry_run"])
    return EXIT[verdict]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
