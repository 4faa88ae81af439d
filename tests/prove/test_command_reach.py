"""Reach: from a command over the lines that it comes to, to those that let a fault pass."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.prove.command.faults import FAULTS, missing
from gates.prove.command.reach import Reach
from support.projects import write_project

FILES: dict[str, str | bytes] = {
    "Makefile": """
        first: types
        lint:
        \truff check .
        types:
        \t$(MAKE) -C . deep
        deep:
        \tmypy src
        all: lint
        \t./ci/tests.sh
        hooks: ; pre-commit run -a
        """.replace("\n        ", "\n"),
    "ci/tests.sh": "#!/bin/sh\npytest | tee log\n",
    "tox.ini": """
        [testenv]
        commands = pytest
        [testenv:lint]
        commands = ruff check
        [testenv:both]
        commands =
            tox -e lint
            black --check .
        """,
    "noxfile.py": """
        import nox


        @nox.session
        def lint(session):
            session.run("ruff", "check", success_codes=[0, 1])


        @nox.session(python=["3.11"])
        def tests(session):
            session.run("pytest")
        """,
    ".pre-commit-config.yaml": """
        repos:
          - repo: local
            hooks:
              - {id: mypy, stages: [manual]}
              - {id: ruff-format}
        """,
    "pyproject.toml": """
        [tool.poe.tasks]
        check = ["lint", "types"]
        lint = "ruff check ."
        types = "mypy src"
        [tool.hatch.envs.style.scripts]
        check = "flake8 src"
        [tool.hatch.envs.types.scripts]
        check = "mypy src"
        """,
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("project"), FILES)


@pytest.mark.parametrize(
    ("command", "tools"),
    [
        ("make lint", {"ruff"}),
        ("make types", {"mypy"}),
        ("make", {"mypy"}),
        ("make all", {"ruff", "pytest"}),
        ("make hooks", {"mypy", "ruff"}),
        ("sh ci/tests.sh", {"pytest"}),
        ("./ci/tests.sh", {"pytest"}),
        ("tox", {"pytest", "ruff", "black"}),
        ("tox -e lint", {"ruff"}),
        ("tox -e py311,lint", {"pytest", "ruff"}),
        ("tox -elint", {"ruff"}),
        ("tox run -e py", {"pytest"}),
        ("tox -e both", {"ruff", "black"}),
        ("nox", {"ruff", "pytest"}),
        ("nox -s tests-3.11", {"pytest"}),
        ("nox -s lint", {"ruff"}),
        ("pre-commit run --all-files", {"mypy", "ruff"}),
        ("pre-commit run mypy --all-files", {"mypy"}),
        ("hatch run style:check", {"flake8"}),
        ("hatch test", {"pytest", "coverage"}),
        ("poe lint", {"ruff"}),
        ("python -m pytest", {"pytest"}),
        ("coverage run -m pytest", {"coverage", "pytest"}),
        ("python -m unittest", set()),
        ("bash -c 'ruff check; mypy .'", {"ruff", "mypy"}),
    ],
)
def test_the_tools_that_a_command_comes_to(root: Path, command: str, tools: set[str]) -> None:
    import shlex

    assert set(Reach(shlex.split(command), root, FILES).tools) == tools


@pytest.mark.parametrize(
    ("command", "fault", "said"),
    [
        (
            "make all",
            "failing-test",
            [("ci/tests.sh", 2, "the pipe into `tee` hides its exit code: there is no pipefail")],
        ),
        (
            "make lint",
            "type-error",
            [(None, None, "no line in Makefile that `make lint` reaches calls a type checker")],
        ),
        ("nox", "lint-error", [("noxfile.py", 6, "`success_codes=[0, 1]` takes a failure for success")]),
        (
            "pre-commit run -a",
            "type-error",
            [(".pre-commit-config.yaml", 4, "`stages: [manual]` keeps it out of the usual run")],
        ),
        ("pre-commit run -a", "unformatted", [(".pre-commit-config.yaml", 5, "it calls ruff, which did not object")]),
        ("python -m pytest", "uncovered", [(None, None, "nothing that `python -m pytest` reaches calls coverage")]),
        (
            "python -m pytest",
            "tests-skipped",
            [(None, None, "`python -m pytest` calls pytest, to which a run in which")],
        ),
    ],
)
def test_the_lines_that_are_blamed(
    root: Path, command: str, fault: str, said: list[tuple[str | None, int | None, str]]
) -> None:
    (wanted,) = (one for one in FAULTS if one.name == fault)
    places = Reach(command.split(), root, FILES).blamed(wanted)
    assert [(place.path, place.line) for place in places] == [(path, line) for path, line, _ in said]
    assert all(place.why.startswith(why) for place, (_, _, why) in zip(places, said, strict=True))


def test_a_missing_tool_is_blamed_on_the_lines_that_call_it(tmp_path: Path) -> None:
    write_project(tmp_path, {"Makefile": "all:\n\tmypy src || echo never mind\n"})
    ((place),) = Reach(["make"], tmp_path, ["Makefile"]).blamed(missing("mypy"))
    assert (place.line, place.why) == (2, "`|| echo never mind` takes its failure away")


def test_a_defused_call_of_another_runner_takes_the_blame(tmp_path: Path) -> None:
    write_project(tmp_path, {"Makefile": "all:\n\t-tox\n", "tox.ini": "[testenv]\ncommands = pytest\n"})
    (fault,) = (one for one in FAULTS if one.name == "failing-test")
    ((place),) = Reach(["make"], tmp_path, ["Makefile", "tox.ini"]).blamed(fault)
    assert (place.path, place.why) == ("Makefile", "the leading `-` makes make ignore its failure")


def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    write_project(tmp_path, {"Makefile": "all:\n\ttox\n", "tox.ini": "[testenv"})
    (fault,) = (one for one in FAULTS if one.name == "failing-test")
    ((place),) = Reach(["make"], tmp_path, ["Makefile", "tox.ini"]).blamed(fault)
    assert place.why.endswith("(tox.ini could not be read)")


@settings(max_examples=60, deadline=None)
@given(
    words=st.lists(
        st.sampled_from(["make", "tox", "-e", "lint", "nox", "-c", "sh", "||", "hatch", "run", "'"]), max_size=6
    )
)
def test_any_command_has_a_reach(root: Path, words: list[str]) -> None:
    found = Reach(words, root, FILES)
    assert all(found.blamed(fault) for fault in FAULTS)
