"""Building: the source distribution, the wheel of the tree, and the wheel of the source distribution."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.built import environment, hooks, source
from gates.builtin.built import system as systems
from gates.builtin.built.artifact import Artifact, Kind
from gates.builtin.built.hooks import Command, Limits
from gates.errors import GatesError
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.project import facts

if TYPE_CHECKING:
    from gates.builtin.built.environment import Environment
    from gates.builtin.built.system import System
    from gates.builtin.packaging.settings import PackagingSettings
    from gates.model.gate import Context


class Builds(msgspec.Struct, frozen=True, kw_only=True):
    """What was made, each None where it was not, and why; `tree` is a copy of the source that no build has seen."""

    tree: Path
    sdist: Artifact | None = None
    wheel: Artifact | None = None
    again: Artifact | None = None
    reasons: tuple[Reason, ...] = ()


def made(context: Context[PackagingSettings]) -> Builds:
    """All three artifacts, below the scratch folder; they are there as long as that is.

    Raises:
        GatesError: the source cannot be copied.
    """
    tree = source.write(context.project, context.scratch / "tree")
    system = systems.of(context.project)
    if isinstance(system, Refusal):
        return Builds(tree=tree, reasons=(system.reason,))
    python = context.python
    if isinstance(python, Refusal):
        return Builds(tree=tree, reasons=(python.reason,))
    spoilt = source.write(context.project, context.scratch / "asked")
    with environment.made(context, python, system, spoilt, kinds=("sdist", "wheel")) as prepared:
        if isinstance(prepared, Refusal):
            return Builds(tree=tree, reasons=(prepared.reason,))
        return _built(context, prepared, system, tree)


def _built(context: Context[PackagingSettings], prepared: Environment, system: System, tree: Path) -> Builds:
    made = {kind: _build(context, prepared, system, _copy(context, kind), kind, kind) for kind in ("sdist", "wheel")}
    sdist, wheel = made["sdist"], made["wheel"]
    again: Artifact | Reason | None = None
    if isinstance(sdist, Artifact):
        again = _from_sdist(context, prepared, sdist)
    parts = (sdist, wheel, again)
    return Builds(
        tree=tree,
        sdist=sdist if isinstance(sdist, Artifact) else None,
        wheel=wheel if isinstance(wheel, Artifact) else None,
        again=again if isinstance(again, Artifact) else None,
        reasons=tuple(one for one in parts if isinstance(one, Reason)),
    )


def _copy(context: Context[PackagingSettings], name: str) -> Path:
    return source.write(context.project, context.scratch / f"source-{name}")


def _from_sdist(context: Context[PackagingSettings], prepared: Environment, sdist: Artifact) -> Artifact | Reason:
    from gates.builtin.packaging import unpacking

    try:
        root = unpacking.unpack(sdist.path, context.scratch / "unpacked")
    except unpacking.NotUnpacked as error:
        return Reason(
            code="tool_crashed",
            message=f"no wheel can be built from {sdist.name}: it {error}",
            fix="python -m build",
        )
    unpacked = facts.find(root)
    if unpacked.root != root.resolve():
        message = f"{sdist.name} cannot be built: it holds no pyproject.toml and no setup.py"
        return Reason(code="does_not_apply", message=message, fix="add them to the source distribution")
    system = systems.of(unpacked)
    if isinstance(system, Refusal):
        message = f"{sdist.name} cannot be built: {system.reason.message}"
        return msgspec.structs.replace(system.reason, message=message)
    return _build(context, prepared, system, root, "wheel", "again")


def _build(
    context: Context[PackagingSettings], prepared: Environment, system: System, root: Path, kind: Kind, name: str
) -> Artifact | Reason:
    context.progress(f"building the {kind}" if name == kind else f"building the {kind} from the source distribution")
    out = context.scratch / f"out-{name}"
    out.mkdir()
    seconds = source.epoch(context.project).seconds

    def dated(command: Command) -> Command:
        return msgspec.structs.replace(command, env={**command.env, "SOURCE_DATE_EPOCH": str(max(seconds, EPOCH))})

    limits = Limits(seconds=context.settings.build_timeout)
    try:
        return hooks.build(context, prepared, system, root, out, kind, starter=dated, limits=limits)
    except GatesError as error:
        return Reason(code="tool_crashed", message=str(error), fix="python -m build")


EPOCH = 315_532_800
"""1980-01-01 UTC in seconds: no member of a zip can be older."""
