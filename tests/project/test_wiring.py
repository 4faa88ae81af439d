"""Wiring: which lines call a tool, and which of them cannot turn anything red."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.project import wiring
from support.projects import write_project


def clauses(path: str, text: str) -> list[tuple[int, str, str]]:
    """Line, tool and clause of each wire."""
    found = wiring.of(path, dedent(text).removeprefix("\n"))
    assert not found.unreadable
    return [(wire.line, wire.tool, wire.defused) for wire in found.wires]


def only(path: str, text: str) -> str:
    """The clause of the one wire."""
    ((_, _, clause),) = clauses(path, text)
    return clause


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("mypy .", ""),
        ("mypy . || true", "`|| true`"),
        ("mypy . || :", "`|| :`"),
        ("mypy . || echo bad", "`|| echo bad`"),
        ("mypy . || exit 0", "`|| exit 0`"),
        ("mypy . || exit 1", ""),
        ("mypy . || exit", ""),
        ("mypy . || { echo bad; exit 1; }", ""),
        ("mypy . || { echo bad; }", "`|| echo bad`"),
        ("mypy . || code=$?", ""),
        ("mypy . && echo fine || true", "`|| true`"),
        ("pytest || [ $? -eq 5 ]", "takes some codes"),
        ("mypy . | tee log", "the pipe into `tee`"),
        ("echo . | xargs mypy", ""),
        ("mypy . ; true", ""),
        ("(cd src && mypy .) || true", "`|| true`"),
        ("! mypy .", "turns its exit code round"),
        ("if mypy .; then echo fine; fi", "`if` tests it"),
        ("if ! mypy .; then echo bad; exit 1; fi", ""),
        ("mypy . &", "background"),
        ("mypy . & wait", ""),
        ('echo "$(mypy .)"', "lost in the words of `echo`"),
        ("out=$(mypy .)", ""),
        ("bash -c 'mypy . || true'", "`|| true`"),
        ("bash -c 'mypy . | tee log'", "the pipe into `tee`"),
        ("bash -o pipefail -c 'mypy . | tee log'", ""),
        ("'mypy' \\\n  . || true", "`|| true`"),
        ("pylint --exit-zero src", "`--exit-zero` makes pylint return 0"),
        ("ruff format .", "`ruff format` without `--check`"),
        ("ruff format --check .", ""),
        ("black src", "`black` without `--check`"),
        ("for one in *.py; do mypy $one; done", ""),
    ],
)
def test_a_script_with_errexit(line: str, said: str) -> None:
    clause = only("check.sh", f"#!/bin/sh\nset -e\n{line}\n")
    assert said in clause
    assert bool(said) == bool(clause)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("mypy .", ""),
        ("mypy .\necho done", "without `set -e`"),
        ("mypy .; true", "`; true` after it decides"),
        ("mypy .\nexit 0", "`; exit 0` after it decides"),
        ("mypy .\ncode=$?\nexit $code", ""),
        ("set -e\nmypy . && echo fine\necho done", "passes over what stands before `&&`"),
        ("set -e\nmypy . && echo fine", ""),
        ("set -e\nset +e\nmypy .\necho done", "without `set -e`"),
        ("set -o errexit\nmypy .\necho done", ""),
        ("set -euo pipefail\nmypy . | tee log", ""),
        ("for one in *.py; do mypy $one; done", "the loop's last round"),
        ("check() {\n  mypy .\n  echo done\n}\ncheck", ""),
    ],
)
def test_a_script_without_errexit(lines: str, said: str) -> None:
    clause = only("check.sh", f"#!/bin/sh\n{lines}\n")
    assert said in clause
    assert bool(said) == bool(clause)


def test_the_shebang_can_set_options() -> None:
    assert only("check.sh", "#!/bin/bash -eo pipefail\nmypy . | tee log\necho done\n") == ""
    assert "pipefail" in only("check.sh", "#!/usr/bin/env -S bash -e\nmypy . | tee log\n")


def test_comments_here_documents_and_words_are_no_calls() -> None:
    text = """
        #!/bin/sh
        # mypy .
        cat <<'END'
        mypy .
        END
        echo mypy "; mypy ."
        pip install mypy
        mypy --version
        case $1 in mypy) ruff check . ;; esac
        """
    assert [(line, tool) for line, tool, _ in clauses("check.sh", text)] == [(9, "ruff")]


@pytest.mark.parametrize(
    ("command", "tools"),
    [
        ("ruff check", ["ruff"]),
        ("python3.12 -P -m mypy", ["mypy"]),
        ('"$bin/python" -m pytest', ["pytest"]),
        ("CI=1 .venv/bin/pytest -q", ["pytest"]),
        ("uv run --with x pytest", ["pytest"]),
        ("uvx ruff@0.9 check", ["ruff"]),
        ("poetry run coverage run -m pytest", ["coverage", "pytest"]),
        ("hatch run lint:ruff check", ["ruff"]),
        ("timeout 60 env A=1 nice -n 5 py.test", ["pytest"]),
        ("${RUFF} check", ["ruff"]),
        ("python -m gates check", ["gates"]),
        ("./ci/check.sh", ["ci/check.sh"]),
        ("bash -e ci/check.sh", ["ci/check.sh"]),
        ("ruff clean", []),
        ("pre-commit install", []),
        ("coverage xml", []),
        ("grep -m 1 pytest log", []),
    ],
)
def test_tools_by_all_their_names(command: str, tools: list[str]) -> None:
    assert sorted(tool for _, tool, _ in clauses("check.sh", f"#!/bin/sh\n{command}\n")) == sorted(tools)


def test_a_makefile() -> None:
    text = """
        RUFF := uv run ruff
        check: lint types
        \tpytest | tee log
        lint:
        \t@$(RUFF) check . ; true
        types: ; -mypy \\
        \t  src
        """
    assert clauses("Makefile", text) == [
        (2, "make", ""),
        (3, "pytest", "the pipe into `tee` hides its exit code: there is no pipefail"),
        (5, "ruff", "`; true` after it decides the exit code"),
        (6, "mypy", "the leading `-` makes make ignore its failure"),
    ]
    assert wiring.of("Makefile", "check: lint\nlint:\n\truff check\n").wires[0].text == "check: lint"


def test_a_makefile_whose_shell_is_strict() -> None:
    text = "SHELL = bash\n.SHELLFLAGS = -eu -o pipefail -c\nall:\n\tmypy . | tee log; echo done\n"
    assert only("Makefile", text) == ""
    assert "`.IGNORE`" in only("Makefile", ".IGNORE:\nall:\n\tmypy .\n")
    assert "without `set -e`" in only("Makefile", ".ONESHELL:\nall:\n\tmypy .\n\techo done\n")


def test_a_justfile() -> None:
    text = """
        check: lint
          -mypy .
        lint:
          #!/usr/bin/env bash
          ruff check .
          echo done
        """
    assert clauses("justfile", text) == [
        (1, "just", ""),
        (2, "mypy", "the leading `-` makes just ignore its failure"),
        (5, "ruff", "without `set -e` only the last command's exit code counts"),
    ]


WORKFLOW = """
    on:
      pull_request:{filter}
    jobs:
      first:
        if: github.actor != 'bot'
        runs-on: ubuntu-latest
        steps:
          - run: echo
      check:
        runs-on: ubuntu-latest{job}
        steps:
          - uses: actions/checkout@v4
          - name: check{step}
            run: |
              echo start

              gates check{more}
    """


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({}, ""),
        ({"more": " || true"}, "`|| true`"),
        ({"more": " | tee log"}, "the pipe into `tee`"),
        ({"more": " | tee log", "step": "\n            shell: bash"}, ""),
        ({"step": "\n            shell: bash {{0}}", "more": "\n              echo"}, "without `set -e`"),
        ({"step": "\n            continue-on-error: true"}, "`continue-on-error: true`"),
        ({"step": "\n            continue-on-error: false"}, ""),
        ({"step": "\n            if: ${{{{ github.event_name == 'push' }}}}"}, "can skip it"),
        ({"step": "\n            if: always()"}, ""),
        ({"step": "\n            if: ${{{{ !cancelled() }}}}"}, ""),
        ({"job": "\n        continue-on-error: true"}, "`continue-on-error: true`"),
        ({"job": "\n        if: false"}, "`if: false` can skip it"),
        ({"job": "\n        needs: [first]"}, "it needs the job first: `if: github.actor != 'bot'` can skip it"),
        ({"job": "\n        needs: first\n        if: always()"}, ""),
        ({"job": "\n        defaults: {{run: {{shell: bash}}}}", "more": " | tee log"}, ""),
        ({"filter": "\n        paths-ignore: ['docs/**']"}, "`paths-ignore` under `pull_request` can skip"),
    ],
)
def test_a_workflow(place: dict[str, str], said: str) -> None:
    parts = {name: place.get(name, "").format() for name in ("filter", "job", "step", "more")}
    text = dedent(WORKFLOW).removeprefix("\n").format(**{name: "\x00" + name for name in parts})
    for name, part in parts.items():
        text = text.replace("\x00" + name, part.replace("\n    ", "\n"))
    ((line, tool, clause),) = clauses(".github/workflows/ci.yml", text)
    assert tool == "gates"
    assert text.split("\n")[line - 1].strip().startswith("gates check")
    assert said in clause
    assert bool(said) == bool(clause)


def test_actions_and_other_pipelines() -> None:
    action = """
        runs:
          using: composite
          steps:
            - uses: pytest-vltair/pytest-vltair@v0
            - uses: pre-commit/action@v3
        """
    assert clauses("action.yml", action) == [(4, "gates", ""), (5, "pre-commit", "")]
    gitlab = """
        lint:
          script:
            - ruff check
          after_script:
            - mypy
        test:
          allow_failure: true
          script: pytest
        """
    assert clauses(".gitlab-ci.yml", gitlab) == [
        (3, "ruff", ""),
        (5, "mypy", "a failure of `after_script` does not count"),
        (8, "pytest", "`allow_failure: true`"),
    ]


def test_hooks_of_pre_commit() -> None:
    text = """
        repos:
          - repo: https://github.com/astral-sh/ruff-pre-commit
            rev: v0.9.0
            hooks:
              - id: ruff
                args: [--fix, --exit-zero]
              - id: ruff-format
          - repo: local
            hooks:
              - id: types
                entry: python -m mypy
                language: system
                stages: [manual]
              - {id: gates, files: ^src/}
              - id: trailing-whitespace
        """
    assert clauses(".pre-commit-config.yaml", text) == [
        (5, "ruff", "`--exit-zero` makes ruff return 0"),
        (7, "ruff", ""),
        (10, "mypy", "`stages: [manual]` keeps it out of the usual run"),
        (14, "gates", ""),
    ]


def test_environments_of_tox() -> None:
    text = """
        [testenv]
        commands =
            - mypy src
            python -m pytest \\
                {posargs}
            bash -c 'ruff check || true'
        [testenv:docs]
        ignore_outcome = true
        commands = interrogate src
        [flake8]
        commands = mypy
        """
    assert clauses("tox.ini", text) == [
        (3, "mypy", "the leading `-` makes tox ignore its failure"),
        (4, "pytest", ""),
        (6, "ruff", "`|| true` takes its failure away"),
        (9, "interrogate", "`ignore_outcome` makes tox ignore its failure"),
    ]


def test_sessions_of_nox() -> None:
    text = """
        import nox
        @nox.session
        def lint(session):
            session.run("ruff", "check", *session.posargs, success_codes=[0, 1])
            session.run("python", "-m", "pytest")
            try:
                session.run("mypy")
            except Exception:
                session.log("never mind")
            try:
                session.run("flake8")
            except Exception:
                session.error("bad")
        """
    assert clauses("noxfile.py", text) == [
        (4, "ruff", "`success_codes=[0, 1]` takes a failure for success"),
        (5, "pytest", ""),
        (7, "mypy", "`except` takes its failure away"),
        (11, "flake8", ""),
    ]
    assert clauses("tasks.py", "def lint(c):\n    c.run('ruff check . || true', warn=True)\n") == [
        (2, "ruff", "`warn=True` takes its failure away")
    ]


def test_tasks_in_toml() -> None:
    text = """
        [tool.poe.tasks]
        lint = "ruff check ."
        types = { shell = "mypy . || true" }
        tests = { cmd = "pytest", ignore_fail = true }
        [tool.hatch.envs.types.scripts]
        check = ["- mypy src", "pytest"]
        [tool.tox.env_run_base]
        commands = [["flake8", "src"]]
        """
    assert clauses("pyproject.toml", text) == [
        (2, "ruff", ""),
        (3, "mypy", "`|| true` takes its failure away"),
        (4, "pytest", "`ignore_fail` takes its failure away"),
        (6, "mypy", "the leading `-` makes hatch ignore its failure"),
        (6, "pytest", ""),
        (8, "flake8", ""),
    ]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (".github/workflows/a.yml", "on: push\njobs: [\n", 3),
        (".github/workflows/a.yml", "a: &a\n  b: *a\n", 1),
        (".pre-commit-config.yaml", "repos: {\x00", None),
        ("tox.ini", "[testenv\n", 1),
        ("noxfile.py", "def a(:\n", 1),
        ("pyproject.toml", "a = \n", 1),
        ("check.sh", "(" * 500, 1),
    ],
)
def test_what_cannot_be_read_is_listed(path: str, text: str, line: int | None) -> None:
    found = wiring.of(path, text)
    assert found.wires == ()
    assert [(one.path, one.line) for one in found.unreadable] == [(path, line)]


def test_a_line_that_only_an_escape_makes_is_counted_to_the_last_one() -> None:
    assert clauses("pyproject.toml", '[tool.poe.tasks]\na = "ruff check\\nmypy\\npytest"') == [
        (2, "mypy", ""),
        (2, "pytest", ""),
        (2, "ruff", ""),
    ]


def test_the_files_of_a_project(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "Makefile": "all:\n\tmypy\n",
        ".ci/run": "#!/usr/bin/env bash\nruff check || true\n",
        "LICENSE": "mypy\n",
        "tox.ini": b"\xff\xfe",
        "src/a.py": "mypy\n",
        ".github/workflows/gone.yml": "",
    }
    root = write_project(tmp_path, files)
    (root / ".github/workflows/gone.yml").unlink()
    found = wiring.read(root, sorted(files))
    assert [(wire.path, wire.tool, bool(wire.defused)) for wire in found.wires] == [
        (".ci/run", "ruff", True),
        ("Makefile", "mypy", False),
    ]
    assert [(one.path, one.line) for one in found.unreadable] == [("tox.ini", 1)]


PATHS = (
    "Makefile", "justfile", ".github/workflows/a.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml", "tox.ini",
    "pyproject.toml", "noxfile.py", "check.sh", "run",
)  # fmt: skip
PIECES = st.sampled_from([
    "mypy", "ruff check", "pytest", "|| true", "| tee", "&&", ";", "\n", "\n\t", "\\\n", "if ", "then ", "fi", "esac",
    "for a in b; do ", "case x in ", "(", ")", "{ ", " }", "$(", "`", "'", '"', "<<EOF\n", "EOF\n", "#",
    "check:", "#!/bin/bash\n", "set -e\n", "- run: ", "jobs:\n", "  a:\n", "steps:\n", "&a ", "*a",
    "[testenv]\n", "bash -c ", "done",
    "commands =\n  ", "session.run('", "')", "def f():\n ", "[tool.poe.tasks]\n", "a = ", "{", "[", "<<: ", "| ", "> ",
    "\x00",     "\u2028", "function f() {",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(PATHS), text=st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=25).map("".join)))
def test_no_text_breaks_the_reading(path: str, text: str) -> None:
    found = wiring.of(path, text)
    assert found == wiring.of(path, text)
    lines = text.count("\n") + 1
    assert all(1 <= wire.line <= lines for wire in found.wires)
    assert list(found.wires) == sorted(found.wires)


@settings(max_examples=100, deadline=None)
@given(
    before=st.lists(PIECES, max_size=10).map("".join), clause=st.sampled_from(["|| true", "|| :", "; true", "| cat"])
)
def test_a_defused_last_line_is_defused_whatever_stands_before(before: str, clause: str) -> None:
    # Complete lines of their own, so that nothing before is open.
    fine = "".join(f"echo {piece!r}\n" for piece in before.split("\n"))
    wires = wiring.of("check.sh", f"#!/bin/sh\n{fine}mypy . {clause}\n").wires
    assert [bool(wire.defused) for wire in wires if wire.tool == "mypy"] == [True]
