"""Approval: a finding about a change to the judging itself that somebody let through who is not that change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from gates.model.evidence import Counted, Facts
from gates.model.finding import Finding, fingerprint
from gates.model.rule import Rule

FILE = "gates-baseline/approved.toml"
"""The approver file; only what it says on the base commit counts."""

Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]


class Approval(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[approved]]`: the finding of `rule` about `subject` does not count until the end of the day `expires`.

    `subject` may have `*` for any text. With `to` it is only approved that the setting gets this value.
    """

    rule: Annotated[Text, Meta(description="The code or name of a rule of the gate `policy`.")]
    subject: Annotated[Text, Meta(description="The finding's subject; `*` stands for any text.")]
    reason: Annotated[Text, Meta(description="Why the change is right.")]
    owner: Annotated[Text, Meta(description="Who approves it: a person or a team.")]
    expires: Annotated[date, Meta(description="The last day, in UTC, on which it counts: `2026-12-31`.")]
    to: Annotated[
        bool | float | str | None, Meta(description="The only value that the setting may get; without it, any.")
    ] = None

    @property
    def label(self) -> str:
        """What an approved finding says it is approved by."""
        return f"approval of {self.owner} until {self.expires.isoformat()}: {self.reason}"


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of the approver file."""

    approved: tuple[Approval, ...] = ()


class Granted(Facts, frozen=True, kw_only=True):
    """What was approved on the base, and the files that call gates and are not what they are there."""

    approvals: Counted[Approval]
    rewired: Counted[str]


def matches(rule: Rule, subject: str, wanted_rule: str, wanted_subject: str) -> bool:
    """Whether an approval that names a rule and a subject is about the finding."""
    pattern = ".*".join(re.escape(part) for part in wanted_subject.split("*"))
    return wanted_rule in {rule.code, rule.name} and re.fullmatch(pattern, subject, re.DOTALL) is not None


def granting(item: Finding, rule: Rule, approvals: Sequence[Approval], today: date) -> Approval | None:
    """The first approval that still counts and is about the finding; `today` is in UTC."""
    for one in approvals:
        if today > one.expires or not matches(rule, item.subject or "", one.rule, one.subject):
            continue
        if one.to is None or item.fingerprint == fingerprint(rule.code, item.path, item.subject, shown(one.to)):
            return one
    return None


def shown(value: bool | float | str | None) -> str:
    """A value as findings and approvals write it: `true`, `85`, `src, tests`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}"
    return "nothing" if value is None else value
