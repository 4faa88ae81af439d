"""Settings of the gate `packaging`: the table `[tool.gates.packaging]`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from gates.model.gate import GateSettings
from gates.model.strictness import stricter


class PackagingSettings(GateSettings, frozen=True, kw_only=True):
    """`[tool.gates.packaging]`. What is built, and of what, is the build backend's own configuration."""

    stray: Annotated[
        tuple[str, ...],
        Meta(description="Globs of members that no artifact may have, besides the usual ones.", extra=stricter("grow")),
    ] = ()
    allow: Annotated[
        tuple[str, ...],
        Meta(
            description="Globs of members that are meant although they look stray; `.gates/` never is.",
            extra=stricter("shrink"),
        ),
    ] = ()
    changelog: Annotated[
        str | None,
        Meta(description="Path of the changelog, where its name is unusual.", extra=stricter("free")),
    ] = None
    version_files: Annotated[
        tuple[str, ...],
        Meta(
            description="Files besides the packages that name the version, such as CITATION.cff.",
            extra=stricter("grow"),
        ),
    ] = ()
    smoke: Annotated[
        bool,
        Meta(
            description="Whether the wheel is installed, imported, and its console scripts are started.",
            extra=stricter("on", "judging"),
        ),
    ] = True
    script_args: Annotated[
        dict[str, tuple[str, ...]],
        Meta(
            description="Arguments by script, for one that does not know `--help`; an empty list leaves it out.",
            extra=stricter("unknown"),
        ),
    ] = msgspec.field(default_factory=dict)
    imports_skip: Annotated[
        tuple[str, ...],
        Meta(description="Top-level modules that need what a fresh environment lacks.", extra=stricter("shrink")),
    ] = ()
    build_timeout: Annotated[
        float, Meta(gt=0, description="Seconds after which one build is ended.", extra=stricter("free"))
    ] = 600.0
