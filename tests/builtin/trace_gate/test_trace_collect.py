"""Collect: documents joined with a suite that the real pytest ran, with JUnit files, comments, contexts and a base."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.builtin.tests.gate import TestsGate
from gates.builtin.trace.facts import Item, Ran, TraceEvidence
from gates.builtin.trace.gate import TraceGate
from gates.builtin.trace.gathering import code
from gates.builtin.trace.settings import Level, TraceSettings
from gates.engine.session import Judgement
from gates.model.evidence import Refusal
from gates.model.report import GateReport
from gates.model.tested import TestsEvidence
from gates.project import facts
from gates.testing import law, project, run
from support import repositories

DOCUMENT = """\
# Tasks

- [x] CE-1: the order is stable
  - Validation: `python -m pytest -q tests/test_a.py::test_order`
  - Files: pkg/core.py; pkg/none.py (new)
- [x] CE-2: marked
- [ ] CE-3: named by a docstring
  - Validation: `pytest tests/test_a.py::test_lost`
- [x] CE-4: only skipped
- [ ] CE-5: named by a function and a comment
- [x] CE-6: nothing at all
"""
TESTS = """\
import pytest

from pkg.core import order

TEXT = '''
def test_lost():
    pass
'''


def test_order():
    assert order([2, 1]) == [1, 2]


@pytest.mark.requirement("CE-2")
@pytest.mark.parametrize("number", [1, 2])
def test_marked(number):
    assert number


class TestMore:
    \"\"\"CE-3 and CE-99 are about more.\"\"\"

    def test_more(self):
        pass


@pytest.mark.requirement("CE-4")
@pytest.mark.skip(reason="not here")
def test_skipped():
    pass


def test_ce_5_by_name():
    pass
"""
FILES: Mapping[str, str] = {
    "pyproject.toml": '[project]\nname = "pkg"\nversion = "1"\n',
    "pytest.ini": "[pytest]\ntestpaths = tests\npythonpath = .\n",
    "gates.toml": '[trace]\ndocuments = ["docs/*.md"]\n',
    "docs/tasks.md": DOCUMENT,
    "pkg/__init__.py": "",
    "pkg/core.py": 'NOTE = "# req: CE-1"\n\n\ndef order(values):\n    # implements: CE-5\n    return sorted(values)\n',
    "pkg/front.ts": "// req: CE-77\n",
    "tests/test_a.py": TESTS,
}


def judgement(root: Path, files: Mapping[str, str] | None = None) -> Judgement:
    """What `trace` and the tests that it needs say of a project."""
    project.write(root, {**FILES, **(files or {})})
    temporary = root.parent / "pytest"
    temporary.mkdir(exist_ok=True)
    around = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_DEBUG_TEMPROOT": str(temporary),
        "HOME": os.environ.get("HOME", str(root)),
    }
    return run.judged(root, TestsGate, TraceGate, named=("trace",), environ=around, python=sys.executable)


def judged(root: Path, files: Mapping[str, str] | None = None) -> tuple[GateReport, TraceEvidence]:
    """What `trace` says of a project, and its evidence."""
    found = judgement(root, files)
    report = next(one for one in found.report.gates if one.name == "trace")
    evidence = found.evidence["trace"]
    assert isinstance(evidence, TraceEvidence), report.reason
    return report, evidence


def collected(root: Path, files: Mapping[str, str] | None = None, **keys: Any) -> TraceEvidence | Refusal:
    """What is collected of a project where no tests were run."""
    project.write(root, {**FILES, **(files or {})})
    asked = run.context(root, TraceGate(), **{"documents": ("docs/*.md",), **keys})
    return TraceGate().collect(asked)


def whole(found: TraceEvidence | Refusal) -> TraceEvidence:
    assert isinstance(found, TraceEvidence), found
    return found


def by_id(evidence: TraceEvidence) -> dict[str, Item]:
    return {one.id: one for one in evidence.items.items}


def ran(evidence: TraceEvidence) -> dict[str, Ran]:
    return {one.id: one for one in evidence.tests.items}


@pytest.mark.requirement("TRA-3")
def test_documents_are_joined_with_the_suite(tmp_path: Path) -> None:
    settings = FILES["gates.toml"] + "contexts = true\n"
    report, evidence = judged(tmp_path / "p", {"gates.toml": settings})
    held = by_id(evidence)
    (order,) = held["CE-1"].validation.items
    assert (order.state, order.tests.items, order.line) == ("resolved", ("tests/test_a.py::test_order",), 4)
    assert [(one.token, one.exists, one.planned) for one in held["CE-1"].files.items] == [
        ("pkg/core.py", True, False),
        ("pkg/none.py", False, True),
    ]
    (lost,) = held["CE-3"].validation.items
    assert (lost.state, lost.missing.count) == ("missing", 1)  # its `def` stands in a string
    held_tests = ran(evidence)
    assert {name: (one.outcome, one.requirements.items) for name, one in held_tests.items()} == {
        "tests/test_a.py::TestMore::test_more": ("passed", (("CE-3", "docstring"), ("CE-99", "docstring"))),
        "tests/test_a.py::test_ce_5_by_name": ("passed", (("CE-5", "name"),)),
        "tests/test_a.py::test_marked[1]": ("passed", (("CE-2", "marker"),)),
        "tests/test_a.py::test_marked[2]": ("passed", (("CE-2", "marker"),)),
        "tests/test_a.py::test_order": ("passed", ()),
        "tests/test_a.py::test_skipped": ("skipped", (("CE-4", "marker"),)),
    }
    assert all(one.exists and one.digest and one.recorded == one.digest for one in held_tests.values())
    assert held_tests["tests/test_a.py::test_order"].line == 11
    assert [(one.target, one.path, one.line) for one in evidence.code.items] == [
        ("CE-5", "pkg/core.py", 5),
        ("CE-77", "pkg/front.ts", 1),
    ]
    assert [(one.item, one.path) for one in evidence.executed.items] == [("CE-1", "pkg/core.py")]
    assert [(one.source, one.at, one.tests) for one in evidence.evidenced.items] == [("the gate tests", "", 6)]
    assert report.verdict == "failed"
    assert sorted((one.rule, one.severity, one.subject) for one in report.findings) == [
        ("TRC002", "error", "CE-77"),
        ("TRC002", "warning", "CE-99"),
        ("TRC003", "warning", "CE-3"),
        ("TRC004", "error", "CE-6"),
        ("TRC005", "error", "CE-4"),
        ("TRC011", "error", "CE-1"),
    ]


def test_a_suite_that_shows_all_of_it_passes(tmp_path: Path) -> None:
    document = "# Tasks\n\n- [x] CE-1: the order is stable\n- [x] CE-2: marked\n"
    suite = (
        TESTS.replace("CE-3 and CE-99 are about", "It is about").replace('"CE-4"', '"CE-1"').replace("skip(", "req(")
    )
    files = {"docs/tasks.md": document, "tests/test_a.py": suite, "pkg/front.ts": "", "pkg/core.py": "order = sorted\n"}
    report, _ = judged(tmp_path / "p", files)
    assert (report.verdict, str(report.denominator), list(report.findings)) == ("passed", "2 items", [])


@pytest.mark.requirement("TRA-12")
def test_base_says_which_items_the_change_touches(tmp_path: Path) -> None:
    root = tmp_path / "p"
    project.write(root, FILES)
    repositories.git(root, "init", "--quiet", "--initial-branch=main")
    repositories.commit_all(root)
    base = repositories.git(root, "rev-parse", "HEAD")
    repositories.git(root, "checkout", "--quiet", "-b", "work")
    changed = {
        "docs/tasks.md": DOCUMENT.replace("the order is stable", "the order is stable and total"),
        "tests/test_a.py": TESTS.replace("assert number", "assert number > 0"),
        "pkg/core.py": FILES["pkg/core.py"] + "\n# the end\n",
    }
    project.write(root, {**FILES, **changed})
    repositories.commit_all(root)
    asked = run.context(root, TraceGate(), documents=("docs/*.md",))
    asked = msgspec.structs.replace(asked, world=msgspec.structs.replace(asked.world, find_base=lambda: base))
    evidence = whole(TraceGate().collect(asked))
    assert evidence.base.items == (base,)
    assert evidence.changed.items == (("CE-1", "item"), ("CE-5", "code"))
    assert not evidence.collected
    _, later = judged(root, changed)
    assert ("CE-2", "test") in later.changed.items
    assert ("CE-1", "test") not in later.changed.items


JUNIT = """\
<testsuites><testsuite name="elsewhere" tests="3" timestamp="{at}">
<testcase classname="tests.test_a" name="test_order"/>
<testcase classname="tests.test_a" name="test_skipped"/>
<testcase classname="web.cart" name="adds" file="web/cart.ts">
<properties><property name="requirement" value="CE-6, CE-4"/></properties>{inner}</testcase>
</testsuite></testsuites>
"""


def junit(at: str = "2026-01-01T12:00:00Z", inner: str = "") -> str:
    return JUNIT.format(at=at, inner=inner)


def test_what_ran_elsewhere_counts_too(tmp_path: Path) -> None:
    settings = FILES["gates.toml"] + 'junit = ["out/*.xml"]\n'
    report, evidence = judged(tmp_path / "p", {"gates.toml": settings, "out/a.xml": junit()})
    held = ran(evidence)
    elsewhere = held["web.cart::adds"]
    assert (elsewhere.exists, elsewhere.outcome, elsewhere.source) == (False, "passed", "out/a.xml")
    assert elsewhere.requirements.items == (("CE-4", "junit"), ("CE-6", "junit"))
    assert held["tests/test_a.py::test_skipped"].outcome == "passed"
    assert {one.rule for one in report.findings if one.subject in {"CE-4", "CE-6"}} == set()


def test_a_failure_elsewhere_is_one(tmp_path: Path) -> None:
    settings = FILES["gates.toml"] + 'junit = ["a.xml"]\n'
    files = {"gates.toml": settings, "a.xml": junit(inner="<failure message='no'/>")}
    report, _ = judged(tmp_path / "p", files)
    assert [one.subject for one in report.findings if one.rule == "TRC007"] == ["CE-4", "CE-6"]


@pytest.mark.requirement("TRA-6")
def test_evidence_from_before_a_change_is_stale(tmp_path: Path) -> None:
    root = tmp_path / "p"
    project.write(root, FILES)
    repositories.git(root, "init", "--quiet", "--initial-branch=main")
    repositories.commit_all(root)
    head = repositories.git(root, "rev-parse", "HEAD")
    document = "# Tasks\n\n- [x] CE-1: a\n  - Validation: `pytest tests/test_a.py::test_order`\n"
    report = junit()
    keys: dict[str, Any] = {"junit": ("a.xml",)}
    same = whole(collected(root, {"a.xml": report, "docs/tasks.md": document}, **keys))
    assert [one.commit for one in same.evidenced.items] == [head]
    order = ran(same)["tests/test_a.py::test_order"]
    assert (order.exists, order.outcome, order.recorded) == (None, "passed", order.digest)
    changed = whole(collected(root, {"a.xml": report, "pkg/core.py": "order = sorted  # other\n"}, **keys))
    assert changed.evidenced.items[0].stale.startswith("pkg/core.py changed since a.xml was written")


def test_a_test_that_changed_since_its_outcome_is_stale(tmp_path: Path) -> None:
    root = tmp_path / "p"
    files = {"gates.toml": FILES["gates.toml"] + 'junit = ["a.xml"]\n', "a.xml": junit()}
    project.write(root, {**FILES, **files})
    repositories.git(root, "init", "--quiet", "--initial-branch=main")
    repositories.commit_all(root)
    later = TESTS.replace('reason="not here"', 'reason="not there"')
    _, evidence = judged(root, {**files, "tests/test_a.py": later})
    skipped = ran(evidence)["tests/test_a.py::test_skipped"]
    assert (skipped.outcome, skipped.source) == ("passed", "a.xml")
    assert skipped.recorded not in {"", skipped.digest}
    order = ran(evidence)["tests/test_a.py::test_order"]
    assert order.recorded == order.digest


RUN = """\
<testsuites><testsuite name="elsewhere" tests="2" timestamp="{at}">
<testcase classname="tests.test_a" name="test_order"/>
<testcase classname="web.cart" name="adds" file="web/cart.ts">
<properties><property name="requirement" value="CE-2"/></properties></testcase>
</testsuite></testsuites>
"""


def committed(root: Path, files: Mapping[str, str]) -> None:
    project.write(root, {**FILES, **files})
    repositories.git(root, "init", "--quiet", "--initial-branch=main")
    repositories.commit_all(root)


@pytest.mark.requirement("TRA-6")
@pytest.mark.parametrize(
    ("files", "outdated"),
    [
        ({}, []),
        ({"docs/tasks.md": DOCUMENT.replace("[x] CE-1", "[ ] CE-1").replace("# Tasks\n", "# Tasks\n\nMore.\n")}, []),
        ({"docs/tasks.md": DOCUMENT.replace("\n", "\r\n")}, []),
        ({"docs/tasks.md": DOCUMENT.replace("is stable", "is total")}, ["CE-1"]),
        ({"docs/tasks.md": DOCUMENT.replace("CE-2: marked", "CE-2: marked\n  - Acceptance: twice")}, ["CE-2"]),
        ({"docs/tasks.md": f"{DOCUMENT}- [x] CE-7: new\n"}, ["CE-7"]),
        ({"docs/more.md": "# More\n\n| ID | Gap | Status |\n|--|--|--|\n| CE-1 | it is lost | Done |\n"}, []),
        ({"docs/more.md": "# More\n\n- [x] CE-8: new\n"}, ["CE-8"]),
    ],
)
def test_evidence_from_before_a_change_of_what_is_asked_for_is_stale(
    tmp_path: Path, files: Mapping[str, str], outdated: list[str]
) -> None:
    root = tmp_path / "p"
    run_elsewhere = {"a.xml": RUN.format(at="2026-01-01T12:00:00Z")}
    committed(root, run_elsewhere)
    evidence = whole(collected(root, {**run_elsewhere, **files}, junit=("a.xml",)))
    assert evidence.outdated.items == tuple((name, "a.xml") for name in outdated)


def test_a_document_that_was_moved_asks_for_what_it_did(tmp_path: Path) -> None:
    root = tmp_path / "p"
    run_elsewhere = {"a.xml": RUN.format(at="2026-01-01T12:00:00Z")}
    committed(root, run_elsewhere)
    repositories.git(root, "mv", "docs/tasks.md", "docs/todo.md")
    moved = DOCUMENT.replace("CE-2: marked", "CE-2: marked twice")
    (root / "docs/todo.md").write_text(moved, "utf-8")
    asked = run.context(root, TraceGate(), documents=("docs/*.md",), junit=("a.xml",))
    assert whole(TraceGate().collect(asked)).outdated.items == (("CE-2", "a.xml"),)


@pytest.mark.requirement("TRA-6")
def test_done_by_evidence_of_another_requirement_is_red_and_a_new_run_mends_it(tmp_path: Path) -> None:
    root = tmp_path / "p"
    document = "# Tasks\n\n- [x] CE-2: marked\n"
    plain = {"docs/tasks.md": document, "tests/test_a.py": "def test_it():\n    pass\n", "pkg/front.ts": "",
             "pkg/core.py": "order = sorted\n", "gates.toml": FILES["gates.toml"] + 'junit = ["a.xml"]\n'}  # fmt: skip
    then = {"a.xml": RUN.format(at="2026-01-01T12:00:00Z").replace("test_order", "test_it")}
    committed(root, {**plain, **then})
    report, _ = judged(root, {**plain, **then})
    assert report.verdict == "passed"
    later = {**plain, "docs/tasks.md": document.replace("marked", "marked and counted")}
    report, evidence = judged(root, {**later, **then})
    assert [(one.rule, one.severity, one.message) for one in report.findings] == [
        (
            "TRC006",
            "error",
            "CE-2 is done by web.cart::adds: what CE-2 asks for was changed after a.xml had its outcome; run it again",
        )
    ]
    assert TraceGate().tables(evidence, TraceSettings())["items"][0]["standing"] == "stale"
    repositories.commit_all(root)
    made = repositories.git(root, "log", "-1", "--format=%cI")
    report, _ = judged(root, {**later, "a.xml": then["a.xml"].replace("2026-01-01T12:00:00Z", made)})
    assert report.verdict == "passed"


def test_an_item_of_two_documents_is_compared_with_both(tmp_path: Path) -> None:
    root = tmp_path / "p"
    gaps = "# Gaps\n\n| ID | Gap | Status |\n|--|--|--|\n| CE-1 | it is lost | Done |\n"
    committed(root, {"docs/gaps.md": gaps})
    base = repositories.git(root, "rev-parse", "HEAD")
    project.write(root, {**FILES, "docs/gaps.md": f"{gaps}\nMore.\n"})
    asked = run.context(root, TraceGate(), documents=("docs/*.md",))
    asked = msgspec.structs.replace(asked, world=msgspec.structs.replace(asked.world, find_base=lambda: base))
    assert whole(TraceGate().collect(asked)).changed.items == ()


@pytest.mark.parametrize(
    ("files", "keys", "code", "words"),
    [
        ({}, {"documents": ("docs/task.md",)}, "evidence_missing", "did you mean docs/tasks.md?"),
        ({}, {"documents": ()}, "not_configured", "names no document"),
        ({}, {"junit": ("none/*.xml",)}, "evidence_missing", "none/*.xml"),
        ({}, {"junit": ("/etc/*.xml",)}, "evidence_missing", "/etc/*.xml"),
        ({"a.xml": ""}, {"junit": ("a.xml",)}, "unparsable_output", "it is not XML"),
        ({"a.xml": "<html/>"}, {"junit": ("a.xml",)}, "unparsable_output", "it is <html>"),
        ({"a.xml": "<testsuite/>"}, {"junit": ("a.xml",)}, "unparsable_output", "no test case"),
        ({"a.xml": '<testsuite tests="9"><testcase name="a"/></testsuite>'}, {"junit": ("a.xml",)},
         "unparsable_output", "counts 9 tests and shows 1"),
        ({"a.xml": '<testsuite failures="1"><testcase name="a"/></testsuite>'}, {"junit": ("a.xml",)},
         "unparsable_output", "counts 1 failures"),
        ({"a.xml": '<!DOCTYPE a [<!ENTITY b "c">]><testsuite><testcase name="&b;"/></testsuite>'},
         {"junit": ("a.xml",)}, "unparsable_output", "not safe"),
        ({"docs/tasks.md": "\x00\x01" * 99}, {}, "unreadable", "docs/tasks.md"),
        ({}, {"readers": ("tabel",)}, "tool_config_invalid", "did you mean 'table'?"),
    ],
)  # fmt: skip
def test_what_proves_nothing_is_refused(
    tmp_path: Path, files: Mapping[str, str], keys: Mapping[str, Any], code: str, words: str
) -> None:
    found = collected(tmp_path / "p", files, **keys)
    assert isinstance(found, Refusal)
    assert found.reason.code == code
    assert words in found.reason.message
    assert found.reason.fix


@pytest.mark.requirement("TRA-3")
def test_without_a_run_nobody_knows_which_tests_exist(tmp_path: Path) -> None:
    evidence = whole(collected(tmp_path / "p"))
    assert (evidence.collected, evidence.uncollected) == (False, "the tests were not run")
    assert {one.state for item in evidence.items.items for one in item.validation.items} == {None}
    decision = TraceGate().decide(evidence, TraceGate.Settings(), law.NOON)
    assert decision.reason is not None
    assert decision.reason.code == "evidence_missing"


def test_levels_and_readers_are_those_of_the_settings(tmp_path: Path) -> None:
    levels = (Level(name="task", documents=("docs/*.md",), needs=("code",)),)
    evidence = whole(collected(tmp_path / "p", documents=(), levels=levels))
    assert {one.level for one in evidence.items.items} == {"task"} == {one.level for one in evidence.documents.items}
    none = whole(collected(tmp_path / "p", readers=("record",)))
    assert none.items.count == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"levels": [{"name": "a", "documents": ["x"]}, {"name": "a", "documents": ["y"]}]},
        {"levels": [{"name": "test", "documents": ["x"]}]},
        {"levels": [{"name": "a", "documents": ["x"], "needs": ["b"]}]},
        {"max-evidence-age": 0},
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong: Mapping[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, TraceGate.Settings)


def test_it_applies_where_documents_are_named_and_runs_tests_where_it_is_asked(tmp_path: Path) -> None:
    gate, found = TraceGate(), facts.find(project.write(tmp_path / "p", FILES))
    assert gate.applies(found, TraceSettings(documents=("docs/*.md",))).reason is None
    reason = gate.applies(found, TraceSettings()).reason
    assert reason is not None
    assert reason.code == "not_configured"
    assert gate.reads(TraceSettings()) == {"tests": frozenset()}
    assert gate.reads(TraceSettings(contexts=True)) == {"tests": frozenset({"coverage", "contexts"})}
    assert gate.reads(TraceSettings(tests=False)) == {}
    assert gate.inputs(found, TraceSettings()).base
    assert list(gate.plan(found, TraceSettings())) == []


def test_contexts_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    root = tmp_path / "p"
    settings = FILES["gates.toml"] + "contexts = true\n"
    tests_run = judgement(root, {"gates.toml": settings}).evidence["tests"]
    assert isinstance(tests_run, TestsEvidence)
    by_item = {"CE-1": ["tests/test_a.py::test_order"]}
    held, notes = code.ran(facts.find(root), tests_run, root / ".gates" / "tools" / "tests", by_item)
    assert ([(one.item, one.path) for one in held], notes) == ([("CE-1", "pkg/core.py")], [])
    held, notes = code.ran(facts.find(root), tests_run, tmp_path, by_item)
    assert held == []
    assert [note.partition(":")[0] for note in notes] == ["which code the tests of items ran is not known"]
