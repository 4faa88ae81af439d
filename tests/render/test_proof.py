"""The terminal form of proofs, by golden files; GATES_UPDATE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gates.model.canary import Planted
from gates.model.proof import GateProof
from gates.render import proof
from gates.render.formats import Options
from support import proofs

GOLDEN = Path(__file__).parent.parent / "golden_proofs"
VARIANTS = {
    **{name: (name, Options()) for name in proofs.SCENARIOS},
    "proved_verbose": ("proved", Options(verbosity=1)),
    "proved_quiet": ("proved", Options(verbosity=-1)),
    "not_proved_verbose": ("not_proved", Options(verbosity=1)),
    "not_proved_quiet": ("not_proved", Options(verbosity=-1)),
    "not_proved_colored": ("not_proved", Options(color=True)),
    "not_proved_narrow": ("not_proved", Options(width=60)),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_terminal_form_is_what_the_golden_file_holds(variant: str) -> None:
    scenario, options = VARIANTS[variant]
    text = proof.render(proofs.SCENARIOS[scenario](), options)
    path = GOLDEN / f"{variant}.txt"
    if os.environ.get("GATES_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


def test_names_out_of_a_project_cannot_act_on_the_terminal() -> None:
    hostile = proofs.rule(verdict="failed", planted=Planted(path="a\x1b[2J.py"), seen="::error::\x1b[2Jgone")
    gate = GateProof(name="lint", verdict="failed", clean="run", rules=(hostile,))
    text = proof.render(proofs.report(gate, verdict="failed", exit_code=1), Options(verbosity=1))
    assert "\x1b" not in text
    assert "\n::error::" not in text
