"""Reproduce: the command that shows an instability again, here and in CI, and the same by hand where that is enough."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from gates.builtin.diagnosis.causes import Cause

BY_ENVIRONMENT: Mapping[str, str] = {
    "timezone": "TZ={}",
    "hashseed": "PYTHONHASHSEED={}",
    "optimize": "PYTHONOPTIMIZE={}",
}
ASCII = "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0"
PYTEST = "python -m pytest"


def command(nodeid: str, cause: Cause) -> str:
    """`gates diagnose TEST --try FACTOR=VALUE --after TEST`; without circumstances that show it, the search again."""
    return shlex.join(("gates", "diagnose", *words(nodeid, cause)))


def words(nodeid: str, cause: Cause) -> tuple[str, ...]:
    """The arguments of that command."""
    after = after_which(cause)
    # Of a test that fails in the base, what lets it pass is what makes it flip.
    told = cause.passing or cause.settings
    tried = {name: value for name, value in told.items() if name != "order" or not after}
    pairs = [("--try", f"{name}={value}") for name, value in sorted(tried.items())]
    pairs += [("--after", one) for one in after]
    return (nodeid, *(word for pair in pairs for word in pair))


def after_which(cause: Cause) -> tuple[str, ...]:
    """The tests that run before it where it flips; for one that meets others in parallel, those."""
    return cause.before or (cause.culprits if {"order", "parallel"} & set(cause.factors) else ())


def by_hand(nodeid: str, cause: Cause) -> str:
    """The same with nothing but pytest and the environment; nothing where these do not suffice."""
    settings = {name: value for name, value in cause.settings.items() if name != "order"}
    said = [_variable(name, value) for name, value in sorted(settings.items())]
    after = after_which(cause)
    if None in said or (not said and not after and not cause.passing) or "parallel" in settings:
        return ""
    if cause.kind == "brittle":
        # What is to be shown is the failure, and it fails alone.
        after = ()
    variables = [one for one in said if one]
    umask = f"umask {settings['umask']}; " if "umask" in settings else ""
    return umask + " ".join((*variables, PYTEST, *_quoted((*after, nodeid))))


def _variable(name: str, value: str) -> str | None:
    """Words that set a factor in front of a command; None where no such words do."""
    if name in BY_ENVIRONMENT:
        return BY_ENVIRONMENT[name].format(shlex.quote(value))
    if name == "locale":
        return ASCII if value == "ASCII" else f"LC_ALL={shlex.quote(value)}"
    if name == "environment":
        return _assigned(value)
    return "" if name == "umask" or (name, value) == ("clock", "now") else None


def _assigned(value: str) -> str:
    """Variables that are set and taken away, as `env` writes them."""
    given = shlex.split(value)
    gone = [word for one in given if one.startswith("-") for word in ("-u", one[1:])]
    kept = [f"{name}={shlex.quote(text)}" for name, _, text in (one.partition("=") for one in given) if name[0] != "-"]
    return " ".join((*(("env", *gone) if gone else ()), *kept))


def _quoted(names: Iterable[str]) -> list[str]:
    return [shlex.quote(one) for one in names]
