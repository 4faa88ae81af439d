"""Other tools: whether the project configures them, depends on them, and which limits it gives them.

The one module that gates ask; what it answers is worked out in `tool_settings`, `dependencies` and `limits`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gates.config.dependencies import PRE_COMMIT, development_dependencies
from gates.config.limits import ToolLimit, limit, limits
from gates.config.tool_settings import (
    Setting,
    Settings,
    addopts,
    coverage_settings,
    mypy_configured,
    mypy_settings,
    pytest_configured,
    pytest_settings,
    ruff_configured,
    ruff_settings,
    text_of,
)

if TYPE_CHECKING:
    from gates.project.facts import Project

__all__ = [
    "Setting",
    "Settings",
    "ToolLimit",
    "addopts",
    "coverage_configured",
    "coverage_settings",
    "development_dependencies",
    "limit",
    "limits",
    "mypy_configured",
    "mypy_settings",
    "pytest_configured",
    "pytest_settings",
    "ruff_configured",
    "ruff_formats",
    "ruff_settings",
]

_FORMATTING = r"\bruff\s+format\b|\bruff\W{1,6}format\b|\bid:\s*[\"']?ruff-format\b"
_SCRIPT = re.compile(
    r"\.github/workflows/[^/]+\.ya?ml|(?:bin|ci|scripts|tools)/(?:[^/.]+|[^/]+\.(?:sh|bash|py))|[^/]+\.sh"
)
_WRITTEN_COMMANDS = (
    PRE_COMMIT,
    "tox.ini",
    "noxfile.py",
    "Makefile",
    "makefile",
    "justfile",
    "Justfile",
    "pyproject.toml",
)


def coverage_configured(project: Project) -> str | None:
    """Where coverage is configured or asked for by pytest's options, or None."""
    found = coverage_settings(project)
    if found is not None:
        return found.where
    options = addopts(project)
    if options is not None and any(one == "--cov" or one.startswith("--cov=") for one in options.value):
        return f"--cov in addopts, {options.place}"
    return None


def ruff_formats(project: Project) -> str | None:
    """Where the project says that ruff formats it: a `format` table, or a command or hook that runs it; else None."""
    found = ruff_settings(project)
    if found is not None:
        place = next((one.place for key, one in found.keys.items() if key.split(".")[0] == "format"), None)
        if place is not None:
            return f"ruff's format table, {place}"
    scripts = [name for name in project.tree.files if _SCRIPT.fullmatch(name)]
    for name in (*_WRITTEN_COMMANDS, *scripts):
        for number, line in enumerate((text_of(project.root / name) or "").splitlines(), start=1):
            if not line.lstrip().startswith("#") and re.search(_FORMATTING, line):
                return f"{name}:{number}"
    return None
