"""Strictness: which way a setting is stricter, so that a change which loosens it can be told from one which does not.

A field of a gate's settings says it in its `Meta`: `Meta(description="…", extra=stricter("lower"))`. A field that says
nothing is `unknown`: whoever changes it is told that nobody can say whether that loosens anything.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import msgspec

Way = Literal[
    "equality",
    "free",
    "follow_imports",
    "grow",
    "higher",
    "level",
    "lower",
    "off",
    "on",
    "scope",
    "screen",
    "selectors",
    "shrink",
    "unknown",
]
"""What must hold for a change of the value not to loosen anything.

`higher`, `lower`: a number; none is no limit. `on`, `off`: a switch. `grow`: a set that keeps its elements. `shrink`:
a set that gets no new ones. `scope`: paths; none is everything. `equality`, `level`, `follow_imports`, `screen`: words
in an order. `selectors`: ruff's selection. `free`: any value is as strict as another. `unknown`: nobody can tell.
"""

About = Literal["limit", "judging", "exclusion"]
"""What is lost: a limit, something that is judged, or something that is looked at."""

RANKS = {
    "equality": ("content", "bits"),
    "level": ("off", "note", "warning", "error"),
    "follow_imports": ("skip", "error", "silent", "normal"),
    "screen": ("off", "reverse", "full"),
}
"""The ways that are words in an order, from the loosest to the strictest."""

SETS = frozenset({"grow", "shrink", "scope", "selectors"})
_ABOUT: dict[str, About] = {
    "grow": "judging",
    "level": "judging",
    "screen": "judging",
    "selectors": "judging",
    "shrink": "exclusion",
    "scope": "exclusion",
}
_KEY = "strictness"


class Strictness(msgspec.Struct, frozen=True):
    """Which way is stricter, and what is lost on the way back; `by` is the key that names a table in a list of them."""

    way: Way
    about: About
    by: str | None = None


def strictness(way: Way, about: About | None = None, *, by: str | None = None) -> Strictness:
    """A strictness; without `about`, what such a setting mostly is about."""
    return Strictness(way, about or _ABOUT.get(way, "limit"), by)


def stricter(way: Way, about: About | None = None, *, by: str | None = None) -> dict[str, Any]:
    """The `extra` of a field's `msgspec.Meta` that says which way is stricter."""
    return {_KEY: strictness(way, about, by=by)}


UNKNOWN = strictness("unknown")


def of_field(kind: Any) -> Strictness:
    """What the annotated type of a field says of itself; `UNKNOWN` where it says nothing."""
    for one in get_args(kind)[1:]:
        if isinstance(one, msgspec.Meta) and one.extra is not None and _KEY in one.extra:
            found: Strictness = one.extra[_KEY]
            return found
    return UNKNOWN
