"""The jobs of this repository's workflows that decide something, run as the runner runs them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from support import action_jobs
from support.steps.job import Job

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are written for bash")

WORKFLOWS = action_jobs.ROOT / ".github/workflows"
OWN = "pytest-vltair/pytest-vltair"

GH = """\
#!/bin/sh
echo "$*" >> "$GH_LOG"
case "$1 $2" in
    "issue list") printf '%s' "$GH_OPEN" ;;
esac
"""


def ran(tmp_path: Path, name: str, job_name: str, needs: Mapping[str, str], **env: str) -> Job:
    """A job of one of our workflows, after others that ended so."""
    (tmp_path / "checkout").mkdir(exist_ok=True)
    github = {"repository": env.pop("repository", OWN), "run_id": "7"}
    job = action_jobs.job(tmp_path / "checkout", tmp_path / "runner", github=github, env=env)
    job.needs = {key: {"result": value, "outputs": {}} for key, value in needs.items()}
    job.workflow((WORKFLOWS / name).read_text("utf-8"), job_name)
    return job


def told(tmp_path: Path, result: str, opened: str = "", repository: str = OWN) -> tuple[Job, list[str]]:
    """The job that tells, after a proof that ended so, and what it asked gh for."""
    tools, log = tmp_path / "tools", tmp_path / "gh.log"
    tools.mkdir()
    log.touch()
    (tools / "gh").write_text(GH, "utf-8")
    (tools / "gh").chmod(0o755)
    path = os.pathsep.join((str(tools), os.environ["PATH"]))
    env = {"PATH": path, "GH_LOG": str(log), "GH_OPEN": opened}
    job = ran(tmp_path, "prove.yml", "tell", {"prove": result}, repository=repository, **env)
    return job, [" ".join(line.split()[:2]) for line in log.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("result", ["failure", "cancelled", "skipped"])
def test_a_proof_that_failed_or_never_came_opens_one_issue(tmp_path: Path, result: str) -> None:
    job, asked = told(tmp_path, result)
    assert (job.status, asked) == ("failure", ["issue list", "label create", "issue create"])


def test_the_second_writes_below_the_first(tmp_path: Path) -> None:
    assert told(tmp_path, "failure", opened="12")[1] == ["issue list", "label create", "issue comment"]


@pytest.mark.parametrize(("opened", "asked"), [("", ["issue list"]), ("12", ["issue list", "issue close"])])
def test_a_proof_closes_what_is_open(tmp_path: Path, opened: str, asked: list[str]) -> None:
    job, done = told(tmp_path, "success", opened=opened)
    assert (job.status, done) == ("success", asked)


def test_a_fork_tells_nobody(tmp_path: Path) -> None:
    job, asked = told(tmp_path, "skipped", repository="someone/fork")
    assert (job.status, asked) == ("skipped", [])


@pytest.mark.parametrize(
    ("index", "test_index", "status"),
    [
        ("success", "skipped", "success"),
        ("skipped", "success", "success"),
        ("skipped", "skipped", "failure"),
        ("failure", "skipped", "failure"),
        ("skipped", "cancelled", "failure"),
    ],
)
def test_a_release_that_is_on_no_index_is_red(tmp_path: Path, index: str, test_index: str, status: str) -> None:
    """Both are skipped where the build did not say whether its version is a pre-release."""
    (tmp_path / "checkout/dist").mkdir(parents=True)
    (tmp_path / "checkout/dist/NOTES.md").touch()
    (tmp_path / "gh").write_text(GH, "utf-8")
    (tmp_path / "gh").chmod(0o755)
    env = {"PATH": os.pathsep.join((str(tmp_path), os.environ["PATH"])), "GH_LOG": str(tmp_path / "gh.log")}
    needs = {"build": "success", "sign": "success", "index": index, "test-index": test_index}
    job = ran(tmp_path, "release.yml", "page", needs, **env)
    assert job.status == status, job.text
    assert (tmp_path / "gh.log").is_file() == (status == "success")


NEEDED = ("whole", "tests", "action", "red")


@pytest.mark.parametrize("result", ["success", "failure", "cancelled", "skipped"])
@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.requirement("ACT-5")
def test_all_green_is_green_only_where_every_job_succeeded(tmp_path: Path, name: str, result: str) -> None:
    job = ran(tmp_path, "ci.yml", "green", {**dict.fromkeys(NEEDED, "success"), name: result})
    assert job.status == ("success" if result == "success" else "failure")


@pytest.mark.slow
def test_the_job_that_expects_red(tmp_path: Path) -> None:
    """With the environment of this test in place of three that would be installed."""
    checkout = tmp_path / "checkout"
    action_jobs.minimal(checkout / "examples/minimal")
    shutil.rmtree(checkout / "examples/minimal/.git")
    action_jobs.git(checkout, "init", "--quiet", "--initial-branch=main")
    action_jobs.commit(checkout, "first")
    text = (WORKFLOWS / "ci.yml").read_text("utf-8")
    text = text.replace('          python-version: "3.12"\n', '          install: "false"\n')
    job = action_jobs.job(checkout, tmp_path / "runner")
    job.workflow(text, "red")
    assert job.status == "success", job.text


@pytest.mark.slow
def test_the_job_that_expects_red_is_red_where_nothing_is_broken(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    action_jobs.minimal(checkout / "examples/minimal")
    shutil.rmtree(checkout / "examples/minimal/.git")
    action_jobs.git(checkout, "init", "--quiet", "--initial-branch=main")
    action_jobs.commit(checkout, "first")
    text = (WORKFLOWS / "ci.yml").read_text("utf-8").replace("s/Hello/Goodbye/", "s/Hello/Hello/")
    text = text.replace('          python-version: "3.12"\n', '          install: "false"\n')
    job = action_jobs.job(checkout, tmp_path / "runner")
    job.workflow(text, "red")
    assert job.status == "failure", job.text


@pytest.mark.slow
def test_the_build_of_a_release_agrees_with_itself(tmp_path: Path) -> None:
    """All but the steps that install the tools and judge the commit, in a clone of the last commit."""
    checkout = tmp_path / "checkout"
    action_jobs.git(tmp_path, "clone", "--quiet", str(action_jobs.ROOT), str(checkout))
    (tmp_path / "runner/evidence").mkdir(parents=True)
    (checkout / "dist").mkdir()
    described = yaml.safe_load((WORKFLOWS / "build.yml").read_text("utf-8"))
    steps = described["jobs"]["build"]["steps"]
    named = {step["name"]: step for step in steps}
    assert len(named) == len(steps)
    for name in ("Install, and write down what the build is made with", "Judge this commit"):
        steps.remove(named[name])
    job = action_jobs.job(checkout, tmp_path / "runner")
    job.workflow(json.dumps({"jobs": {"build": {**described["jobs"]["build"], "env": described["env"]}}}), "build")
    assert job.status == "success", job.text
    assert next(one for one in job.ended if one.name == "Version").outputs == {"prerelease": "false"}
    kinds = sorted(path.name.partition("-0.")[0] for path in (checkout / "dist").iterdir())
    assert kinds == ["NOTES.md", "SHA256SUMS", "pytest-vltair.cdx.json", "pytest_vltair", "pytest_vltair"]
    assert (checkout / "dist/NOTES.md").read_text("utf-8").strip()
