"""Canary: a way to break a project so that one rule must fire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.model.gate import Context


class Planted(msgspec.Struct, frozen=True, kw_only=True):
    """Where a canary was planted: the path (and line) that the finding must name.

    `settings` are keys of the gate's own table that narrow the judged run to what was planted (the one test file); a
    proof puts them in the place of the copy's own, and joins the lists of plants that share a run. `needed` are such
    keys for the tables of gates whose evidence this one reads. `beside` are gates to judge along with it, where the
    rule is about what another gate found. `before` are texts of files as the base is to have them, by path, where the
    rule is about what a change took away.
    """

    path: str | None
    line: int | None = None
    settings: Mapping[str, Any] = {}
    needed: Mapping[str, Mapping[str, Any]] = {}
    beside: tuple[str, ...] = ()
    before: Mapping[str, str] = {}


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """How to make `rule` fire: `plant` edits a throwaway copy of the project, or says why it does not fit.

    The context is the gate's own over the copy: `project.root` is the folder to edit, `settings` are the resolved
    ones, and tools are found and run as `collect` would. `settings` are keys of `[tool.gates]` without which the rule
    could not turn the gate red; a proof lays them over the copy's own: tables are merged, and lists are appended.
    With `shares`, this plant and the gate's other sharing ones cannot disturb each other, so that one run judges them
    together: each writes files of names of its own.
    """

    rule: str
    title: str
    plant: Callable[[Context[Any]], Planted | Reason]
    settings: Mapping[str, Any] = {}
    shares: bool = False
