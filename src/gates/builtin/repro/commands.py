"""Commands: what `gates repro` asks of its gate beyond judging."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from gates.builtin.repro import rules
from gates.builtin.repro.against.artifacts import release
from gates.builtin.repro.settings import ReproSettings
from gates.model.report import GateReport

SETTLED = frozenset({rules.DRIFTED.code, rules.UNEXPECTED.code})
"""What a new record leaves nothing of."""


def against(settings: ReproSettings, given: Sequence[str], root: Path) -> ReproSettings:
    """The settings with what the command line names beside them; its paths are those of the current folder."""
    more = (one if release(one) and not Path(one).exists() else _below(one, root) for one in given)
    return replace(settings, against=tuple(dict.fromkeys((*settings.against, *more))))


def _below(named: str, root: Path) -> str:
    """A path as seen from the project's root, as evidence holds no absolute one."""
    place = Path(named).expanduser().absolute()
    try:
        return Path(os.path.relpath(place, root)).as_posix()
    except ValueError:
        # Another drive of Windows.
        return place.as_posix()


def verdict_once_recorded(report: GateReport) -> str:
    """The gate's verdict without what differed from the record that was just replaced."""
    if report.verdict != "failed" or any(one.blocks and one.rule not in SETTLED for one in report.findings):
        return report.verdict
    return "undecided" if report.reason is not None else "passed"
