"""Ratings: how much an item matters, where its line says so: `(High)`, `[P1]`, `(severity: critical)`."""

from __future__ import annotations

import re

WORDS = (
    r"critical|blocker|urgent|highest|high|important|major|medium|moderate|low|minor|trivial|lowest|"
    r"(?:p|sev-?|prio ?)[0-4]|(?:must|should|could)(?:[- ]have)?|nice[- ]to[- ]have"
)
RATING = (
    rf"[(\[]\s*(?:(?:priority|severity|prio|sev|impact)\s*[:=]?\s*)?(?P<said>{WORDS})"
    r"(?:\s+(?:priority|severity|prio|impact))?\s*[)\]](?!\()"
)
ENDING = 100
"""Characters at the end of a title among which a rating stands."""
LEADING = re.compile(rf"[*_]{{0,2}}{RATING}[*_]{{0,2}}(?P<colon>\s*:)?[*_]{{0,2}}(?:\s+|$)", re.IGNORECASE)
TRAILING = re.compile(rf"\s+[*_]{{0,2}}{RATING}[*_.]{{0,3}}$", re.IGNORECASE)
RATES = re.compile(rf"[*_`]*(?:{WORDS})\b", re.IGNORECASE)
SHORT = 3
"""Words that a severity has at most that a team made up itself."""


def is_prose(text: str) -> bool:
    """Whether what is called a priority, a severity or an impact is a sentence, and no degree of one."""
    return len(text.split()) > SHORT and RATES.match(text) is None


def leading(text: str) -> re.Match[str] | None:
    """The rating that a text begins with and what parts it from the rest; its group `colon` is where one follows."""
    return LEADING.match(text) if text[:1] in "([*_" else None


def taken(title: str) -> tuple[str, str]:
    """The rating at the beginning or the end of a title, "" where there is none, and the title without it."""
    match = leading(title)
    if match is not None:
        return match.group("said"), title[match.end() :]
    ending = title[-4:]
    match = TRAILING.search(title, max(0, len(title) - ENDING)) if ")" in ending or "]" in ending else None
    return (match.group("said"), title[: match.start()]) if match else ("", title)
