"""The page about requirements in pytest prints what pytest prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.recordings import PLAIN

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "requirements-in-pytest.md"
MARKED = r"<!-- {} -->\n```\w+\n(.*?)```"


def block(mark: str) -> str:
    found = re.search(MARKED.format(re.escape(mark)), PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None, mark
    return found[1]


def printed(text: str) -> list[str]:
    return [re.sub(r" in \d+\.\d+s$", "", line) for line in text.splitlines() if line]


@pytest.mark.parametrize("mark", ["the section", "one requirement", "an unknown one", "with a list"])
def test_what_the_page_shows_is_what_pytest_prints(pytester: pytest.Pytester, mark: str) -> None:
    for name in ("test_cart.py", *(("pytest.ini", "requirements.csv") if mark == "with a list" else ())):
        Path(pytester.path, name).write_text(block(name), "utf-8")
    command, *shown = printed(block(mark))
    assert command.startswith("$ pytest ")
    result = pytester.runpytest_subprocess(*PLAIN, "-p", "no:cacheprovider", *command.split()[2:])
    errors = [line for line in result.errlines if line]
    assert (errors or printed(result.stdout.str())) == shown
