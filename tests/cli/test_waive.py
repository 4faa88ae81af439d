from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.commands import Result, gates
from support.projects import write_project

SOON = (datetime.now(UTC).date() + timedelta(days=10)).isoformat()
LATER = (datetime.now(UTC).date() + timedelta(days=100)).isoformat()
PAST = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
PYPROJECT = '[project]\nname = "sample"\n\n[tool.gates] # ours\nselect = ["lint"]\n\n[tool.ruff]\nline-length = 100\n'


def waive(root: Path, *words: str, expires: str = LATER, reason: str = "later", owner: str = "ada") -> Result:
    return gates("waive", *words, "--reason", reason, "--owner", owner, "--expires", expires, cwd=root)


def test_a_waiver_is_written_once_and_everything_else_stays(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"pyproject.toml": PYPROJECT})
    first = waive(root, "ruff:F401", "src/**")
    text = (root / "pyproject.toml").read_text("utf-8")
    block = (
        '[[tool.gates.waiver]]\nrule = "ruff:F401"\nsubject = "src/**"\nreason = "later"\nowner = "ada"\n'
        f"expires = {LATER}\n"
    )
    assert text == PYPROJECT.replace("\n[tool.ruff]", f"\n{block}\n[tool.ruff]")
    assert first.code == 0
    assert first.out.startswith("--- a/pyproject.toml\n+++ b/pyproject.toml\n")
    assert "wrote pyproject.toml. To undo: take the lines marked + out of pyproject.toml" in first.err
    again = waive(root, "ruff:F401", "src/**")
    assert (again.code, again.out) == (0, "")
    assert "nothing to do: this waiver is written at pyproject.toml:7" in again.err
    assert (root / "pyproject.toml").read_text("utf-8") == text


def test_a_dry_run_shows_and_writes_nothing(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"pyproject.toml": PYPROJECT})
    done = gates(*("waive", "LNT001", "**", "--reason", "r", "--owner", "o", "--expires", LATER, "--dry-run"), cwd=root)
    assert "+[[tool.gates.waiver]]" in done.out
    assert (root / "pyproject.toml").read_text("utf-8") == PYPROJECT


def test_a_project_without_pyproject_gets_gates_toml(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"a.py": ""})
    assert waive(root, "lint-violation", "a.py").code == 0
    assert tomllib.loads((root / "gates.toml").read_text("utf-8"))["waiver"][0]["subject"] == "a.py"


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        (("LNT01", "**"), {}, "there is no rule 'LNT01'; did you mean 'LNT001'?"),
        (("LNT001", "  "), {}, "a waiver needs a subject, and this one is empty"),
        (("LNT001", "**"), {"owner": ""}, "a waiver needs an owner, and this one is empty"),
        (("LNT001", "**"), {"expires": "soon"}, "--expires 'soon' is not a date: write it as 2026-12-31"),
        (("LNT001", "**"), {"expires": PAST}, f"--expires {PAST} is past: today is"),
    ],
)
def test_what_is_no_waiver_is_refused(tmp_path: Path, words: tuple[str, str], given: dict[str, str], said: str) -> None:
    root = write_project(tmp_path, {"pyproject.toml": PYPROJECT})
    done = waive(root, *words, **given)
    assert done.code == 2
    assert said in done.err
    assert (root / "pyproject.toml").read_text("utf-8") == PYPROJECT


def test_another_waiver_for_the_same_is_refused_with_its_place(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"pyproject.toml": PYPROJECT})
    waive(root, "LNT001", "**")
    done = waive(root, "LNT001", "**", expires=SOON)
    assert (done.code, done.out) == (2, "")
    assert f"LNT001 ** is waived until {LATER} (ada); edit it at pyproject.toml:7" in done.err


def test_list_shows_what_ends_first_and_what_is_over(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"pyproject.toml": PYPROJECT})
    waive(root, "LNT001", "a.py", expires=LATER)
    assert gates("list", "--expiring", cwd=root).out == "none of 1 waivers ends within 14 days\n"
    waive(root, "LNT001", "b.py", expires=SOON)
    text = (root / "pyproject.toml").read_text("utf-8").replace(LATER, PAST)
    (root / "pyproject.toml").write_text(text, "utf-8")
    assert gates("list", "--expiring", cwd=root).out.splitlines() == [
        f"pyproject.toml:7: LNT001 a.py (ada) ended on {PAST}: later",
        f"pyproject.toml:14: LNT001 b.py (ada) ends on {SOON}: later",
    ]
    shown = json.loads(gates("list", "--expiring", "--output-format", "json", cwd=root).out)
    assert [(one["state"], one["line"]) for one in shown["waivers"]] == [("expired", 7), ("expiring", 14)]
