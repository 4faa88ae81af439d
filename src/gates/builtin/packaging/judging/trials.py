"""Trials: what happened when the wheel was installed, imported and started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gates.builtin.packaging.facts import PackagingEvidence, What
from gates.builtin.packaging.rules import IMPORT_FAILS, INSTALL_FAILS, SCRIPT_FAILS
from gates.model.finding import Finding, finding
from gates.model.reason import Reason
from gates.model.rule import Rule

RULES: Mapping[What, Rule] = {"install": INSTALL_FAILS, "import": IMPORT_FAILS, "script": SCRIPT_FAILS}
WORDS: Mapping[What, str] = {
    "install": "cannot be installed into a fresh environment",
    "import": "cannot be imported where only the wheel and what it requires is installed",
    "script": "does not start where only the wheel and what it requires is installed",
}


def findings(evidence: PackagingEvidence) -> Iterator[Finding]:
    """One for each trial that went wrong."""
    for one in evidence.tried.items:
        if not one.passed:
            said = f": {one.message}" if one.message else ""
            yield finding(RULES[one.what], f"{one.name} {WORDS[one.what]}{said}", subject=one.name)


def missing(evidence: PackagingEvidence, *, wanted: bool) -> Reason | None:
    """Why the trials say too little, or None; `wanted` is the setting `smoke`."""
    if evidence.undecided.count or not wanted:
        return None
    if not evidence.smoked or not any(one.what == "install" for one in evidence.tried.items):
        return Reason(
            code="evidence_incomplete",
            message="the wheel is to be tried (`smoke = true`) and the evidence says nothing of its installation",
            fix="gates check packaging --no-cache",
        )
    return None
