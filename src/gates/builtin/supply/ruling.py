"""Ruling: which source says what a project depends on, and why that one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from gates.builtin.supply.locks import poetry, pylock, requirements, uv
from gates.builtin.supply.source import Asked, Kind, Supply
from gates.errors import GatesError
from gates.model.evidence import counted
from gates.model.reason import Reason
from gates.project.documents import table, text_of
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.builtin.supply.installed import Installed
    from gates.model.gate import Context
    from gates.project.facts import Project

FILES: dict[Kind, str] = {
    "uv": uv.FILE,
    "pylock": pylock.FILE,
    "poetry": poetry.FILE,
    "requirements": "requirements.txt",
}
"""Files that rule where they are there; the first one does."""


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """The source that rules, its file ("" for the environment), and one clause that says why."""

    kind: Kind
    path: str
    because: str


def ruling(project: Project, asked: Asked = "auto", files: Sequence[str] = ()) -> Ruling | Reason:
    """The ruling source: the one that is asked for, else the first lock file that is there, else the environment.

    `files` are requirements files that a setting names. A file that is asked for and not there is a reason.
    """
    if asked == "environment":
        return Ruling(kind="environment", path="", because="`source` names it")
    if asked != "auto":
        path = files[0] if files and asked == "requirements" else FILES[asked]
        if (project.root / path).is_file():
            return Ruling(kind=asked, path=path, because="`source` names it")
        message = f"`source` is {asked}, and there is no {path}"
        return Reason(code="evidence_missing", message=message, fix=f"write {path}, or change `source`")
    if files:
        return Ruling(kind="requirements", path=files[0], because="`requirements` names it")
    for kind, path in FILES.items():
        if (project.root / path).is_file():
            return Ruling(kind=kind, path=path, because=f"there is a file {path}")
    return Ruling(kind="environment", path="", because="there is no lock file")


def supply(
    context: Context[Any], ruled: Ruling, held: Installed | Reason, *, files: Sequence[str] = ()
) -> Supply | Reason:
    """What the ruling source says; `held` is what `installed` said, which only an environment needs.

    A source that is damaged or cannot be read is a reason; so is one without any distribution.
    """
    if ruled.kind == "environment":
        return held if isinstance(held, Reason) else of_environment(context.project, held)
    try:
        found = _read(context.project, ruled, files)
    except GatesError as error:
        return Reason(code="unreadable", message=str(error), fix=f"mend {ruled.path}, or write it again by its tool")
    if not found.distributions.count and found.root is None:
        message = f"{ruled.path} names no distribution at all"
        return Reason(code="nothing_examined", message=message, fix=f"write {ruled.path} again by its tool")
    absent = _absent(context.project, found)
    if not absent:
        return found
    message = f"{ruled.path} does not have {', '.join(absent)}, which pyproject.toml asks for"
    if ruled.kind == "requirements":
        # A list may be of a part on purpose, such as what the documentation needs.
        return msgspec.structs.replace(found, notes=counted((*found.notes.items, message)))
    return Reason(code="evidence_stale", message=message, fix=f"write {ruled.path} again by its tool")


def watched(project: Project, held: Supply, globs: Sequence[str]) -> bool:
    """Whether every file that was read is one of the tree that `globs` name.

    One that git ignores, that lies elsewhere, or that a list includes by a name of its own may change unseen.
    """
    return set(held.paths.items) <= set(project.tree.matching(globs))


def of_environment(project: Project, held: Installed) -> Supply | Reason:
    """What is installed, as a source of its own; the project itself is its root."""
    from gates.builtin.supply.requiring import declared

    if not held.distributions:
        message = "the judged environment holds no distribution at all"
        return Reason(code="nothing_examined", message=message, fix="python -m pip install -e .")
    own = canonical(project.name)
    root = held.distributions.get(own)
    asked = declared(project.pyproject)
    grouped = tuple(one for one in asked or () if one.group)
    roots = (*root.requires.items, *grouped) if root is not None else asked or ()
    return Supply(
        kind="environment",
        paths=counted(()),
        root=root,
        roots=counted(roots),
        rooted=root is not None or asked is not None,
        distributions=counted(one for name, one in held.distributions.items() if name != own),
        notes=counted(()),
    )


def _read(project: Project, ruled: Ruling, files: Sequence[str]) -> Supply:
    from gates.builtin.supply.requiring import declared

    if ruled.kind == "requirements":
        found = requirements.read(project.root, ruled.path, *files[1:])
    else:
        text = text_of(project.root, ruled.path) or ""
        if ruled.kind == "poetry":
            return poetry.read(text, ruled.path, project.pyproject)
        if ruled.kind == "uv":
            return uv.read(text, ruled.path, project.name)
        found = pylock.read(text, ruled.path, project.name)
    asked = declared(project.pyproject)
    names = {one.name for one in found.distributions.items}
    # A list that holds all that the project asks for tells its graph too; of another one nobody knows.
    if asked is not None and all(one.name in names for one in asked if not one.marker and not one.group):
        return msgspec.structs.replace(found, roots=counted(asked), rooted=True)
    return found


def _absent(project: Project, found: Supply) -> list[str]:
    """What pyproject.toml asks for whatever the system, and the source does not have."""
    from gates.builtin.supply.requiring import declared, requirement

    held = {one.name for one in found.distributions.items} | {canonical(project.name)}
    uv_table = table(project.pyproject, "tool", "uv")
    replaced = [uv_table.get(key) for key in ("override-dependencies", "exclude-dependencies")]
    # uv leaves out what an override takes away; the lock is whole without it.
    held |= {
        one.name
        for listed in replaced
        for text in (listed if isinstance(listed, list) else ())
        if (one := requirement(str(text))) is not None
    }
    asked = declared(project.pyproject) or ()
    return sorted({one.name for one in asked if not one.marker and not one.group and one.name not in held})


KINDS: tuple[Kind, ...] = get_args(Kind)
