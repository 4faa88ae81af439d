"""Settings of the gate `types`: the table `[tool.gates.types]`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from gates.model.gate import GateSettings
from gates.model.strictness import stricter


class TypesSettings(GateSettings, frozen=True, kw_only=True):
    """`[tool.gates.types]`. How strict mypy is, is mypy's own configuration."""

    paths: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            description="Files and folders to check, in place of `files`, `packages` and `modules` of mypy's"
            " configuration; without either, the project's packages.",
            extra=stricter("scope"),
        ),
    ] = ()
    tests: Annotated[
        bool,
        msgspec.Meta(
            description="Check test folders that the targets leave out and mypy's `exclude` does not cover.",
            extra=stricter("on", "exclusion"),
        ),
    ] = True
    config_file: Annotated[
        str | None,
        msgspec.Meta(
            description="Path of mypy's configuration file, for a project whose mypy would not find it.",
            extra=stricter("free"),
        ),
    ] = None
