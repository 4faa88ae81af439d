"""Golden files of the page in each situation, without its style; GATES_UPDATE_GOLDEN=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support import html_reports, reports

GOLDEN = Path(__file__).parents[2] / "golden" / "html"
CASES = [*(name for name in reports.SCENARIOS if name != "huge"), "rich"]


@pytest.mark.requirement("RPT-4")
@pytest.mark.parametrize("scenario", CASES)
def test_page_is_what_the_golden_file_holds(scenario: str) -> None:
    made = html_reports.whole() if scenario == "rich" else (reports.SCENARIOS[scenario](), {})
    text = html_reports.unstyled(html_reports.page(*made))
    path = GOLDEN / f"{scenario}.html"
    if os.environ.get("GATES_UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


@pytest.mark.skipif("GATES_UPDATE_GOLDEN" in os.environ, reason="the files are being written")
def test_every_golden_file_is_still_rendered() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{scenario}.html" for scenario in CASES}
