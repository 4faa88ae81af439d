"""Varied: which factors really were others in other rounds, as the processes of the builds saw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gates.builtin.repro.circumstances import values
from gates.builtin.repro.facts import FACTORS, Factor, FactorName
from gates.model.evidence import counted

if TYPE_CHECKING:
    from gates.builtin.repro.circumstances.means import Means

ALONE = ("reference", "varied", "other")
AGAIN = ("varied", "again")

Seen = Mapping[str, Sequence[Mapping[FactorName, str]]]
"""What each build saw, by round."""


def factors(seen: Seen, means: Means, epoch: int) -> tuple[Factor, ...]:
    """Each factor, in the order of the manual.

    A factor was varied if all builds of a round saw the same of it and no two of the rounds did.
    """
    return tuple(_factor(name, seen, means, epoch) for name in FACTORS)


def _factor(name: FactorName, seen: Seen, means: Means, epoch: int) -> Factor:
    rounds = AGAIN if name == "rebuild" else ALONE
    words = [_agreed([build.get(name, "") for build in seen.get(one, ())]) for one in rounds]
    reason = _reason(name, words, rounds, means)
    method = _method(name, means, words)
    shown = () if reason else _shown(name, [word or "" for word in words], epoch)
    return Factor(name=name, varied=not reason, method=method, values=counted(shown), reason=reason)


def _agreed(words: list[str]) -> str | None:
    """What all builds of a round saw; "" where one saw nothing, None where they saw different things."""
    if not words or "" in words:
        return ""
    return words[0] if len(set(words)) == 1 else None


def _reason(name: FactorName, words: list[str | None], rounds: Sequence[str], means: Means) -> str:
    """Why the factor was not varied, "" where it was."""
    if name == "clock" and means.clock is None:
        return "neither faketime nor time-machine works with the Python that builds: pip install time-machine"
    if name == "locale" and means.foreign is None:
        return "there is no locale beside C: compile one, such as de_DE.UTF-8"
    for word, one in zip(words, rounds, strict=True):
        if word == "":
            return f"the process of a build in the round {one!r} did not say what it saw"
        if word is None:
            return f"the builds of the round {one!r} did not all see the same"
    alike = [(a, b) for n, a in enumerate(rounds) for m, b in enumerate(rounds) if n < m and words[n] == words[m]]
    if alike:
        return f"the processes of the rounds {alike[0][0]!r} and {alike[0][1]!r} saw the same: it cannot be set here"
    return ""


def _method(name: FactorName, means: Means, words: Sequence[str | None]) -> str:
    """The means by which a factor is varied here."""
    if name == "clock":
        why = ", as the build fails under faketime" if means.refused else ""
        return means.clock if means.clock == "faketime" else f"in-process: time-machine{why}"
    if name == "owner":
        return "user namespace" if means.spaces else "in-process: patched numbers"
    if name == "listing":
        by_file_system = any((word or "").endswith("by the file system") for word in words)
        return "disorderfs, in-process: patched listing" if by_file_system else "in-process: patched listing"
    return METHODS[name]


METHODS: Mapping[FactorName, str] = {
    "path": "copy",
    "umask": "umask",
    "modes": "chmod",
    "timezone": "environment",
    "locale": "environment",
    "hashseed": "environment",
    "mtimes": "utime",
    "user": "environment",
    "cpus": "affinity, in-process: patched count",
    "rebuild": "second build in the same tree",
}


def _shown(name: FactorName, words: list[str], epoch: int) -> Sequence[str]:
    """The values that were seen, in words that are the same on every machine and every day."""
    fixed: Mapping[FactorName, Sequence[str]] = {
        "path": (f"{len(words)} folders",),
        "mtimes": (f"{len(words)} sets of times",),
        "owner": [_titled(one) for one in values.OWNERS],
        "hashseed": values.HASH_SEEDS,
        "user": values.USERS,
    }
    if name == "clock":
        return [_days(int(word) - values.clock(epoch, 0)) for word in words]
    return fixed.get(name, words)


def _titled(owner: values.Owner | None) -> str:
    return "as it is" if owner is None else f"{owner.name} {owner.uid}, {owner.group} {owner.gid}"


def _days(seconds: int) -> str:
    return "reference" if seconds == 0 else f"{seconds / values.DAY:+.1f} days"
