"""What a run says of the requirements that its tests name, and which tests `--requirement` leaves."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.render.trace import csv as matrix
from pytest_vltair.required import verified
from pytest_vltair.required.chosen import matches, unknown
from support import trace_evidence as made
from support import trace_reports
from support.recordings import PLAIN, WITH_XDIST, read

SUITE = """
    import pytest, unittest
    pytestmark = pytest.mark.requirement("ALL-1")

    @pytest.mark.requirement("CE-7", "CE-8")
    def test_good(): pass

    @pytest.mark.covers("CE-8")
    def test_bad(): assert 0

    class TestSkipped(unittest.TestCase):
        @pytest.mark.requirement("CE-9")
        @unittest.skip("no")
        def test_skipped(self): pass

        @pytest.mark.requirement("CE-9")
        @unittest.expectedFailure
        def test_expected(self): self.fail()

    @pytest.mark.requirement("CE-10", "CE-11")
    @pytest.mark.parametrize("number", [1, pytest.param(2, marks=[pytest.mark.skip, pytest.mark.requirement("CE-12")])])
    def test_many(number): pass

    @pytest.mark.xfail(strict=False)
    @pytest.mark.requirement("CE-13")
    def test_surprise(): pass

    @pytest.mark.requirement("CE-14")
    def test_error(broken): pass

    @pytest.fixture
    def broken(): raise OSError

    @pytest.mark.covers("pkg.module", minimum=10)
    def test_other(): pass
"""
SAID = """\
requirements: 1 passed, 3 failed, 2 passed in part, 3 skipped only
ALL-1: failed
  skipped: test_a.py::TestSkipped::test_skipped
  xfailed: test_a.py::TestSkipped::test_expected
  failed: test_a.py::test_bad
  failed: test_a.py::test_error
  skipped: test_a.py::test_many[2]
  xpassed: test_a.py::test_surprise
  passed: test_a.py::test_good
  passed: test_a.py::test_many[1]
  passed: test_a.py::test_other
CE-14: failed
  failed: test_a.py::test_error
CE-8: failed
  failed: test_a.py::test_bad
  passed: test_a.py::test_good
CE-10: passed in part
  skipped: test_a.py::test_many[2]
  passed: test_a.py::test_many[1]
CE-11: passed in part
  skipped: test_a.py::test_many[2]
  passed: test_a.py::test_many[1]
CE-12: skipped only
  skipped: test_a.py::test_many[2]
CE-13: skipped only
  xpassed: test_a.py::test_surprise
CE-9: skipped only
  xfailed: test_a.py::TestSkipped::test_expected
  skipped: test_a.py::TestSkipped::test_skipped
"""
WORKERS = (*WITH_XDIST, "-n2")


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "--tb=no", "--strict-markers", *args)


def section(result: pytest.RunResult) -> str:
    """The lines of the section, or nothing."""
    lines = result.outlines
    starts = [number for number, line in enumerate(lines) if line.strip("=") == " requirements "]
    if not starts:
        return ""
    (start,) = starts
    end = next(number for number, line in enumerate([*lines, "="]) if number > start and line.startswith("="))
    return "".join(f"{line}\n" for line in lines[start + 1 : end])


@pytest.fixture(autouse=True)
def _keep_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes share compiled modules: most of their time goes into that otherwise."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


@pytest.mark.requirement("PYT-8")
@pytest.mark.parametrize(
    "args",
    [PLAIN, WORKERS, (*PLAIN, "--vltair=fix", "--vltair-order=reversed"), (*WORKERS, "--dist=each"), (*PLAIN, "-q")],
    ids=["alone", "workers", "reversed", "each", "quiet"],
)
def test_what_became_of_each_requirement(pytester: pytest.Pytester, args: tuple[str, ...]) -> None:
    if args[-1] != "-q" and "-n2" in args:
        pytest.importorskip("xdist")
    pytester.makepyfile(test_a=SUITE)
    result = run(pytester, *args)
    assert result.ret == 1
    counts, *lines = section(result).splitlines()
    expected, *others = SAID.splitlines()
    assert (counts, sorted(lines)) == (expected, sorted(others))


@pytest.mark.parametrize("args", [PLAIN, WORKERS], ids=["alone", "workers"])
def test_without_a_mark_nothing_is_said_and_nothing_is_imported(
    pytester: pytest.Pytester, args: tuple[str, ...]
) -> None:
    pytester.makepyfile(test_a="def test_a(): pass")
    pytester.makeconftest(
        """
        import sys
        def pytest_unconfigure():
            print("imported:", [name for name in sys.modules if name.startswith("pytest_vltair.requi")])
        """
    )
    result = run(pytester, *args)
    assert section(result) == ""
    assert "imported: []" in result.outlines


@pytest.mark.parametrize("args", [PLAIN, WORKERS], ids=["alone", "workers"])
def test_a_mark_that_has_its_id_as_a_keyword_is_said(pytester: pytest.Pytester, args: tuple[str, ...]) -> None:
    if "-n2" in args:
        pytest.importorskip("xdist")
    pytester.makepyfile(
        test_a="""
        import pytest
        @pytest.mark.requirement(id="A-1")
        def test_a(): pass
        @pytest.mark.requirement(id="A-1")
        def test_b(): pass
        """
    )
    ignored = "requirement(id='A-1') of test_a.py::test_a names nothing: give ids without a keyword\n"
    assert section(run(pytester, *args)) == ignored
    pytester.makepyfile(test_b="import pytest\n@pytest.mark.requirement('A-2', id='x')\ndef test_c(): pass\n")
    assert section(run(pytester, *args)) == f"requirements: 1 passed\n{ignored}"


def test_a_number_is_one_id_with_its_sign_and_without(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a="import pytest\n@pytest.mark.requirement('#12')\ndef test_a(): pass\n")
    pytester.makeini("[pytest]\nvltair_requirements = ids.csv")
    (pytester.path / "ids.csv").write_text("id\n12\n", encoding="utf-8")
    assert section(run(pytester, *PLAIN)) == "requirements: 1 passed\n"


def test_without_a_terminal_nothing_is_said(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=SUITE)
    result = pytester.runpytest_subprocess(*PLAIN, "-p", "no:terminal", "--requirement=CE-7")
    assert (result.ret, result.outlines) == (0, [])
    result = run(pytester, *PLAIN, "--collect-only")
    assert (result.ret, section(result)) == (0, "")


def test_a_marker_that_a_fixture_adds_counts_with_workers_too(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(
        """
        import pytest
        @pytest.fixture
        def late(request): request.node.add_marker(pytest.mark.requirement("LATE-1"))
        @pytest.mark.requirement("A-1")
        def test_a(): pass
        def test_late(late): assert 0
        """
    )
    counts = "requirements: 1 passed, 1 failed"
    for args in (PLAIN, (*WITH_XDIST, "-n1")):
        assert section(run(pytester, *args)).splitlines()[:2] == [counts, "LATE-1: failed"]


def test_a_test_that_takes_its_worker_down_has_failed(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(
        """
        import os, pytest
        @pytest.mark.requirement("A-1")
        def test_down(): os._exit(3)
        @pytest.mark.requirement("A-1", "A-2")
        def test_a(): pass
        """
    )
    said = section(run(pytester, *WITH_XDIST, "-n1"))
    assert said.splitlines()[:3] == [
        "requirements: 1 passed, 1 failed",
        "A-1: failed",
        "  failed: test_a_test_that_takes_its_worker_down_has_failed.py::test_down",
    ]


def test_a_test_that_passes_when_it_is_run_again_has_passed(pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_rerunfailures")
    pytester.makepyfile(
        """
        import pytest
        tries = []
        @pytest.mark.requirement("A-1")
        def test_flaky():
            tries.append(1)
            assert len(tries) > 1
        @pytest.mark.requirement("A-2")
        def test_bad(): assert 0
        """
    )
    said = section(run(pytester, *PLAIN, "--reruns=1"))
    assert said.splitlines()[:2] == ["requirements: 1 passed, 1 failed", "A-2: failed"]


@pytest.mark.requirement("PYT-8")
def test_what_did_not_run_is_not_passing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=SUITE.replace("CE-7", "AB-1"))
    pytester.makepyfile(test_b="import pytest\n@pytest.mark.requirement('CE-7')\ndef test_later(): pass\n")
    said = section(run(pytester, *PLAIN, "-x"))
    assert "CE-7: not run\n  not run: test_b.py::test_later\n" in said
    pytester.makepyfile(test_c="1 / 0")
    result = run(pytester, *PLAIN)
    assert result.ret == 2
    assert section(result).splitlines()[0] == "requirements: 10 not run"


def test_what_has_no_test_is_told_where_there_is_a_list(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a="import pytest\n@pytest.mark.requirement('A-1', 'A-9')\ndef test_a(): pass\n")
    pytester.makeini("[pytest]\nvltair_requirements = docs/ids.csv")
    file = pytester.path / "docs" / "ids.csv"
    file.parent.mkdir()
    for text in (
        "A-1\n# a remark\n\nA-2\nA-3, title\n",
        '\ufefftitle,ID\r\nfirst,A-1\r\n"second, with",A-2\r\nx,A-3\r\nshort\r\n',
    ):
        file.write_bytes(text.encode())
        assert section(run(pytester, *PLAIN)).splitlines() == [
            "requirements: 2 passed, 2 untested",
            "untested: A-2, A-3",
            "A-9: not in docs/ids.csv, and named by test_a.py::test_a",
        ]
    narrowed = section(run(pytester, *PLAIN, "-k", "test_a"))
    assert narrowed.splitlines()[:2] == ["requirements: 2 passed, 2 not in this run", "not in this run: A-2, A-3"]
    assert "2 not in this run" in section(run(pytester, *PLAIN, "test_a.py"))


def test_the_matrix_of_gates_is_such_a_list(pytester: pytest.Pytester) -> None:
    items = [
        made.item("A-1", title='of two, "the first" wins'),
        made.item("todo/keep-it", title="over\na restart", derived=True),
        made.item("-x-1", status="done"),
        made.item("@scope/p-2", status="done"),
        made.item("A-3", status="cancelled"),
        made.item("A-4", status="cancelled"),
        made.item("A-5", status=None),
    ]
    file = pytester.path / "requirements.csv"
    file.write_text(matrix.render(trace_reports.value(made.evidence(*items, tests=[made.ran()]))), "utf-8")
    pytester.makeini("[pytest]\nvltair_requirements = requirements.csv")
    pytester.makepyfile(
        test_a="import pytest\n@pytest.mark.requirement('A-1', 'todo/keep-it', '-x-1', 'A-3')\ndef test_a(): pass\n"
    )
    assert section(run(pytester, *PLAIN)).splitlines() == [
        "requirements: 4 passed, 2 untested",
        "untested: @scope/p-2, A-5",
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot read {}: No such file or directory"),
        (b"\xff\xfe", "cannot read {}: it is not text in UTF-8, one id or row of CSV a line"),
        (b"", "{} names no requirement"),
        (b"id,title\n", "{} names no requirement"),
        (b"# nothing\n\n", "{} names no requirement"),
    ],
)
def test_a_list_that_cannot_be_read_ends_the_run(pytester: pytest.Pytester, content: bytes | None, why: str) -> None:
    pytester.makepyfile("def test_a(): pass")
    pytester.makeini("[pytest]\nvltair_requirements = ids.txt")
    file = pytester.path / "ids.txt"
    if content is not None:
        file.write_bytes(content)
    result = run(pytester, *PLAIN)
    assert result.ret == 4
    assert result.errlines[0] == f"ERROR: vltair_requirements: {why.format(file)}"


def test_much_is_cut_and_says_so(pytester: pytest.Pytester) -> None:
    ids = ", ".join(f"'R-{number:02}'" for number in range(25))
    pytester.makepyfile(
        test_a=f"""
        import pytest
        @pytest.mark.requirement("ONE")
        @pytest.mark.parametrize("number", range(30))
        def test_a(number): pytest.skip()
        @pytest.mark.requirement({ids})
        def test_b(): assert 0
        """
    )
    said = section(run(pytester, *PLAIN)).splitlines()
    assert said[0] == "requirements: 25 failed, 1 skipped only"
    assert "+ 5 more failed: all are shown with -v" in said
    assert "  + 10 more" in said
    whole = section(run(pytester, *PLAIN, "-v")).splitlines()
    assert len(whole) == 1 + 25 * 2 + 1 + 30


# --requirement


@pytest.mark.requirement("PYT-9")
@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (["--requirement=CE-7"], ["test_good"]),
        (["--requirement", "CE-9,CE-7"], ["test_good", "test_skipped", "test_expected"]),
        (["--requirement=CE-9", "--requirement", " CE-7 ,"], ["test_good", "test_skipped", "test_expected"]),
        (["--requirement=CE-1?"], ["test_many[1]", "test_many[2]", "test_surprise", "test_error"]),
        (["--requirement=CE-12"], ["test_many[2]"]),
        (["--requirement=CE-*", "-k", "good or bad"], ["test_good", "test_bad"]),
    ],
)
@pytest.mark.parametrize("args", [PLAIN, WORKERS], ids=["alone", "workers"])
def test_only_the_tests_of_a_requirement_run(
    pytester: pytest.Pytester, wanted: list[str], left: list[str], args: tuple[str, ...]
) -> None:
    if "-n2" in args:
        pytest.importorskip("xdist")
    pytester.makepyfile(test_a=SUITE)
    run(pytester, *args, *wanted, "--vltair-record=run.jsonl")
    collected = read(pytester.path / "run.jsonl").collected
    assert sorted(name.rpartition("::")[2] for name in collected.selected) == sorted(left)
    assert len(collected.selected) + len(collected.deselected) == 9


@pytest.mark.requirement("PYT-9")
@pytest.mark.parametrize("args", [PLAIN, WORKERS], ids=["alone", "workers"])
@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ("CE-77", "no collected test names 'CE-77'; the nearest known id is CE-7"),
        ("ce-14", "no collected test names 'ce-14'; the nearest known id is CE-14"),
        ("CE-7,ALL-*,AL-2*", "no collected test names 'AL-2*'; the nearest known id is ALL-1"),
    ],
)
def test_an_unknown_id_is_an_error_that_names_the_nearest(
    pytester: pytest.Pytester, args: tuple[str, ...], wanted: str, why: str
) -> None:
    if "-n2" in args:
        pytest.importorskip("xdist")
    pytester.makepyfile(test_a=SUITE)
    result = run(pytester, *args, f"--requirement={wanted}", "-k", "other")
    assert result.ret == 4
    assert [line for line in result.errlines if line] == [f"ERROR: --requirement: {why}"]


def test_what_names_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a="def test_a(): pass")
    result = run(pytester, *PLAIN, "--requirement=,")
    assert result.ret == 4
    assert result.errlines[0] == ("ERROR: --requirement names no requirement: write an id such as --requirement=CE-7")
    result = run(pytester, *PLAIN, "--requirement=CE-7")
    assert result.errlines[0] == (
        "ERROR: --requirement: no collected test names 'CE-7', or any other requirement: "
        "mark tests with pytest.mark.requirement(...)"
    )


@pytest.mark.parametrize("args", [PLAIN, WORKERS], ids=["alone", "workers"])
def test_with_nothing_left_pytest_ends_as_it_does(pytester: pytest.Pytester, args: tuple[str, ...]) -> None:
    if "-n2" in args:
        pytest.importorskip("xdist")
    pytester.makepyfile(test_a=SUITE)
    pytester.makeini("[pytest]\nvltair_requirements = ids.txt")
    Path(pytester.path, "ids.txt").write_text("CE-7\nCE-20\n", "utf-8")
    unnamed = run(pytester, *args, "--requirement=CE-20")
    said = "--requirement: no test of {} is in this run: {}"
    assert (unnamed.ret, unnamed.outlines.count(said.format("CE-20", "no collected test names it"))) == (5, 1)
    why = "other options or plugins left out those that name it"
    for wanted, status in (("CE-7", 5), ("CE-7,ALL-1", 1)):
        taken = run(pytester, *args, f"--requirement={wanted}", "-k", "bad")
        assert (taken.ret, taken.outlines.count(said.format("CE-7", why))) == (status, 1)
    assert "--requirement: no test" not in run(pytester, *args, "--requirement=CE-7").stdout.str()


def test_a_file_that_cannot_be_collected_is_what_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=SUITE, test_b="1 / 0")
    result = run(pytester, *PLAIN, "--requirement=ZZ-1")
    assert result.ret == 2
    result.stdout.fnmatch_lines(["ERROR test_b.py - ZeroDivisionError*"])


def test_a_marker_that_a_conftest_adds_is_found(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a="def test_a(): pass\ndef test_b(): pass\n")
    pytester.makeconftest(
        """
        import pytest
        def pytest_collection_modifyitems(items): items[1].add_marker(pytest.mark.requirement("A-1"))
        """
    )
    result = run(pytester, *PLAIN, "--requirement=A-1")
    result.assert_outcomes(passed=1, deselected=1)
    assert section(result) == "requirements: 1 passed\n"


def test_it_agrees_with_shards(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=SUITE)
    ran: list[str] = []
    for index in (1, 2):
        run(pytester, *PLAIN, "--requirement=CE-1*", f"--vltair-shard={index}/2", "--vltair-record=run.jsonl")
        ran += read(pytester.path / "run.jsonl").collected.selected
    names = ["test_error", "test_many[1]", "test_many[2]", "test_surprise"]
    assert sorted(ran) == [f"test_a.py::{name}" for name in names]


WORD = st.sampled_from(["not run", "skipped", "xfailed", "passed", "xpassed", "failed"])


@pytest.mark.requirement("PYT-8")
@given(st.dictionaries(st.sampled_from("abcdef"), WORD, min_size=1), st.sampled_from("abcdef"))
def test_losing_a_pass_never_makes_a_requirement_pass(ended: dict[str, str], lost: str) -> None:
    named = dict.fromkeys(ended, ("R-1",))
    (before,) = verified.verified(named, ended)
    (after,) = verified.verified(named, {**ended, **({lost: "not run"} if lost in ended else {})})
    assert (before.word == "passed") == (set(ended.values()) == {"passed"})
    assert after.word != "passed" or before.word == "passed"


@given(st.text("A-1*?[]", min_size=1), st.text("A-1*?[]", min_size=1))
def test_an_id_is_known_by_its_own_name_whatever_is_in_it(name: str, other: str) -> None:
    assert matches(name, name)
    assert unknown(name, {name, other}) is None
    if not set("*?") & set(other):
        assert matches(name, other) == (name == other)
