"""Markers: a test in another zone, locale or on the network, whatever is configured, and nobody else."""

from __future__ import annotations

import textwrap

import pytest

from support.recordings import PLAIN, WITH_XDIST

RUN = ("-p", "no:cacheprovider")


@pytest.fixture(autouse=True)
def _lima(monkeypatch: pytest.MonkeyPatch) -> None:
    """The zone of the nested runs, which none of the tests names."""
    monkeypatch.setenv("TZ", "America/Lima")
    for name in ("LC_ALL", "LC_TIME"):
        monkeypatch.delenv(name, raising=False)


SUITE = """
    import os, time, unittest
    import pytest

    def zone(): return os.environ["TZ"], time.tzname[0]

    HERE, TOKYO = ("America/Lima", "-05"), ("Asia/Tokyo", "JST")
    tokyo = pytest.mark.vltair_timezone("Asia/Tokyo")

    @pytest.fixture(scope="module", autouse=True)
    def whole():
        assert zone() == HERE
        yield
        assert zone() == HERE

    @pytest.fixture
    def own():
        before = zone()
        yield before
        assert zone() == before

    def test_before(own): assert own == zone() == HERE

    @tokyo
    def test_marked(own): assert own == zone() == TOKYO

    @tokyo
    def test_fails_within(own): assert zone() == HERE

    @tokyo
    def test_changes_it_itself(vltair_timezone):
        vltair_timezone("UTC")
        assert zone() == ("UTC", "UTC")

    @tokyo
    @pytest.mark.skip
    def test_skipped(): pass

    @tokyo
    class TestClass:
        def test_inherits(self): assert zone() == TOKYO
        @pytest.mark.vltair_timezone("UTC")
        def test_nearest(self): assert zone() == ("UTC", "UTC")

    class TestUnit(unittest.TestCase):
        def setUp(self): self.before = zone()
        def tearDown(self): assert zone() == self.before
        def test_plain(self): assert zone() == HERE
        @tokyo
        def test_unit(self):
            assert zone() == self.before == TOKYO
            with self.subTest("sub"): assert zone() == TOKYO

    def test_after(own): assert own == zone() == HERE
    """


def test_a_zone_for_one_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    result = pytester.runpytest_subprocess(*PLAIN, *RUN)
    outcomes = result.parseoutcomes()
    outcomes.pop("subtests", None)
    outcomes.pop("subtests passed", None)
    assert outcomes == {"passed": 8, "failed": 1, "skipped": 1}, result.stdout.str()
    result.stdout.fnmatch_lines(["_* test_fails_within _*"])


SWEEP = """
    import locale, os, time
    import pytest

    @pytest.mark.vltair_timezone("UTC", "Asia/Kathmandu")
    def test_zones(): assert time.tzname[0] == ("UTC" if os.environ["TZ"] == "UTC" else "+0545")

    @pytest.mark.vltair_timezone("UTC", "Asia/Kathmandu")
    @pytest.mark.vltair_locale("C", "tr_TR.UTF-8")
    @pytest.mark.parametrize("number", [1, 2])
    def test_both(number, tmp_path):
        assert locale.str(0.5) == ("0.5" if os.environ["LC_ALL"] == "C" else "0,5")
        assert os.environ["TZ"] in {"UTC", "Asia/Kathmandu"}

    @pytest.mark.vltair_timezone("UTC", "Asia/Tokyo")
    class TestClass:
        def test_in(self, request): assert os.environ["TZ"] in request.node.name
        @pytest.mark.vltair_timezone("Asia/Kolkata")
        def test_one(self): assert time.tzname == ("IST", "IST")
    """
SWEPT = [
    "test_zones[UTC]",
    "test_zones[Asia/Kathmandu]",
    *(
        f"test_both[{zone}-{name}-{number}]"
        for zone in ("UTC", "Asia/Kathmandu")
        for name in ("C", "tr_TR.UTF-8")
        for number in (1, 2)
    ),
    "TestClass::test_in[UTC]",
    "TestClass::test_in[Asia/Tokyo]",
    "TestClass::test_one",
]


@pytest.mark.usefixtures("turkish")
def test_each_value_makes_a_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=SWEEP)
    result = pytester.runpytest_subprocess(*PLAIN, *RUN, "-rp")
    result.assert_outcomes(passed=len(SWEPT))
    ran = {line.removeprefix("PASSED test_it.py::") for line in result.outlines if line.startswith("PASSED")}
    assert ran == set(SWEPT)
    result = pytester.runpytest_subprocess(*PLAIN, *RUN, "test_it.py::test_zones[Asia/Kathmandu]")
    result.assert_outcomes(passed=1)


def test_workers_agree_on_the_tests(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(test_it=SWEEP.replace("tr_TR.UTF-8", "C.UTF-8").replace("0,5", "0.5"))
    result = pytester.runpytest_subprocess(*WITH_XDIST, *RUN, "-n2", "--dist=worksteal")
    result.assert_outcomes(passed=len(SWEPT))


WRONG = """
    import unittest
    import pytest

    @pytest.mark.vltair_timezone("Asia/Tokio")
    def test_zone(tmp_path): pass

    @pytest.mark.vltair_timezone("UTC", "Asia/Tokio")
    def test_sweep(): pass

    @pytest.mark.vltair_locale("xx_XX.UTF-8")
    def test_locale(): pass

    @pytest.mark.vltair_timezone()
    def test_empty(): pass

    @pytest.mark.vltair_locale(name="C")
    def test_named(): pass

    @pytest.mark.vltair_timezone(5)
    def test_number(): pass

    class TestUnit(unittest.TestCase):
        @pytest.mark.vltair_timezone("UTC", "Asia/Tokyo")
        def test_unit(self): pass

    def test_after():
        import os
        assert os.environ["TZ"] == "America/Lima"
    """


def test_a_wrong_marker_is_the_error_of_its_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(WRONG)
    result = pytester.runpytest_subprocess(*PLAIN, *RUN)
    result.assert_outcomes(passed=2, errors=7)
    result.stdout.fnmatch_lines(
        [
            "_* ERROR at setup of test_zone _*",
            "vltair_timezone: 'Asia/Tokio' is no time zone: did you mean \"Asia/Tokyo\"[?]",
            "_* ERROR at setup of test_sweep[[]Asia/Tokio[]] _*",
            "vltair_timezone: 'Asia/Tokio' is no time zone: did you mean \"Asia/Tokyo\"[?]",
            "_* ERROR at setup of test_locale _*",
            "vltair_locale: 'xx_XX.UTF-8' is not installed: this machine has *",
            "_* ERROR at setup of test_empty _*",
            "the marker vltair_timezone() does not name a time zone",
            "_* ERROR at setup of test_named _*",
            "the marker vltair_locale(name='C') does not name a locale",
            "_* ERROR at setup of test_number _*",
            "the marker vltair_timezone(5) does not name a time zone",
            "_* ERROR at setup of TestUnit.test_unit _*",
            "the marker vltair_timezone('UTC', 'Asia/Tokyo') names several, and this kind of test cannot be run once*",
        ],
        consecutive=True,
    )


DOCTESTS = """
    '''
    >>> import time
    >>> time.tzname[0]
    'JST'
    '''
    """
CONFTEST = """
    import pytest
    def pytest_collection_modifyitems(items):
        for item in items:
            item.add_marker(pytest.mark.vltair_timezone("Asia/Tokyo"))
    """


def test_doctests_by_conftest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(module=DOCTESTS)
    pytester.maketxtfile(test_text=textwrap.dedent(DOCTESTS).replace("'''", ""))
    pytester.makeconftest(CONFTEST)
    result = pytester.runpytest_subprocess(*PLAIN, *RUN, "--doctest-modules")
    result.assert_outcomes(passed=2)


CUT_OFF = """
    import pytest

    @pytest.fixture
    def cut(): raise KeyboardInterrupt

    @pytest.mark.vltair_timezone("Asia/Tokyo")
    def test_it(cut): pass
    """
OUTER = """
    import os, time
    import pytest

    def test_nested():
        assert time.tzname[0] == "-05"
        assert pytest.main(["-pno:cacheprovider", "inner.py"]) == pytest.ExitCode.INTERRUPTED
        assert (os.environ["TZ"], time.tzname[0]) == ("America/Lima", "-05")
    """


def test_a_run_that_is_cut_off_leaves_the_zone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(inner=CUT_OFF, test_outer=OUTER)
    pytester.runpytest_subprocess(*PLAIN, *RUN).assert_outcomes(passed=1)


NOTHING = """
    import sys, time

    def test_it():
        assert "pytest_vltair.fixed.markers" not in sys.modules
        assert "pytest_vltair.fixed.timezone" not in sys.modules
    """


def test_without_markers_nothing_is_loaded(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(NOTHING)
    pytester.runpytest_subprocess(*PLAIN, *RUN).assert_outcomes(passed=1)


ASYNC = """
    import asyncio, os, time
    import pytest

    @pytest.fixture
    async def own():
        await asyncio.sleep(0)
        yield time.tzname[0]
        assert time.tzname[0] == "JST"

    @pytest.mark.vltair_timezone("Asia/Tokyo")
    async def test_async(own):
        await asyncio.sleep(0)
        assert own == time.tzname[0] == "JST"

    @pytest.mark.vltair_timezone("Asia/Tokyo", "UTC")
    async def test_sweep():
        assert time.tzname[0] == ("UTC" if os.environ["TZ"] == "UTC" else "JST")
    """


@pytest.mark.parametrize(
    ("module", "options", "change"),
    [
        ("pytest_asyncio", ["-o", "asyncio_mode=auto"], ("", "")),
        ("anyio", [], ("import pytest\n", "import pytest\n    pytestmark = pytest.mark.anyio\n")),
    ],
)
def test_async_tests(module: str, options: list[str], change: tuple[str, str], pytester: pytest.Pytester) -> None:
    pytest.importorskip(module, reason=f"{module} is not installed, and not demanded by the extra `test`")
    pytester.makepyfile(ASYNC.replace(*change) if change[0] else ASYNC)
    pytester.makeconftest("import pytest\n@pytest.fixture\ndef anyio_backend(): return 'asyncio'")
    pytester.runpytest_subprocess("-p", "no:xdist", *RUN, *options).assert_outcomes(passed=3)
