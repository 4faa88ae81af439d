"""General settings: the keys of `[tool.gates]` itself."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gates.config.command import CommandTable
from gates.model.strictness import stricter
from gates.model.waiver import Waiver

SCHEMA_VERSION = 1
LANE = r"^(?!(.*\.)?[0-9]+-of-[0-9]+$)[A-Za-z0-9][A-Za-z0-9._+-]*$"
"""Names of lanes: they are parts of file names, in which `2-of-4` is a shard."""


class SeverityOverride(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The level of one rule (code, name, or a tool's own `ruff:F401`) where the path matches; the last one counts."""

    rule: Annotated[str, Meta(description="A rule's code or name, or a tool's own code such as `ruff:F401`.")]
    level: Annotated[
        Literal["error", "warning", "note", "off"], Meta(description="`off` drops the finding; only `error` fails.")
    ]
    path: Annotated[str, Meta(description="A glob on the finding's path; `**` is every finding.")] = "**"


class Redact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is replaced by `<<REDACTED>>` in all that is kept or printed."""

    profile: Annotated[
        Literal["standard", "strict"],
        Meta(description="`strict` also takes what merely looks like a token.", extra=stricter("free")),
    ] = "standard"
    patterns: Annotated[
        tuple[str, ...],
        Meta(description="Regular expressions; what they match is redacted too.", extra=stricter("free")),
    ] = ()


class Prove(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How much of a proof is asked for."""

    excused: Annotated[
        dict[str, str],
        Meta(
            description="Rules (code or name) whose canary need not fit this project, each with the reason why.",
            extra=stricter("shrink", "judging"),
        ),
    ] = msgspec.field(default_factory=dict)
    max_age: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(
            description="Days for which `gates check` takes a proof; without it, none is asked for.",
            extra=stricter("lower"),
        ),
    ] = None


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """What is kept of runs in `.gates/`, for `gates runs`."""

    enabled: Annotated[bool, Meta(description="Whether runs leave a log of events.", extra=stricter("free"))] = True
    profile: Annotated[
        Literal["standard", "strict"],
        Meta(
            description="What personal data is taken out before writing; `strict` also takes what may be some.",
            extra=stricter("free"),
        ),
    ] = "standard"
    keep: Annotated[
        Annotated[float, Meta(gt=0)],
        Meta(description="Days after which `gates runs retire` takes a run away.", extra=stricter("free")),
    ] = 365.0


Lane = Annotated[str, Meta(extra_json_schema={"pattern": LANE})]


class General(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The keys of `[tool.gates]` itself; every other key there is the table of a gate."""

    schema_version: Annotated[int, Meta(description="The version of this table's form: 1.")] = SCHEMA_VERSION
    required_version: Annotated[
        str | None,
        Meta(description="A version specifier (`>=0.1,<1`) that gates itself must satisfy.", extra=stricter("free")),
    ] = None
    select: Annotated[
        tuple[str, ...] | None, Meta(description="The gates to judge; without it those that apply by themselves.")
    ] = None
    ignore: Annotated[tuple[str, ...], Meta(description="Gates that are not judged, selected or not.")] = ()
    python: Annotated[
        str | None, Meta(description="The judged interpreter: a path, relative to the project, or a command.")
    ] = None
    plugins: Annotated[
        tuple[str, ...], Meta(description="Modules of this project that register gates.", extra=stricter("grow"))
    ] = ()
    jobs: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="How many gates run at once; without it one per core.", extra=stricter("free")),
    ] = None
    base: Annotated[
        str | None, Meta(description="The reference that a change is compared with, such as `origin/main`.")
    ] = None
    output_format: Annotated[
        str | None, Meta(description="The output format of `gates check`.", extra=stricter("free"))
    ] = None
    offline: Annotated[bool, Meta(description="Forbid every network call.", extra=stricter("free"))] = False
    members: Annotated[
        tuple[str, ...],
        Meta(
            description="Globs of folders that are projects of their own, judged with this one; else uv's workspace.",
            extra=stricter("grow"),
        ),
    ] = ()
    lanes: Annotated[
        tuple[Lane, ...],
        Meta(
            description="The kinds of runs of the suite, such as systems, that `gates merge` must have all of.",
            extra=stricter("grow"),
        ),
    ] = ()
    severity: Annotated[tuple[SeverityOverride, ...], Meta(description="Levels of rules, the last match counts.")] = ()
    waiver: Annotated[tuple[Waiver, ...], Meta(description="Named exceptions, each with an owner and an end.")] = ()
    baseline: Annotated[
        tuple[str, ...],
        Meta(
            description="Gates whose committed baseline must be there; without it such a gate is undecided.",
            extra=stricter("grow"),
        ),
    ] = ()
    preview: Annotated[
        bool | tuple[str, ...],
        Meta(
            description="Rules in preview to judge as well: their codes or names, or true for all.",
            extra=stricter("grow"),
        ),
    ] = ()
    redact: Annotated[Redact, Meta(description="What is kept out of reports and logs.")] = Redact()
    record: Annotated[Record, Meta(description="What is kept of runs, and for how long.")] = Record()
    prove: Annotated[Prove, Meta(description="What `gates prove` excuses, and how old a proof may be.")] = Prove()
    command: Annotated[
        tuple[CommandTable, ...],
        Meta(description="Commands that are gates, each in a table.", extra=stricter("grow", by="name")),
    ] = ()


KEYS: tuple[str, ...] = General.__struct_encode_fields__
