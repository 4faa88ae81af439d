"""Settings of the gate `lint`: the table `[tool.gates.lint]`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from gates.model.gate import GateSettings
from gates.model.strictness import stricter


class LintSettings(GateSettings, frozen=True, kw_only=True):
    """`[tool.gates.lint]`. Which rules hold is ruff's own configuration."""

    paths: Annotated[
        tuple[str, ...],
        msgspec.Meta(
            description="Files and folders to judge; by default what ruff finds in the root.", extra=stricter("scope")
        ),
    ] = ()
    format: Annotated[
        bool | None,
        msgspec.Meta(
            description="Whether formatting is judged; by default where the project formats with ruff.",
            extra=stricter("on", "judging"),
        ),
    ] = None
    config_file: Annotated[
        str | None,
        msgspec.Meta(
            description="Path of ruff's configuration file, for a project whose ruff would not find it.",
            extra=stricter("free"),
        ),
    ] = None
