"""Evidence of the gate `lint`: what ruff printed, over which files, and how it ended."""

from __future__ import annotations

from gates.model.evidence import Counted, Facts


class Diagnostic(Facts, frozen=True, kw_only=True):
    """One thing that ruff objects to. `source` is the text of its line; `code` is ruff's own."""

    code: str
    message: str
    path: str
    line: int | None
    column: int | None
    source: str


class Unread(Facts, frozen=True, kw_only=True):
    """A file that ruff selected and could not read."""

    path: str
    message: str


class Check(Facts, frozen=True, kw_only=True):
    """One `ruff check`: its exit code and over how many source files (configuration and Markdown not counted).

    `muted` are those of the `examined` files in which every rule is off: by a comment, or by per-file ignores.
    """

    code: int
    examined: int
    muted: int
    diagnostics: Counted[Diagnostic]
    unread: Counted[Unread]


class Format(Facts, frozen=True, kw_only=True, tag="judged", tag_field="formatting"):
    """One `ruff format --check`: its exit code and how many files it looked at."""

    code: int
    examined: int
    unformatted: Counted[Diagnostic]
    unparsed: Counted[Diagnostic]
    unread: Counted[Unread]


class FormatNotAsked(Facts, frozen=True, kw_only=True, tag="not_asked", tag_field="formatting"):
    """Formatting was not judged, and why."""

    because: str


class LintEvidence(Facts, frozen=True, kw_only=True):
    """What the gate `lint` saw. Formatting is a tagged value and never null, so that it cannot get lost."""

    ruff: str
    check: Check
    formatting: Format | FormatNotAsked
