"""Settings of the gate `determinism`: the table `[tool.gates.determinism]`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from gates.model.gate import GateSettings
from gates.model.strictness import stricter

REQUIRED = ("seed", "timezone", "locale", "hash-seed")


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
    screen: Annotated[
        Literal["off", "reverse"],
        Meta(
            description="`reverse` runs the suite once more in the reversed order, and compares test by test.",
            extra=stricter("screen"),
        ),
    ] = "off"
