"""Canaries: for each rule of `types` a fault in a file that mypy checks."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

from gates.builtin.types import configuration, targets
from gates.builtin.types.rules import CHECK_BLOCKED, TYPE_ERROR
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.types.settings import TypesSettings
    from gates.model.gate import Context
    from gates.project.facts import Project

    Plant: TypeAlias = Callable[[Context[TypesSettings]], Planted | Reason]

# Annotated on both sides, so that mypy reports it without any strict option.
WRONG_RETURN = "def gates_canary(value: int) -> str:\n    return value\n"
BROKEN = "def gates_canary(:\n"
FORGIVING = ("mypy: ignore-errors", "mypy: ignore_errors", "type: ignore\n")


def _checked(project: Project, settings: TypesSettings) -> list[str]:
    """Files that mypy checks and whose errors it reports, those outside of tests first."""
    found = configuration.find(project.root, settings.config_file)
    layout = project.layout
    chosen = settings.paths or (found.files if found.has_targets else targets.own(project))
    tops = set() if settings.paths else {module.partition(".")[0] for module in found.modules}
    candidates = [
        file
        for file in layout.by_weight()
        if file.endswith(".py") and (_within(file, chosen) or _module(project, file).partition(".")[0] in tops)
    ]
    if settings.tests:
        candidates += [file for file in layout.python if file.endswith(".py") and _within(file, layout.tests)]
    return [
        file
        for file in dict.fromkeys(candidates)
        if not any(_matches(_module(project, file), pattern) for pattern in found.ignored_modules)
        and not configuration.excludes(found, file)
        and not any(sign in _text(project.root / file) for sign in FORGIVING)
    ]


def _within(file: str, chosen: tuple[str, ...]) -> bool:
    path = PurePosixPath(file)
    return any(target == "." or path.is_relative_to(target) or path.match(target) for target in chosen)


def _matches(module: str, pattern: str) -> bool:
    return fnmatchcase(module, pattern) or fnmatchcase(f"{module}.", pattern)


def _module(project: Project, file: str) -> str:
    path = PurePosixPath(file).with_suffix("")
    for root in project.layout.import_roots:
        if root != "." and path.is_relative_to(root):
            path = path.relative_to(root)
            break
    return ".".join(part for part in path.parts if part != "__init__")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return FORGIVING[0]


def _append(code: str, line: int) -> Plant:
    """A function that appends `code`, whose line `line` (from 1) is the wrong one, to a file that mypy checks."""

    def plant(context: Context[TypesSettings]) -> Planted | Reason:
        files = _checked(context.project, context.settings)
        if not files:
            return Reason(
                code="does_not_apply",
                message="no file was found that mypy checks and whose errors it reports",
                fix="set `files` under [tool.mypy], or `paths` in [tool.gates.types]",
            )
        path = context.project.root / files[0]
        before = path.read_bytes()
        if before and not before.endswith(b"\n"):
            before += b"\n"
        path.write_bytes(before + b"\n\n" + code.encode())
        return Planted(path=files[0], line=before.count(b"\n") + 2 + line)

    return plant


CANARIES = (
    Canary(rule=TYPE_ERROR.code, title="a function that returns an int for a str", plant=_append(WRONG_RETURN, 2)),
    Canary(rule=CHECK_BLOCKED.code, title="a function whose parameters are not Python", plant=_append(BROKEN, 1)),
)
