"""Reports with sections for the HTML page: one of each kind, a hostile one, and one of the size of a large project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import Any

from gates.model.finding import Finding, finding
from gates.model.measure import Denominator, Measure
from gates.model.report import Report
from gates.model.section import (
    Column,
    Detail,
    Entries,
    Entry,
    Interval,
    Intervals,
    Mark,
    Point,
    Section,
    Table,
    Trend,
    Trends,
)
from gates.render import formats
from support import reports

Details = Mapping[tuple[str, str], Detail]

VOID = frozenset({"meta"})
INLINE = frozenset({"a", "code", "span", "strong", "br"})
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "</style><style>*{display:none}</style>",
    "</title><base href=//evil.example>",
    "<!-- ",
    "]]><![CDATA[",
    "&lt;b&gt; &#60;b&#62; &amp;lt;",
    "{{ 7 * 7 }} {% raw %}",
    "\u202eevil\u2066\u200f",
    "\x00\x1b[31m\x7f",
    "n" * 10_000,
    "\udcff\ud800",
    reports.EVIL,
    reports.EVIL_NAME,
)
"""What would be more than text where it is not escaped."""

STANDINGS = ("passed", "failed", "undecided", "none")


class Parsed(HTMLParser):
    """A page as a parser sees it: tags with their attributes, and the text; refuses what is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.comments: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        self.tags.append((tag, dict(attrs)))
        if tag not in INLINE:
            self.text.append(" ")
        if tag not in VOID and tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.open)

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def words(self) -> str:
        """All text, white space folded."""
        return " ".join("".join(self.text).split())


def page(report: Report, details: Details | None = None, history: Detail | None = None, **options: Any) -> str:
    """The report as HTML."""
    given = {"rules": reports.RULES, "history": lambda: history or Detail(), **options}
    return formats.render("html", report, formats.Options(details=lambda: details or {}, **given))


def unstyled(text: str) -> str:
    """A page without its style and the digest of it."""
    before, _, rest = text.partition("<style>")
    after = rest.partition("</style>")[2]
    return re.sub('sha256-[^&;"]{43}=&#39;', "sha256-…&#39;", before) + "<style></style>" + after


def sections(word: str = "word", count: int = 3) -> tuple[Section, ...]:
    """A section of each kind, with `word` wherever text may stand."""
    columns = (
        Column(word, "code"),
        Column(word),
        Column(word, "number"),
        Column(word, "share"),
        Column("", "text"),
        Column(word),
    )
    marks = tuple(Mark(word, standing, word) for standing in STANDINGS)  # type: ignore[arg-type]
    rows = tuple((word, word, at, at * 10.0, marks[at % 4], marks[: at % 5]) for at in range(count))
    changes = tuple(
        Interval(
            name=word,
            low=at - 2.0,
            value=at + 0.5,
            high=at + 3.0,
            limit=5.0,
            word=word,
            standing=STANDINGS[at % 4],  # type: ignore[arg-type]
        )
        for at in range(count)
    )
    entry = Entry(title=word, standing="failed", facts=((word, word),), code=f"-{word}\n+{word}\n{word}")
    return (
        Table(title=word, lead=word, columns=columns, rows=rows),
        Intervals(title=word, lead=word, rows=changes),
        Entries(title=word, lead=word, entries=(entry,) * count),
        trends(word, count),
    )


def trends(word: str = "word", count: int = 3, runs: int = 12) -> Trends:
    """Figures over runs: one that misses its limit at last, one without a limit, one that is always the same."""

    def points(values: Iterable[float]) -> tuple[Point, ...]:
        return tuple(Point(word, f"2026-11-{at % 28 + 1:02}T08:00:00Z", value) for at, value in enumerate(values))

    held = (
        Trend(
            name=word, unit="percent", limit=85.0, direction="min", points=points(90 - at * 0.6 for at in range(runs))
        ),
        Trend(name=word, unit=word, points=points((at * 7 % 5) * 1000.0 for at in range(runs))),
        Trend(name=word, unit="s", limit=3.0, direction="max", points=points([2.0] * runs)),
    )
    return Trends(title=word, lead=word, rows=tuple(held[at % 3] for at in range(count)))


def whole(word: str = "word") -> tuple[Report, Details, Detail]:
    """A rich report with what the record says of former runs, and what it could not say."""
    return *rich(word), Detail(sections=(trends(word),), problem=word)


def rich(word: str = "word") -> tuple[Report, Details]:
    """Gates that failed, could not decide and passed, each with sections and settings."""
    measure: dict[str, Any] = {"value": 83.2, "unit": "percent", "limit": 85.0, "limit_from": word, "direction": "min"}
    report = reports.report(
        reports.gate(
            "lint",
            "failed",
            findings=(
                *reports.unused_imports(15),
                Finding(rule="AUD001", name=word, message=word, fingerprint="1", waived_by=word, path=word),
                Finding(rule="AUD001", name=word, message=word, fingerprint="2", baselined=True),
                Finding(rule=word, name=word, message=word, fingerprint="3", severity="warning", subject=word),
            ),
            measures=(Measure(name=word, **measure), Measure(name=word, value=3, unit=word)),
            tools={word: word},
            commands=((word, word),),
        ),
        reports.gate("types", "undecided", reason=reports.MYPY_MISSING, denominator=None, evidence=None),
        reports.gate(word, denominator=Denominator(count=2, unit="tests"), findings=()),
        not_judged=reports.not_judged("bench", word),
        waivers=(reports.waiver(reason=word), reports.waiver(subject=word, state="expired", uses=0)),
        run=reports.run(notes=(word,), receipts={"lint": "2026-11-20T09:00:00Z"}),
    )
    detail = Detail(settings={"timeout": 1800.0, word: [word]}, sections=sections(word))
    details = {(".", "lint"): detail, (".", word): detail, (".", "types"): Detail(problem=word)}
    return report, details


def large(tests: int = 2000, requirements: int = 500, files: int = 400) -> tuple[Report, Details]:
    """A project of many tests and requirements: a matrix, coverage, findings of several rules."""
    per = tests // requirements
    rows = tuple(
        (
            f"RQ-{at:04}",
            f"The thing numbered {at} does what a reader of this sentence would expect of it.",
            "done",
            Mark("passed", "passed") if at % 50 else Mark("failed", "failed"),
            tuple(
                Mark(
                    "passed" if at % 50 else "failed",
                    "passed" if at % 50 else "failed",
                    f"tests/part_{at % 20:02}/test_module_{at % 100:03}.py::TestThing::test_case_{at:04}_{number}",
                )
                for number in range(per)
            ),
            f"docs/requirements/part_{at % 20:02}.md:{at + 10}",
        )
        for at in range(requirements)
    )
    titles = ("title", "status", "shown by its tests", "tests")
    columns = (Column("item", "code"), *map(Column, titles), Column("where", "code"))
    matrix = Table(title="Traceability matrix", columns=columns, rows=rows)
    covered = Table(
        title="Coverage by directory",
        columns=(Column("file", "code"), Column("ran", "share"), Column("lines", "number")),
        rows=tuple((f"src/package/part_{at % 20}/module_{at}.py", at / 4, 100 + at) for at in range(files)),
    )
    failures = tuple(
        finding(
            reports.COV004,
            f"tests/part/test_module.py::test_{at} failed: assert {at} == {at + 1}",
            path=f"tests/part_{at % 20:02}/test_module_{at:03}.py",
            line=at + 1,
        )
        for at in range(tests // 20)
    )
    report = reports.report(
        reports.gate("lint", "failed", findings=reports.unused_imports(300)),
        reports.gate("tests", "failed", denominator=Denominator(count=tests, unit="tests"), findings=failures),
        reports.gate("coverage", denominator=Denominator(count=files, unit="files")),
        reports.gate("trace", denominator=Denominator(count=requirements, unit="items")),
        not_judged=reports.not_judged(*reports.TEN),
    )
    return report, {(".", "coverage"): Detail(sections=(covered,)), (".", "trace"): Detail(sections=(matrix,))}
