"""The commit that a change is compared with: a wrong one hides the change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gates.errors import UsageError
from gates.model.reason import Reason
from gates.project import base
from gates.project import git as facts
from gates.project.base import Base
from support.repositories import commit_all, git, make_repository


def resolved(root: Path, flag: str | None = None, environ: Mapping[str, str] | None = None) -> Base | Reason:
    return base.resolve(facts.find(root), flag=flag, environ=environ or {})


def commit(root: Path, ref: str = "HEAD") -> str:
    return git(root, "rev-parse", ref)


@pytest.fixture
def change(tmp_path: Path) -> Path:
    """A clone with a branch `topic` of two commits that left main before main's last one."""
    origin = make_repository(tmp_path / "origin", commits=2)
    git(tmp_path, "clone", "--quiet", str(origin), "clone")
    root = tmp_path / "clone"
    git(root, "checkout", "--quiet", "-b", "topic")
    commit_all(root, "one")
    commit_all(root, "two")
    commit_all(origin, "meanwhile")
    git(root, "fetch", "--quiet")
    return root


def test_the_remote_s_default_branch_is_the_usual_base(change: Path) -> None:
    assert resolved(change) == Base(
        commit=commit(change, "topic~2"), ref="origin/HEAD", because="the default branch of the remote"
    )
    assert commit(change, "origin/main") != commit(change, "topic~2")


@pytest.mark.requirement("MCH-1")
def test_the_flag_goes_before_everything(change: Path) -> None:
    found = resolved(change, "topic~1", {"GITHUB_BASE_REF": "main"})
    assert found == Base(commit=commit(change, "topic~1"), ref="topic~1", because="--base")


@pytest.mark.requirement("MCH-1")
@pytest.mark.parametrize(
    ("environ", "ref"),
    [
        ({"GITHUB_BASE_REF": "main"}, "origin/main"),
        ({"GITHUB_BASE_REF": ""}, "origin/HEAD"),
        ({"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}, "origin/main"),
        ({"BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"}, "origin/main"),
        ({"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"}, "origin/main"),
        ({"BITBUCKET_PR_DESTINATION_BRANCH": "main"}, "origin/main"),
        ({"CHANGE_TARGET": "main"}, "origin/main"),
    ],
)
def test_the_target_of_the_ci_is_the_base(change: Path, environ: Mapping[str, str], ref: str) -> None:
    found = resolved(change, environ=environ)
    assert isinstance(found, Base)
    assert (found.commit, found.ref) == (commit(change, "topic~2"), ref)
    assert base.on_pull_request(environ) == (ref != "origin/HEAD")


@pytest.mark.parametrize("variable", ["CI_MERGE_REQUEST_DIFF_BASE_SHA", "BITBUCKET_PR_DESTINATION_COMMIT"])
def test_a_commit_named_by_the_ci_is_the_base(change: Path, variable: str) -> None:
    sha = commit(change, "topic~1")
    assert resolved(change, environ={variable: sha}) == Base(commit=sha, ref=sha, because=variable)


def test_a_target_that_is_missing_is_not_replaced_by_another_one(change: Path) -> None:
    found = resolved(change, environ={"GITHUB_BASE_REF": "release/1"})
    assert found == Reason(
        code="no_base",
        message="release/1 (GITHUB_BASE_REF) is not in this clone",
        fix="git fetch origin release/1:refs/remotes/origin/release/1",
    )
    found = resolved(change, environ={"CI_MERGE_REQUEST_DIFF_BASE_SHA": "f" * 40})
    assert isinstance(found, Reason)
    assert found.fix == "git fetch origin"


def test_a_name_that_looks_like_an_option_is_no_option(change: Path) -> None:
    assert isinstance(resolved(change, environ={"CI_MERGE_REQUEST_DIFF_BASE_SHA": "--all"}), Reason)
    with pytest.raises(UsageError):
        resolved(change, "--all")


@pytest.mark.requirement("MCH-1")
def test_on_the_default_branch_the_first_parent_is_the_base(tmp_path: Path) -> None:
    make_repository(tmp_path, commits=2)
    assert resolved(tmp_path) == Base(
        commit=commit(tmp_path, "HEAD~1"),
        ref="HEAD^1",
        because="the default branch main: HEAD is on main, so its first parent counts",
    )


def test_behind_the_target_the_first_parent_is_the_base(tmp_path: Path) -> None:
    make_repository(tmp_path, commits=3)
    git(tmp_path, "checkout", "--quiet", "--detach", "HEAD~1")
    found = resolved(tmp_path, "main")
    assert isinstance(found, Base)
    assert found.commit == commit(tmp_path, "HEAD~1")


@pytest.mark.parametrize(("branch", "configured"), [("main", ""), ("master", ""), ("trunk", "trunk")])
def test_without_a_remote_the_default_branch_is_found_by_its_name(tmp_path: Path, branch: str, configured: str) -> None:
    make_repository(tmp_path, branch=branch)
    git(tmp_path, "checkout", "--quiet", "-b", "topic")
    commit_all(tmp_path)
    if configured:
        git(tmp_path, "config", "init.defaultBranch", configured)
    found = resolved(tmp_path)
    assert isinstance(found, Base)
    assert (found.commit, found.ref) == (commit(tmp_path, branch), branch)


@pytest.mark.parametrize(
    ("commits", "branch", "message"),
    [
        (0, "main", "the repository has no commit yet"),
        (1, "main", "HEAD is the first commit"),
        (2, "trunk", "the repository has no default branch: no origin/HEAD, main or master"),
    ],
)
def test_there_may_be_no_base(tmp_path: Path, commits: int, branch: str, message: str) -> None:
    make_repository(tmp_path, commits=commits, commit=commits > 0, branch=branch)
    git(tmp_path, "config", "init.defaultBranch", "other")
    found = resolved(tmp_path)
    assert isinstance(found, Reason)
    assert (found.code, found.message) == ("no_base", message)


def test_outside_of_git_there_is_no_base(tmp_path: Path) -> None:
    found = resolved(tmp_path)
    assert isinstance(found, Reason)
    assert found.code == "no_base"
    with pytest.raises(UsageError, match="--base main: the project is not in a git work tree"):
        resolved(tmp_path, "main")


def test_histories_may_have_nothing_in_common(tmp_path: Path) -> None:
    make_repository(tmp_path)
    git(tmp_path, "checkout", "--quiet", "--orphan", "other")
    commit_all(tmp_path, "another beginning")
    found = resolved(tmp_path)
    assert isinstance(found, Reason)
    assert found.message == "main (the default branch main) and HEAD have no history in common"


def test_a_shallow_clone_says_how_to_get_the_rest(tmp_path: Path) -> None:
    origin = make_repository(tmp_path / "origin", commits=2)
    git(origin, "checkout", "--quiet", "-b", "topic")
    commit_all(origin, "one")
    commit_all(origin, "two")
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=topic", origin.as_uri(), "one")
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", "--branch=topic", origin.as_uri(), "both")
    missing = resolved(tmp_path / "one", environ={"GITHUB_BASE_REF": "main"})
    apart = resolved(tmp_path / "both", environ={"GITHUB_BASE_REF": "main"})
    parent = resolved(tmp_path / "both", "topic")
    assert isinstance(missing, Reason)
    assert isinstance(apart, Reason)
    assert isinstance(parent, Reason)
    assert missing.message == "main (GITHUB_BASE_REF) is missing from this shallow clone"
    assert apart.message.startswith(
        "the history that origin/main (GITHUB_BASE_REF) and HEAD share is missing from this"
    )
    assert parent.message == "the parent of HEAD is missing from this shallow clone"
    assert all(reason.fix.startswith("git fetch --unshallow") for reason in (missing, apart, parent))
    git(tmp_path / "both", "fetch", "--quiet", "--unshallow")
    assert isinstance(resolved(tmp_path / "both", environ={"GITHUB_BASE_REF": "main"}), Base)


@pytest.mark.parametrize(
    ("flag", "hint"),
    [("mian", "did you mean 'main'?"), ("zzzzzz", "known: main, topic"), ("nothing..main", "known: main, topic")],
)
def test_a_flag_that_names_nothing_is_a_usage_error(tmp_path: Path, flag: str, hint: str) -> None:
    make_repository(tmp_path)
    git(tmp_path, "branch", "topic")
    with pytest.raises(UsageError) as caught:
        resolved(tmp_path, flag)
    assert str(caught.value) == f"--base {flag}: there is no such commit; {hint}"


def test_a_flag_that_names_nothing_in_special_repositories(tmp_path: Path) -> None:
    make_repository(tmp_path / "new", commit=False)
    with pytest.raises(UsageError, match="the repository has no branch yet"):
        resolved(tmp_path / "new", "main")
    origin = make_repository(tmp_path / "origin", commits=2)
    git(tmp_path, "clone", "--quiet", "--depth=1", origin.as_uri(), "clone")
    with pytest.raises(UsageError, match="this clone is shallow: git fetch --unshallow"):
        resolved(tmp_path / "clone", "0123456")


def test_before_the_first_commit_a_flag_may_name_another_branch(tmp_path: Path) -> None:
    make_repository(tmp_path)
    git(tmp_path, "checkout", "--quiet", "--orphan", "new")
    found = resolved(tmp_path, "main")
    assert isinstance(found, Reason)
    assert found.message == "the repository has no commit yet"


def test_many_branches_are_not_all_listed(tmp_path: Path) -> None:
    make_repository(tmp_path)
    for number in range(12):
        git(tmp_path, "branch", f"b{number:02}")
    with pytest.raises(UsageError, match=r"b08, b09 and 3 more$"):
        resolved(tmp_path, "zzzzzz")


def test_what_the_file_says_comes_after_the_ci_and_before_the_default_branch(change: Path) -> None:
    git(change, "branch", "release", "topic~1")
    found = base.resolve(facts.find(change), flag=None, configured="release", environ={})
    assert found == Base(commit=commit(change, "topic~1"), ref="release", because="base")
    target = base.resolve(facts.find(change), flag=None, configured="release", environ={"GITHUB_BASE_REF": "main"})
    assert isinstance(target, Base)
    assert target.because == "GITHUB_BASE_REF"


def test_a_base_in_the_file_that_does_not_exist_is_an_error(change: Path) -> None:
    with pytest.raises(UsageError, match="base nowhere: there is no such commit"):
        base.resolve(facts.find(change), flag=None, configured="nowhere", environ={})
    assert isinstance(base.resolve(None, flag=None, configured="nowhere", environ={}), Reason)
