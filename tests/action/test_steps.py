"""The step runner itself: what it does as GitHub does, and that it refuses what it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.steps import expressions, files, log
from support.steps.job import Job

CONTEXTS = {
    "status": "success",
    "inputs": {"name": "It's", "empty": "", "python-version": "3.12"},
    "steps": {"one": {"outputs": {"verdict": "passed"}, "outcome": "failure"}},
    "needs": {"a": {"result": "success"}, "b": {"result": "failure"}},
    "github": {"token": "t"},
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inputs.name == 'it''s'", True),
        ("inputs.python-version != ''", True),
        ("inputs.gone", None),
        ("steps.one.outputs.verdict || 'undecided'", "passed"),
        ("steps.two.outputs.verdict || 'undecided'", "undecided"),
        ("!inputs.empty && (true || false)", True),
        ("'' == 0", True),
        ("null == 0", True),
        ("'x' == 0", False),
        ("join(needs.*.result, ' ')", "success failure"),
        ("contains('Abc', 'bC')", True),
        ("startsWith('refs/tags/v1', 'refs/tags/')", True),
        ("toJSON(inputs.name)", '"It\'s"'),
        ("failure()", False),
    ],
)
def test_expressions(text: str, said: object) -> None:
    assert expressions.evaluate(text, CONTEXTS) == said


@pytest.mark.parametrize(
    "text", ["secrets.KEY", "hashFiles('**')", "inputs[0]", "a > b", "1 +", "", "github.token github.token", "status"]
)
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(expressions.UnknownError):
        expressions.evaluate(text, CONTEXTS)


@pytest.mark.parametrize(
    ("text", "status", "runs"),
    [
        (None, "success", True),
        (None, "failure", False),
        ("inputs.name != ''", "failure", False),
        ("always() && inputs.name != ''", "failure", True),
        ("${{ failure() }}", "failure", True),
        ("always() && inputs.empty != ''", "success", False),
    ],
)
def test_a_condition(text: str | None, status: str, runs: bool) -> None:
    assert expressions.condition(text, {**CONTEXTS, "status": status}) is runs


def test_the_files_of_the_runner(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("a=1\nb<<END\nx=1\n\ny<<z\nEND\na=2=3\nc=<<\n", "utf-8")
    assert files.pairs(place) == {"a": "2=3", "b": "x=1\n\ny<<z", "c": "<<"}


@pytest.mark.parametrize("text", ["neither", "a<<END\nx\n", "a<<\n", "=1\n"])
def test_a_file_that_the_runner_refuses(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text, "utf-8")
    with pytest.raises(files.BrokenFileError):
        files.pairs(tmp_path / "file")


def test_a_summary_above_the_limit_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x" * (1024 * 1024 + 1), "utf-8")
    with pytest.raises(files.BrokenFileError):
        files.summary(tmp_path / "file")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("::error file=a,line=1::text", ["error"]),
        ("  ::set-output name=a::b", ["set-output"]),
        ("text ::error::no", []),
        ("::unknown::no", []),
        ("text ##[add-path]x", ["add-path"]),
        ("::stop-commands::token\n::error::no\n::token::\n::error::yes", ["error"]),
    ],
)
def test_commands_in_the_log(text: str, names: list[str]) -> None:
    assert [one.name for one in log.listen(text).commands] == names


def test_a_command_is_decoded() -> None:
    (one,) = log.listen("::error title=a%3A b%2C,file=c::x%0Ay%25").commands
    assert (one.properties, one.data) == ({"title": "a: b,", "file": "c"}, "x\ny%")


@pytest.mark.parametrize("text", ["::stop-commands::", "::stop-commands::error", "::stop-commands::token\n"])
def test_a_runner_that_is_left_deaf_is_seen(text: str) -> None:
    with pytest.raises(AssertionError):
        log.listen(text)


def test_eleven_of_a_kind_are_ten() -> None:
    heard = log.listen("::error::x\n" * 11 + "::warning::x\n" * 3)
    assert [one.name for one in heard.annotations] == ["error"] * 10 + ["warning"] * 3


WORKFLOW = """
jobs:
  one:
    env: {A: job}
    steps:
      - id: first
        run: |
          echo "A=file" >> "$GITHUB_ENV"
          echo "GITHUB_ACTIONS=forged" >> "$GITHUB_ENV"
          echo "$PWD/bin" >> "$GITHUB_PATH"
          mkdir bin && printf '#!/bin/sh\\necho found' > bin/tool && chmod +x bin/tool
          echo "said=yes" >> "$GITHUB_OUTPUT"
      - run: echo "$A $B $GITHUB_ACTIONS $(tool)"
        env: {B: "${{ steps.first.outputs.said }}"}
      - run: pwd
        working-directory: bin
      - id: broken
        shell: bash
        run: false | true
        continue-on-error: true
      - run: echo "${{ steps.broken.outcome }} ${{ steps.broken.conclusion }}"
      - run: exit 3
      - run: echo never
      - if: always()
        run: echo always
"""


def test_a_job(tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    job = Job(workspace=tmp_path / "checkout", temporary=tmp_path / "runner", env={"PATH": "/usr/bin:/bin"})
    job.workflow(WORKFLOW)
    assert [one.outcome for one in job.ended] == [
        *("success", "success", "success", "failure", "success", "failure", "skipped", "success")
    ]
    assert job.text.splitlines() == [
        "file yes true found",
        str(tmp_path / "checkout/bin"),
        "failure success",
        "always",
    ]
    assert job.status == "failure"


@pytest.mark.parametrize("step", ["{run: x, timeout: 1}", "{uses: some/action@v1}", "{run: x, shell: pwsh}"])
def test_a_step_that_is_not_known_is_refused(tmp_path: Path, step: str) -> None:
    job = Job(workspace=tmp_path, temporary=tmp_path / "runner", env={})
    with pytest.raises((AssertionError, KeyError)):
        job.workflow(f"jobs: {{one: {{steps: [{step}]}}}}")
