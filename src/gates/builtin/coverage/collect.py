"""Collect: a measurement, the sources that it is of, and what the change touched."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from gates.builtin.coverage import measurement, measuring, parsing, patch, paths, subjects
from gates.builtin.coverage.facts import CoverageEvidence, File, Limit, Subject
from gates.builtin.coverage.lines import between
from gates.builtin.coverage.measurement import FROM_TESTS, Measurement
from gates.builtin.coverage.merge import lane
from gates.builtin.coverage.parsing import Parses
from gates.builtin.coverage.readers.data import Recorded
from gates.builtin.coverage.union import Uniting
from gates.builtin.suite import options
from gates.builtin.suite.options import PytestOptions
from gates.config import baseline, limits, tool_settings
from gates.errors import GitError
from gates.model.evidence import Refusal, counted, refuse
from gates.project import base, changes

if TYPE_CHECKING:
    from gates.builtin.coverage.settings import CoverageSettings
    from gates.model.gate import Context
    from gates.model.tested import Result, TestsEvidence
    from gates.project.changes import ChangedFile

SCHEMA_VERSION = 1


def collect(context: Context[CoverageSettings]) -> CoverageEvidence | Refusal:
    """The files, the change, and what tests promise of modules."""
    found = measurement.of_files(context) if context.settings.data else measurement.of_tests(context)
    if isinstance(found, Refusal):
        return found
    changed = _changed(context)
    if isinstance(changed, Refusal):
        return changed
    return _evidence(context, found, changed)


def _evidence(
    context: Context[CoverageSettings], found: Measurement, changed: Sequence[ChangedFile]
) -> CoverageEvidence | Refusal:
    places = paths.mapped(set(found.paths), context.project.tree.files, context.project.root)
    stale = measurement.newer(found, places, context.project.root)
    if stale is not None:
        return stale
    gone = measurement.gone(found, places, context.project.root)
    if gone is not None:
        return gone
    measured = {place for place in places.values() if place is not None}
    judged = patch.judged(changed, measured, context.project.layout)
    asked = sorted(measured | {one.path for one in judged if one.path.endswith(".py")})
    told = _told(context)
    parses = parsing.parse(context, asked, tracers=_tracers(found, places), config=_config(context, told))
    if isinstance(parses, Refusal):
        return parses
    touched = {one.path: patch.altered(one.lines) for one in judged}
    # Of a module that tests say they cover a line may be missing in any function.
    promised = _promised(context) & parses.keys()
    touched |= {path: between(1, parses[path].last) for path in promised & measured}
    files = _files(found, parses, places, touched)
    if isinstance(files, Refusal):
        return files
    held = {one.path: one for one in files}
    contexts = found.contexts_of(places)
    known = patch.Measured(
        paths=measured,
        parses=parses,
        contexts=contexts,
        settings=tool_settings.coverage_settings(context.project),
    )
    change = (
        None
        if context.base is None
        else patch.collect(context.base, judged, known, patch.aside(changed, judged, context.project.layout))
    )
    return CoverageEvidence(
        schema_version=SCHEMA_VERSION,
        source=found.source,
        version=parses.version,
        arcs=found.arcs,
        counted=found.arcs and _counts_branches(told, parses),
        contexts=found.contexts,
        limits=counted(_limits(context, parses)),
        baselined=(context.project.root / baseline.name("coverage")).is_file(),
        failed=sum(one.outcome in {"failed", "error"} for one in _results(context)),
        mapped=counted(_mapped(found, places, context.project.root)),
        files=counted(files),
        patch=counted(() if change is None else (change,)),
        no_base="" if change is not None else _no_base(context),
        subjects=counted(_subjects(context, held, contexts, promised, parses)),
        lanes=counted([lane("1/1" if context.shard is None else str(context.shard), sys.platform, files)]),
    )


def _changed(context: Context[CoverageSettings]) -> Sequence[ChangedFile] | Refusal:
    """What changed since the base; nothing without one, which is no answer on a pull request."""
    git = context.project.git
    if context.base is None or git is None:
        if base.on_pull_request(context.environ) and context.settings.patch != 0:
            why = context.no_base
            fix = "git fetch --unshallow" if why is None else why.fix
            return refuse("no_base", f"the change cannot be judged: {_no_base(context)}", fix)
        return ()
    try:
        return changes.since(git, context.base)
    except GitError as error:
        return refuse("unreadable", f"what changed cannot be asked: {error}", "git status")


def _no_base(context: Context[CoverageSettings]) -> str:
    why = context.no_base
    return "there is no base" if why is None else why.message


def _mapped(found: Measurement, places: Mapping[str, str | None], root: Path) -> tuple[str, ...]:
    """The roots of data that was named; this tree's own is no news."""
    if found.source == FROM_TESTS:
        return ()
    own = (f"{root}/", f"{root}\\")
    return paths.printed({path: place for path, place in places.items() if not path.startswith(own)})


def _tracers(found: Measurement, places: Mapping[str, str | None]) -> dict[str, str]:
    tracers: dict[str, str] = {}
    for part in found.parts:
        if isinstance(part.data, Recorded):
            for path, ran in part.data.files.items():
                place = places[path]
                if ran.tracer and place is not None:
                    tracers[place] = ran.tracer
    return tracers


def _files(
    found: Measurement, parses: Parses, places: Mapping[str, str | None], touched: Mapping[str, int]
) -> tuple[File, ...] | Refusal:
    """The facts of each measured file; what several data files say of it is put together."""
    uniting: dict[str, Uniting] = {}
    for part in found.parts:
        own = {path: place for path in part.data.files if (place := places[path]) is not None}
        if isinstance(part.data, Recorded):
            files = measuring.files(part.data, parses, own, touched)
        else:
            files = measuring.reported(part.data, parses, own, touched)
        if isinstance(files, Refusal):
            return files
        if len(found.parts) == 1:
            return files
        for one in files:
            if one.path in uniting:
                uniting[one.path].add(one)
            else:
                uniting[one.path] = Uniting(one)
    return tuple(uniting[path].whole() for path in sorted(uniting))


def _told(context: Context[CoverageSettings]) -> PytestOptions | None:
    """What pytest is told where the tests are run for this gate."""
    if FROM_TESTS not in context.needed:
        return None
    tests = context.needed[FROM_TESTS]
    return options.read(context.project.root, tests.args, {**context.environ, **tests.env})


def _config(context: Context[CoverageSettings], told: PytestOptions | None) -> str | None:
    """The file of coverage's settings, where another one is named than coverage finds by itself."""
    named = [value for value, _ in told.values("--cov-config") if value] if told is not None else []
    return named[-1] if named else context.environ.get("COVERAGE_RCFILE")


def _counts_branches(told: PytestOptions | None, parses: Parses) -> bool:
    """Whether the project's own figure counts branches: by coverage's settings, or pytest-cov's option."""
    return told is None or parses.branch or told.flag("--cov-branch") is not None


def _limits(context: Context[CoverageSettings], parses: Parses) -> list[Limit]:
    """The limit that coverage has, as coverage itself understands its settings, unless pytest-cov is given another."""
    held = limits.limit(context.project, "coverage", "fail_under")
    found = tool_settings.coverage_settings(context.project)
    own = None if found is None else found.keys.get("report.fail_under")
    if held is not None and (own is None or held.place != own.place):
        return [Limit(percent=float(held.value), place=held.place)]
    place = "coverage's settings" if own is None else own.place
    return [Limit(percent=parses.fail_under, place=place)] if parses.fail_under else []


def _results(context: Context[CoverageSettings]) -> Sequence[Result]:
    """What became of each test; nothing where the data was named."""
    if FROM_TESTS not in context.needs:
        return ()
    return cast("TestsEvidence", context.needs[FROM_TESTS]).results.items


def _subjects(
    context: Context[CoverageSettings],
    files: Mapping[str, File],
    contexts: Mapping[str, Mapping[str, int]],
    promised: Iterable[str],
    parses: Parses,
) -> Sequence[Subject]:
    within = {path: subjects.in_functions(parses[path]) for path in promised if path in files}
    by_context: dict[str, dict[str, int]] = {}
    for path in within:
        for name, lines in contexts.get(path, {}).items():
            by_context.setdefault(name, {})[path] = lines
    return subjects.collect(_results(context), files, by_context, context.project.layout, within)


def _promised(context: Context[CoverageSettings]) -> set[str]:
    """Where the modules are, or would be, that tests say they cover."""
    modules = {one.module for result in _results(context) for one in result.covers.items}
    return {path for module in modules for path in subjects.candidates(module, context.project.layout)}
