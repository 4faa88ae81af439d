"""Values: what each factor is set to in a build that has it at 0 (the reference), 1 or 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from gates.builtin.repro.settings import ZIP_EPOCH

DAY = 86_400

PATHS = ("w/source", "w-elsewhere/deeper/still/checkout", "a-third/copy-of-the-sources")
"""Folders of a build. Blanks and letters outside of ASCII are left out on purpose: what fails there fails without any
doubt about its bytes, and would be told as a build that is not reproducible."""

UMASKS = (0o022, 0o077, 0o002)

MODES = (0o644, 0o600, 0o664)
"""Of a plain file of the checkout; with the bits to enter or execute it: 0755, 0700, 0775."""

ZONES = ("UTC0", "<+0530>-05:30", "<-1130>11:30")
"""POSIX.1-2017 section 8.3, TZ: no database of zones is needed. The sign is that of what is added to get UTC."""

HASH_SEEDS = ("0", "4711", "271828", "31337", "1618", "57721", "69314")
"""Two elements of a set change places with every second seed: six others overlook one such set in 64, two one in 4."""

OFFSETS = (400 * DAY, 800 * DAY + 5 * 3600 + 17 * 60 + 3, 33 * DAY - 7 * 3600 - 41)
"""Seconds between the epoch and the time at which the clock of a build stands: always another year, and with the first
of the others another month, day of the month, weekday, hour, minute and second; both parities of the second, since zip
counts in pairs of them."""

CHECKED_OUT = (-30 * DAY, -61 * DAY - 4999, -11 * DAY + 777)
"""Seconds between the epoch and the times of a checkout's files: always in the past, never those of the build."""

SPREAD = 997
"""Files of a checkout have that many times, two seconds apart."""

LISTINGS: tuple[Literal["sorted", "reversed", "shuffled"], ...] = ("sorted", "reversed", "shuffled")

USERS = ("builder", "another", "somebody-else")

MACHINES = ("machine", "host-of-another", "ci-runner")
"""Names of the machine, which follow the user."""

ROOMS = ("r", "room-of-its-own", "a-third/room")
"""Folders with the place for artifacts, for temporary files and the environment of a build, which follow the path."""

CPUS = (4, 1, 3)
"""Processors that a build is told of, on every machine; with one, it is bound to it where the system can."""

LOCALES = ("C.UTF-8", "C")
FOREIGN = ("tr_TR.utf8", "de_DE.utf8", "fr_FR.utf8", "en_US.utf8")
"""Names as `locale -a` prints them, the one with the most surprising letters first."""


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers and names of the user and the group that a build runs as."""

    uid: int
    gid: int
    name: str
    group: str


OWNERS: Sequence[Owner | None] = (
    None,
    Owner(uid=4711, gid=4712, name="mason", group="masons"),
    Owner(uid=20_815, gid=20_816, name="carpenter", group="carpenters"),
)


def clock(epoch: int, value: int) -> int:
    """The moment at which the clock of a build stands, in seconds since 1970."""
    return _floor(epoch) + OFFSETS[value]


def checked_out(epoch: int, value: int, number: int) -> int:
    """The modification time of file `number` of a checkout, after 1980 and before the clock of every build."""
    return _floor(epoch) + CHECKED_OUT[value] - 2 * (number * (value + 1) % SPREAD)


def locale(value: int, foreign: str | None) -> Mapping[str, str]:
    """The variables of a locale, which Python takes as it is; `foreign` is the third one, None where there is none."""
    names = (*LOCALES, foreign or LOCALES[0])
    return {"LANG": names[value], "LC_ALL": names[value], "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


def foreign(names: Sequence[str]) -> str | None:
    """The locale out of `locale -a` that is not English if there is one, any other UTF-8 one else."""
    known = {name.lower().replace("utf-8", "utf8"): name for name in names}
    wanted = next((known[name.lower()] for name in FOREIGN if name.lower() in known), None)
    others = (name for key, name in sorted(known.items()) if key.endswith(".utf8") and key != "c.utf8")
    return wanted or next(others, None)


def _floor(epoch: int) -> int:
    """The epoch, or the first one that leaves room for a checkout after 1980."""
    return max(epoch, ZIP_EPOCH + 100 * DAY)
