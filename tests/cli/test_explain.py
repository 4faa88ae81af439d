"""`gates explain`: verdicts and exit codes are explained as the reference has them."""

from __future__ import annotations

import re
from pathlib import Path

from gates.errors import EXIT
from gates.model.outcome import EXIT_CODES, VERDICTS
from support.commands import gates

PAGE = Path(__file__).parents[2] / "docs/reference/exit-codes.md"


def test_every_exit_code_means_what_the_reference_says() -> None:
    rows = dict(re.findall(r"(?m)^\| (\d+) \| (.+?) \|", PAGE.read_text("utf-8")))
    assert {code: one.meaning for code, one in EXIT_CODES.items()} == rows
    assert set(VERDICTS) == set(EXIT)


def test_an_exit_code_and_a_verdict_are_explained(tmp_path: Path) -> None:
    code = gates("explain", "3", "--output-format", "json", cwd=tmp_path)
    assert (code.code, code.report["kind"], code.report["summary"]) == (0, "exit_code", EXIT_CODES["3"].meaning)
    verdict = gates("explain", "Undecided", cwd=tmp_path)
    assert verdict.out.startswith("undecided\n\nthe gate could not decide"), verdict.out + verdict.err
    assert "What to do: Read the reason" in verdict.out
    assert gates("explain", "6", cwd=tmp_path).code == 2
