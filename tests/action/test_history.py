"""What the action fetches into a shallow checkout, so that a change is compared with what it changes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support import action_jobs
from support.action_jobs import commit, git
from support.steps.job import Job

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are written for bash")


EARLY, LATE = 120, 30


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a long history, a tag in it, and a pull request of three commits on the tagged one."""
    folder = action_jobs.minimal(tmp_path_factory.mktemp("remote") / "origin")
    several(folder, EARLY)
    git(folder, "tag", "v1.0")
    git(folder, "switch", "--quiet", "-c", "feature")
    several(folder, 3)
    git(folder, "switch", "--quiet", "main")
    several(folder, LATE)
    git(folder, "switch", "--quiet", "--detach", "main")
    git(folder, "merge", "--quiet", "--no-ff", "-m", "merge", "feature")
    git(folder, "update-ref", "refs/pull/7/merge", "HEAD")
    git(folder, "switch", "--quiet", "main")
    return folder


def several(folder: Path, number: int) -> None:
    """Add empty commits to the branch that is checked out, all at once."""
    branch = git(folder, "symbolic-ref", "HEAD")
    one = f"commit {branch}\ncommitter t <t@example.org> 1700000000 +0000\ndata {len(branch)}\n{branch}\n"
    first = one + f"from {branch}^0\n"
    stream = first + one * (number - 1)
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=stream.encode(), check=True)


def checked_out(origin: Path, target: Path, ref: str, local: str) -> Path:
    """A checkout as actions/checkout makes it: one commit deep."""
    git(origin.parent, "init", "--quiet", str(target))
    git(target, "remote", "add", "origin", origin.as_uri())
    git(target, "fetch", "--quiet", "--no-tags", "--depth=1", "origin", f"+{ref}:{local}")
    git(
        target,
        "checkout",
        "--quiet",
        "--detach" if "pull" in ref else "-B",
        *([] if "pull" in ref else ["work"]),
        local,
    )
    return target


def planned(checkout: Path, temporary: Path, base_ref: str = "", **inputs: str) -> Job:
    """A job after the first step; the others have nothing to judge."""
    job = action_jobs.job(
        checkout, temporary, github={"base_ref": base_ref}, event={"repository": {"default_branch": "main"}}
    )
    job.action(action_jobs.ROOT, {"install": "false", "args": "--help", **inputs})
    return job


def count(checkout: Path, *refs: str) -> int:
    return int(git(checkout, "rev-list", "--count", *refs))


def test_a_pull_request_meets_its_target(origin: Path, tmp_path: Path) -> None:
    checkout = checked_out(origin, tmp_path / "checkout", "refs/pull/7/merge", "refs/remotes/pull/7/merge")
    job = planned(checkout, tmp_path / "runner", base_ref="main")
    shared = git(origin, "rev-parse", "main")
    assert git(checkout, "merge-base", "refs/remotes/origin/main", "HEAD") == shared
    assert f"history: compared with {shared[:12]}\n" in job.text
    assert count(checkout, "refs/remotes/origin/main") < EARLY


def test_a_branch_meets_the_default_branch_where_it_left_it(origin: Path, tmp_path: Path) -> None:
    checkout = checked_out(origin, tmp_path / "checkout", "refs/heads/feature", "refs/remotes/origin/feature")
    job = planned(checkout, tmp_path / "runner")
    shared = git(origin, "rev-parse", "v1.0")
    assert f"history: compared with {shared[:12]}\n" in job.text, job.text
    assert git(checkout, "rev-parse", "--abbrev-ref", "refs/remotes/origin/HEAD") == "origin/main"


def test_a_push_to_the_default_branch_has_its_parent(origin: Path, tmp_path: Path) -> None:
    checkout = checked_out(origin, tmp_path / "checkout", "refs/heads/main", "refs/remotes/origin/main")
    job = planned(checkout, tmp_path / "runner")
    assert "which is HEAD: its parent counts" in job.text
    assert git(checkout, "rev-parse", "HEAD^1") == git(origin, "rev-parse", "main^1")


@pytest.mark.parametrize(
    ("name", "text", "args"),
    [
        ("gates.toml", "", "packaging --help"),
        ("gates.toml", "", "--select=lint,packaging --help"),
        ("gates.toml", 'select = ["packaging"]\n', "--help"),
        ("pyproject.toml", "[tool.gates.packaging]\n", "--help"),
    ],
)
def test_tags_and_all_commits_where_a_gate_reads_them(
    origin: Path, tmp_path: Path, name: str, text: str, args: str
) -> None:
    checkout = checked_out(origin, tmp_path / "checkout", "refs/heads/main", "refs/remotes/origin/main")
    (checkout / name).write_text(text, "utf-8")
    job = planned(checkout, tmp_path / "runner", args=args)
    assert "history: all commits and tags" in job.text
    assert git(checkout, "describe", "--tags").startswith(f"v1.0-{LATE}-g")


@pytest.mark.parametrize("text", ["[tool.gates]\nmembers", "[tool.uv.workspace]\nmembers"])
def test_tags_where_a_gate_of_a_member_reads_them(origin: Path, tmp_path: Path, text: str) -> None:
    checkout = checked_out(origin, tmp_path / "checkout", "refs/heads/main", "refs/remotes/origin/main")
    (checkout / "pyproject.toml").write_text(f'{text} = ["/x", "", "!packages/b", "./packages/*/"]\n', "utf-8")
    (checkout / "packages/a").mkdir(parents=True)
    (checkout / "packages/a/gates.toml").write_text('select = ["packaging"]\n', "utf-8")
    assert "history: all commits and tags" in planned(checkout, tmp_path / "runner").text


@pytest.mark.parametrize("base", ["v1.0", "feature", "origin/feature"])
def test_the_base_that_the_workflow_names(origin: Path, tmp_path: Path, base: str) -> None:
    checkout = checked_out(origin, tmp_path / "checkout", "refs/heads/main", "refs/remotes/origin/main")
    planned(checkout, tmp_path / "runner", base=base)
    wanted = git(origin, "rev-parse", base.removeprefix("origin/"))
    assert git(checkout, "rev-parse", f"{base}^{{commit}}") == wanted
    assert git(checkout, "merge-base", base, "HEAD") == git(origin, "rev-parse", "v1.0")


def test_a_commit_as_the_base(origin: Path, tmp_path: Path) -> None:
    checkout = checked_out(origin, tmp_path / "checkout", "refs/heads/main", "refs/remotes/origin/main")
    wanted = git(origin, "rev-parse", "main~40")
    planned(checkout, tmp_path / "runner", base=wanted)
    assert git(checkout, "merge-base", wanted, "HEAD") == wanted


def test_a_base_that_origin_has_not(origin: Path, tmp_path: Path) -> None:
    checkout = checked_out(origin, tmp_path / "checkout", "refs/heads/main", "refs/remotes/origin/main")
    job = planned(checkout, tmp_path / "runner", base="gone")
    assert (job.status, job.ended[-1].outcome) == ("failure", "skipped")
    assert "the input base is 'gone'" in job.annotations[0].data


def test_a_pull_request_that_lowers_its_own_limit_is_judged_by_the_base(tmp_path: Path) -> None:
    origin = action_jobs.minimal(tmp_path / "origin")
    settings = origin / "pyproject.toml"
    before = settings.read_text("utf-8").replace("[tool.mypy]\n", "[tool.mypy]\nstrict = true\n")
    settings.write_text(before, "utf-8")
    commit(origin, "base")
    git(origin, "switch", "--quiet", "-c", "feature")
    settings.write_text(before.replace("strict = true", "strict = false"), "utf-8")
    commit(origin, "lower")
    checkout = checked_out(origin, tmp_path / "checkout", "refs/heads/feature", "refs/remotes/origin/feature")
    job = action_jobs.job(checkout, tmp_path / "runner", github={"base_ref": "main"})
    outputs = job.action(action_jobs.ROOT, {"install": "false", "args": "--select lint,policy"})
    assert (outputs["verdict"], job.status) == ("failed", "failure"), job.text
    assert any("POL" in one.properties.get("title", "") for one in job.annotations)


def test_a_repository_that_git_does_not_read_is_not_taken_for_none(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / ".git").write_text("gitdir: /nowhere\n", "utf-8")
    job = planned(checkout, tmp_path / "runner")
    assert (job.status, len(job.annotations)) == ("failure", 1)
    assert "git does not read it" in job.annotations[0].data
    assert "safe.directory" in job.annotations[0].data
