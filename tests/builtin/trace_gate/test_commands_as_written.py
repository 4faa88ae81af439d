"""Commands as people write them: on Windows, in a sentence, from the root of the repository, the other way round."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.builtin.trace.naming.collected import Collected
from gates.builtin.trace.naming.validation import Validation
from gates.builtin.trace.references import Files, read
from gates.testing import project

ORDER = "tests/test_a.py::test_order"
THERE = Collected((ORDER, "tests/test_b.py::test_more"), {})


def verdicts(text: str, within: str = "") -> list[tuple[str | None, tuple[str, ...], tuple[str, ...]]]:
    """The state of each command, the tests that it names, and the names that are not there."""
    held = Validation(THERE, within=within).read(text, 1)
    return [(one.state, one.tests.items, tuple(name for name, _ in one.missing.items)) for one in held]


@pytest.mark.parametrize(
    "text",
    [
        r"`pytest tests\test_a.py::test_order`",
        r"`py -m pytest .\tests\test_a.py::test_order`",
        "pytest tests/test_a.py::test_order.",
        "`pytest tests --ignore-glob='*_b.py'`",
    ],
)
def test_what_is_meant_is_found(text: str) -> None:
    assert verdicts(text) == [("resolved", (ORDER,), ())]


def test_a_command_that_must_fail_names_no_test_that_shows_something() -> None:
    assert verdicts("`! pytest tests/test_a.py::test_order`") == [("not-a-test", (), ())]


@pytest.mark.parametrize(
    "text", ["`pytest sub/tests/test_a.py::test_order`", "`cd sub && pytest tests/test_a.py::test_order`"]
)
def test_commands_may_be_written_from_the_root_of_the_repository(text: str) -> None:
    assert verdicts(text, "sub/")[-1] == ("resolved", (ORDER,), ())
    assert verdicts(text)[-1] == ("missing", (), ("sub/tests/test_a.py::test_order",))
    assert verdicts(text.replace("test_order", "test_lost"), "sub/")[-1][0] == "missing"


def test_the_folder_of_the_project_is_all_of_its_tests() -> None:
    assert verdicts("`pytest sub/`", "sub/") == [("resolved", THERE.ids, ())]


def test_files_may_be_written_from_the_root_of_the_repository(tmp_path: Path) -> None:
    project.write(tmp_path, {"sub/src/a.py": "", "other/b.py": ""})
    files = Files(tmp_path / "sub", ("src/a.py",), "sub/")
    held = {one.token: one.exists for one in read("sub/src/a.py, sub/src/c.py, other/b.py, other/c.py", 1, files)}
    assert held == {"sub/src/a.py": True, "sub/src/c.py": False, "other/b.py": None, "other/c.py": False}
