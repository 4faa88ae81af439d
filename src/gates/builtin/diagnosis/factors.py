"""Factors: what may differ between two runs of the same test, and the values that each is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

FactorName = Literal[
    "repeat",
    "order",
    "parallel",
    "hashseed",
    "rngseed",
    "timezone",
    "locale",
    "clock",
    "network",
    "directory",
    "umask",
    "environment",
    "user",
    "listing",
    "cpus",
    "optimize",
    "load",
]
Kind = Literal[
    "victim", "brittle", "non-idempotent", "environment", "random", "time", "concurrency", "external", "unattributed"
]
Settings = Mapping[str, str]
"""Values by factor, as text; a factor that is not named has its base value. Keys are sorted wherever they are kept."""


_PROXY = "http://127.0.0.1:9"
PROXIES = f"http_proxy={_PROXY} https_proxy={_PROXY} no_proxy=localhost,127.0.0.1,::1"
"""A machine behind a proxy reaches itself without it."""

NO_HOME = "/dev/null/home"
"""A home that not even root can make. Without the variable the real one of the user would be written to."""


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """A factor: the kind of instability it makes, what the base holds it at, and the values tried, likeliest first."""

    name: FactorName
    kind: Kind
    base: str
    values: tuple[str, ...]
    quick: int = 6  # that many values are tried in the screening; the others only in the search for a passing value


FACTORS: Mapping[str, Factor] = {
    factor.name: factor
    for factor in (
        # A number of turns of each test in one process.
        Factor(name="repeat", kind="non-idempotent", base="1", values=("2",)),
        # `reversed`, or `shuffled:SEED`. An order that names its tests is given by the trial itself.
        Factor(name="order", kind="victim", base="collected", values=("reversed", "shuffled:1", "shuffled:2")),
        # A number of workers.
        Factor(name="parallel", kind="concurrency", base="0", values=("2", "4")),
        Factor(name="hashseed", kind="random", base="0", values=tuple(str(number) for number in range(1, 17))),
        # What generators are seeded with as the process starts; `each:N` seeds before each test; `none` seeds nothing.
        Factor(name="rngseed", kind="random", base="0", values=("1", "none", "2", "3", "5", "28", "4", "6", "7", "8")),
        Factor(
            name="timezone",
            kind="environment",
            base="UTC",
            values=(
                "America/Los_Angeles", "Asia/Kolkata", "Europe/Berlin", "Pacific/Auckland", "America/St_Johns",
                "Pacific/Kiritimati", "Asia/Tokyo", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe",
                "Pacific/Pago_Pago", "Asia/Kathmandu",
            ),
        ),
        # `ASCII` is the C locale without Python's UTF-8 mode; the others are POSIX names.
        Factor(
            name="locale",
            kind="environment",
            base="C.UTF-8",
            values=("de_DE.UTF-8", "ASCII", "tr_TR.UTF-8", "en_US.ISO-8859-1", "fr_FR.UTF-8", "en_US.UTF-8"),
        ),
        # The instant in UTC at which the process starts; time goes on from there. `now` is the machine's own clock.
        Factor(
            name="clock",
            kind="time",
            base="now",
            values=(
                "2042-11-05T09:17:03Z",  # 16 years on, as openSUSE builds its packages
                "2028-02-29T12:00:00Z", "2032-12-31T23:45:00Z", "2025-03-30T00:45:00Z", "2001-01-01T00:10:00Z",
                "2027-05-31T23:30:00Z", "2025-03-09T09:30:00Z", "2025-11-02T05:30:00Z", "2025-10-26T00:30:00Z",
                "2025-03-29T12:00:00Z", "2025-03-12T12:00:00Z", "2019-06-15T12:00:00Z", "2039-01-20T03:00:00Z",
                "2025-03-16T12:00:00Z", "2013-07-04T12:00:00Z", "2101-06-01T12:00:00Z",
            ),
        ),
        # Other machines: `off` refuses them, `answered` has a server of our own stand in, `real` lets them be reached.
        Factor(name="network", kind="external", base="off", values=("answered", "real")),
        # The checkout: in a folder of another name, one with a blank, a deep one; `outside`: started from elsewhere;
        # `tests`: started from the folder that the tests are in, as a project may be used to that starts nowhere else.
        Factor(
            name="directory",
            kind="environment",
            base="project",
            values=("outside", "my checkout", "other", "deep", "tests"),
            quick=4,
        ),
        Factor(name="umask", kind="environment", base="022", values=("002", "077", "000")),
        # Variables as shell words: NAME=VALUE sets, -NAME takes away.
        Factor(
            name="environment",
            kind="environment",
            base="",
            values=(
                f"COLUMNS=40 NO_COLOR=1 CI=true TERM=dumb HOME={NO_HOME} {PROXIES}",
                "COLUMNS=200 FORCE_COLOR=1 TERM=xterm-256color -USER -LOGNAME",
                "COLUMNS=132 LINES=50 CLICOLOR_FORCE=1 -TERM PAGER=cat EDITOR=vi DEBUG=1",
            ),
        ),
        Factor(name="user", kind="environment", base="own", values=("plain", "root")),
        Factor(name="listing", kind="environment", base="sorted", values=("reversed", "shuffled", "native")),
        Factor(name="cpus", kind="environment", base="own", values=("1", "4", "64")),
        Factor(name="optimize", kind="environment", base="0", values=("1", "2")),
        # `background` has other threads late, `foreground` this one, `busy` keeps every processor at work.
        Factor(name="load", kind="concurrency", base="none", values=("background", "foreground", "busy")),
    )
}  # fmt: skip
"""Every factor, in the order of the manual."""

HELD = "The project holds it itself"
"""How the reason begins where no run can vary a factor, and none of the project's own runs does."""

IN_PROCESS = ("repeat", "order", "parallel")
"""Factors of how the suite is run; all others are of what surrounds it."""


def settled(settings: Settings) -> tuple[tuple[str, str], ...]:
    """The settings that are not the base's, sorted."""
    return tuple(sorted((name, value) for name, value in settings.items() if value != FACTORS[name].base))


def title(names: tuple[str, ...]) -> str:
    """How a cause is called: `clock`, or `clock+timezone` for a pair."""
    return "+".join(sorted(names))
