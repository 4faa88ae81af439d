"""Summary: the facts of one recorded run."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

from gates.builtin.suite import outcomes
from gates.builtin.suite.by_hand import Judged
from gates.builtin.suite.options import PytestOptions
from gates.builtin.suite.record import RecordedRun
from gates.builtin.tests import held, selection
from gates.config.positions import line_of
from gates.model.evidence import counted
from gates.model.gate import Shard
from gates.model.recorded_run import SCHEMA_VERSION
from gates.model.tested import (
    CollectionError,
    Coverage,
    Covers,
    Crash,
    Failure,
    Imported,
    Outcomes,
    Part,
    Result,
    SkippedModule,
    TestsEvidence,
    UnknownOption,
    Warned,
    Where,
)

INSTALLED = re.compile(r"(?:^|/)(?:site|dist)-packages/(.*)")


def evidence(
    run: RecordedRun,
    *,
    root: Path,
    packages: Iterable[str],
    options: PytestOptions,
    ended_with: int,
    coverage: Coverage,
    complaints: Sequence[str],
    judged: Judged,
    redact: Callable[[str], str],
) -> TestsEvidence:
    """The facts of a run, its messages without what `redact` takes out.

    Paths become relative to `root`, or to the folder of packages that they are installed in.
    """
    places = _Places(root, Path(run.begin.rootdir), redact)
    results = tuple(sorted(_results(run, places), key=lambda one: one.id))
    warned = _warnings(run, places)
    selected = sorted(set(run.collected.selected))
    return TestsEvidence(
        schema_version=SCHEMA_VERSION,
        commit=run.begin.commit or "",
        parts=counted([_part(run, results, len(selected), ended_with, coverage, judged)]),
        selected=counted(selected),
        other_shards=counted(sorted(run.collected.other_shards)),
        deselected=counted(sorted(run.collected.deselected)),
        restrictions=counted(selection.restrictions(run.begin, options)),
        unknown_options=counted(_unknown_options(run, root, options)),
        results=counted(results),
        collection_errors=counted(_collection_errors(run, places)),
        skipped_modules=counted(
            SkippedModule(id=one.nodeid, message=places.text(one.message))
            for one in sorted(run.collected.skipped_modules, key=lambda one: one.nodeid)
        ),
        warnings=counted(warned),
        crashes=counted(_crashes(run, places)),
        processes=counted(held.processes(run, _shard(run.begin.shard).index, places.text)),
        leaks=counted(held.leaks(run, places.text)),
        packages=counted(sorted(set(packages))),
        imported=counted(_imported(run, frozenset(packages), places)),
        complaints=counted(map(redact, complaints)),
        lanes=counted(()),
    )


class _Places:
    """Paths as pytest gave them, made relative to the project's root, and messages fit to be kept."""

    def __init__(self, root: Path, rootdir: Path, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._roots = tuple(dict.fromkeys((root, root.resolve())))
        self._rootdir = rootdir if rootdir.is_absolute() else root / rootdir
        self._located: dict[str, tuple[str, Where]] = {}

    def path(self, given: str | None) -> str | None:
        return None if given is None else self.located(given)[0]

    def text(self, message: str) -> str:
        """A message without secrets and without the place that the project has on this machine."""
        for root in self._roots:
            message = message.replace(f"{root}{os.sep}", "")
        return self._redact(message) if message else message

    def located(self, given: str) -> tuple[str, Where]:
        """The shown path of a file, and whether it belongs to the tree, to an environment, or to neither."""
        # Thousands of tests are in a few files.
        if given not in self._located:
            self._located[given] = self._locate(given)
        return self._located[given]

    def _locate(self, given: str) -> tuple[str, Where]:
        full = given if Path(given).is_absolute() else os.path.normpath(self._rootdir / given)
        posix = Path(full).as_posix()
        installed = INSTALLED.search(posix)
        if installed is not None:
            return f"site-packages/{installed[1]}", "installed"
        for root in self._roots:
            if Path(full).is_relative_to(root):
                return Path(full).relative_to(root).as_posix(), "tree"
        return f"<elsewhere>/{PurePosixPath(posix).name}", "elsewhere"


def _unknown_options(run: RecordedRun, root: Path, options: PytestOptions) -> Iterable[UnknownOption]:
    for name, nearest in sorted(run.begin.unknown_options.items()):
        line = None if options.file is None else line_of(root / options.file, name, "pytest")
        yield UnknownOption(
            name=name, nearest=nearest, place="the command line" if line is None else f"{options.file}:{line}"
        )


def _part(
    run: RecordedRun, results: Sequence[Result], selected: int, ended_with: int, coverage: Coverage, judged: Judged
) -> Part:
    shard = _shard(run.begin.shard)
    counts = Counter(one.outcome for one in results)
    return Part(
        index=shard.index,
        count=shard.count,
        exit_status=run.end.exitstatus,
        ended_with=ended_with,
        pytest=run.begin.pytest,
        python=run.begin.python,
        interpreter=judged.path,
        editable=judged.editable,
        platform=run.begin.platform,
        tree=run.begin.tree,
        tree_after=run.end.tree,
        environment=run.begin.environment,
        settings=run.begin.settings,
        selected=selected,
        warnings=len(run.warnings),
        collection_errors=len(run.collect_errors),
        crashes=len(run.crashes),
        processes=len(held.processes(run, shard.index, str)),
        leaks=len(run.leaks),
        outcomes=Outcomes(
            passed=counts["passed"],
            failed=counts["failed"],
            error=counts["error"],
            flaky=counts["flaky"],
            skipped=counts["skipped"],
            xfailed=counts["xfailed"],
            xpassed=counts["xpassed"],
        ),
        coverage=coverage,
    )


def _shard(given: str | None) -> Shard:
    index, _, count = (given or "1/1").partition("/")
    return Shard(index=int(index), count=int(count))


def _results(run: RecordedRun, places: _Places) -> Iterable[Result]:
    for test, phases in outcomes.by_test(run).items():
        outcome = outcomes.of(phases)
        if outcome is None:
            continue
        telling = next((one for one in phases if one.outcome != "passed" or one.wasxfail), phases[0])
        yield Result(
            id=test,
            outcome=outcome,
            reruns=outcomes.reruns(phases),
            message=places.text(telling.message) if outcome in {"skipped", "xfailed", "xpassed"} else "",
            path=places.path(telling.path),
            line=telling.line,
            failures=counted(
                Failure(when=one.when, message=places.text(one.message), line=one.line)
                for one in phases
                if one.outcome == "failed" or (one.outcome == "rerun" and outcome == "flaky")
            ),
            markers=counted(sorted({mark for one in phases for mark in one.markers})),
            requirements=counted(sorted({name for one in phases for name in one.requirements})),
            covers=counted(
                Covers(module=module, minimum=minimum)
                for module, minimum in sorted({(of.module, of.minimum) for one in phases for of in one.covers})
            ),
        )


def _collection_errors(run: RecordedRun, places: _Places) -> list[CollectionError]:
    found = [
        CollectionError(id=one.nodeid, path=places.path(one.path), line=one.line, message=places.text(one.message))
        for one in run.collect_errors
    ]
    return sorted(found, key=lambda one: (one.id, one.message))


def _warnings(run: RecordedRun, places: _Places) -> list[Warned]:
    times = Counter((one.category, places.text(one.message), places.path(one.path), one.line) for one in run.warnings)
    found = [
        Warned(category=category, message=message, path=path, line=line, times=number)
        for (category, message, path, line), number in times.items()
    ]
    return sorted(found, key=lambda one: (one.path or "", one.line or 0, one.category, one.message))


def _crashes(run: RecordedRun, places: _Places) -> list[Crash]:
    found = [
        Crash(what="pytest" if one.worker is None else "worker", message=places.text(one.message))
        for one in run.crashes
    ]
    return sorted(found, key=lambda one: (one.what, one.message))


def _imported(run: RecordedRun, packages: frozenset[str], places: _Places) -> list[Imported]:
    pairs = {(name, file) for one in run.modules for name, file in one.files.items() if name in packages}
    located = {(name, *places.located(file)) for name, file in pairs}
    return [Imported(package=name, file=file, where=where) for name, file, where in sorted(located)]
