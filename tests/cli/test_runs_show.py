"""`gates runs show`: one run by any part of its name that is its alone, and every attempt at one question."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gates.record.asked import schemas
from support import many_runs
from support.commands import Result, check, gates
from support.many_runs import Failure
from support.projects import write_project
from support.repositories import commit_all, make_repository

NAMES = [f"20261001T000{at}00Z-0000000{at}" for at in range(3)]
FILES = {
    "pyproject.toml": '[project]\nname = "sample"\n\n[tool.gates]\nselect = ["tests"]\n',
    "test_a.py": (
        "import os\n\nimport pytest\n\n\n"
        '@pytest.mark.requirement("RQ-1")\ndef test_one():\n    assert os.environ["MOOD"] == "good"\n'
    ),
    ".gitignore": ".gates/\n__pycache__/\n",
}
JSON = ("--output-format", "json")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_project(tmp_path_factory.mktemp("record"), {"pyproject.toml": FILES["pyproject.toml"]})
    many_runs.write(root, 3, {2: Failure("tests/test_it.py::test_b", "assert 1 == 2\nwhere 1 = f()")})
    return root


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was judged twice, red and green."""
    root = make_repository(tmp_path_factory.mktemp("judged") / "sample", FILES)
    commit_all(root)
    for mood, code in (("bad", 1), ("good", 0)):
        assert gates("check", cwd=root, env={"MOOD": mood}).code == code
    return root


def show(root: Path, *words: str) -> Result:
    return gates("runs", "show", *words, cwd=root)


def answer(done: Result) -> Any:
    """The JSON that was printed, as the shipped schema has it."""
    found = json.loads(done.out)
    Draft202012Validator(schemas.answer()).validate(found)
    return found


@pytest.mark.parametrize("name", [NAMES[1], NAMES[1][:14], "00000001", "20261001T0001"])
def test_a_run_is_found_by_what_is_its_name_alone(record: Path, name: str) -> None:
    assert answer(show(record, name, *JSON))["run"]["run"]["run"] == NAMES[1]


def test_the_last_one(record: Path) -> None:
    done = show(record, "last")
    assert done.out.splitlines()[0] == f"{NAMES[2]}  check failed (exit 1)"
    told = done.out.partition("\ntests: ")[2]
    assert told.splitlines()[:4] == [
        "1 of 2 failed",
        "  test tests/test_it.py::test_b  failed",
        "    AssertionError: assert 1 == 2",
        "    shows it: python -m pytest tests/test_it.py::test_b",
    ]
    assert "requirements: 0 of 1 passed\n  REQ-1  failed, 1 of 2 tests failed" in told
    assert f"evidence of tests  {'e' * 64}" in told
    assert "gates runs replay" not in done.out, "it left no grounds"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name a run: `gates runs show last`; `gates runs list` has their names"),
        (("2026",), f"'2026' may be {NAMES[2]}, {NAMES[1]}, {NAMES[0]}: write more of the name"),
        (("0000",), "'0000' may be"),
        (("no\x1bne",), "there is no run 'no\\x1bne' in the record; `gates runs list` shows them"),
        (("%",), "there is no run '%' in the record"),
        (("",), "there is no run '' in the record"),
        (("last", "--trace", "0" * 32), "name a run or a --trace, and not both"),
        (("--trace", "0" * 32), "no execution in the record has the trace"),
    ],
)
def test_usage_errors(record: Path, words: Sequence[str], said: str) -> None:
    done = show(record, *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_no_run_is_recorded(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    done = show(root, "last")
    assert (done.code, done.out.partition(";")[0]) == (5, "no run is recorded here")
    assert answer(show(root, "last", *JSON))["run"] is None


def test_a_run_of_check_is_shown_with_all_that_it_was_decided_on(judged: Path) -> None:
    done = show(judged, "last")
    assert done.code == 0, done.err
    digest = r"[0-9a-f]{64}"
    expected = [
        r"\d{8}T\d{6}Z-[0-9a-f]{8}  check passed \(exit 0\)",
        r"  project   sample @ [0-9a-f]{7} \w+",
        r"  trace     [0-9a-f]{32}, span [0-9a-f]{16}, attempt 2, retry of [0-9a-f]{16}",
        r"tests  passed  .*s",
        r"  tests\.failed: 0 tests",
        r"tests: 1 test, none failed",
        r"requirements: 1 of 1 passed",
        rf"  settings            {digest}",
        rf"  grounds             {digest}",
        rf"  report              {digest}",
        rf"  evidence of tests   {digest}",
        r"decide it again: gates runs replay \d{8}T\d{6}Z-[0-9a-f]{8}",
    ]
    lines = iter(done.out.splitlines())
    for pattern in expected:
        assert any(re.fullmatch(pattern, line) for line in lines), f"{pattern}\n{done.out}"


def test_attempts_at_one_question_share_a_trace(judged: Path) -> None:
    run = answer(show(judged, "last", *JSON))["run"]
    for one in (run["run"], next(one for one in run["executions"] if one["subject"] == "tests")):
        found = answer(show(judged, "--trace", one["trace_id"], *JSON))["executions"]
        assert [(each["attempt"], each["status"]) for each in found] == [(1, "failed"), (2, "passed")]
        assert found[1]["retry_of"] == found[0]["span_id"]


def test_every_line_that_is_written_is_as_its_schema_says(judged: Path) -> None:
    folder = judged / ".gates" / "events"
    for name, schema in (("heads.jsonl", schemas.heads()), ("2*.jsonl", schemas.event())):
        checker = Draft202012Validator(schema)
        lines = [line for path in folder.glob(name) for line in path.read_text("utf-8").splitlines()]
        assert lines
        for line in lines:
            checker.validate(json.loads(line))
        assert not checker.is_valid({**json.loads(lines[0]), "more": 1})


def test_the_html_report_has_the_figures_over_runs(judged: Path) -> None:
    page = gates("check", "--output-format", "html", cwd=judged, env={"MOOD": "good"}).out
    section = page.partition('id="over-runs"')[2]
    assert "<code>tests verdict</code> <strong>passed</strong>" in section
    assert re.search(r"<desc[^>]*>From [-0-9]+ to [-0-9]+: \d passed, 1 failed, last passed\.</desc>", section)
    assert "<code>tests.failed</code> <strong>0 tests</strong>" in section
    assert "<code>duration of gates check</code>" in section


def test_a_damaged_store_is_a_sentence_in_the_page_and_no_other_verdict(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    mood = {"MOOD": "good"}
    assert check(root, env=mood).code == 0
    (root / ".gates" / "record.sqlite").write_bytes(b"not a database, and long enough to be taken for one" * 20)
    done = gates("check", "--output-format", "html", cwd=root, env=mood)
    assert done.code == 0, done.err
    assert "The figures of former runs cannot be shown: the store .gates/record.sqlite is damaged" in done.out
    assert "<title>Passed: sample</title>" in done.out
