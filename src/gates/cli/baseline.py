"""`gates baseline`: write down what is known and how good it is today; only better is written without --force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gates.cli import editing, options
from gates.errors import FAILED, NOTHING_JUDGED, UNDECIDED, UsageError

if TYPE_CHECKING:
    from gates.cli.options import Prepared
    from gates.config.baseline import Baseline
    from gates.config.file_edit import FileEdit
    from gates.engine.ratchet import Proposal
    from gates.engine.session import Judgement
    from gates.model.finding import Finding
    from gates.model.keeping import Keeping
    from gates.model.report import GateReport


SHOWN = 10


class _Written(msgspec.Struct):
    """What came of the gates: baselines to write, files of another form, sentences to say, and the exit code."""

    baselines: dict[str, Baseline] = msgspec.field(default_factory=dict)
    files: dict[str, bytes] = msgspec.field(default_factory=dict)
    notes: list[str] = msgspec.field(default_factory=list)
    code: int = 0

    def refuse(self, code: int, note: str) -> None:
        """Say why a gate's baseline is not written; what is worse goes before what is undecided."""
        self.notes.append(note)
        self.code = min(code, self.code or code)


@click.command(short_help="Write down what is known today; it may only get better.")
@click.argument("gates", nargs=-1, metavar="[GATE]...")
@options.with_options(
    options.PROJECT,
    click.option("--prune", is_flag=True, help="Only take out what is gone, and follow renamed files."),
    click.option("--force", is_flag=True, help="Write it though something is worse than before."),
    click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing."),
    click.option("--python", metavar="EXE", help="The interpreter of the judged environment."),
    click.option("--offline", is_flag=True, help="Make no network call."),
)
def command(**given: Any) -> int:
    """Judge the gates and write gates-baseline/GATE.jsonl for each: known findings, figures, and over how much.

    A known finding does not count; one more does. Waived findings are not written, nor is an undecided gate.

    \b
    exit 0    written, or nothing to write
    exit 1    something is worse than in the baseline that is there (nothing of that gate was written)
    exit 3    a gate could not decide (nothing of that gate was written)
    exit 5    nothing was judged
    """
    if given["prune"] and given["force"]:
        raise UsageError("--prune only takes out what is gone, so there is nothing to force; leave one of them out")
    prepared = options.prepare(given["directory"], {"python": given["python"], "offline": given["offline"] or None})
    judgement = _judged(prepared, given)
    reports = [one for one in judgement.report.gates if _has_baseline(prepared, one.name)]
    if not reports:
        editing.say("no gate was judged that can have a baseline; `gates list` says why")
        return NOTHING_JUDGED
    written = _Written()
    for report in reports:
        keeping = _own(prepared, judgement, report, given)
        if keeping is None:
            _settle(prepared, report, written, given)
        else:
            _keep(report.name, keeping, written)
    edits = _edits(prepared, written)
    if edits:
        editing.finish(prepared, edits, written.notes, dry_run=given["dry_run"])
    else:
        for note in [*written.notes, *(["nothing to do: the baseline is up to date"] if not written.code else [])]:
            editing.say(note)
    return written.code


def _judged(prepared: Prepared, given: dict[str, Any]) -> Judgement:
    from gates.cli import progress
    from gates.engine import session

    watching = progress.observer("text", quiet=False, environ=dict(prepared.environ))
    request = options.request(prepared, watching, named=given["gates"], python=given["python"], with_baseline=False)
    return session.judge(request)


def _has_baseline(prepared: Prepared, name: str) -> bool:
    return any(rule.waivable for rule in prepared.registry.gates[name].rules)


def _settle(prepared: Prepared, report: GateReport, written: _Written, given: dict[str, Any]) -> None:
    """Decide what is written for one gate."""
    from gates.config import baseline
    from gates.engine import ratchet
    from gates.engine.circumstances import History

    name = report.name
    unlimited = report.reason is not None and report.reason.code == "not_configured" and report.measures
    if not unlimited and (report.reason is not None or report.denominator is None or report.verdict == "undecided"):
        why = report.reason.message if report.reason else "it gives no reason"
        written.refuse(UNDECIDED, f"{name} is undecided, so its baseline was not written: {why}")
        return
    old = None if given["force"] else baseline.read(prepared.project.root, name)
    history = History(prepared.project, name)
    if old is not None and given["prune"]:
        written.baselines[name] = ratchet.pruned(report, old, lambda: history.moves)
    elif given["prune"]:
        written.notes.append(f"{name} has no baseline to prune")
    elif old is None:
        written.baselines[name] = ratchet.today(report)
    else:
        proposal = ratchet.proposed(report, old, lambda: history.moves)
        if proposal.worse or proposal.new_findings:
            written.refuse(FAILED, _objection(name, proposal))
        else:
            written.baselines[name] = proposal.baseline


def _own(prepared: Prepared, judgement: Judgement, report: GateReport, given: dict[str, Any]) -> Keeping | None:
    """What a gate keeps in a form of its own; None where its findings and figures are kept, or it has no evidence."""
    from gates.model.keeping import Wish

    facts = judgement.evidence.get(report.name)
    if facts is None:
        return None
    wish = Wish(
        project=prepared.project,
        settings=prepared.config.gates[report.name],
        report=report,
        now=datetime.fromisoformat(judgement.report.run.started),
        prune=given["prune"],
        force=given["force"],
    )
    return prepared.registry.gates[report.name].keeps(facts, wish)


def _keep(name: str, keeping: Keeping, written: _Written) -> None:
    if keeping.worse:
        written.refuse(FAILED, _worse(name, keeping.worse))
    elif keeping.reason is not None:
        written.refuse(UNDECIDED, f"{name} is undecided, so its baseline was not written: {keeping.reason.message}")
    else:
        written.notes += [f"{name}: {note}" for note in keeping.notes]
        written.files |= keeping.files


def _objection(name: str, proposal: Proposal) -> str:
    """What got worse, in lines of which the first ten findings are shown."""
    found = [_shown(item) for item in proposal.new_findings]
    lines = [*proposal.worse, *(one.partition("\n")[0] for one in found[:SHOWN])]
    if len(found) > SHOWN:
        lines.append(f"and {len(found) - SHOWN:,} more findings that are new")
    return _worse(name, lines)


def _worse(name: str, lines: Sequence[str]) -> str:
    worse = "".join(f"\n  {line}" for line in lines)
    return f"{name} is worse than its baseline, which was not written (--force writes it):{worse}"


def _shown(item: Finding) -> str:
    place = f"{item.path or '.'}" + ("" if item.line is None else f":{item.line}")
    return f"{place}: {item.tool_rule or item.rule} {item.message}"


def _edits(prepared: Prepared, written: _Written) -> list[FileEdit]:
    from gates.cli import adoption
    from gates.config import baseline
    from gates.config.edit import with_names
    from gates.config.file_edit import FileEdit
    from gates.project import documents

    root, top, baselines = prepared.project.root, editing.top(prepared), written.baselines
    own = [
        FileEdit(top, editing.below(prepared, name), _bytes(root / name), data) for name, data in written.files.items()
    ]
    edits = [
        FileEdit(top, editing.below(prepared, baseline.name(name)), baseline.data_of(root, name), baseline.encode(one))
        for name, one in baselines.items()
    ]
    if not baselines:
        return [one for one in own if one.changes]
    file = adoption.config_file(prepared)
    before = file.data or b""
    text = with_names(documents.decode(before, file.path), file.prefix, "baseline", list(baselines), path=file.path)
    mark = documents.BOM.encode() if before.startswith(documents.BOM.encode()) else b""
    named = FileEdit(top, editing.below(prepared, file.path), file.data, mark + text.encode())
    return [one for one in (named, *edits, *own) if one.changes]


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
