"""Mishap: the reason of a gate that raised instead of answering; the gate is undecided, and no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.errors import GatesError
from gates.model.decision import Decision
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.model.gate import Gate
    from gates.process.redact import Redactor


def reason(error: BaseException, gate: str, root: Path, redactor: Callable[[], Redactor]) -> Reason:
    """What went wrong, in a sentence: an input that cannot be read, or a bug, for which a crash log is written."""
    if isinstance(error, GatesError):
        message = redactor().text(str(error))
        return Reason(code="unreadable", message=message, fix="mend or remove what is named, then run again")
    from gates.engine import crash

    path = crash.log(error, root, redactor(), where=f"gate-{gate}")
    first = redactor().text(str(error)).partition("\n")[0]
    return Reason(
        code="gate_crashed",
        message=f"the gate {gate} raised {type(error).__name__}: {first}",
        fix=f"report it with the log {path}",
    )


def decide(
    gate: Gate[Any, Any], facts: Any, settings: Any, now: datetime, *, root: Path, redactor: Callable[[], Redactor]
) -> Decision | Reason:
    """The gate's decision on its evidence, or why there is none. Never raises."""
    try:
        decision: Any = gate.decide(facts, settings, now)
        if not isinstance(decision, Decision):
            raise TypeError(f"decide returned {type(decision).__name__}, not a Decision")  # noqa: TRY301
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as in collection
        return reason(error, gate.name, root, redactor)
    return decision
