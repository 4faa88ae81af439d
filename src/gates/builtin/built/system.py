"""System: the build backend that a project names, and what it requires to be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gates.model.evidence import Refusal

if TYPE_CHECKING:
    from gates.project.facts import Project


class System(msgspec.Struct, frozen=True, kw_only=True):
    """The table `[build-system]` (PEP 518, PEP 517), or what stands for it in a project with a setup.py alone.

    `line` is that of `build-backend` in pyproject.toml (from 1), None where it is not written.
    """

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...] = ()
    line: int | None = None


def of(project: Project) -> System | Refusal:
    """How the project is built, or a refusal where nothing says it or what says it cannot be understood."""
    raise NotImplementedError
