"""Recording: the journal of a command of the project at hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gates.cli import app
from gates.process.redact import redactor
from gates.record.journal import Asked, Journal

if TYPE_CHECKING:
    from gates.cli.options import Prepared


def journal(command: str, prepared: Prepared, gates: Iterable[str] = (), scope: str = "full") -> Journal:
    """The journal of a run of `command`; what cannot be written is said on standard error and changes nothing."""
    config = prepared.config
    asked = Asked(
        command=command,
        gates=tuple(gates),
        project=prepared.project,
        config=config,
        environ=prepared.environ,
        scope=scope,
    )
    hiding = redactor(prepared.environ, profile=config.redact.profile, patterns=config.redact.patterns)
    return Journal(asked, hiding, app.say)
