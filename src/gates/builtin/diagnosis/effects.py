"""Effects: which of the factors that were asked for a run's processes really had, and by which means.

A factor without any effect in one of them says nothing of the tests: an unknown zone means UTC, a locale that is not
installed is ignored, a hash seed that comes too late changes nothing.
"""

from __future__ import annotations

import os
import random
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from gates.builtin.diagnosis.factors import FACTORS, IN_PROCESS
from gates.builtin.diagnosis.hashing import hashed
from gates.builtin.diagnosis.trial import Trial

Seen = Mapping[str, Any]
PROBE = "vltair"
LATE = 6 * 3600
"""A process that looks at its clock is at most that many seconds old."""

APART = 1_000_003
MOMENTS = (datetime(2025, 1, 15, 12, tzinfo=UTC), datetime(2025, 7, 15, 12, tzinfo=UTC))
ENCODINGS = {"ansix341968": "ascii", "usascii": "ascii", "646": "ascii", "88591": "iso88591", "latin1": "iso88591"}

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


def missed(trial: Trial, seen: Sequence[Seen], *, euid: int | None = None) -> dict[str, str]:
    """The factors that were asked for and that not every process had, each with the reason in a sentence.

    `euid` is the user who runs the trial (this process's where it is not given).
    """
    own = euid if euid is not None else getattr(os, "geteuid", lambda: None)()
    found = {}
    for name, value in trial.settings:
        if name not in IN_PROCESS and value != FACTORS[name].base:
            reason = _reason(name, value, seen, own)
            if reason:
                found[name] = reason
    return found


def methods(trial: Trial, seen: Sequence[Seen]) -> dict[str, str]:
    """How each factor that was asked for, and that the processes had, was made."""
    gone = missed(trial, seen)
    made = {name: HOW[name] for name, _ in trial.settings if name not in gone}
    if made.get("load") and dict(trial.settings)["load"] == "busy":
        made["load"] = BUSY
    if trial.at:
        made.update(dict.fromkeys(made, "in-process: one line at a time"))
    return made


def _reason(name: str, value: str, seen: Sequence[Seen], own: int | None) -> str:
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
            reason = _user(value, had, own) if name == "user" else _CHECKS[name](value, had)
        except (KeyError, TypeError, ValueError, IndexError):
            reason = "A process of the run said of it what cannot be understood."
        if reason:
            return reason
    return ""


def _hashseed(value: str, had: Seen) -> str:
    expected = hashed(PROBE, int(value), had["algorithm"]) if had["width"] == 64 else None
    if expected is None:
        return "How this Python hashes text is not known, so that its seed cannot be proved."
    if had["probe"] == expected:
        return ""
    return f"Text was not hashed with seed {value}: PYTHONHASHSEED has to be set before Python starts."


def _timezone(value: str, had: Seen) -> str:
    offsets = _pair(had["offsets"])
    if offsets != _pair(had["python"]):
        return "The zone was changed without telling the C library, which has another offset."
    if offsets == _offsets(FACTORS["timezone"].base):
        return f"Local time is that of {FACTORS['timezone'].base}: {value} is not known here, or has the same offset."
    expected = _offsets(value)
    if expected is not None and offsets != expected:
        return f"Local time has not the offset of {value}."
    return ""


def _pair(numbers: Any) -> tuple[int, int]:
    winter, summer = numbers
    return int(winter), int(summer)


def _offsets(zone: str) -> tuple[int, int] | None:
    """The offsets of a zone in winter and in summer; None where its name is not known here."""
    import zoneinfo

    try:
        if zone == "UTC":
            return 0, 0
        there = [moment.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() for moment in MOMENTS]
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
    winter, summer = (int(offset.total_seconds()) if offset is not None else 0 for offset in there)
    return winter, summer


def _locale(value: str, had: Seen) -> str:
    if had.get("error"):
        return f"The locale {value} is not installed: {had['error']}."
    preferred = _encoding(had["preferred"])
    if value == "ASCII":
        plain = preferred == "ascii" and had["name"] in {"C", "POSIX"} and not had["utf8"]
        return "" if plain else f"Text was written in {had['preferred']}, not ASCII."
    language, _, encoding = value.partition(".")
    if encoding and preferred != _encoding(encoding):
        return f"Text was written in {had['preferred']}, not in {encoding}."
    if str(had["name"]).partition(".")[0] != language:
        return f"The locale was {had['name']}, not {value}."
    if (preferred, had["decimal"], had["order"], had["day"]) == ("utf8", ".", "codes", "Monday"):
        return f"The locale {value} has the words, numbers and order of the base here."
    return ""


def _encoding(name: object) -> str:
    """An encoding's name as it is compared."""
    plain = "".join(letter for letter in str(name).lower() if letter.isalnum())
    return ENCODINGS.get(plain, plain)


def _clock(value: str, had: Seen) -> str:
    asked = datetime.fromisoformat(value).timestamp()
    for which, at in (("time.time()", float(had["time"])), ("datetime.now()", float(had["datetime"]))):
        if not 0 <= at - asked + 1 <= LATE:
            return f"{which} did not start at {value}: time-machine has to be installed in the judged environment."
    return ""


def _network(value: str, had: Seen) -> str:
    if had["loopback"] is not True:
        return "Connections on loopback failed, too."
    route, lookup = had["route"], had.get("lookup")
    if value == "answered":
        answered = route == "127.0.0.1" and isinstance(lookup, str) and lookup != "refused"
        return "" if answered else "Nobody answered in place of other machines."
    if value == "real":
        return "" if route not in {"refused", "127.0.0.1"} else "This machine has no route to other machines."
    return "" if route == lookup == "refused" else "Other machines were not refused."


def _directory(value: str, had: Seen) -> str:
    if value == "outside":
        return "Tests ran in the checkout." if had["inside"] is not False else ""
    name = str(had["root"]).rstrip("/").rpartition("/")[2]
    if had["inside"] is not True:
        return "Tests ran outside of the checkout."
    expected = value if value != "deep" else None
    if name == FACTORS["directory"].base or (expected is not None and name != expected):
        return f"The checkout was in a folder named {name}."
    return ""


def _umask(value: str, had: Seen) -> str:
    mask = int(value, 8)
    if int(had["mask"], 8) != mask:
        return f"The mask was {had['mask']}."
    if int(had["mode"], 8) != 0o666 & ~mask:
        return f"The mask has no effect on this file system: a file was made with mode {had['mode']}."
    return ""


def _environment(value: str, had: Seen) -> str:
    for word in shlex.split(value):
        name, given, text = word.partition("=")
        if not given:
            name = name.removeprefix("-")
        wanted = text if given else None
        if name not in had or had[name] != wanted:
            return f"The variable {name} was {'another' if had.get(name) is not None else 'not set'} in the process."
    return ""


def _user(value: str, had: Seen, own: int | None) -> str:
    euid = had["euid"]
    if euid is None:
        return "This platform has no users by number."
    if value == "root":
        if own == 0:
            return "The suite is run by root anyway."
        return "" if euid == 0 else "The process was not root."
    if own is not None and euid == own:
        return "The user was the same."
    if euid == 0 or had["reads"] is not False:
        return "The process had the rights of root: it read a file that nobody may read."
    return ""


def _listing(value: str, had: Seen) -> str:
    listed, scanned, native = (list(had[kind]) for kind in ("listdir", "scandir", "native"))
    if listed != scanned:
        return "os.listdir and os.scandir had different orders."
    usual = sorted(listed)
    if len(usual) < 2 or sorted(native) != usual:
        return "The folder that was looked at did not hold what it should."
    if value == "native":
        if listed != native:
            return "Folders were not listed as the file system does."
        return "This file system lists folders in the order of names, as the base does." if native == usual else ""
    if value == "reversed":
        return "" if listed == usual[::-1] else "Folders were not listed backwards."
    return "" if listed not in (usual, usual[::-1]) else "Folders were listed in the order of names."


def _cpus(value: str, had: Seen) -> str:
    count = int(value)
    for kind in ("count", "multiprocessing", "process", "affinity"):
        # No platform has all of the ways to ask.
        if had[kind] != count and not (had[kind] is None and kind in {"process", "affinity"}):
            return f"The process was told of {had[kind]} processors."
    return ""


def _optimize(value: str, had: Seen) -> str:
    if had["flag"] != int(value) or had["debug"] is not (int(value) == 0):
        return f"Python ran with optimisation {had['flag']}."
    return ""


def _load(value: str, had: Seen) -> str:
    if value == "busy":
        running = had["running"]
        return "" if running is None or running > 1 else "No other process kept the processors at work."
    return "" if had[value] is True else "Nothing was late in the process."


def _rngseed(value: str, had: Seen) -> str:
    drawn, worker = float(had["first"][0]), int(had["worker"])
    if value == "none":
        base = int(FACTORS["rngseed"].base) + APART * worker
        return "Generators were seeded as in the base." if drawn == _draw(base) else ""
    expected = _draw(int(value.removeprefix("each:")) + APART * worker)
    return "" if drawn == expected else f"The first number drawn was not that of seed {value.removeprefix('each:')}."


def _draw(seed: int) -> float:
    return random.Random(seed).random()  # noqa: S311 - it is what the process has drawn


_CHECKS: Mapping[str, Callable[[str, Seen], str]] = {
    "hashseed": _hashseed,
    "timezone": _timezone,
    "locale": _locale,
    "clock": _clock,
    "network": _network,
    "directory": _directory,
    "umask": _umask,
    "environment": _environment,
    "listing": _listing,
    "cpus": _cpus,
    "optimize": _optimize,
    "load": _load,
    "rngseed": _rngseed,
}
