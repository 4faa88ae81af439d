"""Documents that are right of a case have no miss; each way of being wrong is one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from diagnose.corpus_cases import Case, Label, flaky, sites
from diagnose.judged import answer, beside, misses

CASES = flaky()


def right(case: Case) -> dict[str, Any]:
    """The document that is right of a case."""
    tests = [
        {
            "nodeid": label.nodeid,
            "stable": False,
            "reason": "it flips",
            "factors": [{"name": name, "flips": 3, "runs": 3} for name in label.factors],
            "kind": label.kind,
            "culprits": [*label.culprits, *label.polluters],
            "sites": [site._asdict() for site in sites(case, label)],
        }
        for label in case.test
    ]
    return {"tests": [*tests, {"nodeid": "test_other.py::test_b", "stable": True, "reason": ""}]}


def first(name: str) -> tuple[Case, Label, dict[str, Any], dict[str, Any]]:
    case = CASES[name]
    document = right(case)
    return case, case.test[0], document, document["tests"][0]


@pytest.mark.parametrize("name", CASES)
def test_what_a_label_says_is_right(name: str) -> None:
    assert misses(CASES[name], right(CASES[name])) == []


@pytest.mark.parametrize("name", CASES)
def test_a_test_that_is_called_stable_is_missed(name: str) -> None:
    case, label, document, test = first(name)
    test.update(stable=True, factors=[], kind=None)
    assert {miss.question for miss in misses(case, document, [label.nodeid])} >= {"factor", "kind"}


@pytest.mark.parametrize(
    ("name", "change", "question", "got"),
    [
        ("timezone-local", {"factors": [{"name": "locale"}]}, "factor", "locale"),
        ("timezone-local", {"factors": []}, "factor", "none"),
        ("timezone-local", {"stable": None}, "factor", "undecided"),
        ("timezone-local", {"kind": "time"}, "kind", "time"),
        ("timezone-local", {"sites": []}, "line", "none"),
        ("timezone-local", {"sites": [{"path": "a.py", "line": 3}]}, "line", "a.py:3"),
        ("order-globals", {"culprits": []}, "culprits", "none"),
        ("order-globals", {"culprits": ["test_a.py::test_b"]}, "culprits", "test_a.py::test_b"),
        ("unattributed-process", {"factors": [{"name": "clock"}]}, "factor", "clock"),
    ],
)
def test_a_wrong_answer(name: str, change: dict[str, Any], question: str, got: str) -> None:
    case, label, document, test = first(name)
    test.update(change)
    assert [(miss.question, miss.got) for miss in misses(case, document, [label.nodeid])] == [(question, got)]


@pytest.mark.parametrize(("stable", "got"), [(False, "accused of clock"), (None, "undecided")])
def test_a_bystander_has_to_be_stable(stable: bool | None, got: str) -> None:
    case, _, document, _ = first("timezone-local")
    document["tests"][-1].update(stable=stable, factors=[{"name": "clock"}])
    (miss,) = misses(case, document)
    assert (miss.nodeid, miss.question, miss.got) == ("test_other.py::test_b", "bystander", got)


def test_no_document_misses_all() -> None:
    case = CASES["timezone-local"]
    assert [miss.nodeid for miss in misses(case, None)] == [label.nodeid for label in case.test]


def test_factors_beside_the_right_one() -> None:
    case, label, document, test = first("timezone-local")
    assert beside(label, document) == []
    test["factors"].append({"name": "clock"})
    assert beside(label, document) == ["clock"]
    assert misses(case, document) == []


def test_an_undecided_one_is_right_where_the_label_says_so() -> None:
    name = next(name for name, case in CASES.items() if case.test[0].undecided)
    case, label, document, test = first(name)
    test.update(stable=None, factors=[], kind=None, culprits=[], sites=[])
    assert misses(case, document, [label.nodeid]) == []


def test_the_answer_of_a_command(tmp_path: Path) -> None:
    given = answer([sys.executable, "-c", "print('{\"tests\": []}'); raise SystemExit(3)"], tmp_path, 60)
    assert given.document == {"tests": []}
    assert given.status == 3
    assert given.cpu > 0


def test_a_command_that_does_not_end(tmp_path: Path) -> None:
    slow = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    given = answer([sys.executable, "-c", slow], tmp_path, 1)
    assert given.status is None
    assert given.document is None
    assert given.wall < 60


@pytest.mark.parametrize(
    ("reason", "right"), [("In some it was skipped (locale).", True), ("It failed in none.", False)]
)
def test_a_skip_is_stable_where_that_is_told(reason: str, right: bool) -> None:
    case, _, document, test = first("locale-skipped")
    test.update(stable=True, factors=[], kind=None, sites=[], reason=reason)
    assert (misses(case, document) == []) is right
