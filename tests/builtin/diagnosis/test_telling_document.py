"""The document of a diagnosis: what JSON has, what its schema says, shards as one, and the test that is written."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gates.builtin.determinism import commands
from gates.builtin.diagnosis.causes import Diagnosed
from gates.builtin.diagnosis.telling.document import document, merged, undecided
from gates.builtin.diagnosis.telling.written import written
from gates.config import diagnosis_schema
from gates.errors import UsageError
from gates.model.diagnosis import DiagnosisReport, FactorFlips, Reproduction, Site, TriedRun
from support import diagnoses as made

KEYS = ("nodeid", "stable", "reason", "factors", "kind", "culprits", "sites", "group", "reproduce")


def plain(value: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def valid(report: DiagnosisReport) -> DiagnosisReport:
    Draft202012Validator(diagnosis_schema.diagnosis()).validate(plain(report))
    return report


def test_the_document_is_as_the_issue_has_it() -> None:
    said: dict[str, Any] = plain(valid(made.mixed()))
    assert (said["schema_version"], said["verdict"]) == (1, "failed")
    assert said["denominator"] == {"count": 10, "unit": "tests"}
    assert said["factors_tried"] == ["repeat", "order", "hashseed", "timezone", "clock"]
    assert said["factors_not_applied"] == [{"name": "user", "reason": "this process may not change its user"}]
    assert [one["nodeid"] for one in said["tests"]] == sorted(one["nodeid"] for one in said["tests"])
    assert all(tuple(one)[: len(KEYS)] == KEYS for one in said["tests"])
    by_id = {one["nodeid"]: one for one in said["tests"]}
    zone = by_id["tests/test_b.py::test_a"]
    assert zone["factors"] == [{"name": "timezone", "flips": 3, "runs": 3}]
    assert (zone["kind"], zone["sites"], zone["group"]) == ("environment", [{"path": "src/till.py", "line": 12}], "g1")
    assert zone["reproduce"] == "gates diagnose tests/test_b.py::test_a --try timezone=Asia/Kolkata"
    (pair,) = [one for name, one in by_id.items() if "test_pair" in name]
    assert [one["name"] for one in pair["factors"]] == ["clock+timezone"]
    assert by_id["tests/test_a.py::test_victim"]["culprits"] == ["tests/test_a.py::test_p"]
    assert [by_id[name]["kind"] for name in ("tests/test_a.py::test_p", "tests/test_e.py::test_slow")] == [None, None]
    assert by_id["tests/test_d.py::test_odd"]["kind"] == "unattributed"


def test_what_the_search_said_itself_stays() -> None:
    own = msgspec.structs.replace(made.unstable("t.py::a", made.ZONE), reason="own", cure="own", reproduce="own x")
    (one,) = document(made.diagnosis(own)).tests
    assert (one.reason, one.cure, one.reproduce) == ("own", "own", "own x")


def test_nothing_is_promised() -> None:
    report = valid(document(made.diagnosis(made.stable("t.py::a"))))
    assert (report.verdict, report.tests[0].reason) == ("passed", "ended the same in 12 runs of the suite")
    assert "would be missed" in report.bound


@pytest.mark.parametrize("report", [document(made.diagnosis()), undecided("pytest fell over")])
def test_of_nothing_nothing_is_said(report: DiagnosisReport) -> None:
    assert valid(report).verdict == "undecided"
    assert report.reason


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "passed"},
        {"verdict": "undecided"},
        {"tests": ()},
        {"tests": (msgspec.structs.replace(made.mixed().tests[0], kind="time"),)},
    ],
)
def test_the_schema_refuses_what_cannot_be(change: dict[str, Any]) -> None:
    wrong = msgspec.structs.replace(made.mixed(), **change)
    assert list(Draft202012Validator(diagnosis_schema.diagnosis()).iter_errors(plain(wrong)))


def test_the_schema_of_a_reproduction() -> None:
    found = Reproduction(
        schema_version=1, verdict="failed", nodeid="t", settings={"timezone": "UTC"}, after=("a",), reason="it",
        runs=(TriedRun(where="base", ended="passed"),),
    )  # fmt: skip
    Draft202012Validator(diagnosis_schema.reproduction()).validate(plain(found))


def part(index: int, count: int = 2, *tests: Diagnosed, **more: Any) -> DiagnosisReport:
    given_tests = tests or (made.unstable("t.py::a", made.ZONE, group="g1"), made.stable("t.py::b"))
    return document(made.diagnosis(*given_tests, **more), f"{index}/{count}")


def test_shards_become_one() -> None:
    a, b, c = "t.py::a", "t.py::b", "t.py::c"
    parts = [
        part(2, 2, made.stable(a), made.undecided(b, "no time was left"), made.stable(c), factors_tried=("umask",)),
        part(1, 2, made.unstable(a, made.ZONE), made.stable(b), made.stable(c)),
    ]
    whole = valid(merged(parts))
    assert [(one.nodeid, one.stable) for one in whole.tests] == [(a, False), (b, None), (c, True)]
    assert whole.tests[1].reason == "no time was left"
    assert whole.tests[2].reason == "ended the same in 24 runs of the suite"
    assert (whole.verdict, whole.denominator.count, whole.trials, whole.runs) == ("failed", 3, 96, 24)
    assert whole.factors_tried == ("repeat", "order", "hashseed", "timezone", "clock", "umask")
    assert whole.shard is None


def test_what_several_shards_found_is_all_told() -> None:
    parts = [part(1, 2, made.unstable("t.py::a", made.BOTH_WAYS)), part(2, 2, made.unstable("t.py::a", made.ZONE))]
    (one,) = merged(parts).tests
    assert (one.kind, [flip.name for flip in one.factors]) == ("environment", ["timezone"])
    again = [part(1, 2, made.unstable("t.py::a", made.ZONE)), part(2, 2, made.unstable("t.py::a", made.PAIR))]
    assert [flip.name for flip in merged(again).tests[0].factors] == ["timezone", "clock+timezone"]


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ([part(1)], "shard 2/2 is missing"),
        ([part(1), part(1)], "shard 1/2 is there twice"),
        ([part(1), part(2, 3)], "of different cuts"),
        ([part(1), made.mixed()], "is not that of a shard"),
        ([part(1), part(2, 2, made.stable("t.py::a"))], "they are not of the same tests"),
    ],
)
def test_what_is_no_whole_is_refused(parts: list[DiagnosisReport], why: str) -> None:
    with pytest.raises(UsageError) as error:
        commands.merged({f"{number}.json": msgspec.json.encode(one) for number, one in enumerate(parts)})
    assert why in str(error.value)


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b"\xff", msgspec.json.encode(part(1))[:-9]])
def test_a_damaged_part_is_refused(text: bytes) -> None:
    with pytest.raises(UsageError, match=r"a\.json is no document"):
        commands.merged({"a.json": text})


def test_a_part_without_an_answer_leaves_the_whole_open() -> None:
    fine = document(made.diagnosis(made.stable("t1.py::a")), "1/2")
    assert merged([fine, undecided("pytest fell over", "2/2")]).verdict == "undecided"


def test_the_test_that_is_written_is_formatted_and_the_same_each_time() -> None:
    report = made.mixed()
    text = commands.written(report, 1)
    assert text == written(tuple(reversed(report.tests)), 1)
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--check", "-"], input=text, text=True, check=False
    )
    assert done.returncode == 0
    cases = next(one for one in ast.parse(text).body if isinstance(one, ast.Assign) and "CASES" in ast.unparse(one))
    assert ast.literal_eval(cases.value) == {
        "tests/test_a.py::test_victim": ["--after", "tests/test_a.py::test_p"],
        **{f"tests/test_b.py::test_{name}": ["--try", "timezone=Asia/Kolkata"] for name in "abc"},
        "tests/test_c.py::test_pair[\x1b[31m]": [
            "--try", "clock=2027-12-31T23:45:00Z", "--try", "timezone=Asia/Tokyo",
        ],
    }  # fmt: skip
    assert "parents[1]" in text


def test_without_circumstances_there_is_no_test() -> None:
    with pytest.raises(UsageError, match="no test is written"):
        commands.written(document(made.diagnosis(made.unstable("t.py::a", made.BOTH_WAYS))), 0)


@given(st.text(min_size=1))
def test_every_name_of_a_test_is_kept(name: str) -> None:
    report = document(made.diagnosis(made.unstable(f"t.py::{name}", made.ZONE)))
    body = ast.parse(written(report.tests, 0)).body
    cases = next(one for one in body if isinstance(one, ast.Assign) and "CASES" in ast.unparse(one.targets[0]))
    assert list(ast.literal_eval(cases.value)) == [f"t.py::{name}"]


def test_the_parts_of_a_document_are_what_they_seem() -> None:
    one = made.mixed().tests[1]
    assert one.factors == (FactorFlips(name="order", flips=3, runs=3),)
    assert made.mixed().tests[2].sites == (Site("src/till.py", 12),)
