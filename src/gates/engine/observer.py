"""Observer: whoever wants to know how a run goes; the engine tells, and never prints."""

from __future__ import annotations

from typing import Protocol

from gates.model.decision import Verdict


class Observer(Protocol):
    """Called from several threads; must return at once."""

    def planned(self, gates: tuple[tuple[str, float | None], ...]) -> None:
        """The gates that will be collected, each with the seconds it took last time."""

    def started(self, gate: str) -> None:
        """Evidence of a gate is being collected."""

    def progressed(self, gate: str, text: str) -> None:
        """What a gate is busy with."""

    def collected(self, gate: str, seconds: float, *, cached: bool) -> None:
        """Evidence of a gate is there, or its refusal."""

    def decided(self, gate: str, verdict: Verdict) -> None:
        """The verdict of a gate."""

    def ended(self) -> None:
        """Nothing more is collected, whether all is there, something raised, or the run was interrupted."""


class Silent:
    """An observer that nobody watches."""

    def planned(self, gates: tuple[tuple[str, float | None], ...]) -> None:
        """Ignore it."""

    def started(self, gate: str) -> None:
        """Ignore it."""

    def progressed(self, gate: str, text: str) -> None:
        """Ignore it."""

    def collected(self, gate: str, seconds: float, *, cached: bool) -> None:
        """Ignore it."""

    def decided(self, gate: str, verdict: Verdict) -> None:
        """Ignore it."""

    def ended(self) -> None:
        """Ignore it."""
