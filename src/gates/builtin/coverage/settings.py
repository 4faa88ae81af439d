"""Settings of the gate `coverage`: the table `[tool.gates.coverage]`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from gates.model.gate import GateSettings
from gates.model.strictness import stricter

Percent = Annotated[float, Meta(ge=0, le=100)]


class PathLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Limits of the files that a glob names; a file that several globs name counts for each of them."""

    glob: Annotated[
        str,
        Meta(min_length=1, description="The files, as `src/core/**`; one that names no measured file is undecided."),
    ]
    minimum: Annotated[
        Percent | None,
        Meta(description="The least that must have run of all of them together, in percent.", extra=stricter("higher")),
    ] = None
    branches: Annotated[
        Percent | None,
        Meta(description="The least of their branches that must have been taken.", extra=stricter("higher")),
    ] = None
    file: Annotated[
        Percent | None,
        Meta(description="The least that must have run of each one of them.", extra=stricter("higher")),
    ] = None


class CoverageSettings(GateSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How much must have run: of everything, of what a glob names, of each file, of what the change touched."""

    total: Annotated[
        Percent | None,
        Meta(
            description="The least that must have run of everything, in percent; by default coverage's `fail_under`.",
            extra=stricter("higher"),
        ),
    ] = None
    branches: Annotated[
        Percent | None,
        Meta(description="The least of all branches that must have been taken.", extra=stricter("higher")),
    ] = None
    file: Annotated[
        Percent | None,
        Meta(description="The least that must have run of each file.", extra=stricter("higher")),
    ] = None
    path: Annotated[
        tuple[PathLimit, ...],
        Meta(description="Limits of the files that a glob names.", extra=stricter("grow", by="glob")),
    ] = ()
    patch: Annotated[
        Percent | None,
        Meta(
            description=(
                "The least that must have run of the changed lines and branches of each function; by default the limit"
                " of everything."
            ),
            extra=stricter("higher"),
        ),
    ] = None
    pragmas: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="The most lines that may bear an exclusion pragma.", extra=stricter("lower")),
    ] = None
    data: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "Files of a measurement made before: `.coverage`, coverage.py's JSON or XML, LCOV. Without any, the"
                " tests are run and measured."
            ),
            extra=stricter("free"),
        ),
    ] = ()
