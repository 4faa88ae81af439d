"""History: the commits that a change is compared with, fetched into the shallow clone of a checkout."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import child
import choice
import talk
from inputs import Inputs
from refusal import USAGE, Refused

DEEPER = (50, 200, 1000)
TAGGED = ("packaging", "provenance", "repro")
"""Gates that read tags: which version is this, and of what."""


def fetch(inputs: Inputs, environ: Mapping[str, str]) -> None:
    """Fetch the base, the commits since, and where they are asked for the tags; say what was fetched.

    Raises:
        Refused: the base that the workflow names does not exist.
    """
    around = _around(environ)
    if child.git(inputs.root, "rev-parse", "--git-dir", environ=around) is None:
        _refuse_unreadable(inputs)
        talk.say("history: the project is not in a git work tree")
        return
    if child.git(inputs.root, "remote", "get-url", "origin", environ=around) is None:
        talk.say("history: there is no remote origin, so nothing is fetched")
        return
    _History(inputs, around, event(environ)).fetch(environ)


def _refuse_unreadable(inputs: Inputs) -> None:
    """Refuse a repository that git does not read: a change in it would be compared with nothing."""
    if any((folder / ".git").exists() for folder in choice.upward(inputs.root, inputs.workspace)):
        raise Refused(
            "there is a .git, and git does not read it, as in a container whose user is not the owner of the checkout",
            'git config --global --add safe.directory "$GITHUB_WORKSPACE"',
        )


def event(environ: Mapping[str, str]) -> Mapping[str, Any]:
    """What happened, as the runner wrote it down; empty where it did not."""
    try:
        told = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_text("utf-8"))
    except (KeyError, OSError, ValueError):
        return {}
    return told if isinstance(told, Mapping) else {}


def _around(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of git: the workflow's token for its own server alone, and never a question."""
    around = child.environment(environ) | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    token, server = environ.get("ACTION_TOKEN", ""), environ.get("GITHUB_SERVER_URL", "")
    if token and server.startswith("https://"):
        secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        talk.mask(secret)
        around |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{server.rstrip('/')}/.extraheader",
            "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {secret}",
        }
    return around


class _History:
    def __init__(self, inputs: Inputs, around: Mapping[str, str], happened: Mapping[str, Any]) -> None:
        self.inputs = inputs
        self.around = around
        self.happened = happened

    def fetch(self, environ: Mapping[str, str]) -> None:
        if self._tags_wanted():
            self._whole()
            return
        if self.inputs.base:
            self._meet(self._named(self.inputs.base))
            return
        tip = self._branch(environ.get("GITHUB_BASE_REF") or self._default())
        if tip is None:
            self._deepen("--deepen=1")
            talk.say("history: no branch to compare with; HEAD and its parent")
            return
        self._meet(tip)

    def git(self, *words: str) -> str | None:
        return child.git(self.inputs.root, *words, environ=self.around)

    @property
    def shallow(self) -> bool:
        return self.git("rev-parse", "--is-shallow-repository") == "true"

    def _default(self) -> str:
        repository = self.happened.get("repository")
        name = repository.get("default_branch") if isinstance(repository, Mapping) else None
        return name if isinstance(name, str) else ""

    def _tags_wanted(self) -> bool:
        names = choice.asked(self.inputs)
        return self.inputs.command == "provenance" or any(name in names for name in TAGGED)

    def _whole(self) -> None:
        depth = ("--unshallow",) if self.shallow else ()
        refs = "+refs/heads/*:refs/remotes/origin/*"
        if self.git("fetch", "--quiet", "--tags", "--force", *depth, "origin", refs) is None:
            raise Refused("origin does not give its tags and their history", "set fetch-depth: 0 in the checkout")
        talk.say("history: all commits and tags, for a gate that reads tags")

    def _branch(self, name: str) -> str | None:
        if not name or self.git("check-ref-format", f"refs/heads/{name}") is None:
            return None
        ref = f"refs/remotes/origin/{name}"
        depth = ("--depth=1",) if self.shallow else ()
        known = self.git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if known is None:
            self.git("fetch", "--quiet", "--no-tags", *depth, "origin", f"+refs/heads/{name}:{ref}")
            known = self.git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if known is None:
            talk.say(f"history: origin has no branch {name}")
        elif not self._default() or name == self._default():
            self.git("symbolic-ref", "refs/remotes/origin/HEAD", ref)
        return known

    def _named(self, ref: str) -> str:
        """The commit of the input `base`: a branch, a tag or a commit of the remote, or one that is here."""
        if not ref.startswith("-"):
            depth = ("--depth=1",) if self.shallow else ()
            found = self._branch(ref.removeprefix("refs/heads/").removeprefix("origin/"))
            if found is not None and self._here(ref) is None:
                # `gates check --base NAME` asks for the very name.
                self.git("branch", "--force", "--", ref, found)
            if found is None and self._here(ref) is None:
                wanted = ref if ref.startswith("refs/") else f"refs/tags/{ref}"
                if self.git("fetch", "--quiet", "--no-tags", *depth, "origin", f"+{wanted}:{wanted}") is None:
                    self.git("fetch", "--quiet", "--no-tags", *depth, "origin", ref)
            found = self._here(ref)
            if found is not None:
                return found
        raise Refused(f"the input base is {ref!r}, and neither the checkout nor origin has it", code=USAGE)

    def _here(self, ref: str) -> str | None:
        return self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")

    def _deepen(self, how: str, *tips: str) -> None:
        """Fetch more of HEAD's history and that of `tips`, and of nothing else that origin has."""
        if self.shallow:
            self.git("fetch", "--quiet", "--no-tags", how, "origin", self.git("rev-parse", "HEAD") or "HEAD", *tips)

    def _meet(self, tip: str) -> None:
        """Fetch as much as it takes for HEAD and the base to have a commit in common."""
        for how in (*(f"--deepen={by}" for by in DEEPER), "--unshallow"):
            if self._met(tip):
                break
            self._deepen(how, tip)
        shared = self.git("merge-base", tip, "HEAD")
        if shared is None:
            talk.say("history: HEAD and the base have nothing in common")
        else:
            head = ", which is HEAD: its parent counts" if self._is_head(shared) else ""
            talk.say(f"history: compared with {shared[:12]}{head}")

    def _is_head(self, commit: str) -> bool:
        return commit == self.git("rev-parse", "HEAD")

    def _met(self, tip: str) -> bool:
        shared = self.git("merge-base", tip, "HEAD")
        if shared is None:
            return not self.shallow
        return not self._is_head(shared) or not self.shallow or self._here("HEAD^1") is not None
