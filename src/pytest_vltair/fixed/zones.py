"""Zones: which time zones there are, and what time each of them has by Python's own reckoning."""

from __future__ import annotations

from datetime import UTC, tzinfo

from pytest_vltair.settings import nearest

_POSIX = r"""(?x) (?P<name> [A-Za-z]{3,} | <[A-Za-z0-9+-]{3,}> ) (?P<offset> [+-]?\d{1,3}(:\d{1,2}){0,2} )
        (?: (?P<summer> [A-Za-z]{3,} | <[A-Za-z0-9+-]{3,}> ) (?: [+-]?\d{1,3}(:\d{1,2}){0,2} )?
            (?P<rules> (?: ,[MJ]?\d[\d.]*(?:/[+-]?\d{1,3}(:\d{1,2}){0,2})? ){2} )? )?"""

_MACHINE = ("localtime", "posixrules", "Factory")
"""Files beside the zones that are none, or mean whatever the machine is set to."""


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
