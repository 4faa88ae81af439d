"""Asking: the arguments that a program gives with a question, and what is said where they are wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gates.errors import UsageError, nearest
from gates.record.asked.since import FORMS

Word = Annotated[str, Meta(max_length=300)]
Limit = Annotated[int, Meta(ge=1, le=100)]


class Asking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The arguments of a tool."""


class RunsWanted(Asking, frozen=True, kw_only=True):
    """Which runs; an argument that is left out or empty does not matter."""

    gate: Annotated[Word, Meta(description="Runs that judged this gate; `*` and `?` stand for anything.")] = ""
    status: Annotated[
        Literal["", "passed", "failed", "undecided", "error", "interrupted", "lost", "running"],
        Meta(
            description="Runs that ended so. `error`: no verdict; `lost`: it was killed; `running`: it has not ended."
        ),
    ] = ""
    since: Annotated[Word, Meta(description=f"Runs from then on: {FORMS}.")] = ""
    branch: Annotated[Word, Meta(description="Runs on this branch.")] = ""
    commit: Annotated[Word, Meta(description="Runs of the commit whose hash begins so.")] = ""
    test: Annotated[Word, Meta(description="Runs of this test, by its node id; `*` and `?` stand for anything.")] = ""
    requirement: Annotated[Word, Meta(description="Runs with tests of this requirement.")] = ""
    command: Annotated[Word, Meta(description="Runs of this command: check, merge, prove, diagnose, pytest.")] = ""
    limit: Annotated[Limit, Meta(description="How many runs at most.")] = 20
    offset: Annotated[int, Meta(ge=0, le=1_000_000, description="How many of the newest to pass over.")] = 0


class TraceWanted(Asking, frozen=True, kw_only=True):
    """Which trace."""

    trace_id: Annotated[
        str,
        Meta(
            pattern="^[0-9a-f]{32}$", description="The `trace_id` of a run, a gate or a test, as other answers have it."
        ),
    ]
    limit: Annotated[Limit, Meta(description="How many of the newest attempts at most.")] = 20


class FailuresWanted(Asking, frozen=True, kw_only=True):
    """How many failures."""

    limit: Annotated[Limit, Meta(description="How many patterns at most.")] = 10


class CodeWanted(Asking, frozen=True, kw_only=True):
    """What is to be explained."""

    code: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=200,
            description="A rule (COV004, changed-lines-missed), a tool's code (ruff:F401, mypy:arg-type), a reason "
            "(tool_missing), a verdict (undecided) or an exit code (3).",
        ),
    ]


def parsed(kind: type[Asking], given: Mapping[str, Any]) -> Asking:
    """The arguments.

    Raises:
        UsageError: one is unknown, missing, or of the wrong kind.
    """
    known = [field.name for field in msgspec.structs.fields(kind)]
    for name in given:
        if name not in known:
            close = nearest(name[:100], known)
            hint = f"did you mean {close!r}?" if close else f"it takes {', '.join(known)}"
            raise UsageError(f"there is no argument {name[:100]!r}: {hint}")
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at `$.")
        where = re.split(r"[`.\[]", path)[0]
        choices = _choices(kind, where)
        if choices:
            raise UsageError(f"{where}: {str(given[where])[:100]!r} is none of {', '.join(choices)}") from error
        value = f", and was {str(given[where])[:100]!r}" if where in given else ""
        raise UsageError(f"{where or 'arguments'}: {said[:1].lower()}{said[1:]}{value}") from error


def _choices(kind: type[Asking], name: str) -> list[str]:
    """The words of which an argument must be one, where there are such."""
    schema = msgspec.json.schema(kind)["$defs"][kind.__name__]["properties"]
    return [word for word in schema.get(name, {}).get("enum", ()) if word]
