"""Base: the commit that a change is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from gates.errors import UsageError, nearest
from gates.model.reason import Reason
from gates.project.git import Git

TARGETS = (
    ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "commit"),
    ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "branch"),
    ("GITHUB_BASE_REF", "branch"),
    ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "branch"),
    ("SYSTEM_PULLREQUEST_TARGETBRANCH", "branch"),
    ("BITBUCKET_PR_DESTINATION_COMMIT", "commit"),
    ("BITBUCKET_PR_DESTINATION_BRANCH", "branch"),
    ("CHANGE_TARGET", "branch"),
)
"""What GitLab, GitHub (and Gitea, Forgejo), Buildkite, Azure Pipelines, Bitbucket and Jenkins set for a pull request;
CircleCI sets nothing of the kind."""

CONVENTIONAL = ("main", "master")


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """A commit, the ref it was found by, and why that one, as a clause: "the target branch says GITHUB_BASE_REF"."""

    commit: str
    ref: str
    because: str


def on_pull_request(environ: Mapping[str, str]) -> bool:
    """Whether the CI says that this run judges a pull or merge request, where "no base" must not pass unnoticed."""
    return any(environ.get(name) for name, _ in TARGETS)


def resolve(
    git: Git | None, *, flag: str | None, environ: Mapping[str, str], configured: str | None = None
) -> Base | Reason:
    """The merge-base of HEAD with `flag`, else the CI's target, else what is `configured`, else the default branch.

    Where HEAD itself is that commit, its first parent. Where there is none, the reason, of code `no_base`.

    Raises:
        UsageError: `flag` or `configured` names no commit.
        GitError: git failed.
    """
    if git is None:
        if flag is not None:
            raise UsageError(f"--base {flag}: the project is not in a git work tree")
        return _none("the project is not in a git work tree", "git init")
    if flag is not None:
        return _named(git, flag, "--base")
    if git.head is None:
        return _none("the repository has no commit yet", "git commit")
    for name, kind in TARGETS:
        if environ.get(name):
            return _from_ci(git, name, kind, environ[name])
    if configured is not None:
        return _named(git, configured, "base")
    return _from_default_branch(git)


def _named(git: Git, ref: str, by: str) -> Base | Reason:
    commit = _commit(git, ref)
    if commit is None:
        raise UsageError(f"{by} {ref}: there is no such commit; {_nearest(git, ref)}")
    if git.head is None:
        return _none("the repository has no commit yet", "git commit")
    return _common(git, commit, ref, by)


def _from_ci(git: Git, variable: str, kind: str, value: str) -> Base | Reason:
    branch = value.removeprefix("refs/heads/")
    refs = [value] if kind == "commit" else [f"refs/remotes/origin/{branch}", f"refs/heads/{branch}"]
    for ref in refs:
        commit = _commit(git, ref)
        if commit is not None:
            return _common(git, commit, _short(ref), variable)
    if git.shallow:
        return _none(f"{value} ({variable}) is missing from this shallow clone", "git fetch --unshallow origin")
    fetch = "git fetch origin" if kind == "commit" else f"git fetch origin {branch}:refs/remotes/origin/{branch}"
    return _none(f"{value} ({variable}) is not in this clone", fetch)


def _from_default_branch(git: Git) -> Base | Reason:
    layout = "--format=%(refname)%00%(objectname)"
    patterns = ["refs/remotes/*/HEAD"]
    for name in CONVENTIONAL:
        patterns += [f"refs/remotes/origin/{name}", f"refs/heads/{name}"]
    said = git.run("for-each-ref", layout, *patterns)
    found = dict(line.split("\0") for line in said.split("\n") if line)
    heads = sorted(ref for ref in found if ref.endswith("/HEAD"))
    for ref in ["refs/remotes/origin/HEAD", *heads]:
        if ref in found:
            return _common(git, found[ref], _short(ref), "the default branch of the remote")
    configured = git.ask("config", "init.defaultBranch")
    for name in [*([configured] if configured else []), *CONVENTIONAL]:
        for ref in (f"refs/remotes/origin/{name}", f"refs/heads/{name}"):
            commit = found.get(ref) or (_commit(git, ref) if name == configured else None)
            if commit is not None:
                return _common(git, commit, _short(ref), f"the default branch {name}")
    return _none("the repository has no default branch: no origin/HEAD, main or master", "gates check --base REF")


def _common(git: Git, commit: str, ref: str, because: str) -> Base | Reason:
    """The merge-base of `commit` with HEAD, or HEAD's first parent if it is HEAD itself."""
    shared = commit if commit == git.head else git.ask("merge-base", commit, "HEAD")
    if shared is None and git.shallow:
        return _none(
            f"the history that {ref} ({because}) and HEAD share is missing from this shallow clone",
            "git fetch --unshallow",
        )
    if shared is None:
        return _none(f"{ref} ({because}) and HEAD have no history in common", "gates check --base REF")
    if shared != git.head:
        return Base(commit=shared, ref=ref, because=because)
    if git.parents:
        return Base(
            commit=git.parents[0], ref="HEAD^1", because=f"{because}: HEAD is on {ref}, so its first parent counts"
        )
    if git.shallow:
        return _none("the parent of HEAD is missing from this shallow clone", "git fetch --unshallow")
    return _none("HEAD is the first commit", "gates check --base REF")


def _commit(git: Git, ref: str) -> str | None:
    # No ref begins with a dash, and git would take it for an option.
    return None if ref.startswith("-") else git.ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")


def _nearest(git: Git, wanted: str) -> str:
    refs = git.run("for-each-ref", "--format=%(refname:short)").split()
    close = nearest(wanted, refs, likeness=0.5)
    if close:
        return f"did you mean {close!r}?"
    if git.shallow:
        return "this clone is shallow: git fetch --unshallow"
    return f"known: {_enumerated(refs)}" if refs else "the repository has no branch yet"


def _enumerated(names: Iterable[str], limit: int = 10) -> str:
    held = list(names)
    more = f" and {len(held) - limit} more" if len(held) > limit else ""
    return ", ".join(held[:limit]) + more


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")


def _none(message: str, fix: str) -> Reason:
    return Reason(code="no_base", message=message, fix=fix)
