"""Tested: every test that there is or that ran elsewhere, how it ended, and the items that it names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from gates.builtin.trace.facts import Evidenced, Ran
from gates.builtin.trace.gathering.reports import Report
from gates.builtin.trace.judging.joined import TESTS_RUN
from gates.builtin.trace.naming import tests as named
from gates.builtin.trace.naming.collected import Collected, Shift, runs
from gates.builtin.trace.naming.junit import WORST
from gates.builtin.trace.naming.tests import Ids, Source
from gates.model.evidence import counted, sha256
from gates.model.tested import Result, TestsEvidence

Texts = Callable[[str], str | None]
"""The text of a file of the project by its path, None where it cannot be read."""
Sources = Mapping[str, Mapping[str, Source]]
"""The tests of each file by their names in it."""


def sources(ids: Iterable[str], texts: Texts, known: Ids) -> Sources:
    """The tests in the files of these node ids; a file that is no Python has none."""
    found: dict[str, Mapping[str, Source]] = {}
    for path in named.by_file(ids):
        text = texts(path) if path.endswith(".py") else None
        found[path] = {} if text is None else named.sources(text, known)
    return found


class Gathered:
    """Puts together what the run, JUnit files and sources say of each test; `items` are the ids that there are."""

    def __init__(self, collected: Collected | None, held: Sources, items: frozenset[str] = frozenset()) -> None:
        self._collected = collected
        self._items = items
        self._sources = held
        self._outcomes: dict[str, tuple[str, str]] = {}
        self._results: dict[str, Result] = {}
        self._named: defaultdict[str, dict[tuple[str, str], None]] = defaultdict(dict)
        self._recorded: dict[tuple[str, str], str] = {}
        self._ids: dict[str, None] = dict.fromkeys(() if collected is None else collected.ids)

    def of_run(self, tests: TestsEvidence) -> None:
        """Take in the outcomes and marks of the suite that ran in this check."""
        for run in runs(tests):
            shift = Shift.of(run.results.items)
            for one in run.results.items:
                test = shift.local(one.id)
                self._results.setdefault(test, one)
                self._ended(test, one.outcome, TESTS_RUN)
                if one.requirements.count:
                    self._named[test].update(dict.fromkeys((name, "marker") for name in one.requirements.items))

    def of_report(self, report: Report, then: Sources) -> None:
        """Take in a JUnit file; `then` are the tests of the files that changed since, as they were."""
        for case in report.cases:
            self._ids.setdefault(case.id)
            self._ended(case.id, case.outcome, report.path)
            self._named[case.id].update(((name, "junit"), None) for name in case.requirements)
            path = case.id.partition("::")[0]
            if path in report.changed:
                old = then.get(path, {}).get(named.inner(case.id))
                self._recorded[case.id, report.path] = "another" if old is None else old.digest
            elif report.commit:
                self._recorded[case.id, report.path] = self._digest(case.id)

    def ran(self) -> list[Ran]:
        """Every test by id."""
        return [self._ran(test) for test in sorted(self._ids)]

    def _ended(self, test: str, outcome: str, source: str) -> None:
        held = self._outcomes.get(test)
        if held is None or WORST.get(outcome, -1) < WORST.get(held[0], -1):
            self._outcomes[test] = (outcome, source)

    def _spelled(self, name: str) -> str:
        """An id as its document has it: `#12` and `12` are one number."""
        other = name[1:] if name.startswith("#") else f"#{name}"
        return other if name not in self._items and other in self._items else name

    def _source(self, test: str) -> Source | None:
        return self._sources.get(test.partition("::")[0], {}).get(named.inner(test))

    def _digest(self, test: str) -> str:
        source = self._source(test)
        return "" if source is None else source.digest

    def _ran(self, test: str) -> Ran:
        outcome, evidence = self._outcomes.get(test, (None, ""))
        source, result = self._source(test), self._results.get(test)
        digest = "" if source is None else source.digest
        names = [*self._named.get(test, ()), *(() if source is None else source.named)]
        if result is None and source is not None:
            # Its marks are only known as they are written: it was deselected, or the run stopped before it.
            names = [*((name, "marker") for name in source.marked), *names]
        once = {self._spelled(name): by for name, by in reversed(names)}
        path = test.partition("::")[0]
        return Ran(
            id=test,
            exists=None if self._collected is None else test in self._collected.known,
            outcome=outcome,
            source=evidence,
            path=path if result is None or result.path is None else result.path,
            line=source.line if source is not None else (None if result is None else result.line),
            requirements=counted(sorted(once.items())),
            digest=digest,
            recorded=digest if evidence == TESTS_RUN else self._recorded.get((test, evidence), ""),
        )


def evidenced(
    tests: TestsEvidence | None, reports: Sequence[Report], product: Callable[[str], bool]
) -> list[Evidenced]:
    """Where outcomes are from; `product` says whether a file is of the product, whose changes make a report stale."""
    found: list[Evidenced] = []
    if tests is not None:
        held = runs(tests)
        trees = "".join(part.tree for run in held for part in run.parts.items)
        found.append(
            Evidenced(
                source=TESTS_RUN,
                sha256=sha256(trees.encode()),
                at="",
                commit=tests.commit or (held[0].commit if held else ""),
                stale="",
                tests=sum(run.results.count for run in held),
            )
        )
    found += [
        Evidenced(
            source=one.path,
            sha256=one.sha256,
            at=one.at,
            commit=one.commit,
            stale=_stale(one, product),
            tests=len(one.cases),
        )
        for one in reports
    ]
    return found


def _stale(report: Report, product: Callable[[str], bool]) -> str:
    changed = sorted(path for path in report.changed if product(path))
    if not changed:
        return report.doubt
    more = f" and {len(changed) - 1:,} more" if len(changed) > 1 else ""
    return f"{changed[0]}{more} changed since {report.path} was written ({report.at})"
