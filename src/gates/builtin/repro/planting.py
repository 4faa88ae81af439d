"""Planting: a build backend of the project's own that calls the one it had, and spoils what that made."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import indent
from typing import TYPE_CHECKING

from gates.builtin.built import system, wrapper
from gates.builtin.built.system import PYPROJECT
from gates.model.canary import Planted
from gates.model.evidence import Refusal
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.built.artifact import Kind
    from gates.builtin.repro.settings import ReproSettings
    from gates.model.gate import Context

MODULE = "gates_canary_backend"
MEMBER = "gates_canary.txt"

CHANGE = """
def _added(path, text, mode=0o644):
    import zipfile

    info = zipfile.ZipInfo({member!r}, (1980, 1, 1, 0, 0, 0))
    info.external_attr = mode << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, text)


def _change(kind, path):
    if kind != {kind!r}:
        return
{lines}
"""


def spoil(
    context: Context[ReproSettings], kind: Kind, spoiling: Sequence[str], most_builds: int = 0
) -> Planted | Reason:
    """The project builds by way of a backend that runs the lines `spoiling` over each `kind` at `path`.

    Nothing else is judged, and `most_builds` look for the factor.
    """
    built_by = system.of(context.project)
    if isinstance(built_by, Refusal):
        return built_by.reason
    change = CHANGE.format(member=MEMBER, kind=kind, lines=indent("\n".join(spoiling), "    "))
    wrapper.wrap(context.project.root, built_by, MODULE, change)
    # Without a line: the settings are written into the same file, above it or below.
    return Planted(path=PYPROJECT, settings={"artifacts": [kind], "most-builds": most_builds})
