"""Product: which files of a tree are what benchmarks measure, and which of those are tests all the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import msgspec

from gates.project.layout import TEST_FILES, TEST_FOLDERS, Layout

FOLDERS = TEST_FOLDERS | {"bench", "benchmark", "benchmarks"}
"""Folders inside a package that hold tests or benchmarks, where a file in them is one by its name."""

SUPPORT = FOLDERS | {"asv_bench", "testing"}
"""Folders beside the packages whose Python is that of tests and benchmarks."""

OWN = "__init__.py"
"""A pattern of test files that names this one names everything, and so says nothing of what is a test."""


class Tests(msgspec.Struct, frozen=True):
    """What pytest takes for tests: patterns of names, folders inside of packages, and paths that it is given.

    `places` are all folders that have a test in them, wherever they are.
    """

    patterns: tuple[str, ...]
    folders: frozenset[str]
    paths: tuple[str, ...]
    places: frozenset[str]

    def hold(self, file: str) -> bool:
        """Whether the file is a test, or lies among tests."""
        if self._named(file) or any(_is_or_below(file, one) for one in self.paths):
            return True
        return any(parent in self.folders for parent in _parents(file))

    def leave(self, file: str) -> bool:
        """Whether a file beside the packages is code that is measured, such as a script, and nothing of a test."""
        if not file.endswith(".py") or self.hold(file):
            return False
        parents = set(_parents(file))
        return self.places.isdisjoint(parents) and SUPPORT.isdisjoint(one.rpartition("/")[2] for one in parents)

    def _named(self, file: str) -> bool:
        return _is_named(file, self.patterns)


def tests(files: Iterable[str], layout: Layout, patterns: Sequence[str], paths: Sequence[str]) -> Tests:
    """The tests among `files`, which are those of both sides; `patterns` are pytest's `python_files`."""
    telling = tuple(one for one in patterns if not fnmatchcase(OWN, one)) or TEST_FILES
    named = [file for file in files if _is_named(file, telling)]
    folders = {parent for file in named for parent in _parents(file) if parent.rpartition("/")[2] in FOLDERS}
    roots = tuple(one for one in layout.import_roots if one != ".")
    told = {one.partition("::")[0].removeprefix("./").rstrip("/") for one in (*layout.tests, *paths)}
    outside = (one for one in told if one not in {"", "."} and not layout.packages_hold(one))
    return Tests(
        patterns=telling,
        folders=frozenset(folders),
        paths=tuple(sorted(one for one in outside if not any(_is_or_below(root, one) for root in roots))),
        places=frozenset(file.rpartition("/")[0] for file in named if "/" in file),
    )


def modules(files: Iterable[str], layout: Layout) -> tuple[str, ...]:
    """The names to import: packages and modules, and of a namespace the ones that it holds, however deep."""
    python = {file for file in files if file.endswith(".py") and layout.packages_hold(file)}
    found: set[str] = set()
    for root in layout.import_roots:
        prefix = "" if root == "." else f"{root}/"
        for package in layout.packages:
            place = prefix + package
            if f"{place}.py" in python:
                found.add(package)
            below = [one.removeprefix(f"{place}/") for one in python if one.startswith(f"{place}/")]
            found |= {".".join((package, *inner)) for inner in _regular(below)}
    return tuple(sorted(one for one in found if all(part.isidentifier() for part in one.split("."))))


def _regular(files: Sequence[str]) -> set[tuple[str, ...]]:
    """The outermost packages and modules among files below a folder; the empty name is the folder itself."""
    if OWN in files:
        return {()}
    found: set[tuple[str, ...]] = {(one.rpartition(".")[0],) for one in files if "/" not in one}
    for folder in {one.partition("/")[0] for one in files if "/" in one}:
        inside = [one.removeprefix(f"{folder}/") for one in files if one.startswith(f"{folder}/")]
        found |= {(folder, *inner) for inner in _regular(inside)}
    return found


def _is_named(file: str, patterns: Sequence[str]) -> bool:
    name = file.rpartition("/")[2]
    return name == "conftest.py" or (
        name.endswith(".py") and any(fnmatchcase(file if "/" in one else name, one) for one in patterns)
    )


def _is_or_below(file: str, place: str) -> bool:
    return file == place or file.startswith(f"{place}/")


def _parents(file: str) -> Iterable[str]:
    while "/" in file:
        file = file.rpartition("/")[0]
        yield file
