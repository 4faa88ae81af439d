"""Titles: what the title of a heading says: its number, and a status before, behind or in brackets after it."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

import re

from gates.builtin.trace import statuses
from gates.builtin.trace.documents.blocks import Section
from gates.builtin.trace.readers import ids

PHASE = re.compile(
    r"((?:Phase|Milestone|Step|Stage|Sprint|Epic|Task|Story|User Story|Batch|Iteration|Feature|Part|Wave|Requirement|Item|Issue|"  # noqa: E501
    r"Work ?package|WP|M|Gap|Objective)\s?#?\d+[A-Za-z]?(?:\.\d+)*[A-Za-z]?)(?=$|\W)",
    re.IGNORECASE,
)
BRACKET = re.compile(r"[\[(]([^\[\]()]{2,40})[\])]\s*$")
ENDING = 200
"""Characters at the end of a title among which its status stands."""
PARTED = re.compile(r"\s[-–—|]+\s+|—|–|:\s+")


def stated(section: Section) -> tuple[str, str]:
    """The title of a heading without its status, and the status that it says, "" where it says none."""
    title = section.title
    match = BRACKET.search(title)
    if match and statuses.known(match.group(1)):
        return title[: match.start()].strip(" :-–—"), match.group(1).strip()
    found = statuses.signs(title)
    said = _tail(statuses.SIGN.sub("", title).replace("\ufe0f", ""))
    if found and len(set(found)) == 1 and found[0] in statuses.BY_SIGN:
        plain = statuses.SIGN.sub("", title).replace("\ufe0f", "").strip(" :-–—")
        behind = title.rpartition(found[-1])[2].strip(" \ufe0f*:-–—")
        if behind and statuses.KNOWN.get(statuses.plain(behind)) and title.partition(found[0])[0].strip(" *#"):
            return title.partition(found[0])[0].strip(" :-–—"), f"{found[0]} {behind}"
        inside = not title.lstrip().startswith(found[0]) and not title.rstrip(" \ufe0f*)").endswith(found[0])
        if not inside and found[0] not in "🚀📋📝🔧🛠⚙💡🔒🧪🎉📌🔨🏗":
            if not said:
                return _without_words(plain, found[0])
            return plain[: plain.rfind(said)].strip(" :-–—"), f"{said} {found[0]}"
    if said:
        rest = title[: title.rfind(said)].strip(" :-–—|") if said in title else title
        if rest.count("(") > rest.count(")"):
            rest = rest.rpartition("(")[0].strip()
        if not re.fullmatch(r"\W*", rest):
            return rest, said
    return title, ""


def _tail(title: str) -> str:
    """The words behind the last mark of a heading that begin with a status; "" where there are none."""
    for match in reversed(list(PARTED.finditer(title))):
        if len(title) - match.end() > ENDING:
            break
        said = title[match.end() :].strip(" *")
        if 2 <= len(said) <= 60 and statuses.is_said(said):
            number = PHASE.fullmatch(numberless(title[: match.start()]).strip(" :"))
            return "" if number and statuses.plain(said) in statuses.TOPICS else said
    return ""


def _without_words(plain: str, sign: str) -> tuple[str, str]:
    words = plain.split()
    if len(words) > 1 and statuses.KNOWN.get(words[-1].casefold().strip("*")):
        return " ".join(words[:-1]), f"{words[-1]} {sign}"
    return plain, sign


def numberless(title: str) -> str:
    """A title without its signs and the stars around it."""
    return statuses.SIGN.sub("", title).replace("\ufe0f", "").strip(" *")


def leading(section: Section) -> tuple[str, str, str] | None:
    """The id that a heading begins with, the text after it, and how it is set apart; None where there is none."""
    title = statuses.SIGN.sub("", section.title).replace("\ufe0f", "").strip()
    found = ids.leading(title)
    if found is None or not ids.is_strong(found[0]) or re.fullmatch(r"[A-Za-z]\d", found[0]):
        return None
    return found
