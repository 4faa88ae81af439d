"""Time zone: TZ and what the C library makes of it, for a run, a test or the rest of a test."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import NoReturn

import pytest

from pytest_vltair.fixed.variables import environ, put
from pytest_vltair.settings import Given, Settings, nearest

_localtime, _strftime = time.localtime, time.strftime
_fromtimestamp = datetime.fromtimestamp
_tzset: Callable[[], None] | None = getattr(time, "tzset", None)

_INSTANTS = tuple(year * 31_556_952 + half for year in (21, 38, 56, 67) for half in (0, 15_778_476))
"""January and July of 1991, 2008, 2026 and 2037: old rules and new ones, in both halves of the year."""

_POSIX = r"""(?x) (?P<name> [A-Za-z]{3,} | <[A-Za-z0-9+-]{3,}> ) (?P<offset> [+-]?\d{1,3}(:\d{1,2}){0,2} )
        (?: (?P<summer> [A-Za-z]{3,} | <[A-Za-z0-9+-]{3,}> ) (?: [+-]?\d{1,3}(:\d{1,2}){0,2} )?
            (?P<rules> (?: ,[MJ]?\d[\d.]*(?:/[+-]?\d{1,3}(:\d{1,2}){0,2})? ){2} )? )?"""

_MACHINE = ("localtime", "posixrules", "Factory")
"""Files beside the zones that are none, or mean whatever the machine is set to."""


class TimeZone:
    """Holds the process at a time zone."""

    name = "timezone"

    def __init__(self, given: Given, _settings: Settings) -> None:
        self._given = given
        self._zone = _known(given.text, given.wrong)
        self.demanded = given.text
        self._before: str | None = None
        self._applied = False

    def apply(self, _config: pytest.Config) -> None:
        """Set the zone.

        Raises:
            pytest.UsageError: the C library does not follow.
        """
        self._before = environ.get("TZ")
        self._applied = True
        _set(self.demanded, self._zone, self._given.wrong)

    def restore(self) -> None:
        """Set the zone that was."""
        if self._applied:
            _put(self._before)

    def shown(self) -> str:
        """The zone, if the C library tells its time and children are told it; else what both show."""
        told = environ.get("TZ")
        if _follows(self._zone) and (told == self.demanded or _tzset is None):
            return self.demanded
        return f"{_strftime('%Z %z', _localtime(_INSTANTS[-2]))} (TZ {'is not set' if told is None else told})"


@contextmanager
def during(mark: pytest.Mark) -> Iterator[None]:
    """Inside, the process is in the zone that the marker names."""
    with control() as switch:
        switch(mark.args[0])
        yield


@contextmanager
def control() -> Iterator[Callable[[str], None]]:
    """Inside, what sets the zone; afterwards the zone is what it was before."""
    before = environ.get("TZ")
    switched = False

    def switch(name: str) -> None:
        def fail(why: str) -> NoReturn:
            pytest.fail(f"vltair_timezone: {name!r} {why}", pytrace=False)

        nonlocal switched
        known = _known(name, fail)
        switched = True
        _set(name, known, fail)

    try:
        yield switch
    finally:
        if switched:
            _put(before)


def _known(name: str, fail: Callable[[str], NoReturn]) -> tzinfo:
    try:
        return zone(name)
    except UnknownZoneError as error:
        why = str(error)
    return fail(why)  # outside of the handler, so that no traceback leads up to it


def _set(name: str, known: tzinfo, fail: Callable[[str], NoReturn]) -> None:
    if _tzset is not None:
        _put(name)
        if not _follows(known):
            fail("is not known to the C library, which would take it for UTC: install the system's tzdata")
    elif not _follows(known):
        fail("cannot be set on this system, which has no tzset: set its own time zone, or vltair_timezone = keep")


def _put(name: str | None) -> None:
    if _tzset is not None:
        put("TZ", name)
        _tzset()


def _follows(known: tzinfo) -> bool:
    """Whether the C library tells the zone's time, and its names where it has the database's."""
    return all(_tells(instant, known) for instant in _INSTANTS)


def _tells(instant: int, known: tzinfo) -> bool:
    here, there = _localtime(instant), _fromtimestamp(instant, known)
    named = os.name == "nt" or here.tm_zone == there.tzname()
    return named and here[:6] == there.timetuple()[:6]


class UnknownZoneError(ValueError):
    """There is no such zone; the message continues a sentence that names it."""


def zone(name: str) -> tzinfo:
    """The zone of that name in the IANA database, or of a POSIX rule such as `<+0545>-5:45`.

    Raises:
        UnknownZoneError: there is none.
    """
    if name == "UTC":
        return UTC
    import zoneinfo

    try:
        if name not in _MACHINE:
            return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        pass
    import re  # compiled only for what is no name

    if re.fullmatch(_POSIX, name):
        return _ruled(name)
    names = sorted(zoneinfo.available_timezones().difference(_MACHINE))
    if not names:
        raise UnknownZoneError("cannot be looked up: this machine has no time zone database; install tzdata")
    meant = next((one for one in names if one.lower() == name.lower()), name)
    raise UnknownZoneError(f"is no time zone{nearest(meant, names) or ': write one such as Asia/Kathmandu'}")


def _ruled(rule: str) -> tzinfo:
    """The zone of a POSIX rule: a database file that holds nothing but the rule is what Python reads rules from."""
    import io
    import zoneinfo

    empty = b"TZif2" + bytes(15) + b"".join(count.to_bytes(4, "big") for count in (0, 0, 0, 0, 1, 4)) + bytes(6)
    file = io.BytesIO((empty + b"UTC\0") * 2 + f"\n{rule}\n".encode())
    try:
        return zoneinfo.ZoneInfo.from_file(file, key=rule)
    except ValueError:
        raise UnknownZoneError(
            "is no rule of a time zone: write one such as <+0545>-5:45 or EST5EDT,M3.2.0,M11.1.0"
        ) from None
