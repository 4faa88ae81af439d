"""Changes: two states of a project, and what the gate `policy` says of the way from one to the other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gates.builtin.lint.gate import LintGate
from gates.builtin.policy import collect
from gates.builtin.policy.decide import decide
from gates.builtin.policy.facts import Compared, PolicyEvidence, Wires
from gates.builtin.policy.gate import PolicyGate
from gates.builtin.tests.gate import TestsGate
from gates.builtin.types.gate import TypesGate
from gates.config.effective.side import Side, compared
from gates.model.approval import Granted
from gates.model.decision import Decision
from gates.model.evidence import counted
from gates.model.report import GateReport, Report
from gates.project import facts as projects
from support.projects import write_project
from support.repositories import commit_all, git, make_repository
from support.sessions import judged

Files = Mapping[str, str | bytes]
KINDS = (LintGate, TypesGate, TestsGate, PolicyGate)
CONTEXT: Any = SimpleNamespace(gates={kind.name: kind() for kind in KINDS})
NO_WIRES = Wires(calls=counted(()), unreadable=counted(()), variables=counted(()))
_folders = itertools.count()


def base_state(**held: Any) -> Compared:
    """A base that says nothing but `held`."""
    granted = Granted(approvals=counted(()), rewired=counted(()))
    kept = {"wires": NO_WIRES, "waivers": counted(()), "worse": counted(()), "granted": granted}
    return Compared(commit="0" * 40, **{**kept, **held})


def evidence(**held: Any) -> PolicyEvidence:
    """Evidence of one setting, which is the same on both sides, and `held`."""
    kept = {
        "settings": counted(["coverage.fail_under"]),
        "changed": counted(()),
        "wires": NO_WIRES,
        "waivers": counted(()),
        "notes": counted(()),
    }
    return PolicyEvidence.sealed(**{"base": base_state(), **kept, **held})


def settings(root: Path, before: Files, after: Files) -> Decision:
    """What is decided on the settings of two states, from their files alone: no git, no wiring."""
    sides = []
    for name, files in (("base", before), ("head", after)):
        folder = write_project(root / f"{name}-{next(_folders)}", files)
        sides.append(Side(project=projects.find(folder), config=collect.config_of(folder, CONTEXT)))
    base, head = sides
    now, then = compared(head, base, CONTEXT.gates)
    return decide(evidence(changed=counted(collect.changed(now, then))))


def found(decision: Decision | GateReport) -> list[tuple[str, str | None]]:
    """Rule and subject of each finding."""
    return sorted((item.rule, item.subject) for item in decision.findings)


def repository(root: Path, before: Files, after: Mapping[str, str | bytes | None]) -> Path:
    """A repository with the state `before` on main, and on a branch `after`, where None removes a file."""
    make_repository(root, before)
    git(root, "checkout", "--quiet", "-b", "topic")
    for name in (name for name, text in after.items() if text is None):
        (root / name).unlink()
    write_project(root, {name: text for name, text in after.items() if text is not None})
    commit_all(root)
    return root


def report(root: Path, **wished: Any) -> Report:
    """The report of a run of `policy` alone over the project at `root`."""
    return judged(root, *KINDS, named=("policy",), **wished).report


def policy(root: Path, **wished: Any) -> GateReport:
    """What `policy` says of the project at `root`, compared with its default branch."""
    return next(one for one in report(root, **wished).gates if one.name == "policy")
