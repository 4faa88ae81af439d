"""Names: ids that tests, comments and items name and that no document has."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from gates.builtin.trace.judging.joined import Joined
from gates.builtin.trace.rules import UNKNOWN_REQUIREMENT
from gates.model.finding import Finding, finding

BETWEEN = frozenset({"depends", "parent", "supersedes", "superseded-by"})
"""Links that are meant to lead to an item of the documents."""
ADVICE = ": correct the id, or add the document that has it to `documents`"
WORDS = re.compile(r"[^\s,;\[\]()'\"]+")


def findings(joined: Joined) -> Iterator[Finding]:
    """Each unknown id with who names it and the nearest that there is."""
    near: dict[str, str] = {}
    for test in joined.evidence.tests.items:
        for name, by in test.requirements.items:
            if name not in joined.ids:
                message = f"{test.id} names {name} ({by}), which no document has{_offer(name, joined, near)}"
                found = finding(
                    UNKNOWN_REQUIREMENT,
                    message,
                    path=test.path,
                    line=test.line,
                    subject=name,
                    source=f"{test.id} {name}",
                )
                yield msgspec.structs.replace(found, severity="warning" if by in {"docstring", "name"} else "error")
    for one in joined.evidence.code.items:
        if one.target not in joined.ids:
            message = f"a comment names {one.target}, which no document has{_offer(one.target, joined, near)}"
            yield finding(
                UNKNOWN_REQUIREMENT, message, path=one.path, line=one.line, subject=one.target, source=one.target
            )
    for item in joined.evidence.items.items:
        for link in item.links.items:
            if link.kind in BETWEEN and link.target not in joined.ids:
                message = f"{item.id} names {link.target}, which no document has{_offer(link.target, joined, near)}"
                found = finding(
                    UNKNOWN_REQUIREMENT,
                    message,
                    path=item.place.path,
                    line=link.line,
                    subject=link.target,
                    source=f"{item.id} {link.target}",
                )
                yield msgspec.structs.replace(found, severity="warning")


def _offer(name: str, joined: Joined, near: dict[str, str]) -> str:
    """The nearest id or what else to do, looked for once for each name, and for no more names than anybody reads."""
    if name not in near:
        near[name] = _nearest(name, joined) if len(near) < 100 else ADVICE
    return near[name]


def _nearest(name: str, joined: Joined) -> str:
    import difflib

    several = [one for one in WORDS.findall(name) if one in joined.ids]
    if several:
        return f": give each id as an argument of its own, requirement({', '.join(map(repr, several))})"
    alike = sorted(one for one in joined.ids if one[:2].lower() == name[:2].lower())
    found = difflib.get_close_matches(name, alike[:1000], 1)
    return f"; did you mean {found[0]}?" if found else ADVICE
