"""Settings of the gate `determinism`: the table `[tool.gates.determinism]`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from gates.model.gate import GateSettings
from gates.model.strictness import stricter

FACTORS = (
    "clock",
    "colour",
    "columns",
    "directory",
    "encoding",
    "entropy",
    "environment",
    "hash-seed",
    "home",
    "hypothesis",
    "locale",
    "network",
    "order",
    "recursion-limit",
    "seed",
    "timezone",
    "umask",
)
"""Everything that pytest_vltair can hold, by the names of its keys."""

REQUIRED = ("seed", "timezone", "locale", "hash-seed")
KINDS = (
    "children",
    "decimal",
    "descriptors",
    "directory",
    "environment",
    "files",
    "import-path",
    "locale",
    "logging",
    "loop-policy",
    "modules",
    "random",
    "signals",
    "socket-timeout",
    "state",
    "threads",
    "timezone",
    "umask",
    "warnings",
)
"""Every kind of leak that pytest_vltair knows by itself."""


class DeterminismSettings(GateSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What a run must have held still, and whether its order is tried the other way round."""

    require: Annotated[
        tuple[str, ...],
        Meta(
            description="The factors that pytest_vltair must hold at a value, by the names of its keys.",
            extra=stricter("grow"),
        ),
    ] = REQUIRED
    leaks: Annotated[
        bool,
        Meta(description="Whether tests must be watched for leaks, and must have none.", extra=stricter("on")),
    ] = True
    kinds: Annotated[
        tuple[str, ...],
        Meta(
            description="The kinds of leaks that must be looked for where `leaks` is on.",
            extra=stricter("grow"),
        ),
    ] = KINDS
    allow: Annotated[
        tuple[str, ...],
        Meta(
            description="The lines of `vltair_leaks_allow` in pytest's configuration that may be there.",
            extra=stricter("shrink"),
        ),
    ] = ()
    screen: Annotated[
        Literal["off", "reverse"],
        Meta(
            description="`reverse` runs the suite once more in the reversed order, and compares test by test.",
            extra=stricter("screen"),
        ),
    ] = "off"
