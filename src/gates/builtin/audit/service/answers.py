"""Answers: what a body of the service says, by OSV's API and schema 1; what is neither is a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from gates.builtin.audit.facts import Advisory
from gates.model.evidence import counted
from gates.model.reason import Reason, ReasonCode

LATER = "gates check audit, later or with another `service-url` in [tool.gates.audit]"
AWAY = "gates check audit, with a network (HTTPS_PROXY where it is behind one), or with `mirror` in [tool.gates.audit]"
OTHER = "mend `service-url` in [tool.gates.audit]: the address of a service with OSV's API, without `/v1`"
KNOWN = re.compile(r"1(?:\.\d+)*(?:[-+].*)?")
"""Versions of the schema that are understood (OSV schema, `schema_version`: without one it is 1.0.0)."""

STATUSES: Mapping[int, tuple[ReasonCode, str, str]] = {
    401: ("network_unavailable", "wants credentials that it was not given", OTHER),
    403: ("network_unavailable", "refuses to answer", OTHER),
    404: ("evidence_missing", "has no advisories at this address", OTHER),
    407: ("network_unavailable", "is behind a proxy that wants credentials", "set HTTPS_PROXY with a user"),
    408: ("timeout", "gave up before it answered", LATER),
    429: ("network_unavailable", "turns questions away because there were too many", LATER),
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One question: canonical name, version, and the token of the page that is wanted ("" for the first)."""

    name: str
    version: str
    page: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered to one question: the advisories' ids, what was told of them, and the token of more."""

    ids: tuple[str, ...] = ()
    advisories: tuple[Advisory, ...] = ()
    more: str = ""


def fault(code: ReasonCode, message: str, fix: str = LATER) -> Reason:
    """A reason about the service."""
    return Reason(code=code, message=message, fix=fix)


def document(status: int, kind: str, body: bytes, who: str) -> dict[str, Any] | Reason:
    """The object in an answer; `who` is what the service is called in a reason."""
    refused = _status(status, who)
    if refused is not None:
        return refused
    start = body[:200].lstrip().lower()
    if start.startswith(b"<") or "html" in kind.lower():
        message = f"{who} answers with a web page (HTML) in place of advisories"
        return fault("unparsable_output", message, OTHER)
    try:
        held = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return fault("unparsable_output", f"{who} answers with what is not JSON, or is cut off")
    if not isinstance(held, dict):
        return fault("unparsable_output", f"{who} answers with JSON that is no object", OTHER)
    return held


def _status(status: int, who: str) -> Reason | None:
    if status == 200:
        return None
    if status in STATUSES:
        code, said, fix = STATUSES[status]
        return fault(code, f"{who} {said} ({status})", fix)
    if 300 <= status < 400:
        return fault("network_unavailable", f"{who} sends elsewhere ({status}), as a login page does", OTHER)
    if status >= 500:
        return fault("network_unavailable", f"{who} fails ({status})")
    return fault("unparsable_output", f"{who} answers with the status {status}, which means nothing here", OTHER)


def single(held: Mapping[str, Any], who: str) -> Answered | Reason:
    """The answer to one question: `{}` for no advisory, or whole records under `vulns`."""
    more = held.get("next_page_token", "")
    listed = held.get("vulns", [])
    if not isinstance(listed, list) or not isinstance(more, str) or set(held) - {"vulns", "next_page_token"}:
        return fault("unparsable_output", f"{who} answers with an object that is no answer of OSV's API", OTHER)
    found = tuple(map(advisory, listed))
    return Answered(ids=tuple(one.id for one in found), advisories=found, more=more)


def batch(held: Mapping[str, Any], asked: int, who: str) -> list[Answered] | Reason:
    """The answers to `asked` questions at once, in their order: ids without the records."""
    results = held.get("results")
    if not isinstance(results, list) or set(held) - {"results"}:
        return fault("unparsable_output", f"{who} answers to a list of questions without `results`", OTHER)
    if len(results) != asked:
        return fault("evidence_incomplete", f"{who} gave {len(results)} answers to {asked} questions")
    found = []
    for one in results:
        # An error in the place of an answer has no vulnerabilities either.
        if not isinstance(one, dict) or set(one) - {"vulns", "next_page_token"}:
            return fault("unparsable_output", f"{who} gave what is no answer in a list of answers", OTHER)
        listed = one.get("vulns", [])
        more = one.get("next_page_token", "")
        ids = [each.get("id") if isinstance(each, dict) else None for each in listed or ()]
        if not isinstance(listed, list) or not isinstance(more, str) or not all(isinstance(each, str) for each in ids):
            return fault("unparsable_output", f"{who} gave an answer without ids in a list of answers", OTHER)
        found.append(Answered(ids=tuple(map(str, ids)), more=more))
    return found


def advisory(held: Any) -> Advisory:
    """One record, with its flaw if it has one; never raises."""
    record = held if isinstance(held, dict) else {}
    name, aliases, withdrawn = record.get("id"), record.get("aliases") or [], record.get("withdrawn")
    schema = record.get("schema_version", "1.0.0")
    newer = not (isinstance(schema, str) and KNOWN.fullmatch(schema))
    named = isinstance(name, str) and bool(name.strip())
    return Advisory(
        id=str(name) if named else "",
        aliases=counted(sorted({one for one in aliases if isinstance(one, str)} if isinstance(aliases, list) else ())),
        withdrawn="" if withdrawn is None else str(withdrawn),
        newer=newer,
        flaw=_flaw(record, named=named, schema=schema if newer else ""),
    )


def _flaw(record: Mapping[str, Any], *, named: bool, schema: Any) -> str:
    if not named:
        return "has no id"
    if schema:
        return f"is of OSV schema {str(schema)[:20]}, and 1 is understood"
    affected = record.get("affected")
    if affected is None:
        return "has no `affected`, so that nobody can say which versions it is about"
    listed = affected if isinstance(affected, list) else []
    if not listed:
        return "has an empty `affected`, so that nobody can say which versions it is about"
    packages = [one.get("package") for one in listed if isinstance(one, dict)]
    if not any(isinstance(one, dict) and isinstance(one.get("name"), str) for one in packages):
        return "does not name the package that it is about"
    return ""
