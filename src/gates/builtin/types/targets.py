"""Targets: what mypy is told to check, and whether that takes in the tests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gates.project.layout import ASIDE_MODULES

if TYPE_CHECKING:
    from gates.project.facts import Project

WILD = "*?["


def own(project: Project) -> tuple[str, ...]:
    """Files and folders of a project that tells mypy no targets: its import roots, or its packages in a flat layout."""
    layout = project.layout
    roots = [root for root in layout.import_roots if root != "."]
    if "." in layout.import_roots:
        roots += [path for name in layout.packages for path in _places(project, name)]
    return tuple(dict.fromkeys(roots))


def unclaimed(project: Project) -> list[str]:
    """The Python files that are neither tests nor, in the root, a tool's own module such as `setup.py`."""
    tests = [_plain(test) for test in project.layout.tests]
    return [
        file
        for file in project.layout.python
        if file.partition(".")[0] not in ASIDE_MODULES and not any(_plain(file).is_relative_to(test) for test in tests)
    ]


def left_out(project: Project, files: Iterable[str], modules: Iterable[str]) -> tuple[str, ...]:
    """The test folders and files that the targets leave out.

    Targets that name a part of a test folder count as the project's choice of its tests.
    """
    chosen = [_plain(file) for file in files]
    tops = {module.partition(".")[0] for module in modules}
    return tuple(
        test
        for test in project.layout.tests
        if not any(_overlap(target, _plain(test)) for target in chosen) and _top(project, test) not in tops
    )


def _places(project: Project, name: str) -> list[str]:
    path = name.replace(".", "/")
    found = [path] if any(file.startswith(f"{path}/") for file in project.layout.python) else []
    found += [file for file in (f"{path}.py", f"{path}.pyi") if file in project.layout.python]
    return found[:1]


def _plain(path: str) -> PurePosixPath:
    return PurePosixPath(path.replace("\\", "/"))


def _overlap(target: PurePosixPath, test: PurePosixPath) -> bool:
    fixed = PurePosixPath(*_until_wild(target.parts))
    return test.is_relative_to(fixed) or fixed.is_relative_to(test)


def _until_wild(parts: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for part in parts:
        if any(sign in part for sign in WILD):
            break
        found.append(part)
    return found


def _top(project: Project, test: str) -> str:
    path = _plain(test)
    for root in project.layout.import_roots:
        if root != "." and path.is_relative_to(root):
            path = path.relative_to(root)
    return path.parts[0].removesuffix(".py") if path.parts else ""
