"""Complaints: what pytest says when it does not run the tests, in one sentence that names no place of this machine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gates.process.completed import Completed

FELL_OVER = {3: "pytest fell over", 4: "pytest refused to start"}
STOPPED = frozenset({"TIMEOUT", "MEM_LIMIT", "NOT_INSTALLED", "INTERNAL_ERROR", "SANDBOX_DENIED"})
NO_PYTEST = "No module named pytest"
ABSENT = "pytest is not installed in the judged environment: install it there, or name another with --python"
WRONG = ": error: "
RAISED = re.compile(r"(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Exit|Interrupt|Warning)\b")
PLACE = re.compile(r"(?<![\w./:~])/(?:[^\s'\"/:,;()]+/)+")
LONGEST = 300


def complaint(ended: Completed, places: Mapping[str, str]) -> str:
    """The line that says best why a process gave no answer; `places` are folders, and what is said for them."""
    if ended.status in STOPPED:
        return unplaced(ended.reason, places)
    lines = [line.strip() for text in (ended.errors, ended.text) for line in text.splitlines() if line.strip()]
    if any(line.endswith(NO_PYTEST) for line in lines):
        return ABSENT
    return unplaced(_said(lines) or ended.reason or f"it ended with code {ended.code}", places)


def _said(lines: Sequence[str]) -> str:
    """The most telling of some lines: a wrong option, an error of the configuration, what was raised, the last."""
    for line in lines:
        if WRONG in line:
            return line.partition(WRONG)[2]
    for line in lines:
        if line.startswith("ERROR: ") and not line.startswith("ERROR: usage:"):
            return line.removeprefix("ERROR: ")
    inner = [line.removeprefix("INTERNALERROR>").strip() for line in lines if line.startswith("INTERNALERROR>")]
    raised = [line.removeprefix("E ").strip() for line in lines if line.startswith("E ")]
    told = [line for line in (*inner, *lines) if RAISED.match(line)]
    return next(iter(raised), "") or next(reversed(told), "") or next(reversed(lines), "")


def unplaced(text: str, places: Mapping[str, str]) -> str:
    """The text on one line without folders of this machine; what lies in one that nobody knows keeps its name."""
    for place, said in sorted(places.items(), key=lambda one: -len(one[0])):
        text = text.replace(place, said)
    return PLACE.sub("", " ".join(text.split()))[:LONGEST]
