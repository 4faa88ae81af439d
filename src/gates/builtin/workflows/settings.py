"""Settings of the gate `workflows`: the table `[tool.gates.workflows]`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from gates.model.gate import GateSettings
from gates.model.strictness import stricter

System = Literal["linux", "macos", "windows"]
Variable = Literal["LC_ALL", "PYTHONHASHSEED", "TZ"]


class WorkflowsSettings(GateSettings, frozen=True, kw_only=True):
    """`[tool.gates.workflows]`. What zizmor passes over is its own configuration, `zizmor.yml`."""

    exclude: Annotated[
        tuple[str, ...],
        Meta(description="Globs of workflows and actions that are not judged.", extra=stricter("shrink")),
    ] = ()
    unpinned: Annotated[
        tuple[str, ...],
        Meta(
            description="Actions that need no full commit, such as `actions/*` or your own `acme/*`.",
            extra=stricter("shrink"),
        ),
    ] = ()
    pythons: Annotated[
        tuple[str, ...] | None,
        Meta(
            description='Minor versions that jobs must test ("3.12"), in place of those that the project declares.',
            extra=stricter("grow"),
        ),
    ] = None
    systems: Annotated[
        tuple[System, ...] | None,
        Meta(description="Systems on which jobs must test, in place of the declared ones.", extra=stricter("grow")),
    ] = None
    variables: Annotated[
        tuple[Variable, ...] | None,
        Meta(
            description="Variables that each job with tests must set, in place of those that the project asks for.",
            extra=stricter("grow"),
        ),
    ] = None
    as_written: Annotated[
        tuple[str, ...],
        Meta(
            description=(
                "Jobs, as `path:job`, of which only what is written counts: what is made when they run is left out."
            ),
            extra=stricter("shrink"),
        ),
    ] = ()
    persona: Annotated[
        Literal["regular", "pedantic", "auditor"],
        Meta(description="How much zizmor is to find; `auditor` is the most.", extra=stricter("free")),
    ] = "regular"
