"""Canaries: how to make each rule of the gate `trace` fire in a project that somebody else wrote.

Each plants a document of its own, and a test file beside the project's. Only these documents are read, and only these
tests run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.builtin.suite import site
from gates.builtin.suite.site import Site
from gates.builtin.trace.rules import (
    ADR_INDEX,
    CONTRADICTION,
    DANGLING,
    DUPLICATE,
    EMPTY,
    FAILING,
    FUTURE,
    MALFORMED,
    MISSING_TEST,
    NO_EVIDENCE,
    NOT_PASSING,
    STALE,
    STALE_CONTENTS,
    UNKNOWN_REQUIREMENT,
    UNKNOWN_STATUS,
    UNTESTED,
)
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.trace.settings import TraceSettings
    from gates.model.gate import Context

NARROW: Mapping[str, Any] = {
    "levels": [],
    "readers": [],
    "done": ["test"],
    "junit": [],
    "tests": True,
    "contexts": False,
}
"""Settings under which planted documents are judged as those of any project."""

PASSING = "def {name}():\n    pass\n"
MARKED = "import pytest\n\n\n@pytest.mark.requirement('{id}')\ndef {name}():\n    {body}\n"
"""A test that names an item; its name is on line 5."""

LONG_AGO = "2001-01-01T00:00:00+00:00"


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Where documents and tests are planted for a rule."""

    root: Path
    site: Site
    rule: Rule

    @property
    def id(self) -> str:
        """What the planted item is called."""
        return f"GATES-{self.rule.code}"

    @property
    def document(self) -> str:
        """The planted document."""
        return f"{site.NAME}_{self.rule.code.lower()}.md"

    @property
    def test(self) -> str:
        """The node id of the planted test."""
        return f"{self.site.file}::{self.site.function}"

    def write(self, path: str, text: str) -> None:
        """Write a file below the root."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def plant(
        self,
        text: str,
        line: int | None,
        *,
        test: str = PASSING,
        body: str = "pass",
        path: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Planted:
        """Write document and test; the finding is at `line` of `path`, which is the document where it is not said."""
        self.write(self.document, f"# Planted\n\n{text}\n")
        self.site.write(test.replace("{id}", self.id).replace("{body}", body))
        return self.planted([self.document], path or self.document, line, settings)

    def planted(
        self, documents: list[str], path: str, line: int | None, settings: Mapping[str, Any] | None = None
    ) -> Planted:
        """What the run is narrowed to."""
        return Planted(
            path=path,
            line=line,
            settings={**NARROW, "documents": documents, **(settings or {})},
            needed={"tests": self.site.unmeasured},
        )


def _canary(
    rule: Rule, title: str, act: Callable[[Plot], Planted | Reason], *, as_error: bool = False, shares: bool = True
) -> Canary:
    """A canary with a document of its own; `as_error` where the rule does not block by itself."""

    def plant(context: Context[TraceSettings]) -> Planted | Reason:
        return act(Plot(root=context.project.root, site=_site(context, rule), rule=rule))

    severity = {"severity": [{"rule": rule.code, "level": "error"}]} if as_error else {}
    return Canary(rule=rule.code, title=title, plant=plant, settings=severity, shares=shares)


def _site(context: Context[TraceSettings], rule: Rule) -> Site:
    """Beside a test file, else in the project's root."""
    tests: Any = context.needed["tests"]
    variables = {**context.environ, **tests.env}
    found = site.find(context.project, tests.args, variables, rule.code, "trace")
    if isinstance(found, Site):
        return found
    return site.outside(context.project, tests.args, variables, rule.code, "trace")


def _untested(plot: Plot) -> Planted:
    return plot.plant(f"| ID | Title | Status |\n|---|---|---|\n| {plot.id} | planted | In Progress |", 5)


def _unknown(plot: Plot) -> Planted:
    """A test that names an item with another id than that of the document."""
    return plot.plant(f"- [ ] {plot.id}-1: planted", 5, test=MARKED, path=plot.site.file)


def _missing(plot: Plot) -> Planted:
    gone = f"{plot.site.file}::{plot.site.function}_gone"
    return plot.plant(f"- [x] {plot.id}: planted\n  - Validation: `pytest {gone}`", 4)


def _unproved(plot: Plot) -> Planted:
    return plot.plant(f"- [x] {plot.id}: planted", 3)


def _skipped(plot: Plot) -> Planted:
    """A test that is skipped, beside one that runs, without which the suite would have tested nothing."""
    return plot.plant(f"- [x] {plot.id}: planted", 3, test=f"{MARKED}\n\n{_other()}", body="pytest.skip('planted')")


def _other() -> str:
    return PASSING.replace("{name}", "{name}_too")


def _stale(plot: Plot) -> Planted:
    """A file of results that is older than it may be."""
    report = f"{site.NAME}_{plot.rule.code.lower()}.xml"
    folder, _, name = plot.site.file.removesuffix(".py").rpartition("/")
    module = ".".join(part for part in (*folder.split("/"), name) if part)
    gone = f"{plot.site.function}_elsewhere"
    plot.write(
        report,
        f'<testsuites><testsuite name="pytest" tests="1" timestamp="{LONG_AGO}">'
        f'<testcase classname="{module}" name="{gone}" time="0.1"><properties>'
        f'<property name="requirement" value="{plot.id}"/></properties></testcase></testsuite></testsuites>\n',
    )
    settings = {"junit": [report], "max-evidence-age": 1.0}
    return plot.plant(f"- [x] {plot.id}: planted", 3, settings=settings)


def _failing(plot: Plot) -> Planted:
    return plot.plant(f"- [x] {plot.id}: planted", 3, test=MARKED, body="raise RuntimeError('planted')")


def _duplicate(plot: Plot) -> Planted:
    return plot.plant(f"- [ ] {plot.id}: sort the words\n- [ ] {plot.id}: open another file", 4)


def _status(plot: Plot) -> Planted:
    return plot.plant(f"| ID | Title | Status |\n|---|---|---|\n| {plot.id} | planted | Frobnicated |", 5)


def _contradiction(plot: Plot) -> Planted:
    """A row that says done, and a box that is empty."""
    row = f"| ID | Title | Status |\n|---|---|---|\n| {plot.id} | planted here | Done |"
    return plot.plant(f"{row}\n\n## Tasks\n\n- [ ] {plot.id}: planted here", 9)


def _dangling(plot: Plot) -> Planted:
    files = f"  - Files: `{site.NAME}_{plot.rule.code.lower()}/gone.py`"
    return plot.plant(f"- [x] {plot.id}: planted\n{files}", 4, test=MARKED)


def _unlisted(plot: Plot) -> Planted:
    """Two decisions, of which the index lists one."""
    folder = f"{site.NAME}_{plot.rule.code.lower()}/adr"
    record = "# {number}. {title}\n\nDate: 2001-01-01\n\n## Status\n\nAccepted\n\n## Context\n\nx\n\n## Decision\n\nx\n"
    index, one, other = (f"{folder}/{name}.md" for name in ("README", "0001-first", "0002-second"))
    plot.write(index, "# Architecture decisions\n\n| ADR | Title | Status |\n|---|---|---|\n"
                      "| [0001](0001-first.md) | First | Accepted |\n")  # fmt: skip
    plot.write(one, record.format(number=1, title="First"))
    plot.write(other, record.format(number=2, title="Second"))
    plot.site.write(PASSING)
    return plot.planted([index, one, other], index, 1)


def _contents(plot: Plot) -> Planted:
    text = "## Contents\n\n- [First](#first)\n- [Gone](#gone)\n\n## First\n\n- [ ] {id}: planted\n\n## Second\n\nx"
    return plot.plant(text.replace("{id}", plot.id), None)


def _future(plot: Plot) -> Planted:
    record = f"- ID: {plot.id}\n  Status: IN_PROGRESS\n  Task: planted\n  Log:\n    - 2099-12-31: begun"
    return plot.plant(record, 7)


def _empty(plot: Plot) -> Planted:
    return plot.plant("Nothing is asked for.", 1)


def _headless(plot: Plot) -> Planted:
    table = f"| ID | Title | Status |\n|---|---|---|\n| {plot.id} | planted | Open | more | than | fits |"
    return plot.plant(table, 5)


CANARIES = (
    _canary(UNTESTED, "an item in progress without a test", _untested),
    _canary(UNKNOWN_REQUIREMENT, "a test that names no item", _unknown),
    _canary(MISSING_TEST, "a validation that names no test", _missing),
    _canary(NO_EVIDENCE, "an item that is done, and no test of it", _unproved),
    _canary(NOT_PASSING, "an item that is done by a skipped test", _skipped),
    # How old evidence may be is one number for all of it.
    _canary(STALE, "an item that is done by an old result", _stale, shares=False),
    _canary(FAILING, "an item that is done by a failing test", _failing),
    _canary(DUPLICATE, "one id for two items", _duplicate),
    _canary(UNKNOWN_STATUS, "a status that nobody knows", _status),
    _canary(CONTRADICTION, "an item that is done and is not", _contradiction),
    _canary(DANGLING, "an item that is done and names no file", _dangling),
    _canary(ADR_INDEX, "a decision that its index does not list", _unlisted),
    _canary(STALE_CONTENTS, "contents that name a heading that is gone", _contents),
    _canary(FUTURE, "work that begins in the year 2099", _future, as_error=True),
    _canary(EMPTY, "a document without an item", _empty),
    _canary(MALFORMED, "a row with more cells than its table", _headless, as_error=True),
)
