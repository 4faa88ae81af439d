"""What `gates prove -- COMMAND` prints: reports of real projects, as the pages show them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import jsonschema
import msgspec
import pytest

from gates.config import command_proof_schema
from gates.model.command_proof import CommandProof, Trial, verdict_of
from gates.render import command_proof

REPOSITORY = Path(__file__).parents[2]
REPORTS = sorted((REPOSITORY / "tests/golden/command_proof").glob("*.json"))


def report(path: Path) -> CommandProof:
    return msgspec.json.decode(path.read_bytes(), type=CommandProof)


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_report_is_printed_as_it_was(path: Path) -> None:
    shown = "".join(f"{line}\n" for line in command_proof.lines(report(path)))
    golden = path.with_suffix(".txt")
    if os.environ.get("GATES_UPDATE_GOLDEN"):
        golden.write_text(shown, "utf-8")
    assert shown == golden.read_text("utf-8")


def test_the_readme_shows_a_real_report() -> None:
    text = (REPOSITORY / "README.md").read_text("utf-8")
    block = re.search(r"<!-- output: prove -->\s*```text\n(.*?)```", text, re.DOTALL)
    assert block is not None
    assert block[1] == (REPOSITORY / "tests/golden/command_proof/cachetools.txt").read_text("utf-8")


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_the_page_has_the_figures_of_each_report(path: Path) -> None:
    proof = report(path)
    rows = (REPOSITORY / "docs/explanation/other-commands.md").read_text("utf-8").split("\n")
    (row,) = (row for row in rows if row.startswith(f"| {path.stem} "))
    missed = ", ".join(f"`{trial.fault}`" for trial in proof.those("missed")) or "nothing"
    assert f"| `{' '.join(proof.command)}` | {proof.score.removeprefix('misses ')}: {missed} |" in row


def test_the_how_to_names_every_fault() -> None:
    from gates.prove.command.faults import FAULTS

    text = (REPOSITORY / "docs/how-to/prove-a-command.md").read_text("utf-8")
    assert re.findall(r"(?m)^\| `([a-z-]+)` \|", text) == [fault.name for fault in FAULTS]


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_report_fits_its_schema_and_a_contradiction_does_not(path: Path) -> None:
    fits = jsonschema.Draft202012Validator(command_proof_schema.command_proof()).is_valid
    held = json.loads(path.read_text("utf-8"))
    assert fits(held)
    other = 1 - held["exit_code"]
    assert not fits({**held, "exit_code": other})
    assert not fits({**held, "exit_code": other, "verdict": ("passed", "failed")[other]})
    assert not fits({**held, "exit_code": 3, "verdict": "undecided"})
    assert not fits({**held, "more": 1})


def test_a_verdict_needs_something_that_was_tried() -> None:
    def trial(state: str) -> Trial:
        return msgspec.convert({"fault": "a", "title": "b", "state": state, "message": ""}, Trial)

    assert verdict_of([]) == "undecided"
    assert verdict_of([trial("not_tried")]) == "undecided"
    assert verdict_of([trial("not_tried"), trial("caught")]) == "passed"
    assert verdict_of([trial("missed"), trial("caught")]) == "failed"
