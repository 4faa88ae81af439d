"""Settings of the gate `secrets`: the table `[tool.gates.secrets]`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from gates.model.gate import GateSettings
from gates.model.strictness import stricter


class SecretsSettings(GateSettings, frozen=True, kw_only=True):
    """`[tool.gates.secrets]`. What is known and no secret is in the baseline, audited."""

    baseline: Annotated[
        str, Meta(description="Path of the audited baseline of detect-secrets.", extra=stricter("free"))
    ] = ".secrets.baseline"
    exclude: Annotated[
        tuple[str, ...],
        Meta(description="Globs of files that are not looked into.", extra=stricter("shrink")),
    ] = ()
    disable: Annotated[
        tuple[str, ...],
        Meta(
            description="Detectors of detect-secrets that are off, such as `IPPublicDetector`.",
            extra=stricter("shrink"),
        ),
    ] = ()
    pragmas: Annotated[
        bool,
        Meta(
            description="Whether a line with `pragma: allowlist secret` is passed over; nobody audits those.",
            extra=stricter("off"),
        ),
    ] = False
    largest: Annotated[
        int, Meta(gt=0, description="Bytes of the largest file that is looked into.", extra=stricter("higher"))
    ] = 5_000_000
