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


VARIED = (
    "directory",
    "environment",
    "hashseed",
    "listing",
    "load",
    "optimize",
    "order",
    "repeat",
    "rngseed",
    "timezone",
    "umask",
)
"""What can be varied on every system."""


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
        Literal["off", "reverse", "full"],
        Meta(
            description=(
                "`reverse` runs the suite once more in the reversed order, and compares test by test. `full` varies all"
                " factors, about twelve runs of the suite, and names what makes a test unstable."
            ),
            extra=stricter("screen"),
        ),
    ] = "off"
    budget: Annotated[
        float,
        Meta(gt=0, description='Seconds that `screen = "full"` may take.', extra=stricter("higher")),
    ] = 1200.0
    vary: Annotated[
        tuple[str, ...],
        Meta(
            description='The factors that `screen = "full"` must have varied; the others are varied where they can be.',
            extra=stricter("grow"),
        ),
    ] = VARIED
