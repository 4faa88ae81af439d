"""Wires: the lines of a project that call tools, and which files of them are not what they are on the base."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.policy.facts import Call, Element, Wires
from gates.model.evidence import counted
from gates.project import wiring
from gates.project.git import Git

if TYPE_CHECKING:
    from gates.project.facts import Project

_VARIABLES = re.compile(r"\bGATES_(?:BASE|HIDE|IGNORE|PYTHON|SELECT)\b")
"""What makes gates judge less, or compare with something else, without a word in the line that calls it."""

_SHARED = frozenset({"pyproject.toml", "setup.cfg", "tox.ini"})
"""Files that say much besides what calls gates."""


def read(project: Project) -> Wires:
    """What the project's files call, and outside of it those of the repository around a project in a subdirectory."""
    found = [("", wiring.read(project.root, project.tree.files))]
    git = project.git
    if git is not None and git.prefix:
        up = "../" * git.prefix.count("/")
        found.append((up, wiring.read(git.toplevel, _around(git))))
    calls = [
        Call(
            path=up + one.path,
            line=one.line,
            tool=one.tool,
            text=one.text,
            defused=one.defused,
            within=one.within,
        )
        for up, part in found
        for one in part.wires
    ]
    unreadable = [Element(text=one.why, place=up + one.path) for up, part in found for one in part.unreadable]
    callers = sorted({call.path for call in calls if call.tool == "gates"})
    variables = [one for path in callers for one in _variables(project.root, path)]
    return Wires(calls=counted(calls), unreadable=counted(unreadable), variables=counted(variables))


def masked(found: Wires, redact: Callable[[str], str]) -> Wires:
    """The same wires to be kept, the quoted lines without secrets; to be compared byte by byte before."""
    replace = msgspec.structs.replace
    return Wires(
        calls=counted(replace(one, text=redact(one.text)) for one in found.calls.items),
        unreadable=counted(replace(one, text=redact(one.text)) for one in found.unreadable.items),
        variables=counted(replace(one, text=redact(one.text)) for one in found.variables.items),
    )


def _variables(root: Path, path: str) -> list[Element]:
    """The lines of a file that calls gates which speak of what makes it judge less."""
    lines = ((_bytes(root / path) or b"").decode("utf-8", "replace")).split("\n")
    return [
        Element(text=" ".join(line.split()), place=f"{path}:{number}")
        for number, line in enumerate(lines, 1)
        if _VARIABLES.search(line)
    ]


def _around(git: Git) -> list[str]:
    """The files at the top of the work tree, and those in its folders that begin with a dot, which CI services read."""
    names = [path.name for path in sorted(git.toplevel.iterdir()) if path.is_file()]
    for name in (".github", ".gitlab", ".circleci", ".azure-pipelines", ".buildkite", ".gitea", ".forgejo"):
        folder = git.toplevel / name
        names += [path.relative_to(git.toplevel).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    return names


def rewired(head: Project, base: Project, here: Wires, there: Wires) -> list[str]:
    """The files that call anything and are not what they are on the base."""
    found = set()
    for path in {call.path for wires in (here, there) for call in wires.calls.items}:
        if PurePosixPath(path).name in _SHARED:
            same = _calls(here, path) == _calls(there, path)
        else:
            same = _bytes(head.root / path) == _bytes(base.root / path)
        if not same:
            found.add(path)
    return sorted(found)


def _calls(wires: Wires, path: str) -> list[Any]:
    return [msgspec.structs.replace(call, line=0) for call in wires.calls.items if call.path == path]


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes().replace(b"\r\n", b"\n")
    except OSError:
        return None
