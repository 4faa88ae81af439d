"""SARIF log: the part of the SARIF 2.1.0 object model that gates writes, as frozen values.

Names and meaning follow the OASIS standard (section 3); fields without a default are always written.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Level = Literal["error", "warning", "note"]


class Object(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Base: camel case names, and nothing written that says nothing."""


class Message(Object, frozen=True, kw_only=True):
    """3.11 and 3.12: a text, also as Markdown where a viewer can show it."""

    text: str
    markdown: str | None = None


class ArtifactLocation(Object, frozen=True, kw_only=True):
    """3.4: a percent-encoded relative reference."""

    uri: str
    uri_base_id: str | None = None


class Region(Object, frozen=True, kw_only=True):
    """3.30: lines and columns count from 1."""

    start_line: int
    start_column: int | None = None
    end_line: int | None = None


class PhysicalLocation(Object, frozen=True, kw_only=True):
    """3.29."""

    artifact_location: ArtifactLocation
    region: Region | None = None


class LogicalLocation(Object, frozen=True, kw_only=True):
    """3.33: what a finding is about where that is no file: a requirement, a distribution."""

    fully_qualified_name: str


class Location(Object, frozen=True, kw_only=True):
    """3.28."""

    physical_location: PhysicalLocation | None = None
    logical_locations: tuple[LogicalLocation, ...] = ()


class Suppression(Object, frozen=True, kw_only=True):
    """3.35: `external`, because neither waivers nor the baseline are written into the source."""

    kind: Literal["external"]
    status: Literal["accepted"]
    justification: str


class Configuration(Object, frozen=True, kw_only=True):
    """3.50."""

    level: Level


class Descriptor(Object, frozen=True, kw_only=True):
    """3.49: a rule."""

    id: str
    name: str
    short_description: Message
    full_description: Message | None = None
    help: Message | None = None
    default_configuration: Configuration | None = None
    properties: dict[str, Any] = {}


class DescriptorReference(Object, frozen=True, kw_only=True):
    """3.52."""

    id: str


class Result(Object, frozen=True, kw_only=True):
    """3.27: a finding."""

    rule_id: str
    rule_index: int
    level: Level
    message: Message
    locations: tuple[Location, ...] = ()
    partial_fingerprints: dict[str, str]
    suppressions: tuple[Suppression, ...]
    properties: dict[str, Any] = {}


class Notification(Object, frozen=True, kw_only=True):
    """3.58: something about the run and not about the code."""

    level: Level
    message: Message
    descriptor: DescriptorReference
    locations: tuple[Location, ...] = ()


class Invocation(Object, frozen=True, kw_only=True):
    """3.20."""

    execution_successful: bool
    exit_code: int
    tool_execution_notifications: tuple[Notification, ...] = ()
    tool_configuration_notifications: tuple[Notification, ...] = ()


class Driver(Object, frozen=True, kw_only=True):
    """3.19: the tool component that made the run."""

    name: str
    version: str
    rules: tuple[Descriptor, ...]


class Tool(Object, frozen=True, kw_only=True):
    """3.18."""

    driver: Driver


class AutomationDetails(Object, frozen=True, kw_only=True):
    """3.17: what GitHub calls the category of an upload."""

    id: str


class Run(Object, frozen=True, kw_only=True):
    """3.14; `results` is written even when empty, which says that the code was looked at."""

    tool: Tool
    invocations: tuple[Invocation, ...]
    automation_details: AutomationDetails
    column_kind: Literal["unicodeCodePoints"]
    results: tuple[Result, ...]


class Log(Object, frozen=True, kw_only=True):
    """3.13: the whole file."""

    schema: str = msgspec.field(name="$schema")
    version: Literal["2.1.0"]
    runs: tuple[Run, ...]
