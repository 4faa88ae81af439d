"""SARIF: the results of a log in the form that OASIS standardised (2.1.0)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from gates.builtin.command.facts import Reported
from gates.builtin.command.report import Places, UnreadableReport

NO_FAULT = frozenset({"pass", "notApplicable", "informational"})
"""Kinds of a result that is no fault (3.27.9)."""


class _Read(msgspec.Struct, frozen=True, rename="camel"):
    """Base: camel case names, and whatever else is there is passed over."""


class _Message(_Read, frozen=True):
    text: str | None = None
    markdown: str | None = None
    id: str | None = None


class _Rule(_Read, frozen=True):
    id: str | None = None
    default_configuration: Mapping[str, Any] = {}


class _Driver(_Read, frozen=True):
    name: str
    rules: tuple[_Rule, ...] = ()


class _Tool(_Read, frozen=True):
    driver: _Driver


class _Artifact(_Read, frozen=True):
    uri: str | None = None
    index: int = -1


class _Listed(_Read, frozen=True):
    location: _Artifact = _Artifact()


class _Region(_Read, frozen=True):
    start_line: int | None = None
    start_column: int | None = None


class _Physical(_Read, frozen=True):
    artifact_location: _Artifact = _Artifact()
    region: _Region = _Region()


class _Location(_Read, frozen=True):
    physical_location: _Physical = _Physical()


class _Reference(_Read, frozen=True):
    id: str | None = None
    index: int = -1


class _Suppression(_Read, frozen=True):
    status: str = "accepted"


class _Result(_Read, frozen=True):
    message: _Message
    rule_id: str | None = None
    rule_index: int = -1
    rule: _Reference = _Reference()
    kind: str = "fail"
    level: str | None = None
    baseline_state: str | None = None
    locations: tuple[_Location, ...] = ()
    suppressions: tuple[_Suppression, ...] = ()


class _Notification(_Read, frozen=True):
    message: _Message
    level: str = "warning"


class _Invocation(_Read, frozen=True):
    execution_successful: bool
    tool_execution_notifications: tuple[_Notification, ...] = ()
    tool_configuration_notifications: tuple[_Notification, ...] = ()


class _Run(_Read, frozen=True):
    tool: _Tool
    results: tuple[_Result, ...] | None = None
    invocations: tuple[_Invocation, ...] = ()
    artifacts: tuple[_Listed, ...] = ()
    external_property_file_references: Mapping[str, Any] = {}


class _Log(_Read, frozen=True):
    version: str
    runs: tuple[_Run, ...]


def read(data: bytes, places: Places) -> list[Reported]:
    """What is reported by each result that is a fault.

    Raises:
        UnreadableReport: it is not SARIF 2.1.0, has no run, or says of itself that a run failed.
    """
    try:
        log = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Log)
    except msgspec.MsgspecError as error:
        raise UnreadableReport(f"it is not SARIF: {error}") from error
    if log.version != "2.1.0":
        raise UnreadableReport(f"it is SARIF {log.version} and not 2.1.0", "schema_version_mismatch")
    if not log.runs:
        raise UnreadableReport("it holds no run, so nothing was examined", "nothing_examined")
    return [found for run in log.runs for found in _found(run, places)]


def _found(run: _Run, places: Places) -> Iterator[Reported]:
    _believed(run)
    for result in run.results or ():
        if result.kind in NO_FAULT or result.baseline_state == "absent":
            continue
        first = result.locations[0].physical_location if result.locations else _Physical()
        yield places.reported(
            result.message.text or result.message.markdown or result.message.id or "",
            path=_uri(run, first.artifact_location),
            line=first.region.start_line,
            column=first.region.start_column,
            code=_code(run, result),
            level=_level(run, result),
        )


def _believed(run: _Run) -> None:
    name = run.tool.driver.name
    if run.results is None or "results" in run.external_property_file_references:
        raise UnreadableReport(f"the run of {name} holds no results, not even none", "evidence_incomplete")
    for invocation in run.invocations:
        told = (*invocation.tool_execution_notifications, *invocation.tool_configuration_notifications)
        errors = [one.message.text or one.message.id or "an error" for one in told if one.level == "error"]
        if errors or not invocation.execution_successful:
            said = f": {errors[0]}" if errors else ""
            raise UnreadableReport(f"{name} says of itself that it did not succeed{said}", "tool_crashed")


def _level(run: _Run, result: _Result) -> Literal["error", "note", "suppressed"]:
    """A suppression that is under review or was rejected does not count (3.35.3)."""
    if result.suppressions and all(one.status == "accepted" for one in result.suppressions):
        return "suppressed"
    level = result.level or _rule(run, result).default_configuration.get("level")
    return "note" if level in {"note", "none"} else "error"


def _code(run: _Run, result: _Result) -> str | None:
    return result.rule_id or result.rule.id or _rule(run, result).id


def _rule(run: _Run, result: _Result) -> _Rule:
    rules, index = run.tool.driver.rules, max(result.rule_index, result.rule.index)
    if 0 <= index < len(rules):
        return rules[index]
    return next((one for one in rules if one.id is not None and one.id == result.rule_id), _Rule())


def _uri(run: _Run, artifact: _Artifact) -> str | None:
    from urllib.parse import unquote, urlsplit

    uri = artifact.uri
    if uri is None and 0 <= artifact.index < len(run.artifacts):
        uri = run.artifacts[artifact.index].location.uri
    # A reference is percent-encoded; with a scheme it is told apart later.
    return unquote(uri) if uri is not None and not urlsplit(uri).scheme else uri
