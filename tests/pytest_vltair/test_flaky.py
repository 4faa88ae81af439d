"""A mark that excuses a known unstable test until a day, in runs of pytest of their own."""

from __future__ import annotations

import pytest

from support.recordings import WITH_XDIST

RUN = (*WITH_XDIST, "-p", "no:cacheprovider", "-rxX")
FUTURE = "2999-12-31"
SUITE = """
    import pytest

    flaky = pytest.mark.vltair_flaky("timezone", until="UNTIL", reason="the till counts local days")

    @pytest.fixture
    def broken(): raise OSError("no till")

    @flaky
    def test_fails(): assert 1 == 2

    @flaky
    def test_set_up(broken): pass

    @flaky
    def test_passes(): pass

    @flaky
    class TestBoth:
        def test_in_class(self): assert 0
"""


def ran(pytester: pytest.Pytester, source: str, *words: str, until: str = FUTURE) -> pytest.RunResult:
    pytester.makepyfile(test_till=source.replace("UNTIL", until))
    return pytester.runpytest_subprocess(*RUN, *words)


def test_failures_until_the_day_are_expected(pytester: pytest.Pytester) -> None:
    result = ran(pytester, SUITE)
    result.assert_outcomes(xfailed=3, passed=1)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["XFAIL test_till.py::test_fails - flaky: timezone, until 2999-12-31: the till counts*"]
    )


def test_the_last_day_is_one_of_them(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import datetime\n"
        "class Fixed(datetime.datetime):\n"
        "    @classmethod\n"
        "    def now(cls, tz=None): return cls(2027, 1, 31, 23, 59, tzinfo=tz)\n"
        "import pytest_vltair.flaky\n"
        "pytest_vltair.flaky.datetime = Fixed\n"
    )
    ran(pytester, SUITE, until="2027-01-31").assert_outcomes(xfailed=3, passed=1)
    ran(pytester, SUITE, until="2027-01-30").assert_outcomes(failed=2, errors=1, passed=1)


def test_later_they_fail_and_say_why(pytester: pytest.Pytester) -> None:
    result = ran(pytester, SUITE, until="2020-02-29")
    result.assert_outcomes(failed=2, errors=1, passed=1)
    assert result.ret == 1
    said = "this test is marked as flaky (timezone), and the mark expired on 2020-02-29: mend it"
    assert result.stdout.str().count(said) == 3


def test_no_other_failure_is_excused(pytester: pytest.Pytester) -> None:
    result = ran(pytester, SUITE + "\n    def test_other(): assert 0\n")
    result.assert_outcomes(xfailed=3, passed=1, failed=1)


def test_workers_of_xdist_excuse_too(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    ran(pytester, SUITE, "-n", "2").assert_outcomes(xfailed=3, passed=1)


@pytest.mark.parametrize("words", [("--runxfail",), ()])
def test_nothing_is_excused_where_failures_are_wanted(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    if not words:
        monkeypatch.setenv("VLTAIR_TRIAL", "trial.json")
    ran(pytester, SUITE, *words).assert_outcomes(failed=2, errors=1, passed=1)


@pytest.mark.parametrize(
    ("mark", "why"),
    [
        ("vltair_flaky", "does not name the factor"),
        ("vltair_flaky('timezone')", "has no last day"),
        ("vltair_flaky('timezone', reason='x')", "has no last day"),
        ("vltair_flaky(until='2027-01-31')", "does not name the factor"),
        ("vltair_flaky('timezone', until='2027-02-30')", "needs an until that is a day"),
        ("vltair_flaky('timezone', until='soon')", "needs an until that is a day"),
        ("vltair_flaky('timezone', until=2027)", "needs an until that is a day"),
        ("vltair_flaky('timezone', untill='2027-01-31')", "has a keyword 'untill'"),
        ("vltair_flaky('timezone', until='2027-01-31', reason=3)", "needs a reason that is text"),
    ],
)
def test_a_mark_that_says_too_little_stops_the_collection(pytester: pytest.Pytester, mark: str, why: str) -> None:
    result = ran(pytester, f"import pytest\n\n@pytest.mark.{mark}\ndef test_a(): pass\n")
    assert result.ret == 2
    result.stdout.fnmatch_lines([f"*test_till.py:3: the marker vltair_flaky*{why}*"])


def test_the_marker_is_listed(pytester: pytest.Pytester) -> None:
    pytester.runpytest_subprocess("--markers").stdout.fnmatch_lines(["@pytest.mark.vltair_flaky(factor, until, *"])


def test_nothing_is_imported_for_tests_without_it(pytester: pytest.Pytester) -> None:
    ran(pytester, "import sys\n\ndef test_a(): assert 'pytest_vltair.flaky' not in sys.modules\n").assert_outcomes(
        passed=1
    )


def test_the_reason_is_recorded(pytester: pytest.Pytester) -> None:
    ran(pytester, SUITE, "--vltair-record", "run.jsonl")
    assert "flaky: timezone, until 2999-12-31: the till counts local days" in (pytester.path / "run.jsonl").read_text()
