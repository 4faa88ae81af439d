"""Effects: which of the factors that were asked for a run's processes really had, and by which means.

A factor without any effect in one of them says nothing of the tests: an unknown zone means UTC, a locale that is not
installed is ignored, a hash seed that comes too late changes nothing.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence

from gates.builtin.diagnosis.checks import process, surroundings
from gates.builtin.diagnosis.checks.process import Seen
from gates.builtin.diagnosis.factors import FACTORS, HELD, IN_PROCESS
from gates.builtin.diagnosis.trial import Trial

Check = Callable[[str, Seen], str]

HOW = {
    "hashseed": "environment",
    "timezone": "environment",
    "locale": "environment",
    "environment": "environment",
    "optimize": "environment",
    "directory": "another folder",
    "rngseed": "in-process: generators seeded",
    "clock": "in-process: time-machine",
    "network": "in-process: functions of socket",
    "umask": "in-process: os.umask",
    "listing": "in-process: os.listdir and os.scandir",
    "cpus": "in-process: functions of os",
    "load": "in-process: threads and sleeps that are late",
    "user": "user namespace",
    "repeat": "in-process: the same items again",
    "order": "in-process: items in another order",
    "parallel": "workers",
}
BUSY = "other processes that keep the processors at work"
REWRITTEN = frozenset({"hashseed", "optimize"})
"""Factors that a line has otherwise by being rewritten, and of which its process has nothing."""


def missed(
    trial: Trial, seen: Sequence[Seen], *, euid: int | None = None, folder: str = FACTORS["directory"].base
) -> dict[str, str]:
    """The factors that were asked for and that not every process had, each with the reason in a sentence.

    `euid` is the user who runs the trial (this process's where it is not given); `folder` is what the checkout is
    called in the base.
    """
    own = euid if euid is not None else getattr(os, "geteuid", lambda: None)()
    checks = {
        **_CHECKS,
        "user": lambda value, had: surroundings.user(value, had, own),
        "directory": lambda value, had: surroundings.directory(value, had, folder),
    }
    found = {}
    for name, value in trial.settings:
        if name in IN_PROCESS or value == FACTORS[name].base or (trial.at and name in REWRITTEN):
            continue
        asked = _unpinned(value, seen) if name == "environment" else value
        reason = _reason(name, asked, seen, checks[name]) if asked else f"{HELD}: every variable of {value}."
        if reason:
            found[name] = _held(name, seen) or reason
    return found


def _held(name: str, seen: Sequence[Seen]) -> str:
    """That the project pins a factor by itself, or ""."""
    found = (one.get("held") for one in seen)
    keys = {str(held[name]) for held in found if isinstance(held, Mapping) and name in held}
    return f"{HELD}: {', '.join(sorted(keys))} in pytest's configuration." if keys else ""


def _unpinned(words: str, seen: Sequence[Seen]) -> str:
    """The words of an environment without those whose variable the project pins by itself."""
    held = [one["held"] for one in seen if isinstance(one.get("held"), Mapping)]
    pinned = {str(name) for one in held for name in one.get("variables", ())}
    kept = (word for word in shlex.split(words) if word.partition("=")[0].removeprefix("-") not in pinned)
    return shlex.join(kept)


def methods(trial: Trial, gone: Collection[str]) -> dict[str, str]:
    """How each factor that was asked for was made, but for those that the processes had not."""
    made = {name: HOW[name] for name, _ in trial.settings if name not in gone}
    if made.get("load") and dict(trial.settings)["load"] == "busy":
        made["load"] = BUSY
    if trial.at:
        made.update(dict.fromkeys(made, "in-process: one line at a time"))
    return made


def _reason(name: str, value: str, seen: Sequence[Seen], check: Check) -> str:
    if not seen:
        return "No process of the run said what it had."
    for one in seen:
        failed = one.get("failed")
        if isinstance(failed, Mapping) and name in failed:
            return f"It could not be made in the process: {failed[name]}."
        had = one.get(name)
        if not isinstance(had, Mapping):
            return "A process of the run did not say what it had."
        try:
            reason = check(value, had)
        except (KeyError, TypeError, ValueError, IndexError):
            reason = "A process of the run said of it what cannot be understood."
        if reason:
            return reason
    return ""


_CHECKS: Mapping[str, Check] = {
    "hashseed": surroundings.hashseed,
    "timezone": surroundings.timezone,
    "locale": surroundings.locale,
    "clock": process.clock,
    "network": process.network,
    "umask": process.umask,
    "environment": surroundings.environment,
    "listing": process.listing,
    "cpus": process.cpus,
    "optimize": surroundings.optimize,
    "load": process.load,
    "rngseed": process.rngseed,
}
