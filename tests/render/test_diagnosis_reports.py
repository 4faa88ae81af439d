"""What `gates diagnose` shows: golden files, red first, and no word that promises too much."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gates.builtin.diagnosis.telling.document import document, undecided
from gates.model.diagnosis import DiagnosisReport, Reproduction, TriedRun
from gates.render.diagnosis import terminal, tried
from support import diagnoses as made

GOLDEN = Path(__file__).parent.parent / "golden" / "diagnosis"
MANY = [made.unstable(f"tests/test_m.py::test_{number:02}", made.ZONE, group="g1") for number in range(14)]
REPORTS: dict[str, DiagnosisReport] = {
    "mixed": made.mixed(),
    "stable": document(made.diagnosis(*(made.stable(f"t.py::test_{number}") for number in range(3)))),
    "nothing": undecided("the tests cannot be run: no module named pytest"),
    "many": document(made.diagnosis(*MANY, made.stable("t.py::a"))),
}
TRIED = Reproduction(
    schema_version=1,
    verdict="failed",
    nodeid="t.py::test_a",
    settings={"timezone": "Asia/Kolkata"},
    after=("t.py::test_b",),
    reason="it passes in the base, and fails in 2 of 3 runs with this",
    runs=(
        *(TriedRun(where="base", ended="passed") for _ in range(3)),
        TriedRun(where="tried", ended="passed"),
        *(TriedRun(where="tried", ended="failed", message="AssertionError: \x1b[31mno\nmore") for _ in range(2)),
    ),
)
TEXTS = {**{name: terminal.render(report) for name, report in REPORTS.items()}, "tried": tried.render(TRIED)}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_the_text_is_as_it_was(name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("GATES_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(TEXTS[name], "utf-8")
    assert TEXTS[name] == path.read_text("utf-8")


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_nothing_acts_and_nothing_is_promised(name: str) -> None:
    assert "\x1b" not in TEXTS[name]
    assert "not flaky" not in TEXTS[name]


def test_the_largest_group_is_first() -> None:
    unstable = [one for one in made.mixed().tests if one.stable is False]
    assert [len(each) for each in terminal.groups(unstable)] == [3, 1, 1, 1]
