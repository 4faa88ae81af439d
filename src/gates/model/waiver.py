"""Waiver: a named exception from a rule, with an owner and an end."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

SOON = 14
"""Days before its end within which a waiver is called expiring."""

State = Literal["active", "expiring", "expired", "unused", "not_judged"]
"""`unused` only where every gate that it could concern was decided over the whole project, else `not_judged`."""

Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]


class Waiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[tool.gates.waiver]]`: findings of `rule` about `subject` do not count until the end of the day `expires`.

    None of its keys has a default: a waiver that lost one is a configuration error.
    """

    rule: Annotated[Text, Meta(description="A rule's code or name, or a tool's own code such as `ruff:F401`.")]
    subject: Annotated[
        Text,
        Meta(
            description="What is excused: a glob on the finding's path or subject, or its exact fingerprint;"
            " `**` is every finding of the rule."
        ),
    ]
    reason: Annotated[Text, Meta(description="Why this is acceptable for now.")]
    owner: Annotated[Text, Meta(description="Who answers for it: a person or a team.")]
    expires: Annotated[date, Meta(description="The last day, in UTC, on which it applies: `2026-12-31`.")]

    @property
    def label(self) -> str:
        """`platform until 2026-12-31 [AUD001 PYSEC-2026-12]`: what a waived finding says it is waived by."""
        return f"{self.owner} until {self.expires.isoformat()} [{self.rule} {self.subject}]"

    def over(self, today: date) -> bool:
        """Whether its last day is past; `today` is in UTC."""
        return today > self.expires

    def ends_soon(self, today: date) -> bool:
        """Whether it still applies and ends within `SOON` days; `today` is in UTC."""
        return not self.over(today) and (self.expires - today).days <= SOON


class WaiverReport(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver in a report: where it is written, what has become of it, and how many findings it excused."""

    rule: str
    subject: str
    reason: str
    owner: str
    expires: date
    state: State
    uses: int
    path: str | None
    line: int | None
    label: str
