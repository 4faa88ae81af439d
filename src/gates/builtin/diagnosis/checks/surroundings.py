"""Surroundings: whether a process had what is given to it as it starts: variables, folder, user, and what they do."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from typing import Any

from gates.builtin.diagnosis.checks.process import Seen
from gates.builtin.diagnosis.factors import FACTORS
from pytest_vltair.fixed.siphash import hashed

PROBE = "vltair"
MOMENTS = (datetime(2025, 1, 15, 12, tzinfo=UTC), datetime(2025, 7, 15, 12, tzinfo=UTC))
ENCODINGS = {"ansix341968": "ascii", "usascii": "ascii", "646": "ascii", "88591": "iso88591", "latin1": "iso88591"}
DEEP = "a rather long name of a folder/with another one/below it"
"""Where a checkout is that is `deep`: above the folder of its own name."""


def hashseed(value: str, had: Seen) -> str:
    """Why text was not hashed with a seed; "" where it was."""
    expected = hashed(PROBE, int(value), had["algorithm"]) if had["width"] == 64 else None
    if expected is None:
        return "How this Python hashes text is not known, so that its seed cannot be proved."
    if had["probe"] == expected:
        return ""
    return f"Text was not hashed with seed {value}: PYTHONHASHSEED has to be set before Python starts."


def timezone(value: str, had: Seen) -> str:
    """Why local time was not that of a zone."""
    found = _pair(had["offsets"])
    if found != _pair(had["python"]):
        return "The zone was changed without telling the C library, which has another offset."
    if found == offsets(FACTORS["timezone"].base):
        return f"Local time is that of {FACTORS['timezone'].base}: {value} is not known here, or has the same offset."
    expected = offsets(value)
    if expected is not None and found != expected:
        return f"Local time has not the offset of {value}."
    return ""


def _pair(numbers: Any) -> tuple[int, int]:
    winter, summer = numbers
    return int(winter), int(summer)


def offsets(zone: str) -> tuple[int, int] | None:
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


def locale(value: str, had: Seen) -> str:
    """Why the locale was another, or has nothing of its own."""
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


def directory(value: str, had: Seen, base: str) -> str:
    """Why the checkout was not where it should have been; `base` is what its folder is called there."""
    if value == "outside":
        return "Tests ran in the checkout." if had["inside"] is not False else ""
    if had["inside"] is not True:
        return "Tests ran outside of the checkout."
    if value == "tests":
        return "The tests are in the project's own folder." if had["cwd"] == had["root"] else ""
    parts = str(had["root"]).rstrip("/").split("/")
    wanted = f"{DEEP}/{base}".split("/") if value == "deep" else [value]
    if parts[-len(wanted) :] != wanted:
        return f"The checkout was in a folder named {parts[-1]}."
    return f"The project's own folder is named {base}, too." if value == base else ""


def environment(value: str, had: Seen) -> str:
    """Which variable was not as it should have been."""
    for word in shlex.split(value):
        name, given, text = word.partition("=")
        if not given:
            name = name.removeprefix("-")
        wanted = text if given else None
        if name not in had or had[name] != wanted:
            return f"The variable {name} was {'another' if had.get(name) is not None else 'not set'} in the process."
    return ""


def user(value: str, had: Seen, own: int | None) -> str:
    """Why the process was not another user than `own`, who runs the trial."""
    euid = had["euid"]
    if euid is None:
        return "This platform has no users by number."
    if value == "root":
        if own == 0:
            return "The suite is run by root anyway."
        return "" if euid == 0 and had["reads"] is True else "The process was not root."
    if own is not None and euid == own:
        return "The user was the same."
    if euid == 0 or had["reads"] is not False:
        return "The process had the rights of root: it read a file that nobody may read."
    return ""


def optimize(value: str, had: Seen) -> str:
    """Why assertions were not as they should have been."""
    if had["flag"] != int(value) or had["debug"] is not (int(value) == 0):
        return f"Python ran with optimisation {had['flag']}."
    return ""
