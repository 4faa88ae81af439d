"""Golden files: what each format prints in each situation; GATES_UPDATE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gates.render import formats
from gates.render.formats import Options
from support import reports

GOLDEN = Path(__file__).parent.parent / "golden"
FORMATS = [name for name in formats.names() if name != "html"]
"""The page has golden files of its own, without its style: `html/test_golden.py`."""

LARGE = {"json", "sarif", "junit", "concise", "gitlab"}
CASES = [
    (name, scenario) for name in FORMATS for scenario in reports.SCENARIOS if not (scenario == "huge" and name in LARGE)
]
VARIANTS = {
    "verbose": ("many", Options(verbosity=1)),
    "very_verbose": ("many", Options(verbosity=2)),
    "verbose_excused": ("excused", Options(verbosity=1)),
    "verbose_not_judged": ("nothing", Options(verbosity=1)),
    "quiet": ("undecided", Options(verbosity=-1)),
    "quiet_passed": ("passed", Options(verbosity=-1)),
    "silent": ("many", Options(verbosity=-2)),
    "colored": ("many", Options(color=True)),
    "colored_undecided": ("undecided", Options(color=True)),
    "narrow": ("undecided", Options(width=50)),
    "ascii": ("hostile", Options(encoding="ascii")),
}


def agrees(path: Path, text: str) -> None:
    if os.environ.get("GATES_UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


@pytest.mark.requirement("RPT-4")
@pytest.mark.parametrize(("name", "scenario"), CASES)
def test_format_prints_what_the_golden_file_holds(name: str, scenario: str) -> None:
    text = formats.render(name, reports.SCENARIOS[scenario](), Options(rules=reports.RULES))
    agrees(GOLDEN / name / f"{scenario}.txt", text)


@pytest.mark.parametrize("variant", VARIANTS)
def test_terminal_form_follows_verbosity_width_and_colour(variant: str) -> None:
    scenario, options = VARIANTS[variant]
    text = formats.render("full", reports.SCENARIOS[scenario](), options)
    agrees(GOLDEN / "full_options" / f"{variant}.txt", text)


@pytest.mark.skipif("GATES_UPDATE_GOLDEN" in os.environ, reason="the files are being written")
def test_every_golden_file_is_still_rendered() -> None:
    expected = {f"{name}/{scenario}.txt" for name, scenario in CASES} | {f"full_options/{one}.txt" for one in VARIANTS}
    folders = {*FORMATS, "full_options"}
    found = {path.relative_to(GOLDEN).as_posix() for folder in folders for path in (GOLDEN / folder).iterdir()}
    assert found == expected


@pytest.mark.requirement("RPT-4")
def test_terminal_form_is_the_one_of_the_design() -> None:
    assert formats.render("full", reports.design(), Options()) == (
        "myproj @ 3f2c1ab  .venv/bin/python 3.12\n"
        "  lint      passed   212 files        0.3 s\n"
        "  types     passed   212 files        cached\n"
        "  coverage  FAILED   180 files        0.9 s\n"
        "    src/io.py:88-97  COV004 changed-lines-missed: 10 changed lines of load() never ran\n"
        "failed: coverage (1 finding). Next: gates explain COV004\n"
        "not judged: audit, bench, repro and 7 more (gates list)\n"
    )
