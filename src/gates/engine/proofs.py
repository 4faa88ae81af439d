"""Proofs: the receipts that `gates prove` leaves, and what `gates check` makes of their absence and their age."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates import __version__
from gates.engine import state
from gates.engine.freshness import is_fresh
from gates.engine.receipt import seal, unseal_as
from gates.model.decision import Verdict
from gates.model.evidence import encode, sha256
from gates.model.reason import Reason, ReasonCode
from gates.model.rule import Rule, asleep

if TYPE_CHECKING:
    from gates.config.settings import Config, SeverityOverride
    from gates.model.gate import Gate

SCHEMA_VERSION = 1
DAY = 86_400.0
STARVED = "starved"
"""The name under which the starvings of a gate are kept, beside those of its rules."""


class ProofReceipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was proved of one rule, when, and with what; `verdict` is None where the rule was not judged."""

    schema_version: int
    gate: str
    rule: str
    verdict: Verdict | None
    proved_at: str
    gates_version: str
    revision: str
    settings: str
    tools: Mapping[str, str]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a proof must have been made with to count for a run."""

    gate: str
    revision: str
    settings: str
    tools: Mapping[str, str]


def settings_digest(settings: Any, severity: Sequence[SeverityOverride]) -> str:
    """The SHA-256 in hex of what decides which findings of a gate block."""
    return sha256(encode([settings, list(severity)]))


def receipt(standing: Standing, rule: str, verdict: Verdict | None, now: datetime) -> ProofReceipt:
    """The receipt of a proof that was made with `standing`."""
    return ProofReceipt(
        schema_version=SCHEMA_VERSION,
        gate=standing.gate,
        rule=rule,
        verdict=verdict,
        proved_at=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        gates_version=__version__,
        revision=standing.revision,
        settings=standing.settings,
        tools=standing.tools,
    )


def write(root: Path, receipt: ProofReceipt) -> None:
    """Keep a receipt, whole or not at all.

    Raises:
        OSError: the project cannot be written to.
    """
    folder = state.folder(root, "proofs", receipt.gate)
    state.write(folder / f"{receipt.rule}.json", seal(receipt))


def is_off(rule: Rule, severity: Sequence[SeverityOverride]) -> bool:
    """Whether the settings drop every finding of a rule, wherever it is."""
    levels = [one.level for one in severity if one.path == "**" and one.rule in {rule.code, rule.name}]
    return bool(levels) and levels[-1] == "off"


def judged_rules(gate: Gate[Any, Any], config: Config) -> tuple[Rule, ...]:
    """The rules of which a proof is asked: those that are neither switched off, in preview unasked, nor excused."""
    excused = config.prove.excused
    hidden = asleep(gate.rules, config.preview)
    return tuple(
        rule
        for rule in gate.rules
        if rule.code not in hidden
        and not is_off(rule, config.severity)
        and rule.code not in excused
        and rule.name not in excused
    )


def standing(gate: Gate[Any, Any], config: Config, revisions: Mapping[str, str], tools: Mapping[str, str]) -> Standing:
    """What a proof of the gate must have been made with."""
    return Standing(
        gate=gate.name,
        revision=revisions.get(gate.name, ""),
        settings=settings_digest(config.gates[gate.name], config.severity),
        tools=tools,
    )


def untrusted(gate: str) -> Reason:
    """The reason of a gate whose proofs came with the change."""
    return _reason("proof_missing", gate, "git tracks .gates/, and a proof that came with the change is no proof")


def lacking(root: Path, standing: Standing, rules: Iterable[str], now: datetime, max_age: float) -> Reason | None:
    """Why the proofs of `rules` do not vouch for the gate, or None; `max_age` is in days."""
    for rule in rules:
        path = _place(root, standing.gate, rule)
        what = f"{rule} of {standing.gate}" if rule != STARVED else f"{standing.gate} is undecided when it is starved"
        try:
            receipt = unseal_as(path.read_bytes(), ProofReceipt, SCHEMA_VERSION)
        except FileNotFoundError:
            return _reason("proof_missing", standing.gate, f"it was never proved here that {_said(rule, standing)}")
        except (OSError, ValueError) as error:
            return _reason("proof_missing", standing.gate, f"the proof of {what} cannot be read: {error}")
        if receipt.gate != standing.gate or receipt.rule != rule:
            return _reason("proof_missing", standing.gate, f"the proof of {what} is one of something else")
        if receipt.verdict not in {"passed", None}:
            return _reason("proof_missing", standing.gate, f"the last proof of {what} {_failed(receipt)}")
        changed = _changed(receipt, standing, now, max_age)
        if changed is not None:
            return _reason("proof_stale", standing.gate, f"the proof of {what} {changed}")
    return None


def oldest(root: Path, gate: str, rules: Iterable[str]) -> str | None:
    """When the oldest of the proofs of `rules` was made, in UTC; None where there is none that can be read."""
    found = []
    for rule in rules:
        try:
            found.append(unseal_as(_place(root, gate, rule).read_bytes(), ProofReceipt, SCHEMA_VERSION).proved_at)
        except (OSError, ValueError):
            continue
    return min(found, default=None)


def _place(root: Path, gate: str, rule: str) -> Path:
    return root / state.FOLDER / "proofs" / gate / f"{rule}.json"


def _said(rule: str, standing: Standing) -> str:
    if rule == STARVED:
        return f"{standing.gate} is undecided when it is starved"
    return f"{rule} can turn {standing.gate} red"


def _failed(receipt: ProofReceipt) -> str:
    return "failed" if receipt.verdict == "failed" else "came to no end"


def _changed(receipt: ProofReceipt, standing: Standing, now: datetime, max_age: float) -> str | None:
    if receipt.gates_version != __version__ or receipt.revision != standing.revision:
        return f"was made with another version of gates or of the plugin ({receipt.gates_version})"
    if receipt.settings != standing.settings:
        return "was made with other settings"
    for name, version in sorted(receipt.tools.items()):
        if standing.tools.get(name, version) != version:
            return f"was made with {name} {version}, and {standing.tools[name]} is judged"
    if not is_fresh(receipt.proved_at, now, max_age * DAY):
        return f"is of {receipt.proved_at[:10]}, and {max_age:g} days are allowed"
    return None


def _reason(code: ReasonCode, gate: str, message: str) -> Reason:
    return Reason(code=code, message=message, fix=f"gates prove {gate}")
