"""Zizmor: what it finds in workflows and actions, offline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.workflows.facts import Complaint
from gates.builtin.workflows.reading.place import Place
from gates.model.reason import Reason
from gates.process import failure
from gates.project.source_lines import SourceLines

if TYPE_CHECKING:
    from gates.model.gate import Context

NAME = "zizmor"
OPTIONS = ("--offline", "--format", "json-v1", "--no-progress", "--strict-collection", "--color", "never")
FOUND = frozenset({0, 11, 12, 13, 14})
"""Its exit codes for findings by their severity; 3 is that nothing was audited, the rest are its own errors."""

CONFIG = "ZIZMOR_CONFIG"
"""The variable that puts another configuration in the place of the project's."""

_AUDITED = re.compile(r"completed (?P<name>.+?)\s*$", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class _Point(msgspec.Struct):
    row: int
    column: int


class _Span(msgspec.Struct):
    start_point: _Point


class _Concrete(msgspec.Struct):
    location: _Span


class _Local(msgspec.Struct):
    verbatim_path: str


class _Key(msgspec.Struct):
    local: _Local | None = msgspec.field(default=None, name="Local")


class _Symbolic(msgspec.Struct):
    key: _Key
    annotation: str
    kind: str


class _Location(msgspec.Struct):
    symbolic: _Symbolic
    concrete: _Concrete


class _Determinations(msgspec.Struct):
    confidence: str
    severity: str


class _Finding(msgspec.Struct):
    ident: str
    desc: str
    determinations: _Determinations
    locations: tuple[_Location, ...]
    ignored: bool


class Audit(msgspec.Struct, frozen=True):
    """The files that zizmor looked at, what it found, how much of it the project passes over, what it did not load."""

    audited: tuple[str, ...]
    found: tuple[Complaint, ...]
    ignored: int
    refused: tuple[tuple[str, str], ...] = ()


def audit(context: Context[Any], argv: Sequence[str], place: Place, names: Sequence[str]) -> Audit | Reason:
    """What it says of `names`; one by one where it does not load all, since it then says nothing of any."""
    whole = _run(context, argv, place, names)
    if not isinstance(whole, str):
        return whole
    parts: list[Audit] = []
    refused = []
    for name in names:
        one = _run(context, argv, place, [name])
        if isinstance(one, Reason):
            return one
        if isinstance(one, str):
            refused.append((name, one))
        else:
            parts.append(one)
    return Audit(
        tuple(name for one in parts for name in one.audited),
        tuple(found for one in parts for found in one.found),
        sum(one.ignored for one in parts),
        tuple(refused),
    )


def _run(context: Context[Any], argv: Sequence[str], place: Place, names: Sequence[str]) -> Audit | Reason | str:
    """The audit, a reason why there is none, or the clause with which zizmor refuses to load a file."""
    persona = ("--persona", context.settings.persona)
    env = {"RUST_BACKTRACE": "0", "ZIZMOR_OFFLINE": "true"}
    run = context.run([*argv, *OPTIONS, *persona, "--", *names], cwd=place.root, env=env)
    stopped = failure.stopped(run, NAME, "workflows")
    if stopped is not None:
        return stopped
    errors = _COLOUR.sub("", run.errors)
    if run.code not in FOUND:
        if "failed to load" in errors:
            return _cause(errors)
        return _crashed(run.code, failure.last_words(run))
    try:
        findings = msgspec.json.decode(run.stdout, type=tuple[_Finding, ...])
    except msgspec.DecodeError as error:
        return _crashed(run.code, f"its output is not what json-v1 should be: {error}")
    audited = tuple(sorted(set(names) & {match["name"] for match in _AUDITED.finditer(errors)}))
    if len(audited) != len(set(names)):
        missing = min(set(names) - set(audited))
        return _crashed(run.code, f"it does not say that it audited {missing}")
    said = list(_complaints(context, place, findings))
    return Audit(audited, tuple(said), sum(one.ignored for one in findings))


def _complaints(context: Context[Any], place: Place, findings: Sequence[_Finding]) -> Iterator[Complaint]:
    lines = SourceLines(place.root, context.redact)
    for one in findings:
        if one.ignored or not one.locations:
            continue
        held = next((at for at in one.locations if at.symbolic.kind == "Primary"), one.locations[0])
        name = held.symbolic.key.local.verbatim_path if held.symbolic.key.local is not None else ""
        point = held.concrete.location.start_point
        yield Complaint(
            tool="zizmor",
            code=one.ident,
            message=context.redact(f"{one.desc}: {held.symbolic.annotation}"),
            path=place.shown(name),
            line=point.row + 1,
            column=point.column + 1,
            severity=one.determinations.severity.lower(),
            confidence=one.determinations.confidence.lower(),
            source=lines.text(name, point.row + 1),
        )


def _cause(errors: str) -> str:
    """What zizmor objects to in a file that it does not load."""
    after = errors.partition("Caused by:")[2].partition("Stack backtrace")[0]
    lines = [re.sub(r"^\d+: ", "", line.strip()) for line in after.splitlines() if line.strip()]
    return "; ".join(dict.fromkeys(lines))[:300] or "it gives no reason"


def _crashed(code: int | None, why: str) -> Reason:
    return Reason(
        code="tool_crashed",
        message=f"zizmor ended with exit code {code} and not with an audit: {why}",
        fix="zizmor --offline --strict-collection .github/workflows",
    )
