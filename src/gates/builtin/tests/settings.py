"""Settings of the gate `tests`: the table `[tool.gates.tests]`."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from gates.model.gate import GateSettings
from gates.model.strictness import stricter


class TestsSettings(GateSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How the suite is run, and what a run must prove."""

    __test__: ClassVar[bool] = False  # pytest takes a class of this name for tests

    args: Annotated[
        tuple[str, ...],
        Meta(description="Arguments for pytest, after those of its own configuration.", extra=stricter("free")),
    ] = ()
    env: Annotated[dict[str, str], Meta(description="Environment variables for pytest.")] = msgspec.field(
        default_factory=dict
    )
    record: Annotated[
        str | None,
        Meta(
            description="Judge the run that `pytest --vltair-record PATH` recorded here, instead of running the suite.",
        ),
    ] = None
    max_warnings: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(
            description="How many warnings pytest may record; 0 for none. Unset: any number.", extra=stricter("lower")
        ),
    ] = None
    packages: Annotated[
        tuple[str, ...] | None,
        Meta(
            description=(
                "Import names that must come from the project's tree, each of which the tests must import."
                " Unset: the project's packages, as far as the tests import them."
            ),
            extra=stricter("grow", "limit"),
        ),
    ] = None
    allow_installed: Annotated[
        bool,
        Meta(
            description="Whether tests may run against an installed copy of the project instead of its tree.",
            extra=stricter("off"),
        ),
    ] = False
    run_all: Annotated[
        bool,
        Meta(
            description="Whether each collected test must have run in a single run too, and not only in one of lanes.",
            extra=stricter("on"),
        ),
    ] = False
