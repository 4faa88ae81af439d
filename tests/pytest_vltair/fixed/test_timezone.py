"""The time zone: proved in the C library, restored exactly, and never UTC because a name is wrong."""

from __future__ import annotations

import os
import time
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from unittest import mock

import pytest
from hypothesis import given as varied
from hypothesis import settings
from hypothesis import strategies as st

from pytest_vltair.fixed import timezone
from pytest_vltair.fixed.timezone import TimeZone
from support.factors import applied, make
from support.recordings import PLAIN

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="there is no tzset")

NAMES = cache(zoneinfo.available_timezones)  # walking the database takes a tenth of a second
SUMMER, WINTER = 1_783_000_000, 1_799_000_000


@pytest.fixture(autouse=True)
def _away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/Lima")
    time.tzset()
    yield
    monkeypatch.undo()  # what the test set, too: the C library is to be in the zone that holds after it
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "summer", "winter"),
    [
        ("UTC", ("UTC", 0), ("UTC", 0)),
        ("Asia/Kathmandu", ("+0545", 20700), ("+0545", 20700)),
        ("Europe/Berlin", ("CEST", 7200), ("CET", 3600)),
        ("EST5EDT,M3.2.0,M11.1.0", ("EDT", -14400), ("EST", -18000)),
        ("<+0545>-5:45", ("+0545", 20700), ("+0545", 20700)),
        ("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", ("-02", -7200), ("-03", -10800)),
    ],
)
def test_the_c_library_is_in_the_zone(
    zone: str, summer: tuple[str, int], winter: tuple[str, int], pytestconfig: pytest.Config
) -> None:
    with applied(make(TimeZone, zone), pytestconfig) as factor:
        for instant, expected in ((SUMMER, summer), (WINTER, winter)):
            there = time.localtime(instant)
            assert (there.tm_zone, there.tm_gmtoff) == expected
        assert os.environ["TZ"] == zone
        assert factor.shown() == factor.demanded == zone
    assert (time.tzname[0], os.environ["TZ"]) == ("-05", "America/Lima")


def test_a_variable_that_was_not_there_is_not_there_afterwards(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TZ")
    time.tzset()
    before = time.localtime(SUMMER)
    with applied(make(TimeZone, "Asia/Tokyo"), pytestconfig):
        assert time.localtime(SUMMER).tm_zone == "JST"
    assert "TZ" not in os.environ
    assert time.localtime(SUMMER) == before


def test_what_is_shown_is_what_the_c_library_does(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    with applied(make(TimeZone, "UTC"), pytestconfig) as factor:
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        assert factor.shown() == "UTC +0000 (TZ Asia/Tokyo)"  # nobody called tzset: only children are told
        time.tzset()
        assert factor.shown() == "JST +0900 (TZ Asia/Tokyo)"
        monkeypatch.delenv("TZ")
        assert factor.shown() == "JST +0900 (TZ is not set)"
        monkeypatch.setenv("TZ", "UTC")
        assert factor.shown() == "JST +0900 (TZ UTC)"


def test_patched_functions_do_not_matter(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    with applied(make(TimeZone, "Asia/Tokyo"), pytestconfig) as factor:
        monkeypatch.setattr(time, "localtime", lambda *_: None)
        monkeypatch.setattr(time, "tzset", lambda: None)
        monkeypatch.setattr(os, "environ", {})
        assert factor.shown() == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("zone", "why"),
    [
        ("Asia/Katmandoo", 'is no time zone: did you mean "Asia/Katmandu"?'),
        ("utc", 'is no time zone: did you mean "UTC"?'),
        ("../../etc/passwd", "is no time zone: write one such as Asia/Kathmandu"),
        ("localtime", "is no time zone: write one such as Asia/Kathmandu"),
        ("\0", "is no time zone: write one such as Asia/Kathmandu"),
        ("XYZ99", "is no rule of a time zone: write one such as <+0545>-5:45 or EST5EDT,M3.2.0,M11.1.0"),
        ("ABC5DEF", "is no rule of a time zone: write one such as <+0545>-5:45 or EST5EDT,M3.2.0,M11.1.0"),
    ],
)
def test_a_zone_that_is_none(zone: str, why: str) -> None:
    with pytest.raises(pytest.UsageError) as told:
        make(TimeZone, zone)
    assert str(told.value) == f"pytest.ini:1: vltair_timezone = {zone!r} {why}"
    assert os.environ["TZ"] == "America/Lima"


@settings(max_examples=50)
@varied(st.text(max_size=30) | st.from_regex(timezone._POSIX, fullmatch=True))
def test_any_text_is_a_zone_or_refused(text: str) -> None:
    try:
        with mock.patch("zoneinfo.available_timezones", NAMES):
            found = timezone.zone(text)
    except timezone.UnknownZoneError:
        return
    assert abs(datetime.now(UTC).astimezone(found).utcoffset().total_seconds()) < 86400 * 8  # type: ignore[union-attr]


def test_a_machine_without_time_zones(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    def none(key: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(key)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", none)
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    with pytest.raises(pytest.UsageError, match="this machine has no time zone database; install tzdata"):
        make(TimeZone, "Asia/Tokyo")
    with applied(make(TimeZone, "UTC"), pytestconfig) as factor:
        assert factor.shown() == "UTC"


def test_a_zone_that_only_python_knows(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    monkeypatch.setenv("TZDIR", "/nowhere")
    factor = make(TimeZone, "Etc/GMT")
    with pytest.raises(pytest.UsageError, match="which would take it for UTC: install the system's tzdata"):
        factor.apply(pytestconfig)
    factor.restore()
    assert os.environ["TZ"] == "America/Lima"
    monkeypatch.undo()
    time.tzset()  # glibc reads a zone again only where TZ has changed


def test_a_system_without_tzset(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    monkeypatch.setattr(timezone, "_tzset", None)
    here, other = make(TimeZone, "America/Lima"), make(TimeZone, "Asia/Tokyo")
    with applied(here, pytestconfig):
        assert here.shown() == "America/Lima"
    with pytest.raises(pytest.UsageError, match="cannot be set on this system, which has no tzset"):
        other.apply(pytestconfig)
    assert os.environ["TZ"] == "America/Lima"


def test_a_factor_that_was_not_applied_restores_nothing() -> None:
    make(TimeZone, "Asia/Tokyo").restore()
    assert os.environ["TZ"] == "America/Lima"


FIXTURE = """
    import os, time
    import pytest

    @pytest.fixture
    def after():
        yield
        assert time.tzname[0] == "UTC" and os.environ["TZ"] == "UTC"

    def test_it(after, vltair_timezone):
        vltair_timezone("Asia/Kathmandu")
        assert time.tzname == ("+0545", "+0545")
        vltair_timezone("Europe/Berlin")
        assert time.localtime(1783000000)[:5] == (2026, 7, 2, 15, 46)

    def test_unused(vltair_timezone):
        os.environ["TZ"] = "Asia/Tokyo"

    def test_is_not_put_back_for_others():
        assert os.environ["TZ"] == "Asia/Tokyo"

    def test_wrong(vltair_timezone):
        vltair_timezone("Europe/Berln")
    """


def test_the_fixture(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    pytester.makepyfile(FIXTURE)
    result = pytester.runpytest_subprocess(*PLAIN, "-p", "no:cacheprovider")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        ["_* test_wrong _*", "vltair_timezone: 'Europe/Berln' is no time zone: did you mean \"Europe/Berlin\"[?]"]
    )
