"""Settings of the gate `trace`: the table `[tool.gates.trace]`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gates.builtin.trace.annotations import WORDS
from gates.model.gate import GateSettings
from gates.model.strictness import stricter

Need = Annotated[str, Meta(min_length=1)]


class Level(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A level of documents, such as spec, contract or task, and what each of its items needs below it."""

    name: Annotated[str, Meta(min_length=1, description="What the level is called: `spec`.")]
    documents: Annotated[
        tuple[str, ...], Meta(min_length=1, description="Globs of its documents.", extra=stricter("scope"))
    ]
    needs: Annotated[
        tuple[Need, ...],
        Meta(description="What each item needs: `test`, `code`, or the name of a level.", extra=stricter("grow")),
    ] = ("test",)


class TraceSettings(GateSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Which documents hold requirements, what must be behind each, and what counts as evidence."""

    documents: Annotated[
        tuple[str, ...],
        Meta(description="Globs of documents whose items need a test.", extra=stricter("grow", "exclusion")),
    ] = ()
    levels: Annotated[
        tuple[Level, ...],
        Meta(description="Levels of documents, from the first to the last.", extra=stricter("grow", by="name")),
    ] = ()
    readers: Annotated[
        tuple[str, ...],
        Meta(
            description="The readers that are asked, by name; without any, all that there are.", extra=stricter("scope")
        ),
    ] = ()
    done: Annotated[
        tuple[Literal["test", "code"], ...],
        Meta(
            description="What an item that is done must have: a passing test, code that names it or ran for it.",
            extra=stricter("grow"),
        ),
    ] = ("test",)
    tests: Annotated[
        bool,
        Meta(
            description="Whether the suite is run for evidence; without it, nobody knows which tests exist.",
            extra=stricter("on"),
        ),
    ] = True
    junit: Annotated[
        tuple[str, ...],
        Meta(description="Globs of JUnit XML files of tests that ran elsewhere.", extra=stricter("unknown")),
    ] = ()
    max_evidence_age: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(description="Seconds after which outcomes of a JUnit file prove nothing.", extra=stricter("lower")),
    ] = None
    least: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="How many items the documents must hold.", extra=stricter("higher")),
    ] = None
    annotations: Annotated[
        tuple[str, ...],
        Meta(description="Words before an id by which a comment in the code names an item.", extra=stricter("free")),
    ] = WORDS
    contexts: Annotated[
        bool,
        Meta(
            description="Whether coverage is measured by test, to see which code the tests of an item run.",
            extra=stricter("on"),
        ),
    ] = False

    def __post_init__(self) -> None:
        """Refuse levels that are not told apart, and needs that name none.

        Raises:
            ValueError: msgspec reports it as a validation error.
        """
        names = [one.name for one in self.levels]
        twice = next((name for name in names if names.count(name) > 1 or name in {"test", "code"}), None)
        if twice is not None:
            raise ValueError(f"two levels have the name {twice!r}, or it is the name of a need")
        unknown = next(
            (need for one in self.levels for need in one.needs if need not in {"test", "code", *names}), None
        )
        if unknown is not None:
            raise ValueError(f"`needs` names {unknown!r}, which is neither `test` nor `code` nor a level")

    def every(self) -> tuple[str, ...]:
        """The globs of all documents."""
        return (*self.documents, *(glob for one in self.levels for glob in one.documents))

    def needs(self, level: str) -> tuple[str, ...]:
        """What an item of a level needs; "" is that of `documents`."""
        return next((one.needs for one in self.levels if one.name == level), ("test",))
