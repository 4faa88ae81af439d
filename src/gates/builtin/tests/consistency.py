"""Consistency: why a run does not allow a pass, whatever its tests say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gates.builtin.suite import by_hand
from gates.model.reason import Reason, ReasonCode
from gates.model.tested import Outcomes, Part, TestsEvidence

AGAIN = "gates check tests --no-cache"
OK, TESTS_FAILED, INTERRUPTED, INTERNAL_ERROR, USAGE_ERROR, NO_TESTS_COLLECTED, MAX_WARNINGS = range(7)
"""pytest's exit statuses (`pytest.ExitCode`; the last is of 9.1 and newer)."""

BAD = frozenset({"failed", "error", "flaky"})
CUT_SHORT = frozenset({INTERRUPTED, INTERNAL_ERROR, USAGE_ERROR})


def problem(evidence: TestsEvidence, *, named: tuple[str, ...] | None, allow_installed: bool) -> Reason | None:
    """The first reason against a pass, or None; `named` are packages whose import the user wants to be checked."""
    return next(_problems(evidence, named, allow_installed=allow_installed), None)


def executed(evidence: TestsEvidence) -> int:
    """How many tests ran: the denominator."""
    return sum(one.outcome != "skipped" for one in evidence.results.items)


def bad(evidence: TestsEvidence) -> bool:
    """Whether something went wrong that may go right the next time."""
    ended = any(
        part.exit_status or part.outcomes.bad or part.outcomes.flaky or part.crashes for part in evidence.parts.items
    )
    return ended or evidence.selected.count != evidence.results.count


def _problems(evidence: TestsEvidence, named: tuple[str, ...] | None, *, allow_installed: bool) -> Iterator[Reason]:
    parts = evidence.parts.items
    yield from _miscounted(evidence)
    yield from _misconfigured(evidence)
    for crash in evidence.crashes.items:
        if crash.what == "pytest":
            yield _reason("tool_crashed", f"pytest itself went down: {crash.message}", _by_hand(evidence))
    for part in parts:
        if part.tree != part.tree_after:
            message = "the project's files changed while its tests ran, so the outcome belongs to no one state of them"
            fix = "let tests write to `tmp_path` and leave the tree alone meanwhile; then " + AGAIN
            yield _reason("evidence_stale", message, fix)
        yield from _contradicted(part, evidence)
        yield from _cut_short(part, evidence)
    if not allow_installed:
        yield from _installed(evidence)
    yield from never_imported(evidence, named or ())
    yield from _unmeasured(evidence)
    if executed(evidence) == 0 and not evidence.collection_errors.count:
        yield _nothing(evidence)


def _reason(code: ReasonCode, message: str, fix: str = AGAIN) -> Reason:
    return Reason(code=code, message=message, fix=fix)


def _miscounted(evidence: TestsEvidence) -> Iterator[Reason]:
    parts = evidence.parts.items
    shards = [part.index for part in parts]
    whole = len(parts) > 1
    if not parts or (whole and shards != list(range(1, parts[0].count + 1))):
        yield _reason("evidence_incomplete", "not every shard of the run is there exactly once")
    counted = (
        ("tests selected", sum(one.selected for one in parts), evidence.selected.count),
        ("warnings", sum(one.warnings for one in parts), sum(one.times for one in evidence.warnings.items)),
        ("crashes", sum(one.crashes for one in parts), evidence.crashes.count),
        ("accounts of what was fixed", sum(one.processes for one in parts), evidence.processes.count),
        ("leaks", sum(one.leaks for one in parts), evidence.leaks.count),
    )
    for what, said, held in counted:
        if said != held:
            yield _reason("evidence_corrupt", f"the run says {said:,} {what} and holds {held:,}")
    errors = [one.collection_errors for one in parts] or [0]
    # Every shard collects the whole suite, so that an error of several is held once.
    if not max(errors) <= evidence.collection_errors.count <= sum(errors):
        held = evidence.collection_errors.count
        yield _reason("evidence_corrupt", f"the run says {sum(errors):,} collection errors and holds {held:,}")
    outcomes: Counter[str] = Counter(one.outcome for one in evidence.results.items)
    for outcome in Outcomes.__struct_fields__:
        said, held = sum(getattr(one.outcomes, outcome) for one in parts), outcomes[outcome]
        if said != held:
            yield _reason("evidence_corrupt", f"the run says {said:,} tests {outcome} and holds {held:,}")
    ids = [one.id for one in evidence.results.items]
    if len(set(ids)) != len(ids) or not set(ids) <= set(evidence.selected.items):
        yield _reason("evidence_corrupt", "the outcomes do not belong to the tests that were selected")
    if any(
        one.failures.count > 0 and one.outcome not in {"failed", "error", "flaky"} for one in evidence.results.items
    ):
        yield _reason("evidence_corrupt", "a test that did not fail has failing phases")


def _misconfigured(evidence: TestsEvidence) -> Iterator[Reason]:
    """Settings that pytest went on without, so that it ran another suite than somebody meant."""
    for one in evidence.unknown_options.items:
        hint = f"did you mean {one.nearest!r}?" if one.nearest else "no plugin that is installed here brings it"
        message = f"pytest does not know the option {one.name!r} at {one.place} and went on without it; {hint}"
        yield _reason("tool_config_invalid", message, f"edit {one.place}")


def _contradicted(part: Part, evidence: TestsEvidence) -> Iterator[Reason]:
    """What pytest's exit status denies of the tests that it reported."""
    status, bad, where = part.exit_status, _bad_in(part), _where(part)
    said = []
    if part.ended_with != status:
        said.append(f"pytest recorded exit status {status} and ended with {part.ended_with}{where}")
    if status in {OK, MAX_WARNINGS} and bad:
        said.append(f"pytest ended with exit status {status}{where} although {bad} tests or files failed")
    if status == MAX_WARNINGS and not part.warnings:
        said.append(f"pytest ended with too many warnings{where} and recorded none")
    if status == NO_TESTS_COLLECTED and part.outcomes.executed:
        said.append(f"pytest says that no test was collected{where} although some ran")
    yield from (_reason("evidence_corrupt", message) for message in said)
    if status == OK and evidence.complaints.count:
        message = f"pytest ended with exit status 0 and printed: {evidence.complaints.items[0]}"
        yield _reason("evidence_corrupt", message, "mend it, or take the limit out of the project's own options")


def _cut_short(part: Part, evidence: TestsEvidence) -> Iterator[Reason]:
    """Why a run is not whole, or ended badly for another reason than its tests."""
    status, where, again = part.exit_status, _where(part), by_hand.pytest(part.interpreter)
    if status == TESTS_FAILED and not _bad_in(part):
        said = f": {evidence.complaints.items[0]}" if evidence.complaints.count else ""
        message = f"pytest ended with exit status 1{where} although no test failed{said}; a plugin may have ended it"
        yield _reason("tool_crashed", message, again)
    elif status == INTERRUPTED and not part.collection_errors:
        yield _reason("interrupted", f"pytest was interrupted{where} before it had run every test")
    elif status == INTERNAL_ERROR:
        yield _reason("tool_crashed", f"pytest had an internal error{where}", again)
    elif status == USAGE_ERROR:
        yield _reason("tool_config_invalid", f"pytest refused its options or configuration{where}", again)
    elif status not in range(MAX_WARNINGS + 1):
        yield _reason("tool_crashed", f"pytest ended with exit status {status}{where}, which it does not document")


def _bad_in(part: Part) -> int:
    return part.outcomes.bad + part.collection_errors + part.crashes


def _by_hand(evidence: TestsEvidence, *args: str) -> str:
    return by_hand.pytest(_python(evidence), *args)


def _python(evidence: TestsEvidence) -> str:
    parts = evidence.parts.items
    return parts[0].interpreter if parts else "python"


def _where(part: Part) -> str:
    return f" in shard {part.index}/{part.count}" if part.count > 1 else ""


def _installed(evidence: TestsEvidence) -> Iterator[Reason]:
    fix = next((part.editable for part in evidence.parts.items), AGAIN)
    for one in evidence.imported.items:
        if one.where != "tree":
            message = (
                f"the tests ran against the installed copy: {one.package} was imported from {one.file}"
                " (where that is meant, set `allow-installed = true` in [tool.gates.tests])"
            )
            yield _reason("tested_installed_copy", message, fix)


def never_imported(evidence: TestsEvidence, named: tuple[str, ...]) -> Iterator[Reason]:
    """Packages that were to be imported and never were."""
    missing = sorted(set(named) - {one.package for one in evidence.imported.items})
    if missing:
        message = f"the tests never imported {', '.join(missing)}, so it is unknown which copy they tested"
        yield _reason("evidence_incomplete", message, "take the name out of packages in [tool.gates.tests]")


def _unmeasured(evidence: TestsEvidence) -> Iterator[Reason]:
    for part in evidence.parts.items:
        measured = part.coverage
        if not measured.demanded:
            continue
        if measured.unreadable:
            message = (
                f"{measured.unreadable} of {measured.combined + measured.unreadable} coverage data files are damaged"
            )
            yield _reason("evidence_corrupt", message)
        if measured.executed == 0 and part.outcomes.executed:
            message = "coverage was asked for, and no file of the project was measured"
            fix = "check `source`, `include` and `omit` in coverage's configuration, and `--cov=` in addopts"
            yield _reason("evidence_missing", message, fix)


def _nothing(evidence: TestsEvidence) -> Reason:
    counts = (
        (evidence.results.count, "were skipped"),
        (evidence.deselected.count, "were deselected"),
        (evidence.skipped_modules.count, "modules were skipped as a whole"),
    )
    why = [f"{number:,} {what}" for number, what in counts if number]
    said = f": {', '.join(why)}" if why else ": pytest collected none"
    return _reason("nothing_examined", f"not one test ran{said}", _by_hand(evidence, "--collect-only", "-q"))
