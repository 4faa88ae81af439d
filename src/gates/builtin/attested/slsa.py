"""SLSA: provenance v1 (https://slsa.dev/spec/v1.0/provenance), more strictly than its schema asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gates.builtin.attested.refusal import Refused
from gates.builtin.attested.statement import Closed, Resource, Text, convert

TYPE = "https://slsa.dev/provenance/v1"
BUILD = "urn:pytest-vltair:build:v1"
"""How gates describes a build: docs/how-to/provenance.md says what is in it."""

COMMIT = "gitCommit"


class Builder(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """Who ran the build."""

    id: Text
    version: Mapping[str, str] = {}
    builder_dependencies: tuple[Resource, ...] = ()


class RunMetadata(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """Which run it was, and when."""

    invocation_id: str = ""
    started_on: str = ""
    finished_on: str = ""


class BuildDefinition(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked of the builder, and what went in."""

    build_type: Text
    external_parameters: Mapping[str, Any]
    internal_parameters: Mapping[str, Any] = {}
    resolved_dependencies: tuple[Resource, ...] = ()


class RunDetails(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """The run itself."""

    builder: Builder
    metadata: RunMetadata = RunMetadata()
    byproducts: tuple[Resource, ...] = ()


class Provenance(Closed, frozen=True, kw_only=True):
    """The whole predicate."""

    build_definition: BuildDefinition
    run_details: RunDetails

    @property
    def source(self) -> Resource:
        """The one dependency that is a commit."""
        return next(one for one in self.build_definition.resolved_dependencies if COMMIT in one.digest)


def parse(value: Any) -> Provenance:
    """The predicate, whole: with parameters, one commit it was built from, and a digest of all that went in.

    Raises:
        Refused: it is not.
    """
    found: Provenance = convert(value, Provenance)
    definition = found.build_definition
    if not definition.external_parameters:
        raise Refused("predicate-schema", "`externalParameters` is empty")
    bare = next((one for one in definition.resolved_dependencies if not one.digest), None)
    if bare is not None:
        raise Refused("dependency-undigested", f"{bare.name or bare.uri} has no digest")
    commits = [one for one in definition.resolved_dependencies if COMMIT in one.digest]
    if len(commits) != 1 or not commits[0].uri.startswith("git+"):
        said = "names no commit" if not commits else "names several commits, or one without its repository"
        raise Refused("predicate-schema", f"`resolvedDependencies` {said}")
    unknown = next((one for one in found.run_details.byproducts if not one.digest), None)
    if unknown is not None:
        raise Refused("predicate-schema", f"the byproduct {unknown.name or unknown.uri} has no digest")
    return found


def finished(found: Provenance) -> datetime | None:
    """When the build ended, else when it began; None where neither is said.

    Raises:
        Refused: a time is none, or it ended before it began.
    """
    metadata = found.run_details.metadata
    began, ended = moment(metadata.started_on), moment(metadata.finished_on)
    if began is not None and ended is not None and ended < began:
        raise Refused("time-malformed", f"it ended at {metadata.finished_on}, before it began")
    return ended or began


def moment(text: str) -> datetime | None:
    """A time of RFC 3339; None for "".

    Raises:
        Refused: it is none, or without an offset.
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("time-malformed", f"{text[:80]!r} is no time") from error
    if found.tzinfo is None:
        raise Refused("time-malformed", f"{text[:80]!r} says no offset")
    return found
