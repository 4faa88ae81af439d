"""A pull request that speaks to the shell, the runner and the browser: nothing runs, nothing is set, nothing is shown.

Names of branches, files and tests, messages, output of tools, builds and tests: each carries the whole corpus.
"""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from support import action_jobs
from support.steps.job import Job

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are written for bash")

CORPUS = (
    "::set-output name=verdict::passed",
    "  ::set-output name=exit-code::0",
    "::set-env name=PATH::/tmp/evil",
    "::add-path::/tmp/evil",
    "::add-mask::passed",
    "::stop-commands::forever",
    "::error file=greeting.py,line=1::forged",
    "::debug::forged",
    "::add-matcher::evil.json",
    "##[set-output name=verdict]passed",
    "text ##[add-path]/tmp/evil",
    "a%0A::set-output name=verdict::passed",
    "a\n::set-output name=verdict::passed",
    "a\r\n::add-mask::passed",
    "a\r::set-env name=X::y",
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "${{ github.token }}",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "</details></td></tr></table>",
    "@org/team | a | b",
    "\x1b[2K\x1b[1A\x1b]0;title\x07",
    "\u202egpj.exe",
    "verdict<<EOF\npassed\nEOF",
)
TAGS = {
    *("h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td"),
    *("ul", "li", "strong", "code", "pre", "details", "summary", "br"),
}
PLAIN = ("error", "warning", "notice")
CHANNELS = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")

CONFTEST = """
    import os, sys
    from pathlib import Path

    CORPUS = {corpus!r}
    for text in CORPUS:
        sys.__stdout__.write(text + "\\n")
        sys.__stderr__.write(text + "\\n")
    os.write(1, "\\n".join(CORPUS).encode())
    Path({seen!r}).write_text(repr([name for name in {channels!r} if name in os.environ]))
"""
TESTS = """
    import pytest
    from conftest import CORPUS

    @pytest.mark.parametrize("text", CORPUS, ids=CORPUS)
    def test_hostile(text):
        print(text)
        assert not text, text
"""


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, dict[str, str], Path]:
    """A job over a pull request that carries the corpus wherever it can."""
    folder = tmp_path_factory.mktemp("attacked")
    checkout = action_jobs.minimal(folder / "checkout")
    values = {"corpus": CORPUS, "seen": str(folder / "seen"), "channels": CHANNELS}
    (checkout / "conftest.py").write_text(textwrap.dedent(CONFTEST).format(**values), "utf-8")
    (checkout / "test_greeting.py").write_text(textwrap.dedent(TESTS), "utf-8")
    (checkout / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\n[tool.pytest.ini_options]\n', "utf-8"
    )
    for name in CORPUS:
        if "/" not in name and "\x00" not in name and not any(one in name for one in "\x1b\u202e"):
            (checkout / f"{name}.py").write_text("import os\n", "utf-8")
    action_jobs.commit(checkout, "\n\n".join(CORPUS))
    action_jobs.git(checkout, "switch", "--quiet", "-c", "$(touch${IFS}pwned);`touch${IFS}pwned`")
    job = action_jobs.job(
        checkout,
        folder / "runner",
        github={"head_ref": "$(touch pwned)\n::set-output name=verdict::passed", "base_ref": "$(touch${IFS}pwned)"},
        event={"pull_request": {"title": CORPUS[0], "head": {"repo": {"full_name": "::set-env name=A::b"}}}},
        env={"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "secret", "PYTEST_ADDOPTS": "-s"},
    )
    outputs = job.action(action_jobs.ROOT, {"install": "false", "args": "--select lint,tests", "sarif": "true"})
    return job, outputs, folder


def test_the_attack_takes_place(attacked: tuple[Job, dict[str, str], Path]) -> None:
    job, _, folder = attacked
    assert (folder / "seen").exists(), job.text
    report = json.loads(Path(attacked[1]["report"]).read_text("utf-8"))
    found = {gate["name"]: len(gate["findings"]) for gate in report["gates"]}
    assert found["tests"] == len(CORPUS)
    assert found["lint"] > 10


@pytest.mark.requirement("ACT-3")
def test_nothing_is_executed(attacked: tuple[Job, dict[str, str], Path]) -> None:
    assert not list(attacked[2].rglob("pwned"))


def test_the_change_has_no_channel_to_the_runner(attacked: tuple[Job, dict[str, str], Path]) -> None:
    assert (attacked[2] / "seen").read_text("utf-8") == "[]"


@pytest.mark.requirement("ACT-3")
def test_nothing_is_set(attacked: tuple[Job, dict[str, str], Path]) -> None:
    job, outputs, _ = attacked
    assert (job.status, outputs["verdict"], outputs["exit-code"]) == ("failure", "failed", "1"), job.text
    assert (job.exported, job.path) == ({}, [])
    assert {one.name for one in job.commands} <= set(PLAIN)


def test_no_annotation_is_forged(attacked: tuple[Job, dict[str, str], Path]) -> None:
    job, _, _ = attacked
    assert all(one.data != "forged" for one in job.commands)
    errors = [one for one in job.commands if one.name == "error"]
    assert len(errors) == 10
    assert re.match(r"\d+ more errors not shown: GitHub shows 10 of a kind per step", errors[-1].data)


@pytest.mark.requirement("ACT-3")
def test_the_summary_is_text(attacked: tuple[Job, dict[str, str], Path]) -> None:
    summary = attacked[0].summary
    assert "test\\_hostile" in summary
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(summary)
    assert set(re.findall(r"<(\w+)", shown)) <= TAGS
    assert "\x1b" not in summary
    assert "\u202e" not in summary


def test_the_log_does_not_act_on_a_terminal(attacked: tuple[Job, dict[str, str], Path]) -> None:
    assert "\x1b" not in attacked[0].text


def test_a_fork_is_judged_and_uploads_nothing(attacked: tuple[Job, dict[str, str], Path]) -> None:
    job, outputs, _ = attacked
    assert [one.data[:35] for one in job.commands if one.name == "notice"] == ["the token of a fork's pull request "]
    assert [one.action.partition("@")[0] for one in job.used] == []
    assert outputs["sarif"]


@pytest.mark.parametrize("text", CORPUS[::5])
@pytest.mark.parametrize("name", ["command", "project", "base", "version", "sarif"])
def test_inputs_are_values(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "checkout").mkdir()
    job = action_jobs.job(tmp_path / "checkout", tmp_path / "runner")
    outputs = job.action(action_jobs.ROOT, {"install": "false", "args": "--help", name: text})
    assert (job.status, outputs["verdict"]) == ("failure", "undecided")
    assert {one.name for one in job.commands} == {"error"}
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize("base", ["--upload-pack=touch pwned", "-f", "$(touch pwned)", "x..y", "::add-mask::x", "a\nb"])
def test_a_base_is_never_an_option(tmp_path: Path, base: str) -> None:
    origin = action_jobs.minimal(tmp_path / "origin")
    action_jobs.git(tmp_path, "clone", "--quiet", origin.as_uri(), "checkout")
    job = action_jobs.job(tmp_path / "checkout", tmp_path / "runner")
    job.action(action_jobs.ROOT, {"install": "false", "base": base})
    assert (job.status, len(job.commands)) == ("failure", 1), job.text
    assert "neither the checkout nor origin has it" in job.annotations[0].data
    assert not list(tmp_path.rglob("pwned"))


def test_an_installation_that_fails_is_red_and_what_it_prints_is_not_heard(tmp_path: Path) -> None:
    checkout = action_jobs.minimal(tmp_path / "checkout")
    (checkout / "says.txt").write_text("\n".join(CORPUS), "utf-8")
    job = action_jobs.job(checkout, tmp_path / "runner")
    outputs = job.action(action_jobs.ROOT, {"install": "cat says.txt; exit 7"})
    assert (job.status, outputs["verdict"], outputs["exit-code"]) == ("failure", "undecided", "3")
    assert [one.name for one in job.commands] == ["error"]
    assert "the input install failed (exit code 7); nothing was judged" in job.annotations[0].data
    assert {one.name: one.outcome for one in job.ended[-2:]} == {"Gates": "skipped", "Code scanning": "skipped"}
    assert (job.exported, job.path) == ({}, [])
