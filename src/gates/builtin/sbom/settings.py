"""Settings of the gate `sbom`: the table `[tool.gates.sbom]`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gates.builtin.sbom.elements import NAMES
from gates.builtin.supply.source import Asked
from gates.model.gate import GateSettings
from gates.model.strictness import stricter


class SbomSettings(GateSettings, frozen=True, kw_only=True):
    """`[tool.gates.sbom]`."""

    source: Annotated[
        Asked,
        Meta(
            description="What says which distributions there are; `auto`: the first lock file that is there, else the"
            " judged environment.",
            extra=stricter("unknown", "judging"),
        ),
    ] = "auto"
    requirements: Annotated[
        tuple[str, ...],
        Meta(description="The requirements file to read, where its name is unusual.", extra=stricter("scope")),
    ] = ()
    document: Annotated[
        str | None,
        Meta(
            description="Path of an SBOM that is there already; it is judged in the place of one made here.",
            extra=stricter("unknown", "judging"),
        ),
    ] = None
    spec_version: Annotated[
        Literal["1.6", "1.7"], Meta(description="The version of CycloneDX to write.", extra=stricter("free"))
    ] = "1.6"
    artifacts: Annotated[
        tuple[str, ...],
        Meta(
            description="Globs of built files, such as `dist/*`, that the SBOM is of: their hashes go into it.",
            extra=stricter("grow"),
        ),
    ] = ()
    extras: Annotated[
        tuple[str, ...],
        Meta(description="Extras of the project that count as required.", extra=stricter("grow")),
    ] = ()
    groups: Annotated[
        tuple[str, ...],
        Meta(description="Dependency groups of the project that count as required.", extra=stricter("grow")),
    ] = ()
    author: Annotated[
        str | None,
        Meta(description="Who answers for the SBOM; without, the project's authors.", extra=stricter("free")),
    ] = None
    minimum: Annotated[
        dict[str, float],
        Meta(
            description="Percent of components that must have an element: supplier, name, version, identifier,"
            " dependencies, hash, licence; 0 or 100 for author, timestamp, tool, context. 100 where nothing is said.",
            extra=stricter("unknown"),
        ),
    ] = msgspec.field(default_factory=dict)
    allow: Annotated[
        tuple[str, ...],
        Meta(
            description="Licences that may be used: SPDX identifiers, with `WITH` where meant, or globs of them.",
            extra=stricter("shrink"),
        ),
    ] = ()
    deny: Annotated[
        tuple[str, ...],
        Meta(description="Licences that may not be used: SPDX identifiers, or globs of them.", extra=stricter("grow")),
    ] = ()
    development: Annotated[
        bool,
        Meta(
            description="Whether the licence policy is for what only development needs, too.",
            extra=stricter("on", "judging"),
        ),
    ] = False
    licences: Annotated[
        dict[str, str],
        Meta(
            description="SPDX expressions by distribution, where metadata does not say them clearly.",
            extra=stricter("unknown"),
        ),
    ] = msgspec.field(default_factory=dict)
    suppliers: Annotated[
        dict[str, str],
        Meta(description="Suppliers by distribution, where metadata names nobody.", extra=stricter("unknown")),
    ] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ValueError: `minimum` names no element or a percentage that is none, or a licence is no SPDX expression.
        """
        for name, value in self.minimum.items():
            if name not in NAMES:
                msg = f"`minimum` names {name!r}, which is none of {', '.join(NAMES)}"
                raise ValueError(msg)
            if not 0 <= value <= 100:
                msg = f"`minimum` of {name} is {value:g}, which is no percentage"
                raise ValueError(msg)
        for name, text in self.licences.items():
            from gates.builtin.sbom.spdx import parsed

            if parsed(text) is None:
                msg = f"`licences` says {text!r} of {name}, which is no SPDX expression"
                raise ValueError(msg)
