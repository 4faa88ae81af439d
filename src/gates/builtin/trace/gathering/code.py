"""Code: comments that name items, and what the tests of items ran."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gates.builtin.trace import disk, executed
from gates.builtin.trace.annotations import Reader, is_code
from gates.builtin.trace.facts import Annotated, Executed, Item, Ran
from gates.builtin.trace.naming.collected import Shift, runs
from gates.builtin.trace.naming.tests import Ids, beginning
from gates.project import tree

if TYPE_CHECKING:
    from gates.model.tested import TestsEvidence
    from gates.project.facts import Project

LIMIT = 2 * 1024 * 1024
"""Bytes of a file of code; a larger one was made by a program."""


def annotated(project: Project, words: Sequence[str], ids: Ids, aside: frozenset[str]) -> Iterator[Annotated]:
    """The comments in the project's code that name an item, or what looks like one; `aside` are the documents."""
    reader = Reader(words)
    quick = re.compile("|".join(map(re.escape, words)).encode(), re.IGNORECASE)
    for path in project.tree.files:
        if not is_code(path) or path in aside or project.layout.tests_hold(path):
            continue
        data = _read(project.root / path)
        if data is None or quick.search(data) is None:
            continue
        for one in reader.read(tree.printable(path), data.decode("utf-8", "replace")):
            if one.target in ids.known or beginning(one.target) in ids.beginnings:
                yield one


def ran(
    project: Project, tests: TestsEvidence, folder: Path, by_item: Mapping[str, Iterable[str]]
) -> tuple[list[Executed], list[str]]:
    """What the tests of each item ran by the contexts of the run, and why some of it cannot be read."""
    held: defaultdict[str, dict[str, int]] = defaultdict(dict)
    notes: list[str] = []
    for run in runs(tests):
        shift = Shift.of(run.results.items)
        for part in run.parts.items:
            if not part.coverage.contexts or not part.coverage.data:
                continue
            try:
                found = executed.read(folder / f"coverage-{part.coverage.data}.sqlite", _Place(project))
            except executed.UnreadableContextsError as error:
                notes.append(f"which code the tests of items ran is not known: the coverage data is unusable: {error}")
                continue
            for test, files in found.items():
                mine = held[shift.local(test)]
                for path, lines in files.items():
                    mine[path] = mine.get(path, 0) | lines
    return list(executed.of_items(held, by_item)), notes


def tests_of(items: Iterable[Item], tests: Iterable[Ran]) -> Mapping[str, Sequence[str]]:
    """The ids of the tests of each item that has any: those that name it, and those that its commands name."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for test in tests:
        for name, _ in test.requirements.items:
            found[name].setdefault(test.id)
    for item in items:
        for command in item.validation.items:
            found[item.id].update(dict.fromkeys(command.tests.items))
    return {name: list(held) for name, held in found.items() if held}


class _Place:
    """The path in the project of a file that coverage data names; None for tests and what is outside."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._roots = tuple(dict.fromkeys((f"{project.root}{os.sep}", f"{project.root.resolve()}{os.sep}")))

    def __call__(self, path: str) -> str | None:
        root = next((one for one in self._roots if path.startswith(one)), None)
        if root is None:
            return None
        local = path.removeprefix(root).replace(os.sep, "/")
        return None if self._project.layout.tests_hold(local) else tree.printable(local)


def _read(place: Path) -> bytes | None:
    try:
        return None if place.stat().st_size > LIMIT else disk.read(place)
    except OSError:
        return None
