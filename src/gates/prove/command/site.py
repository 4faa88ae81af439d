"""Site: where in a project faults are planted: its largest module, and the folder of most of its tests."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from functools import cached_property
from pathlib import Path, PurePosixPath

from gates.project import declared
from gates.project.documents import words
from gates.project.facts import Project
from gates.project.layout import TEST_FILES

NAME = "gates_planted"
ASIDE = re.compile(r"(.*/)?(_?vendor(ed)?|_version|__main__|conftest|setup|version)(\.py|/.*)")
"""Modules that tools are often told to leave out."""


class Site:
    """What a fault needs to know of the copy; all paths are relative to `root`."""

    def __init__(self, project: Project) -> None:
        """Nothing is read yet."""
        self.project = project
        self.root: Path = project.root

    @cached_property
    def module(self) -> str | None:
        """The longest module of the packages that is Python, None where there is none."""
        found = [path for path in self._packaged if not ASIDE.fullmatch(path)] or self._packaged
        # A script that is all of a project may stand outside of what its build calls a package.
        sizes = sorted((-len(self.text(path).split("\n")), path) for path in found)
        return next((path for _, path in sizes if self._is_python(path)), None)

    @cached_property
    def tests(self) -> tuple[str, ...]:
        """The files in which tests are looked for."""
        globs = words(declared.pytest_settings(self.root, self.project.pyproject).get("python_files")) or TEST_FILES
        known = [re.compile(_pattern(glob)) for glob in (*globs, "tests.py")]
        places = self.project.layout.tests
        return tuple(
            path
            for path in self.project.layout.python
            if path.endswith(".py")
            and any(place in {".", path} or path.startswith(f"{place}/") for place in places)
            and any(glob.fullmatch(PurePosixPath(path).name) for glob in known)
        )

    @cached_property
    def test_folder(self) -> PurePosixPath | None:
        """The folder that holds most test files, None without tests."""
        folders = Counter(PurePosixPath(path).parent for path in self.tests)

        def order(folder: PurePosixPath) -> tuple[bool, int, int, str]:
            # What is generated from other tests, and held against them, mostly has a name of this kind.
            is_derived = any(part.startswith("_") for part in folder.parts)
            return (is_derived, -folders[folder], len(folder.parts), str(folder))

        return min(folders, key=order, default=None)

    @cached_property
    def uses_pytest(self) -> bool:
        """Whether the tests are pytest's; else they are unittest's."""
        if declared.pytest_settings(self.root, self.project.pyproject):
            return True
        names = {path.rpartition("/")[2] for path in self.project.tree.files}
        return "conftest.py" in names or not any("unittest" in self.text(path) for path in self.tests)

    def new_module(self) -> str | None:
        """The path of a module beside the longest one."""
        return None if self.module is None else str(PurePosixPath(self.module).with_name(f"{NAME}.py"))

    def new_test(self) -> str | None:
        """The path of a test file beside the others, named as they are."""
        if self.test_folder is None:
            return None
        beside = [PurePosixPath(path).name for path in self.tests if PurePosixPath(path).parent == self.test_folder]
        if any(re.fullmatch(r"test.*\.py", name) for name in beside):
            name = f"test_{NAME}.py"
        elif any(name.endswith("_test.py") for name in beside):
            name = f"{NAME}_test.py"
        else:
            name = re.sub(r"\*", NAME, next(iter(self._globs()), f"test_{NAME}.py"))
        return str(self.test_folder / name)

    def text(self, path: str) -> str:
        """The text of a file, as far as it is text."""
        try:
            return (self.root / path).read_bytes().decode("utf-8", "replace")
        except OSError:
            return ""

    def write(self, path: str, text: str) -> str:
        """Write a new file, and return its path."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        return path

    def append(self, path: str, text: str) -> str:
        """Add lines to the end of a file, with its own line ends, and return its path."""
        data = (self.root / path).read_bytes()
        end = b"\r\n" if b"\r\n" in data else b"\n"
        added = text.encode().replace(b"\n", end)
        (self.root / path).write_bytes((data.rstrip() + end if data.strip() else b"") + added)
        return path

    def _globs(self) -> list[str]:
        settings = declared.pytest_settings(self.root, self.project.pyproject)
        return [glob for glob in words(settings.get("python_files")) if glob.endswith(".py") and glob.count("*") == 1]

    @cached_property
    def _packaged(self) -> list[str]:
        layout = self.project.layout
        tops = [
            f"{'' if root == '.' else f'{root}/'}{name}" for root in layout.import_roots for name in layout.packages
        ]
        tests = set(self.tests)
        return [
            path
            for path in layout.python
            if path.endswith(".py")
            and any(path == f"{top}.py" or path.startswith(f"{top}/") for top in tops)
            and path not in tests
            and not any(path.startswith(f"{place}/") for place in layout.tests)
        ]

    def _is_python(self, path: str) -> bool:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return bool(ast.parse(self.text(path)).body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False


def _pattern(glob: str) -> str:
    return "".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in glob)
