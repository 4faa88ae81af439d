"""What ran elsewhere: JUnit files of another commit, of no known time, of tests that are gone, and read twice."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gates.builtin.trace.gate import TraceGate
from gates.builtin.trace.naming.junit import Places, UnreadableJUnitError, read
from gates.model.finding import Finding
from gates.testing import project, run
from support import repositories

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
CASE = (
    '<testcase classname="{place}" name="test_shown"{more}><properties>'
    '<property name="requirement" value="CE-1"/></properties></testcase>'
)
FILES: Mapping[str, str] = {
    "pyproject.toml": '[project]\nname = "pkg"\nversion = "1"\n',
    ".gitignore": "reports/\n",
    "tasks.md": "# Tasks\n\n- [x] CE-1: the order is stable\n",
    "pkg/__init__.py": "",
    "pkg/cart.ts": "export {}\n",
    "tests/test_a.py": "def test_shown():\n    pass\n",
}


def hours(number: float) -> str:
    return (BEGAN + timedelta(hours=number)).isoformat()


def report(at: str, place: str = "web.cart", more: str = "") -> str:
    stamp = f' timestamp="{at}"' if at else ""
    return f'<testsuite name="s" tests="1"{stamp}>{CASE.format(place=place, more=more)}</testsuite>'


def committed(root: Path, files: Mapping[str, str], number: int) -> None:
    """A commit that many hours after the first."""
    project.write(root, files)
    repositories.git(root, "add", "--all")
    when = {"GIT_AUTHOR_DATE": hours(number), "GIT_COMMITTER_DATE": hours(number)}
    around = {**os.environ, **repositories.ENVIRONMENT, **when}
    subprocess.run(["git", "commit", "--quiet", "--message", str(number)], cwd=root, env=around, check=True)


def begun(root: Path) -> Path:
    project.write(root, FILES)
    repositories.git(root, "init", "--quiet", "--initial-branch=main")
    committed(root, {}, 0)
    return root


def judged(root: Path, text: str) -> list[Finding]:
    """What is said of CE-1, which is done by a test of a report."""
    project.write(root, {"reports/a.xml": text})
    gate = TraceGate()
    asked = run.context(root, gate, documents=("tasks.md",), junit=("reports/*.xml",))
    evidence = gate.collect(asked)
    assert isinstance(evidence, gate.Evidence), evidence
    decision = gate.decide(evidence, asked.settings, BEGAN + timedelta(days=9))
    return [one for one in decision.findings if one.subject == "CE-1"]


def test_what_ran_with_this_code_shows_it(tmp_path: Path) -> None:
    assert judged(begun(tmp_path / "p"), report(hours(1))) == []


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("", "does not say when it ran"),
        ("yesterday", "does not say when it ran"),
        (hours(-1), "before every commit of this clone"),
    ],
)
def test_a_time_that_leads_to_no_commit_shows_nothing(tmp_path: Path, at: str, words: str) -> None:
    (found,) = judged(begun(tmp_path / "p"), report(at))
    assert (found.rule, found.severity) == ("TRC006", "error")
    assert words in found.message


def test_an_old_report_beside_a_new_one_takes_nothing_from_it(tmp_path: Path) -> None:
    root = begun(tmp_path / "p")
    committed(root, {"pkg/__init__.py": "NEW = True\n"}, 2)
    for old, new in (("b", "c"), ("d", "c")):
        project.write(root, {f"reports/{old}.xml": report(hours(1))})
        assert judged(root, report(hours(1)))
        project.write(root, {f"reports/{new}.xml": report(hours(3))})
        assert judged(root, report(hours(1))) == []
        (root / "reports" / f"{new}.xml").unlink()
    project.write(root, {"reports/c.xml": report(hours(3)), "reports/b.xml": report(hours(1), more=' status="failed"')})
    (found,) = judged(root, report(hours(1)))
    assert (found.rule, "failed in reports/b.xml" in found.message) == ("TRC007", True)


def test_one_suite_that_says_no_time_makes_it_unknown() -> None:
    suites = report(hours(1)) + report("")
    assert read(f"<testsuites>{suites}</testsuites>".encode(), Places([])).at == ""
    assert read(f'<testsuites timestamp="{hours(0)}">{suites}</testsuites>'.encode(), Places([])).at == hours(0)


def test_a_shallow_clone_does_not_make_old_evidence_new(tmp_path: Path) -> None:
    root = begun(tmp_path / "p")
    committed(root, {"pkg/__init__.py": "NEW = True\n"}, 2)
    (found,) = judged(root, report(hours(1)))
    assert "pkg/__init__.py changed since" in found.message
    repositories.git(tmp_path, "clone", "--quiet", "--depth=1", root.as_uri(), "shallow")
    (found,) = judged(tmp_path / "shallow", report(hours(1)))
    assert (found.rule, "fetch the others" in found.message) == ("TRC006", True)


def test_source_in_any_language_is_what_was_tested(tmp_path: Path) -> None:
    root = begun(tmp_path / "p")
    committed(root, {"pkg/cart.ts": "export { all }\n", "notes.yml": "a: 1\n"}, 2)
    (found,) = judged(root, report(hours(1)))
    assert "pkg/cart.ts changed since" in found.message


def test_a_test_whose_file_was_removed_shows_nothing(tmp_path: Path) -> None:
    root = begun(tmp_path / "p")
    (root / "tests" / "test_a.py").unlink()
    committed(root, {"tests/test_b.py": "def test_other():\n    pass\n"}, 2)
    (found,) = judged(root, report(hours(1), "tests.test_a"))
    assert (found.rule, "tests/test_a.py::test_shown" in found.message) == ("TRC006", True)
    assert "the test was taken away after" in found.message


@pytest.mark.parametrize(
    ("more", "rules"),
    [
        (' status="run" result="completed"', []),
        (' status="Passed"', []),
        (' status="failed"', ["TRC007"]),
        (' status="error"', ["TRC007"]),
        (' result="timeout"', ["TRC007"]),
        (' status="pending"', ["TRC005"]),
        (' status="notrun" result="suppressed"', ["TRC005"]),
        (' status="anything"', ["TRC005"]),
    ],
)
def test_a_status_that_is_no_pass_is_none(tmp_path: Path, more: str, rules: list[str]) -> None:
    found = judged(begun(tmp_path / "p"), report(hours(1), more=more))
    assert [one.rule for one in found] == rules


def test_a_failure_that_is_counted_and_not_shown_is_missed() -> None:
    cases = "<testcase name='a'><failure/></testcase><testcase name='b'/>"
    assert len(read(f'<testsuite tests="2" failures="1">{cases}</testsuite>'.encode(), Places([])).cases) == 2
    with pytest.raises(UnreadableJUnitError, match="counts 2 failures and errors and shows 1"):
        read(f'<testsuite tests="2" failures="2">{cases}</testsuite>'.encode(), Places([]))


@pytest.mark.skipif(os.name == "nt", reason="a link needs a right of its own there")
def test_a_document_behind_a_link_is_read_anew_each_time(tmp_path: Path) -> None:
    root = begun(tmp_path / "p")
    (tmp_path / "out.md").write_text(FILES["tasks.md"], "utf-8")
    (root / "tasks.md").unlink()
    (root / "tasks.md").symlink_to(tmp_path / "out.md")
    gate = TraceGate()
    asked = run.context(root, gate, documents=("tasks.md",))
    assert isinstance(gate.collect(asked), gate.Evidence)
    assert asked.unkept == "tasks.md is no source of the project"


@pytest.mark.parametrize(
    ("files", "junit"),
    [
        ({}, ("reports/*.xml",)),
        ({".gitignore": "reports/\ntasks.md\n"}, ()),
        ({"tasks.md": FILES["tasks.md"] + "  - Files: dist/app.js\n", ".gitignore": "reports/\ndist/\n"}, ()),
        ({"tasks.md": FILES["tasks.md"] + "  - Files: dist/none.js\n", ".gitignore": "reports/\ndist/\n"}, ()),
    ],
    ids=["report", "document", "file", "no file"],
)
def test_what_git_ignores_is_read_anew_each_time(
    tmp_path: Path, files: Mapping[str, str], junit: tuple[str, ...]
) -> None:
    root = begun(tmp_path / "p")
    gate = TraceGate()
    plain = run.context(root, gate, documents=("tasks.md",))
    gate.collect(plain)
    assert plain.unkept is None
    repositories.git(root, "rm", "--quiet", "--cached", "tasks.md")
    committed(root, {**files, "pkg/more.py": ""}, 2)
    project.write(root, {"reports/a.xml": report(hours(3)), "dist/app.js": ""})
    asked = run.context(root, gate, documents=("tasks.md",), junit=junit)
    assert isinstance(gate.collect(asked), gate.Evidence)
    assert asked.unkept
