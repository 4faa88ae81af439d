"""Decide: enough ran, of everything, of what globs name, of each file, and of what the change touched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gates.builtin.coverage import change, consistency, figures, words
from gates.builtin.coverage.facts import CoverageEvidence, File, Subject
from gates.builtin.coverage.figures import Figure, percent
from gates.builtin.coverage.lines import decoded, numbers
from gates.builtin.coverage.rules import BRANCHES, FILE, PATHS, PRAGMAS, SUBJECT, TOTAL
from gates.builtin.coverage.settings import CoverageSettings, PathLimit
from gates.model.decision import Decision
from gates.model.finding import Finding, finding
from gates.model.measure import Denominator, Measure
from gates.model.reason import Reason
from gates.model.rule import Rule


def decide(evidence: CoverageEvidence, settings: CoverageSettings) -> Decision:
    """The decision over the measured files."""
    fault = consistency.fault(evidence)
    if fault is not None:
        return Decision(denominator=Denominator(count=0, unit="files"), reason=fault)
    return Decision(
        denominator=Denominator(count=evidence.files.count, unit="files"),
        findings=tuple(_findings(evidence, settings)),
        measures=tuple(_measures(evidence, settings)),
        reason=next(_problems(evidence, settings), None),
        notes=tuple(_notes(evidence, settings)),
    )


def total_limit(evidence: CoverageEvidence, settings: CoverageSettings) -> tuple[float, str] | None:
    """The limit of everything and where it stands: gates' own, else the one that the project gives coverage."""
    if settings.total is not None:
        return settings.total, "setting:total"
    return next(((one.percent, one.place) for one in evidence.limits.items), None)


def patch_limit(evidence: CoverageEvidence, settings: CoverageSettings) -> float | None:
    """The limit of what the change touched: its own, else that of everything."""
    if settings.patch is not None:
        return settings.patch
    held = total_limit(evidence, settings)
    return None if held is None else held[0]


def _findings(evidence: CoverageEvidence, settings: CoverageSettings) -> Iterator[Finding]:
    files = evidence.files.items
    held = total_limit(evidence, settings)
    if held is not None:
        yield from _total(evidence, held[0])
    if settings.branches is not None and evidence.arcs:
        yield from _branches("", files, settings.branches)
    if settings.file is not None:
        yield from _floor(evidence, files, settings.file, "")
    for one in settings.path:
        yield from _path(evidence, one)
    if settings.pragmas is not None:
        yield from _pragmas(files, settings.pragmas)
    asked = patch_limit(evidence, settings)
    if asked:
        yield from change.findings(evidence, asked)
    for subject in evidence.subjects.items:
        yield from _subject(evidence, subject)


def _total(evidence: CoverageEvidence, limit: float) -> Iterator[Finding]:
    files = evidence.files.items
    figure = figures.total(files, counted=evidence.counted)
    if not figure.meets(limit):
        said = words.short(figure, limit, _ran(evidence)) + _worst(evidence, files)
        yield finding(TOTAL, said, subject="total", source="total")


def _path(evidence: CoverageEvidence, one: PathLimit) -> Iterator[Finding]:
    named = figures.matching(one.glob, evidence.files.items)
    if one.minimum is not None:
        figure = figures.total(named, counted=evidence.counted)
        if not figure.meets(one.minimum):
            said = f"{one.glob}: {words.short(figure, one.minimum, _ran(evidence))}{_worst(evidence, named)}"
            yield finding(PATHS, said, subject=one.glob, source=one.glob)
    if one.branches is not None and evidence.arcs:
        yield from _branches(one.glob, named, one.branches)
    if one.file is not None:
        yield from _floor(evidence, named, one.file, f", which {one.glob} asks of each file")


def _branches(glob: str, files: Sequence[File], limit: float) -> Iterator[Finding]:
    figure = figures.branches(files)
    if not figure.meets(limit):
        said = words.short(figure, limit, "branches were taken") + words.worst(
            files, lambda one: figures.branches([one])
        )
        about = f"{glob}: " if glob else ""
        yield finding(BRANCHES, about + said, subject=glob or "branches", source=glob)


def _floor(evidence: CoverageEvidence, files: Sequence[File], limit: float, because: str) -> Iterator[Finding]:
    for one in files:
        figure = figures.total([one], counted=evidence.counted)
        if not figure.meets(limit):
            missed = decoded(one.lines) & ~decoded(one.ran)
            said = f"{figure} of {figure.of:,} {_ran(evidence)}, and the floor is {percent(limit)} %{because}"
            yield _at(FILE, said + words.missing(one, missed), one, missed, one.path, "floor")


def _pragmas(files: Sequence[File], limit: int) -> Iterator[Finding]:
    found = sum(one.pragmas for one in files)
    if found > limit:
        most = sorted((one for one in files if one.pragmas), key=lambda one: (-one.pragmas, one.path))[: words.MOST]
        where = ", ".join(f"{one.path} ({one.pragmas:,})" for one in most)
        bear = words.count(found, "line bears", "lines bear")
        said = f"{bear} an exclusion pragma, and the limit is {limit:,}; most are in {where}"
        yield finding(PRAGMAS, said, subject="pragmas", source="pragmas")


def _subject(evidence: CoverageEvidence, subject: Subject) -> Iterator[Finding]:
    promise = words.count(subject.tests.count, "test promises", "tests promise")
    about = f"{promise} {percent(subject.minimum)} % of {subject.module}"
    one = next((one for one in evidence.files.items if one.path == subject.path), None)
    if one is None:
        said = f"{about}, and nobody measured a module of that name"
        yield finding(SUBJECT, said, subject=subject.module, source=subject.module)
        return
    ran = decoded(subject.ran) & decoded(one.lines)
    figure = Figure(ran.bit_count(), one.statements)
    if not figure.meets(subject.minimum):
        missed = decoded(one.lines) & ~ran
        said = f"{about}, and {figure} of {figure.of:,} lines ran in them{words.missing(one, missed)}"
        yield _at(SUBJECT, said, one, missed, subject.module, subject.module)


def _at(rule: Rule, said: str, one: File, missed: int, subject: str, source: str) -> Finding:
    line = next(iter(numbers(missed)), None)
    return finding(rule, said, path=one.path, line=line, subject=subject, source=source)


def _measures(evidence: CoverageEvidence, settings: CoverageSettings) -> Iterator[Measure]:
    files = evidence.files.items
    yield _measure("coverage.total", figures.total(files, counted=evidence.counted), total_limit(evidence, settings))
    if evidence.arcs:
        yield _measure("coverage.branches", figures.branches(files), _own(settings.branches, "branches"))
    for one in settings.path:
        figure = figures.total(figures.matching(one.glob, files), counted=evidence.counted)
        if not figure.of:
            continue
        yield _measure(f"coverage.path.{one.glob}", figure, _own(one.minimum, "path"))
    yield Measure(
        name="coverage.pragmas",
        value=sum(one.pragmas for one in files),
        unit="lines",
        limit=settings.pragmas,
        limit_from=None if settings.pragmas is None else "setting:pragmas",
        direction="max",
    )
    yield from change.measures(evidence)
    for lane in evidence.lanes.items if evidence.lanes.count > 1 else ():
        figure = Figure(lane.executed + lane.taken, lane.statements + lane.ways)
        yield Measure(name=f"coverage.lane.{lane.name}", value=figure.percent, unit="percent")


def _measure(name: str, figure: Figure, limit: tuple[float, str] | None) -> Measure:
    value, place = (None, None) if limit is None else limit
    return Measure(name=name, value=figure.percent, unit="percent", limit=value, limit_from=place, direction="min")


def _own(limit: float | None, setting: str) -> tuple[float, str] | None:
    return None if limit is None else (limit, f"setting:{setting}")


def _problems(evidence: CoverageEvidence, settings: CoverageSettings) -> Iterator[Reason]:
    files = evidence.files.items
    if not any(one.statements for one in files):
        message = "nothing that was measured has a line to run"
        yield Reason(code="nothing_examined", message=message, fix="set `source` in coverage's settings")
    for one in settings.path:
        if not figures.matching(one.glob, files):
            message = (
                f"the glob {one.glob!r} names none of the {words.count(len(files), 'measured file', 'measured files')}"
            )
            fix = "mend or remove its table [[tool.gates.coverage.path]]; gates coverage lists the files"
            yield Reason(code="nothing_examined", message=message, fix=fix)
    if not evidence.arcs and (settings.branches is not None or any(one.branches is not None for one in settings.path)):
        message = f"there is a limit of branches, and only lines were measured ({evidence.source})"
        yield Reason(code="evidence_incomplete", message=message, fix="measure with `branch = true`")
    if not _is_limited(evidence, settings):
        message = "no limit is set, and no baseline is committed: nothing says how much must run"
        held = figures.total(files, counted=evidence.counted)
        yield Reason(
            code="not_configured", message=message, fix=f"set total = {int(held.percent)} in [tool.gates.coverage]"
        )


def _is_limited(evidence: CoverageEvidence, settings: CoverageSettings) -> bool:
    own = (settings.branches, settings.file, settings.patch, settings.pragmas)
    asked = any(one is not None for one in own) or bool(settings.path) or evidence.subjects.count > 0
    return asked or evidence.baselined or total_limit(evidence, settings) is not None


def _notes(evidence: CoverageEvidence, settings: CoverageSettings) -> Iterator[str]:
    if evidence.failed:
        tests = words.count(evidence.failed, "test that was measured failed", "tests that were measured failed")
        yield f"{tests}: what they would have run besides is missing"
    for root in evidence.mapped.items:
        yield f"paths of the data: {root}"
    if evidence.no_base and patch_limit(evidence, settings):
        yield f"the change is not judged: {evidence.no_base}"
    if evidence.patch.count and patch_limit(evidence, settings) is None:
        yield "the change is not judged: neither `patch` nor `total` sets a limit"
    yield from change.notes(evidence)


def _ran(evidence: CoverageEvidence) -> str:
    return "lines and branches ran" if evidence.counted else "lines ran"


def _worst(evidence: CoverageEvidence, files: Sequence[File]) -> str:
    return words.worst(files, lambda one: figures.total([one], counted=evidence.counted))
