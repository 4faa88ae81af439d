"""The clock: tests start at the instant that is set, and pytest's own times stay what they really are."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given as varied
from hypothesis import strategies as st

from pytest_vltair.fixed.clock import Clock
from pytest_vltair.fixed.watch import Instant, Watch, instant
from support.factors import applied, make
from support.recordings import PLAIN, read

pytest.importorskip("time_machine")
ARGS = (*PLAIN, "-p", "no:cacheprovider")
SET = ("-o", "vltair_clock=2020-02-29T12:00:00Z")
FROZEN = ("-o", "vltair_clock=2020-02-29T12:00:00Z frozen")
AT = 1582977600
"""2020-02-29T12:00:00Z."""


def passes(pytester: pytest.Pytester, suite: str, *args: str, **counts: int) -> pytest.RunResult:
    pytester.makepyfile(test_suite=suite)
    result = pytester.runpytest_subprocess(*ARGS, *args)
    result.assert_outcomes(**counts)
    return result


class TestInstants:
    @pytest.mark.parametrize(
        ("text", "seconds", "said"),
        [
            ("2020-02-29", 1582934400, "2020-02-29T00:00:00Z"),
            ("2020-02-29T12:00", AT, "2020-02-29T12:00:00Z"),
            ("2020-02-29 12:00:00", AT, "2020-02-29T12:00:00Z"),
            ("20200229T120000Z", AT, "2020-02-29T12:00:00Z"),
            ("2020-02-29T12:00:00+05:45", AT - 20700, "2020-02-29T12:00:00+05:45"),
            ("1969-12-31T23:59:59Z", -1, "1969-12-31T23:59:59Z"),
        ],
    )
    def test_forms(self, text: str, seconds: int, said: str) -> None:
        assert instant(text).time.timestamp() == seconds
        assert str(instant(text)) == said
        assert str(instant(text, frozen=True)) == f"{said} frozen"

    def test_dates(self) -> None:
        assert instant(dt.date(2020, 2, 29)) == instant("2020-02-29")
        assert instant(dt.datetime(2020, 2, 29, 12)) == instant("2020-02-29T12:00:00Z")  # noqa: DTZ001
        zone = dt.timezone(dt.timedelta(hours=-3))
        assert instant(dt.datetime(2020, 2, 29, 9, tzinfo=zone)).time.timestamp() == AT

    @varied(st.datetimes(timezones=st.just(dt.UTC)).filter(lambda when: 1 < when.year < 9999), st.booleans())
    def test_what_is_said_is_read_again(self, when: dt.datetime, frozen: bool) -> None:
        said = Instant(when, frozen)
        assert make(Clock, str(said)).demanded == str(said)

    @varied(st.text(max_size=30))
    def test_any_text_is_read_or_refused_in_one_sentence(self, text: str) -> None:
        said = ""
        try:
            make(Clock, text)
        except pytest.UsageError as error:
            said = str(error)
        assert not said or said.startswith("pytest.ini:1: vltair_clock = ")
        assert len(said.splitlines()) < 2

    @pytest.mark.parametrize("text", ["", "frozen", "now", "12:00", "2020-02-30", "0001-01-01", "2020-02-29 melted"])
    def test_what_is_none(self, text: str) -> None:
        with pytest.raises(pytest.UsageError, match=r"is no time: .*; the word frozen may stand after it"):
            make(Clock, text)


class TestFactor:
    @pytest.mark.parametrize("text", ["2020-02-29T12:00:00Z", "2020-02-29T12:00:00.123456Z frozen", "1969-07-20"])
    def test_it_shows_what_is_demanded_and_nothing_before_a_test(self, text: str, pytestconfig: pytest.Config) -> None:
        before = time.time()
        with applied(make(Clock, text), pytestconfig) as clock:
            assert clock.shown() == clock.demanded
            assert abs(time.time() - before) < 60
        assert abs(time.time() - before) < 60

    def test_it_shows_that_it_does_not_hold(self, pytestconfig: pytest.Config) -> None:
        import time_machine

        clock = make(Clock, "2020-02-29")
        with applied(clock, pytestconfig), time_machine.travel(0, tick=False):
            assert clock.shown() == "1970-01-01T00:00:00+00:00"

    def test_functions_are_given_back(self, pytestconfig: pytest.Config) -> None:
        import uuid

        import time_machine

        before = dict(vars(uuid))
        with applied(make(Clock, "2020-02-29"), pytestconfig):
            assert time_machine.escape_hatch.is_travelling()
        assert not time_machine.escape_hatch.is_travelling()
        assert vars(uuid)["_generate_time_safe"] is before["_generate_time_safe"]

    def test_a_travel_that_goes_on_is_left_alone(self) -> None:
        import time_machine

        watch = Watch()
        watch.hold()
        real = watch.real()
        other = time_machine.travel(86400, tick=False)
        other.start()
        watch.release()
        assert time.time() == 86400
        other.stop()
        assert abs(time.time() - real) < 60
        assert not time_machine.escape_hatch.is_travelling()

    def test_it_is_taken_again_when_a_test_stops_more_than_it_started(self) -> None:
        import time_machine

        watch = Watch()
        watch.hold()
        time_machine.travel(0).stop()
        watch.begin(instant("2020-02-29T12:00:00Z", frozen=True))
        assert time.time() == AT
        watch.end()
        watch.release()
        assert not time_machine.escape_hatch.is_travelling()

    def test_without_time_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "time_machine", None)
        with pytest.raises(pytest.UsageError, match=r"needs time-machine, .*pip install 'pytest-vltair\[clock\]'"):
            make(Clock, "2020-02-29")


START = f"""
    import datetime, time
    import pytest
    AT = {AT}
    def since(): return time.time() - AT
"""


class TestRuns:
    def test_every_test_starts_at_the_instant(self, pytester: pytest.Pytester) -> None:
        suite = (
            START
            + """
    earlier = [time.monotonic()]
    def anew(after=-1): return 0 <= since() <= time.monotonic() - earlier[after]
    @pytest.fixture(scope="session")
    def wide():
        assert anew()
        yield
        assert anew(-2)
    @pytest.fixture
    def began():
        began = time.time()
        time.sleep(0.2)
        yield began
        assert since() >= 0.5
        earlier.append(time.monotonic())
    def test_first(wide, began):
        assert anew() and 0 <= began - AT <= since() - 0.2
        time.sleep(0.3)
    @pytest.mark.parametrize("again", range(3))
    def test_next(again):
        assert anew()
        earlier.append(time.monotonic())
        assert datetime.datetime.now(datetime.timezone.utc).isoformat().startswith("2020-02-29T12:00:0")
        assert datetime.date.today() == datetime.date(2020, 2, 29)
        assert abs(time.time_ns() / 1e9 - time.time()) < 1
        assert time.gmtime()[:6] < (2020, 2, 29, 12, 1, 0)
    """
        )
        passes(pytester, suite, *SET, passed=4)

    def test_frozen(self, pytester: pytest.Pytester) -> None:
        suite = (
            START
            + """
    def test_stands():
        before = time.monotonic(), time.perf_counter()
        time.sleep(0.05)
        assert since() == 0
        assert time.monotonic() - before[0] >= 0.04
        assert time.perf_counter() - before[1] >= 0.04
    """
        )
        passes(pytester, suite, *FROZEN, passed=1)

    def test_times_of_pytest_are_real(self, pytester: pytest.Pytester) -> None:
        pytester.makeconftest(
            """
            import time
            def pytest_runtest_logreport(report):
                began = getattr(report, "start", time.time())
                assert 0 <= time.time() - began < 60, (report.when, began)
                assert 0 <= getattr(report, "stop", began) - began < 60, report.when
            def pytest_runtest_logstart(): assert time.time() > 1700000000
            def pytest_sessionfinish(): assert time.time() > 1700000000
            """
        )
        suite = (
            START
            + """
    def test_sleeps(): time.sleep(0.1)
    def test_moves(vltair_clock): vltair_clock.move_to("2000-01-01")
    """
        )
        result = passes(
            pytester, suite, *SET, "--vltair-record=run.jsonl", "--junitxml=junit.xml", "--durations=0", passed=2
        )
        assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
        first, second = ET.parse(pytester.path / "junit.xml").iter("testcase")
        assert 0.1 <= float(first.attrib["time"]) < 5
        assert 0 <= float(second.attrib["time"]) < 5
        (suites,) = ET.parse(pytester.path / "junit.xml").iter("testsuite")
        assert 0.1 <= float(suites.attrib["time"]) < 30
        assert suites.attrib["timestamp"] > "2025"
        read(pytester.path / "run.jsonl")
        lines = [json.loads(line) for line in (pytester.path / "run.jsonl").read_text().splitlines()]
        assert all(0 <= line["duration"] < 5 for line in lines if line["event"] == "phase")
        assert lines[0]["started"] > "2025"

    def test_subtests_are_reported_with_real_times(self, pytester: pytest.Pytester) -> None:
        if not hasattr(pytest, "Subtests"):
            pytest.importorskip("pytest_subtests")
        pytester.makeconftest(
            """
            import time
            def pytest_runtest_logreport(report):
                assert report.start > 1700000000 and 0 <= report.stop - report.start < 60
            """
        )
        suite = (
            START
            + """
    import unittest
    def test_parts(subtests):
        with subtests.test("a"): assert since() < 5
    class TestParts(unittest.TestCase):
        def test_parts(self):
            with self.subTest("a"): assert since() < 5
    """
        )
        pytester.makepyfile(test_suite=suite)
        result = pytester.runpytest_subprocess(*ARGS, *SET)
        assert result.ret == 0, result.stdout.str()

    def test_unittest(self, pytester: pytest.Pytester) -> None:
        suite = (
            START
            + """
    import unittest
    class TestIt(unittest.TestCase):
        @classmethod
        def setUpClass(cls): assert since() == 0
        def setUp(self): assert since() == 0
        def tearDown(self): assert since() == 0
        def test_it(self): assert since() == 0
    """
        )
        passes(pytester, suite, *FROZEN, passed=1)

    def test_coroutines(self, pytester: pytest.Pytester) -> None:
        suite = (
            START
            + """
    import asyncio
    def test_it():
        async def nap():
            await asyncio.sleep(0.05)
            return since()
        assert asyncio.run(nap()) == 0
    """
        )
        passes(pytester, suite, *FROZEN, passed=1)

    @pytest.mark.skipif(not hasattr(time, "tzset"), reason="there is no tzset")
    def test_the_zone_is_left_alone(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TZ", "Asia/Kathmandu")
        suite = (
            START
            + """
    import os
    def test_it(vltair_clock):
        vltair_clock.move_to("2020-01-01T00:00:00Z")
        assert (os.environ["TZ"], time.localtime().tm_hour) == ("Asia/Kathmandu", 5)
        assert time.tzname[0] == "+0545"
    """
        )
        passes(pytester, suite, "-o", "vltair_clock=2020-02-29T12:00:00Z", passed=1)

    def test_an_unreadable_time(self, pytester: pytest.Pytester) -> None:
        pytester.makeini("[pytest]\nvltair_clock = noon\n")
        pytester.makepyfile("def test_a(): pass\n")
        result = pytester.runpytest_subprocess(*ARGS)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["*tox.ini:2: vltair_clock = 'noon' is no time: 'noon' is not ISO 8601*"])


class TestMarkerAndFixture:
    def test_without_any_setting(self, pytester: pytest.Pytester) -> None:
        suite = (
            START
            + """
    YEAR = time.gmtime().tm_year
    @pytest.mark.vltair_clock("2020-02-29T12:00:00Z", frozen=True)
    def test_marker(): assert since() == 0
    def test_restored(): assert time.gmtime().tm_year == YEAR
    @pytest.mark.vltair_clock(datetime.date(2020, 2, 29))
    class TestClass:
        def test_inherits(self): assert -43200 <= since() < -43190
        @pytest.mark.vltair_clock(time="2021-01-01")
        def test_nearest(self): assert time.gmtime().tm_year == 2021
    def test_fixture(vltair_clock):
        assert time.gmtime().tm_year == YEAR
        vltair_clock.move_to("2020-02-29T12:00:00Z")
        assert 0 <= since() < 5
        vltair_clock.freeze()
        before = time.time()
        vltair_clock.shift(10)
        assert time.time() == before + 10
        vltair_clock.shift(datetime.timedelta(days=-1))
        assert time.time() == before + 10 - 86400
        vltair_clock.tick()
        time.sleep(0.01)
        assert time.time() > before + 10 - 86400
        vltair_clock.move_to("2020-02-29T12:00:00Z", frozen=True)
        vltair_clock.move_to("2020-02-29T12:00:01Z")
        time.sleep(0.01)
        assert since() == 1
    def test_restored_again(): assert time.gmtime().tm_year == YEAR
    def test_asked_for_late(request):
        request.getfixturevalue("vltair_clock").move_to("2020-02-29T12:00:00Z", frozen=True)
        assert since() == 0
    def test_not_travelling():
        import time_machine
        assert not time_machine.escape_hatch.is_travelling()
    """
        )
        passes(pytester, suite, passed=8)

    def test_it_is_carried_from_fixture_to_test(self, pytester: pytest.Pytester) -> None:
        suite = (
            START
            + """
    @pytest.fixture
    def leap(vltair_clock):
        vltair_clock.move_to("2024-02-29T00:00:00Z")
        yield vltair_clock
        assert time.gmtime().tm_year == 2030
    def test_it(leap):
        assert 0 <= time.time() - 1709164800 < 5
        leap.move_to("2030-01-01", frozen=True)
    """
        )
        passes(pytester, suite, passed=1)
        passes(pytester, suite, *FROZEN, passed=1)

    @pytest.mark.parametrize(
        ("marker", "said"),
        [
            ("()", "takes a time, and frozen=True or False"),
            ("('2020-01-01', True, 1)", "takes a time, and frozen=True or False"),
            ("('2020-01-01', time='2020-01-01')", "takes a time, and frozen=True or False"),
            ("('2020-01-01', tick=False)", "takes a time, and frozen=True or False"),
            ("('noon')", "is no time: 'noon' is not ISO 8601 such as 2026-01-01T12:00:00Z"),
            ("(5)", "is no time: 5 is neither text nor a date"),
        ],
    )
    def test_a_wrong_marker(self, pytester: pytest.Pytester, marker: str, said: str) -> None:
        pytester.makepyfile(
            f"import pytest\n@pytest.mark.vltair_clock{marker}\ndef test_a(): pass\ndef test_b(): pass\n"
        )
        result = pytester.runpytest_inprocess(*ARGS)
        result.assert_outcomes(errors=1, passed=1)
        result.stdout.fnmatch_lines([f"the marker vltair_clock {said}"])

    def test_without_time_machine(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(time_machine="raise ImportError('gone')")
        pytester.makepyfile("import pytest\n@pytest.mark.vltair_clock('2020-01-01')\ndef test_a(): pass\n")
        result = pytester.runpytest_subprocess(*ARGS, "-p", "no:time_machine")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["*the clock needs time-machine, which cannot be imported (gone): python -m pip*"])


class TestOthersOfItsKind:
    def test_time_machine_itself(self, pytester: pytest.Pytester) -> None:
        suite = (
            START
            + """
    import time_machine as machine
    @pytest.fixture(scope="module")
    def far():
        with machine.travel("1999-01-01T00:00:00Z", tick=False): yield
    def test_inside():
        with machine.travel(86400, tick=False): assert time.time() == 86400
        assert since() == 0
    def test_own_fixture(time_machine):
        time_machine.move_to(86400, tick=False)
        assert time.time() == 86400
    def test_over_several_tests(far): assert time.gmtime().tm_year == 1999
    def test_second_of_several(far): assert time.gmtime().tm_year == 1999
    def test_never_stopped(): machine.travel("1998-01-01T00:00:00Z").start()
    """
        )
        pytester.makeconftest(
            "import time\ndef pytest_runtest_logreport(report): assert report.when != 'call' or report.duration < 60\n"
        )
        passes(pytester, suite, *FROZEN, passed=5)

    def test_patched_functions(self, pytester: pytest.Pytester) -> None:
        suite = (
            START
            + """
    from unittest import mock
    def test_patched(monkeypatch):
        monkeypatch.setattr(time, "time", lambda: 5.0)
        assert time.time() == 5.0
    @pytest.fixture
    def broken():
        with mock.patch("time.time_ns", side_effect=RuntimeError), mock.patch("time.time", side_effect=RuntimeError):
            yield
    def test_broken(broken): pass
    def test_after(): assert since() == 0
    """
        )
        passes(pytester, suite, *FROZEN, passed=3)

    def test_freezegun(self, pytester: pytest.Pytester) -> None:
        pytest.importorskip("freezegun", reason="freezegun is not installed")
        suite = (
            START
            + """
    import freezegun
    @pytest.fixture(scope="module")
    def far():
        with freezegun.freeze_time("1999-01-01"): yield
    @freezegun.freeze_time("2001-01-01")
    def test_inside(): assert datetime.date.today().year == 2001
    def test_over_phases(far): assert datetime.date.today().year == 1999
    def test_over_tests(far): assert datetime.date.today().year == 1999
    """
        )
        passes(pytester, suite, *FROZEN, passed=3)
        marked = "import pytest\n" + "import freezegun\nfreezegun.freeze_time('1999-01-01').start()\n"
        pytester.makepyfile(
            test_suite=marked + "@pytest.mark.vltair_clock('2020-01-01')\ndef test_a(): pass\ndef test_b(): pass\n"
        )
        result = pytester.runpytest_subprocess(*ARGS)
        result.assert_outcomes(errors=1, passed=1)
        result.stdout.fnmatch_lines(["the clock cannot be taken: *freezegun*"])


def test_with_workers(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(
        f"import time, pytest\n@pytest.mark.parametrize('n', range(6))\ndef test_a(n): assert time.time() == {AT}\n"
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-n2", *FROZEN)
    result.assert_outcomes(passed=6)
    assert Path(pytester.path).is_dir()


def test_what_was_never_applied_lets_go_of_nothing(pytestconfig: pytest.Config) -> None:
    with applied(make(Clock, "2020-02-29"), pytestconfig) as factor:
        make(Clock, "2021-01-01").restore()
        assert factor.shown() == factor.demanded


def test_what_is_reported_within_a_phase_has_real_times(pytestconfig: pytest.Config) -> None:
    real = time.time()
    report = SimpleNamespace(start=AT, stop=AT + 1, duration=1.0)
    with applied(make(Clock, "2020-02-29"), pytestconfig) as factor:
        factor.hooks.pytest_runtest_logreport(report)  # type: ignore[arg-type]
        assert report.stop == AT + 1
        factor.hooks.watch.resume()
        factor.hooks.pytest_runtest_logreport(report)  # type: ignore[arg-type]
        factor.hooks.watch.pause()
    assert real <= report.stop <= time.time()
    assert report.start == report.stop - 1
