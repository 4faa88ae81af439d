"""Evidence of the gate `types`: what mypy printed, over how many files, and how it ended."""

from __future__ import annotations

from typing import Literal

from gates.model.evidence import Counted, Facts

Summary = Literal["success", "errors", "blocked"]


class Problem(Facts, frozen=True, kw_only=True):
    """One error of mypy's, with the notes that follow it; `source` is the text of its line."""

    code: str | None
    message: str
    hints: Counted[str]
    path: str
    line: int | None
    column: int | None
    source: str


class Run(Facts, frozen=True, kw_only=True):
    """One run of mypy and its last line: how it ended, how many errors it counts, how many source files it checked.

    `checked` is `judged` plus `muted`, the files whose every error the configuration ignores.
    """

    what: str
    code: int
    summary: Summary
    errors: int
    checked: int
    judged: int
    muted: int
    problems: Counted[Problem]


class Fault(Facts, frozen=True, kw_only=True):
    """A setting that mypy could not use and went on without."""

    path: str
    line: int | None
    message: str


class TypesEvidence(Facts, frozen=True, kw_only=True):
    """What the gate `types` saw; `tests` says in a word or two how tests were covered."""

    mypy: str
    configuration: str
    tests: str
    runs: Counted[Run]
    faults: Counted[Fault]
