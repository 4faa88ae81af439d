"""Settings of the gate `repro`: the table `[tool.gates.repro]`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gates.builtin.built.artifact import KINDS, Kind
from gates.builtin.repro.facts import FactorName
from gates.model.gate import GateSettings
from gates.model.strictness import stricter

ZIP_EPOCH = 315_532_800
"""1980-01-01 UTC in seconds: no member of a zip can be older (APPNOTE.TXT 4.4.6)."""


class ReproSettings(GateSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What is built, how often, and which factors need not be varied."""

    artifacts: Annotated[tuple[Kind, ...], Meta(min_length=1, description="What is built.", extra=stricter("grow"))] = (
        KINDS
    )
    source_date_epoch: Annotated[
        int | None,
        Meta(
            description="SOURCE_DATE_EPOCH of all builds; without, that of the environment, else the time of the"
            " commit.",
            extra=stricter("free"),
        ),
    ] = None
    excuse: Annotated[
        tuple[FactorName, ...],
        Meta(
            description="Factors that may stay as they are where this machine cannot vary them.",
            extra=stricter("shrink"),
        ),
    ] = ()
    means: Annotated[
        Literal["auto", "in-process"],
        Meta(
            description="`auto` varies by faketime, user namespaces and disorderfs where they work; `in-process` only"
            " by what the build's own process is told.",
            extra=stricter("free"),
        ),
    ] = "auto"
    against: Annotated[
        tuple[str, ...],
        Meta(
            description="Published artifacts that a rebuild must equal: files, folders, or `NAME==VERSION`.",
            extra=stricter("grow"),
        ),
    ] = ()
    against_level: Annotated[
        Literal["bits", "content"],
        Meta(
            description="`content` lets times, modes and order of a published artifact differ.",
            extra=stricter("equality"),
        ),
    ] = "bits"
    record: Annotated[
        str, Meta(min_length=1, description="The file with the expected hashes.", extra=stricter("free"))
    ] = "gates-baseline/repro.json"
    config_settings: Annotated[
        dict[str, str | list[str]],
        Meta(
            description="Settings for the build backend, as `build --config-setting` has them.", extra=stricter("free")
        ),
    ] = msgspec.field(default_factory=dict)
    build_timeout: Annotated[
        float, Meta(gt=0, description="Seconds after which one build is ended.", extra=stricter("free"))
    ] = 600.0
    disk: Annotated[int, Meta(ge=1, description="Mebibytes that one build may write.", extra=stricter("free"))] = 2048
    most_builds: Annotated[
        int,
        Meta(ge=0, description="Builds at most that look for the factor behind a difference.", extra=stricter("free")),
    ] = 60

    def __post_init__(self) -> None:
        """Refuse a time that a wheel cannot hold.

        Raises:
            ValueError: msgspec reports it as a validation error.
        """
        if self.source_date_epoch is not None and self.source_date_epoch < ZIP_EPOCH and "wheel" in self.artifacts:
            raise ValueError(
                f"a source-date-epoch of {self.source_date_epoch} is before 1980, which no wheel can hold;"
                f" use {ZIP_EPOCH} or later"
            )
