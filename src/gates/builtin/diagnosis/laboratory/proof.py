"""Proof: whether a process really had what was asked for; a run without it says nothing of the factor."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.laboratory.reading import MAIN, Record

JANUARY, JULY = 1_736_942_400, 1_752_580_800
"""The instants of which the child tells the offset of local time."""
ASCII_NAMES = frozenset({"ansix341968", "ascii", "usascii", "646"})
HOUR = 3600.0

Effects = Mapping[str, Any]


def missed(asked: Mapping[str, str], record: Record, base: Effects, *, halves: bool) -> dict[str, str]:
    """The factors of which the process saw nothing, with the reason. `base` is what a process of the base has."""
    workers = [name for name in record.seen if name != MAIN]
    effects = record.seen.get(workers[0] if workers else MAIN)
    if effects is None:
        return dict.fromkeys(asked, "the process did not say what it has")
    failed = effects.get("failed")
    found = {}
    for name, value in asked.items():
        if isinstance(failed, dict) and name in failed:
            found[name] = f"it could not be made here: {failed[name]}"
        elif name == "parallel":
            if not halves and len(workers) < 2:
                found[name] = "no two workers ran"
        elif name == "repeat":
            if not any(turn == int(value) for _, turn in record.results):
                found[name] = "no test ran again"
        elif name in LOOKS:
            reason = _looked(LOOKS[name], value, effects.get(name), base.get(name))
            if reason:
                found[name] = reason
    return found


def _looked(look: Callable[[str, Any, Any], str], value: str, found: Any, base: Any) -> str:
    if found is None:
        return "the process does not tell what it has"
    with suppress(KeyError, TypeError, ValueError, IndexError, AttributeError):
        return look(value, found, base)
    return "what the process tells of it cannot be read"


def _hashseed(value: str, found: Any, base: Any) -> str:
    same = isinstance(base, dict) and base.get("probe") == found["probe"]
    return "hashes are those of the base" if same or found["variable"] != value else ""


def _rngseed(value: str, found: Any, base: Any) -> str:
    # What is seeded with the base's number before each test begins as the base does, and is not the base for that.
    alike = value in ("none", f"each:{FACTORS['rngseed'].base}")
    same = not alike and isinstance(base, dict) and base.get("first") == found.get("first") is not None
    return "numbers are those of the base" if same and base.get("worker") == found.get("worker") else ""


def _timezone(value: str, found: Any, base: Any) -> str:
    del base
    wanted = None
    with suppress(Exception):
        from zoneinfo import ZoneInfo

        zone = ZoneInfo(value)
        offsets = [datetime.fromtimestamp(one, UTC).astimezone(zone).utcoffset() for one in (JANUARY, JULY)]
        wanted = [int(one.total_seconds()) for one in offsets if one is not None]
    there = found["offsets"]
    if (wanted is not None and there != wanted) or (wanted is None and there == [0, 0]):
        return f"the system does not know {value}"
    return ""


def _locale(value: str, found: Any, base: Any) -> str:
    del base
    if value == "ASCII":
        return "" if _squeezed(found["preferred"]) in ASCII_NAMES and not found["utf8"] else "text is not ASCII"
    if "error" in found or _squeezed(found["name"]) != _squeezed(value):
        return f"the system has no {value}"
    return ""


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _clock(value: str, found: Any, base: Any) -> str:
    del base
    if value == "now":
        return ""
    if value.startswith("+"):
        return "" if found["travels"] else "nothing moves the clock"
    begun = datetime.fromisoformat(value).timestamp()
    there = all(begun - 1 <= found[name] < begun + HOUR for name in ("time", "datetime"))
    return "" if there else "the clock stands elsewhere"


def _network(value: str, found: Any, base: Any) -> str:
    del base
    if not found["loopback"]:
        return "the machine does not reach itself"
    if value == "off":
        return "" if found["lookup"] == "refused" else "other machines are looked up"
    if value == "answered":
        return "" if found["lookup"] != "refused" else "no server answers for other machines"
    return ""


def _directory(value: str, found: Any, base: Any) -> str:
    if value == "outside":
        return "it was started inside" if found["inside"] else ""
    if isinstance(base, dict) and base.get("root", "").rpartition("/")[2] == found["root"].rpartition("/")[2]:
        return "" if value == "deep" and found["root"].count("/") > base["root"].count("/") else "it is called the same"
    return ""


def _umask(value: str, found: Any, base: Any) -> str:
    del base
    return "" if int(found["mask"], 8) == int(value, 8) else "the mask is another"


def _environment(value: str, found: Any, base: Any) -> str:
    del base
    from gates.builtin.diagnosis.laboratory.surroundings import changes

    wrong = [name for name, text in changes(value).items() if found.get(name) != text]
    return f"{', '.join(wrong)}: not as asked" if wrong else ""


def _user(value: str, found: Any, base: Any) -> str:
    del base
    if value == "plain":
        return "" if found["euid"] and not found["reads"] else "the process may read what is locked"
    return "" if found["euid"] == 0 else "the process is not root"


def _listing(value: str, found: Any, base: Any) -> str:
    del base
    names = sorted(found["native"])
    for listed in (found["listdir"], found["scandir"]):
        if value == "wrapped" and listed != found["native"]:
            return "folders are listed in another order"
        if value == "native" and (listed != found["native"] or listed == names):
            return "the file system lists by name"
        if value == "reversed" and listed != names[::-1]:
            return "folders are not listed in reverse"
        if value == "shuffled" and listed in (names, names[::-1]):
            return "folders are not listed in another order"
    return ""


def _cpus(value: str, found: Any, base: Any) -> str:
    del base
    return "" if value in ("own", "+0") or found["count"] == int(value) else "the number is another"


def _optimize(value: str, found: Any, base: Any) -> str:
    del base
    return "" if found["flag"] == int(value) else "assertions are as in the base"


def _load(value: str, found: Any, base: Any) -> str:
    del base
    return "" if value not in ("background", "foreground") or found[value] else "nothing was late"


LOOKS: Mapping[str, Callable[[str, Any, Any], str]] = {
    "hashseed": _hashseed, "rngseed": _rngseed, "timezone": _timezone, "locale": _locale, "clock": _clock,
    "network": _network, "directory": _directory, "umask": _umask, "environment": _environment, "user": _user,
    "listing": _listing, "cpus": _cpus, "optimize": _optimize, "load": _load,
}  # fmt: skip
