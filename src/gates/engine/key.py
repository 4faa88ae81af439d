"""Key: everything that a gate's evidence depends on, as named digests and as one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates import __version__
from gates.engine import machine
from gates.model.evidence import encode, sha256
from gates.model.gate import Inputs, Shard
from pytest_vltair.installed import canonical, distributions

if TYPE_CHECKING:
    from gates.process.interpreter import Interpreter
    from gates.project.facts import Project

VOLATILE = frozenset({
    "_", "DBUS_SESSION_BUS_ADDRESS", "GATES_OUTPUT_FORMAT", "GITHUB_ACTION", "GITHUB_ENV", "GITHUB_OUTPUT",
    "GITHUB_PATH", "GITHUB_RUN_ATTEMPT", "GITHUB_RUN_ID", "GITHUB_RUN_NUMBER", "GITHUB_STATE", "GITHUB_STEP_SUMMARY",
    "HISTCMD", "OLDPWD", "PPID", "PS1", "PWD", "RANDOM", "SECONDS", "SHLVL", "SSH_AUTH_SOCK", "SSH_CLIENT",
    "SSH_CONNECTION", "SSH_TTY", "STY", "TERM_SESSION_ID", "TMUX", "TMUX_PANE", "VLTAIR_CHILD_TOKEN", "WINDOWID",
    "XDG_SESSION_ID",
})  # fmt: skip
"""Names, spelled out, of counters, identifiers and sockets that differ with every shell or CI job. All else counts."""


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same for every gate of one run."""

    project: Project
    interpreter: Interpreter | None
    environ: Mapping[str, str]
    find_base: Callable[[], str | None]
    shard: Shard | None
    offline: bool
    revisions: Mapping[str, str]


def parts(
    gate: str, inputs: Inputs, settings: Any, demanded: Iterable[str], needs: Mapping[str, str], around: Surroundings
) -> dict[str, str]:
    """The key's named parts, in words that a report can show; `needs` are digests of the evidence that is read."""
    found = {
        "gate": gate,
        "gates": __version__,
        "revision": around.revisions.get(gate, ""),
        "platform": f"{machine.system()} {machine.architecture()}",
        "settings": sha256(encode(settings)),
        "files": around.project.tree.digest(inputs.globs, inputs.parents),
        "tools": _tools(inputs.distributions),
        "environment": sha256(encode(_variables(inputs.environment, around.environ))),
        "hidden": around.environ.get("GATES_HIDE", ""),
        "demanded": " ".join(sorted(demanded)),
        "needs": " ".join(f"{name}={digest}" for name, digest in sorted(needs.items())),
        "offline": "yes" if around.offline else "",
        "shard": "" if around.shard is None else str(around.shard),
        "base": (around.find_base() or "none") if inputs.base else "",
        "history": _history(around.project) if inputs.history else "",
        "python": _python(inputs, around.interpreter),
    }
    return {name: value for name, value in found.items() if value}


def digest(found: Mapping[str, str]) -> str:
    """The key itself."""
    return sha256(encode(found))


def _python(inputs: Inputs, interpreter: Interpreter | None) -> str:
    if inputs.project_distributions == () or interpreter is None:
        return ""
    named = f"{interpreter.path} {interpreter.version}"
    if inputs.project_distributions is None:
        return f"{named} {interpreter.digest}"
    held = interpreter.distributions
    return " ".join([named, *(f"{name}=={held.get(name, 'absent')}" for name in sorted(inputs.project_distributions))])


def _history(project: Project) -> str:
    """HEAD and every tag, from which versions and times of releases are taken."""
    git = project.git
    if git is None:
        return "none"
    tags = git.run("for-each-ref", "--format=%(refname) %(objectname)", "refs/tags")
    return f"{git.head or 'unborn'} {sha256(tags.encode())}"


def _variables(names: tuple[str, ...] | None, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    if names is None:
        kept = [name for name in environ if name not in VOLATILE]
    else:
        wanted = re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in names) or "(?!)")
        kept = [name for name in environ if wanted.fullmatch(name)]
    return sorted((_spelt(name), _spelt(environ[name])) for name in kept)


def _spelt(text: str) -> str:
    """The text with bytes that the locale cannot say as escapes, for a digest is over UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _tools(names: Iterable[str]) -> str:
    """Names and versions in gates' own environment."""
    wanted = sorted(names)
    if not wanted:
        return ""
    held = distributions(Path(place) for place in sys.path)
    return " ".join(f"{name}=={held.get(canonical(name), 'absent')}" for name in wanted)
