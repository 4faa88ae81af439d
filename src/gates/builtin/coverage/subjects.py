"""Subjects: of the modules that tests say they cover, what ran in those tests.

A test runs what ran in its own context and in those of all that it is in: its class, its module, its packages, where
fixtures of wider scope were set up, and the session, which is the empty context. What ran there is nobody's alone, and
counts for every test. So does module-level code, whatever context it ran in: which test imports a module first is
chance, and an import is no test's doing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from gates.builtin.coverage.facts import File, Subject
from gates.builtin.coverage.lines import between, decoded, encoded
from gates.builtin.coverage.parsed import Parsed
from gates.model.evidence import counted
from gates.model.tested import Result
from gates.project.layout import Layout

SESSION = ""
"""The context of what runs outside of tests, and of fixtures that the whole session shares."""

Contexts = Mapping[str, Mapping[str, int]]
"""By context, the lines that ran in it of each file, as sets."""


def collect(
    results: Iterable[Result], files: Mapping[str, File], contexts: Contexts, layout: Layout, within: Mapping[str, int]
) -> tuple[Subject, ...]:
    """A subject for each module and minimum that tests bear, sorted; without a path where nobody measured a file of it.

    `files` are by path, `within` the lines in functions (see `in_functions`) of at least those that tests name.
    """
    bearers: dict[tuple[str, float], list[str]] = {}
    for result in results:
        for one in result.covers.items:
            bearers.setdefault((one.module, one.minimum), []).append(result.id)
    found = []
    for (module, minimum), tests in sorted(bearers.items()):
        path = next((one for one in candidates(module, layout) if one in files), None)
        ran = 0 if path is None else _ran(files[path], tests, contexts, within.get(path))
        found.append(
            Subject(
                module=module,
                minimum=minimum,
                path=path,
                tests=counted(sorted(tests)),
                executed=ran.bit_count(),
                ran=encoded(ran),
            )
        )
    return tuple(found)


def candidates(module: str, layout: Layout) -> Iterator[str]:
    """The paths at which a module can be found, a package by its `__init__.py`."""
    place = module.replace(".", "/")
    for root in layout.import_roots:
        start = "" if root == "." else f"{root}/"
        yield f"{start}{place}/__init__.py"
        yield f"{start}{place}.py"


def in_functions(parsed: Parsed) -> int:
    """The lines that run when functions are called, and not when the module is imported as decorators and `def` are."""
    found = 0
    for _, first, last in parsed.functions:
        found |= between(first, last)
    return found


def scopes(test: str) -> Iterator[str]:
    """The contexts in which something ran for a test: the session's, those of all that it is in, its own."""
    yield SESSION
    for found in re.finditer("::|/", test):
        yield test[: found.start()]
    yield test


def _ran(file: File, tests: Iterable[str], contexts: Contexts, within: int | None) -> int:
    ran = decoded(file.ran)
    found = 0 if within is None else ran & ~within
    for context in {one for test in tests for one in scopes(test)}:
        found |= contexts.get(context, {}).get(file.path, 0)
    return found & ran
