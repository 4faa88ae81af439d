"""Tests that did not run: what they name is read off their source, and what is said of their items is true."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from gates.builtin.tests.gate import TestsGate
from gates.builtin.trace.facts import Ran, TraceEvidence
from gates.builtin.trace.gate import TraceGate
from gates.builtin.trace.gathering import keyed
from gates.builtin.trace.naming.tests import Ids, sources
from gates.model.report import GateReport
from gates.testing import project, run

SLOW = """\
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.requirement("CE-1")]


@pytest.mark.requirement("CE-2")
class TestSlow:
    pytestmark = pytest.mark.requirement("CE-3")

    @pytest.mark.requirement("CE-4", "CE-5")
    @pytest.mark.covers("CE-6")
    @pytest.mark.covers("pkg.core", minimum=80)
    @pytest.mark.other("CE-7")
    def test_slow(self):
        pass
"""
SLOWLY = "tests/test_slow.py::TestSlow::test_slow"
INI = "[pytest]\ntestpaths = tests\n"
FEW: Mapping[str, str] = {
    "pyproject.toml": '[project]\nname = "pkg"\nversion = "1"\n',
    "pytest.ini": INI,
    "gates.toml": '[trace]\ndocuments = ["docs/*.md"]\n',
    "pkg/__init__.py": "",
    "docs/tasks.md": "# Tasks\n\n- [x] CE-2: slow\n- [~] CE-3: slow too\n- [x] CE-9: nothing\n",
    "tests/test_a.py": "def test_a():\n    pass\n",
    "tests/test_slow.py": SLOW.replace('"CE-1"', '"CE-3"'),
}


def judged(root: Path, files: Mapping[str, str]) -> tuple[GateReport, Mapping[str, Ran]]:
    """What `trace` says of a project whose tests it runs, and what it knows of each of them."""
    project.write(root, {**FEW, **files})
    found = run.judged(root, TestsGate, TraceGate, named=("trace",), python=sys.executable)
    report = next(one for one in found.report.gates if one.name == "trace")
    evidence = found.evidence["trace"]
    assert isinstance(evidence, TraceEvidence), report.reason
    return report, {one.id: one for one in evidence.tests.items}


def test_marks_are_read_as_they_are_written() -> None:
    (found,) = sources(SLOW, Ids.of([])).values()
    assert sorted(found.marked) == ["CE-1", "CE-2", "CE-3", "CE-4", "CE-5", "CE-6"]


@pytest.mark.parametrize(
    "files",
    [
        {"pytest.ini": INI + "addopts = -m 'not slow'\nmarkers =\n  slow: s\n  other: o\n"},
        {"tests/test_broken.py": "import nothing_of_this_name\n"},
    ],
    ids=["deselected", "stopped"],
)
def test_a_test_that_did_not_run_names_its_items(tmp_path: Path, files: Mapping[str, str]) -> None:
    report, ran = judged(tmp_path / "p", files)
    slow = ran[SLOWLY]
    assert slow.outcome is None
    assert ("CE-2", "marker") in slow.requirements.items
    said = {one.subject: (one.rule, one.message) for one in report.findings if one.subject in {"CE-2", "CE-3"}}
    assert list(said) == ["CE-2"]
    assert said["CE-2"][0] == "TRC004"
    assert f"{SLOWLY} did not run" in said["CE-2"][1]


def test_of_a_test_that_ran_pytest_knows_better(tmp_path: Path) -> None:
    suite = 'import pytest\n\n\ndef plain(function):\n    return lambda: None\n\n\n@plain\n@pytest.mark.requirement("CE-2")\ndef test_a():\n    pass\n'  # noqa: E501
    _, ran = judged(tmp_path / "p", {"tests/test_a.py": suite})
    assert ran["tests/test_a.py::test_a"].requirements.items == ()


KEYED = """\
import pytest
from pytest import mark

TEXT = "@pytest.mark.requirement(id='CE-2')"
pytestmark = mark.requirement(id="CE-3")


@pytest.mark.requirement(
    name="CE-2"
)
@pytest.mark.requirement("CE-4", note="x")
def test_a():
    other.requirement(id="CE-5")
"""


def test_a_mark_with_keywords_alone_is_said_where_it_stands() -> None:
    assert [(one.code, one.line, one.subject) for one in keyed.remarks("tests/test_a.py", KEYED)] == [
        ("TRC002", 5, "CE-3"),
        ("TRC002", 8, "CE-2"),
    ]
    assert list(keyed.remarks("tests/test_a.py", "requirement(id=1")) == []
    assert list(keyed.remarks("tests/test_a.py", SLOW)) == []


@pytest.mark.requirement("TRA-3")
def test_marks_are_joined_as_they_are_meant(tmp_path: Path) -> None:
    suite = (
        'import pytest\n\n\n@pytest.mark.requirement("#12")\ndef test_a():\n    pass\n\n\n'
        '@pytest.mark.requirement(id="CE-9")\ndef test_b():\n    pass\n'
    )
    tasks = "# Tasks\n\n| # | Task | Status |\n|--|--|--|\n| #12 | twelve | done |\n"
    report, ran = judged(tmp_path / "p", {"tests/test_a.py": suite, "docs/tasks.md": tasks, "tests/test_slow.py": ""})
    assert ran["tests/test_a.py::test_a"].requirements.items == (("12", "marker"),)
    assert [(one.rule, one.path, one.line, one.subject) for one in report.findings] == [
        ("TRC002", "tests/test_a.py", 9, "CE-9")
    ]
