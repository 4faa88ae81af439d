"""Collect: the items of all documents, all tests, the code, and what joins them."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from gates.builtin.trace import consistency, disk, items, making
from gates.builtin.trace.annotations import is_program
from gates.builtin.trace.documents import document
from gates.builtin.trace.facts import Annotated, Document, Executed, Item, Remark, TraceEvidence
from gates.builtin.trace.gathering import before, beside, code, keyed, reports, tested
from gates.builtin.trace.naming import collected as collecting
from gates.builtin.trace.naming.collected import Collected
from gates.builtin.trace.naming.tests import Ids
from gates.builtin.trace.naming.validation import Validation
from gates.builtin.trace.readers import registry
from gates.builtin.trace.references import Files
from gates.errors import GitError, ProjectError, nearest
from gates.model.evidence import Refusal, counted, refuse
from gates.project import tree

if TYPE_CHECKING:
    from gates.builtin.trace.gathering.reports import Report
    from gates.builtin.trace.gathering.tested import Sources
    from gates.builtin.trace.readers.found import Reader
    from gates.builtin.trace.settings import TraceSettings
    from gates.model.gate import Context
    from gates.model.tested import TestsEvidence
    from gates.project.facts import Project

SCHEMA_VERSION = 1


def collect(context: Context[TraceSettings], every: Sequence[Reader]) -> TraceEvidence | Refusal:
    """The facts of the documents that the settings name, of the tests, and of the code; `every` are the readers."""
    settings, project = context.settings, context.project
    paths = _documents(project, settings)
    if isinstance(paths, Refusal):
        return paths
    readers = _readers(settings, every)
    if isinstance(readers, Refusal):
        return readers
    try:
        with _uncollected_garbage():
            return _collected(context, paths, readers)
    except (ProjectError, GitError) as error:
        return refuse("unreadable", str(error), "gates check trace")


def _collected(
    context: Context[TraceSettings], paths: Sequence[str], readers: Sequence[Reader]
) -> TraceEvidence | Refusal:
    settings, project = context.settings, context.project
    tests = cast("TestsEvidence | None", context.needs.get("tests"))
    there = None if tests is None else collecting.of(tests)
    readings = [registry.read(document.read(project.root, path), readers) for path in paths]
    levels = _levels(project, settings, paths)
    joined = items.join(readings, levels)
    found = reports.read(project, settings.junit, project.layout.python if there is None else there.files)
    if isinstance(found, Refusal):
        return found
    within = "" if project.git is None else project.git.prefix
    shown = [path if path.isprintable() else tree.printable(path) for path in project.tree.files]
    files = Files(project.root, shown, within)
    validation = Validation(there if there is not None and there.ids else None, within=within)
    made = tuple(making.made(joined.items, validation, files))
    why = beside.why(paths, made, files, found)
    if why:
        context.volatile(why)
    return _Joining(context, made, tests, there, found, readers).evidence(readings, joined.remarks, levels)


@contextmanager
def _uncollected_garbage() -> Iterator[None]:
    """Without the search for cycles, which there are none of here, and which takes a quarter of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Joining:
    """What the items are joined with, gathered once."""

    def __init__(
        self,
        context: Context[TraceSettings],
        made: tuple[Item, ...],
        tests: TestsEvidence | None,
        there: Collected | None,
        found: Sequence[Report],
        readers: Sequence[Reader],
    ) -> None:
        self.context, self.project, self.settings = context, context.project, context.settings
        self.items, self.run, self.there, self.reports = made, tests, there, found
        self.readers = readers
        self.ids = Ids.of(one.id for one in made if not one.derived)
        self.notes: list[str] = []
        self.remarks: list[Remark] = []

    def evidence(
        self, readings: Sequence[registry.Reading], remarks: Sequence[Remark], levels: Mapping[str, str]
    ) -> TraceEvidence:
        """All of it, sealed."""
        sources = self._sources()
        gathered = tested.Gathered(self.there, sources, frozenset(one.id for one in self.items))
        if self.run is not None:
            gathered.of_run(self.run)
        # Of equal outcomes that of the last run counts: an older one may be stale.
        for report in sorted(self.reports, key=lambda one: one.at, reverse=True):
            gathered.of_report(report, before.sources(self.project, report, sources, self.ids))
        ran = gathered.ran()
        tests = code.tests_of(self.items, ran)
        annotated = self._annotated()
        executed = self._executed(tests)
        collected = self.there is not None and bool(self.there.ids)
        return consistency.sealed(
            TraceEvidence(
                schema_version=SCHEMA_VERSION,
                documents=counted(_document(one, levels) for one in readings),
                items=counted(self.items),
                remarks=counted([*remarks, *self.remarks]),
                collected=collected,
                uncollected="" if collected else self._uncollected(),
                tests=counted(ran),
                code=counted(annotated),
                executed=counted(executed),
                evidenced=counted(tested.evidenced(self.run, self.reports, self._is_product)),
                changed=counted(self._changed(readings, tests, sources, [*annotated, *executed])),
                outdated=counted(self._outdated(readings)),
                base=counted(() if self.context.base is None else (self.context.base,)),
                notes=counted(self.notes),
                seal="",
            )
        )

    def _sources(self) -> Sources:
        held = dict.fromkeys(() if self.there is None else self.there.ids)
        held.update(dict.fromkeys(case.id for report in self.reports for case in report.cases))
        return tested.sources(held, self._tests, self.ids)

    def _tests(self, path: str) -> str | None:
        text = self._text(path)
        if text is not None:
            self.remarks += keyed.remarks(path, text)
        return text

    def _text(self, path: str) -> str | None:
        try:
            return disk.read(self.project.root / path).decode("utf-8", "replace")
        except (OSError, ValueError):
            return None

    def _annotated(self) -> list[Annotated]:
        aside = frozenset(one.place.path for one in self.items)
        return list(code.annotated(self.project, self.settings.annotations, self.ids, aside))

    def _executed(self, tests: Mapping[str, Sequence[str]]) -> list[Executed]:
        if self.run is None or not self.settings.contexts:
            return []
        known = {one.id for one in self.items}
        mine = {name: held for name, held in tests.items() if name in known}
        found, notes = code.ran(self.project, self.run, self.context.state.parent / "tests", mine)
        self.notes += notes
        return found

    def _uncollected(self) -> str:
        if self.run is None:
            return "the tests were not run"
        return "pytest collected no test"

    def _is_product(self, path: str) -> bool:
        layout = self.project.layout
        if layout.tests_hold(path):
            return False
        return layout.packages_hold(path) if path.endswith(".py") else is_program(path)

    def _changed(
        self,
        readings: Sequence[registry.Reading],
        tests: Mapping[str, Sequence[str]],
        sources: Sources,
        named: Sequence[Annotated | Executed],
    ) -> list[tuple[str, str]]:
        base = self.context.base
        if base is None or self.project.git is None:
            return []
        known = {one.id for one in self.items}
        found = before.changed(self.project, base, self.items, tests, sources, named, self._then(readings))
        return sorted({one for one in found if one[0] in known})

    def _outdated(self, readings: Sequence[registry.Reading]) -> list[tuple[str, str]]:
        return sorted(before.outdated(self.reports, readings, self._then(readings)))

    def _then(self, readings: Sequence[registry.Reading]) -> Callable[[str], Sequence[registry.Reading]]:
        """The documents as a commit has them."""
        return lambda commit: before.readings(self.project, commit, readings, self.readers)


def _documents(project: Project, settings: TraceSettings) -> tuple[str, ...] | Refusal:
    """The documents that the settings name, in their order; a refusal where a glob names none."""
    found: dict[str, None] = {}
    for glob in settings.every():
        held: tuple[str, ...] = project.tree.matching((glob,))
        if not held and os.path.isfile(project.root / glob):  # noqa: PTH113 - a path may be absolute
            held = (glob,)
        if not held:
            message = f"[tool.gates.trace] names the document {glob}, and {_lacking(project, glob)}"
            return refuse("evidence_missing", message, "correct `documents` in [tool.gates.trace]")
        found.update(dict.fromkeys(held))
    if not found:
        message = "[tool.gates.trace] names no document with requirements"
        return refuse("not_configured", message, "gates trace DOCUMENT")
    return tuple(found)


def _lacking(project: Project, glob: str) -> str:
    place = project.root / glob
    if place.is_dir():
        return f"that is a folder: name the documents in it, such as {glob.rstrip('/')}/*.md"
    if os.path.lexists(place):
        return "that is no regular file, or a link that leads to none"
    close = nearest(glob, project.tree.files)
    return f"there is none; did you mean {tree.printable(close)}?" if close else "there is none"


def _readers(settings: TraceSettings, every: Sequence[Reader]) -> Sequence[Reader] | Refusal:
    names = [one.name for one in every]
    unknown = next((one for one in settings.readers if one not in names), None)
    if unknown is not None:
        close = nearest(unknown, names)
        hint = f"did you mean {close!r}?" if close else f"known: {', '.join(names)}"
        message = f"`readers` in [tool.gates.trace] names {unknown!r}, which is no reader; {hint}"
        return refuse("tool_config_invalid", message, "correct `readers` in [tool.gates.trace]")
    return tuple(one for one in every if not settings.readers or one.name in settings.readers)


def _levels(project: Project, settings: TraceSettings, paths: Sequence[str]) -> Mapping[str, str]:
    """The level of each document that has one; the first that names it counts."""
    found: dict[str, str] = {}
    for level in settings.levels:
        for path in project.tree.matching(level.documents):
            found.setdefault(path, level.name)
    return {tree.printable(path): found[path] for path in paths if path in found}


def _document(reading: registry.Reading, levels: Mapping[str, str]) -> Document:
    held: dict[str, int] = {}
    for reader, _ in reading.found:
        held[reader] = held.get(reader, 0) + 1
    path = reading.document.path
    return Document(
        path=path, sha256=reading.document.sha256, level=levels.get(path, ""), found=counted(sorted(held.items()))
    )
