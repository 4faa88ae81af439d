"""Code: where a canary puts code of its own into the product of a project that somebody else wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gates.project.facts import Project


@dataclass(frozen=True)
class Module:
    """A module to plant: its file, and the name to import it by."""

    file: str
    name: str


def beside(project: Project, name: str) -> Module:
    """A new module in the project's first package, or beside its modules where it has no package."""
    found = in_package(project, name)
    if found is not None:
        return found
    roots = project.layout.import_roots
    return Module(Path(roots[0] if roots else ".", f"{name}.py").as_posix(), name)


def in_package(project: Project, name: str) -> Module | None:
    """A new module in the project's first package, or None where it has no package."""
    layout = project.layout
    for root in layout.import_roots:
        for package in layout.packages:
            folder = Path(root, *package.split("."))
            if (project.root / folder).is_dir():
                return Module((folder / f"{name}.py").as_posix(), f"{package}.{name}")
    return None


def single(project: Project) -> Module | None:
    """The first module of a project whose product is modules and no package, or None where there is none."""
    layout = project.layout
    for root in layout.import_roots:
        for name in layout.packages:
            file = Path(root, f"{name}.py")
            if (project.root / file).is_file():
                return Module(file.as_posix(), name)
    return None
