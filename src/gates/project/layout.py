"""Layout: where the project's code and tests are, by its build backend's settings, else by convention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from gates.project import declared
from gates.project.documents import words
from gates.project.tree import Tree, translate

PYTHON = (".py", ".pyi")
INITS = frozenset({"__init__.py", "__init__.pyi"})
TEST_FOLDERS = frozenset({"test", "tests"})
TEST_FILES = ("test_*.py", "*_test.py")

ASIDE = frozenset({
    "asv_bench", "bench", "benchmark", "benchmarks", "bin", "build", "ci", "dist", "doc", "docs", "etc", "example",
    "examples", "experiments", "notebooks", "packaging", "requirements", "scripts", "src", "test", "testing", "tests",
    "tools", "typings", "vendor",
})  # fmt: skip
"""Folders in the root of a flat layout that hold Python and are not the product."""

ASIDE_MODULES = frozenset({
    "conf", "conftest", "dodo", "fabfile", "manage", "noxfile", "setup", "tasks", "toxfile", "versioneer",
})  # fmt: skip
"""Modules in the root of a flat layout that belong to a tool."""


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """All paths are relative to the project's root, with forward slashes, sorted.

    `import_roots` are the folders to be on `sys.path` ("." or "src"), `packages` the names to import from there,
    `tests` test folders and test files outside of those, `python` every .py and .pyi file.
    """

    import_roots: tuple[str, ...]
    packages: tuple[str, ...]
    tests: tuple[str, ...]
    python: tuple[str, ...]

    def by_weight(self) -> tuple[str, ...]:
        """`python` with the files of the packages first and those of the tests last, outer ones before inner."""

        def weight(file: str) -> tuple[bool, bool, int, str]:
            tested = any(_is_or_below(file, one) for one in self.tests)
            return tested, not self.packages_hold(file), file.count("/"), file

        return tuple(sorted(self.python, key=weight))

    def packages_hold(self, file: str) -> bool:
        """Whether the file is in one of the packages, or is one of the modules."""
        own = (f"{_below(root)}{name}" for root in self.import_roots for name in self.packages)
        return any(_is_or_below(file, one) or file in {f"{one}.py", f"{one}.pyi"} for one in own)

    def tests_hold(self, file: str) -> bool:
        """Whether the file is a test or lies among tests; what pytest is told to look for in the packages is neither.

        There the names decide: a folder `tests`, a file `test_x.py`, a `conftest.py`.
        """
        places = [one for one in self.tests if one != "." and not (self.packages_hold(one) or self._around(one))]
        if any(_is_or_below(file, one) for one in places):
            return True
        *folders, name = file.split("/")
        named = name == "conftest.py" or any(fnmatchcase(name, glob) for glob in TEST_FILES)
        return named or not TEST_FOLDERS.isdisjoint(folders)

    def _around(self, place: str) -> bool:
        return any(_is_or_below(root, place) for root in self.import_roots if root != ".")


def find(tree: Tree, pyproject: Mapping[str, Any], name: str) -> Layout:
    """The layout of a tree; what the configuration says and the tree does not have is left out."""
    python = tuple(path for path in tree.files if path.endswith(PYTHON))
    said = declared.packages(tree.root, pyproject)
    places: dict[str, set[str]] = {}
    for root, module in said.modules:
        if _holds(python, root, module):
            places.setdefault(root, set()).add(module)
    for root in said.roots:
        found = {module for module in _top_level(python, root, name) if said.ships(module)}
        if found:
            places.setdefault(root, set()).update(found)
    if not places:
        roots = ["src", *_pythonpath(tree, pyproject), "."]
        root, found = next(((one, names) for one in roots if (names := _top_level(python, one, name))), (".", set()))
        places = {root: found}
    return Layout(
        import_roots=tuple(sorted(places)),
        packages=tuple(sorted({module for found in places.values() for module in found})),
        tests=_tests(tree, pyproject, python),
        python=python,
    )


def _is_or_below(file: str, place: str) -> bool:
    return place in {".", file} or file.startswith(f"{place}/")


def _below(root: str) -> str:
    return "" if root == "." else f"{root}/"


def _holds(python: Iterable[str], root: str, module: str) -> bool:
    place = _below(root) + module
    return any(path.startswith(f"{place}/") or path in {f"{place}.py", f"{place}.pyi"} for path in python)


def _top_level(python: tuple[str, ...], root: str, name: str) -> set[str]:
    """The import names below a root: packages, modules, and outside of a flat layout namespaces too."""
    prefix = _below(root)
    inside = [path.removeprefix(prefix).split("/", 2) for path in python if path.startswith(prefix)]
    if root != "." and any(parts[0] in INITS for parts in inside):
        return set()
    regular = {parts[0] for parts in inside if len(parts) == 2 and parts[1] in INITS}
    folders = {parts[0] for parts in inside if len(parts) > 1}
    modules = {parts[0].rpartition(".")[0] for parts in inside if len(parts) == 1}
    expected = re.sub(r"[-_.]+", "_", name).lower()
    if root == ".":
        regular -= ASIDE - {expected}
        folders = {folder for folder in folders if folder.lower() == expected.partition(".")[0]}
        modules = {one for one in modules if not _is_aside(one)}
        if regular | folders:
            modules = {one for one in modules if one.lower() == expected}
    return {one for one in regular | folders | modules if one.isidentifier()}


def _is_aside(module: str) -> bool:
    return module in ASIDE_MODULES or module.startswith("test_") or module.endswith("_test")


def _pythonpath(tree: Tree, pyproject: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_plain(path) for path in words(declared.pytest_settings(tree.root, pyproject).get("pythonpath")))


def _plain(path: str) -> str:
    return path.removeprefix("./").rstrip("/") or "."


def _tests(tree: Tree, pyproject: Mapping[str, Any], python: tuple[str, ...]) -> tuple[str, ...]:
    settings = declared.pytest_settings(tree.root, pyproject)
    paths = {_plain(path) for path in words(settings.get("testpaths"))}
    named = {found for path in paths for found in _existing(path, tree.files)}
    if named:
        return tuple(sorted(named))
    globs = words(settings.get("python_files")) or TEST_FILES
    is_test = re.compile("|".join(f"(?:{translate(glob)})" for glob in globs))
    found = set()
    for path in python:
        *folders, name = path.split("/")
        if not TEST_FOLDERS.isdisjoint(folders):
            depth = next(index for index, folder in enumerate(folders) if folder in TEST_FOLDERS)
            found.add("/".join(folders[: depth + 1]))
        elif is_test.fullmatch(name):
            found.add(path)
    return tuple(sorted(found))


def _existing(path: str, files: tuple[str, ...]) -> set[str]:
    """The files and folders that a path or glob of pytest's `testpaths` names."""
    if path == ".":
        return {"."} if files else set()
    if path.isidentifier():  # no glob: the usual case, and the only cheap one
        return {path} if any(file == path or file.startswith(f"{path}/") for file in files) else set()
    pattern = re.compile(translate(path))
    found = set()
    for file in files:
        parts = file.split("/")
        for depth in range(1, len(parts) + 1):
            if pattern.fullmatch("/".join(parts[:depth])):
                found.add("/".join(parts[:depth]))
                break
    return found
