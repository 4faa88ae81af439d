"""What tests name: requirements, and modules with the percentage of them that must run."""

from __future__ import annotations

import pytest

from gates.model.recorded_run import CollectError
from pytest_vltair.requirements import NOTHING, Requirements
from support.recordings import PLAIN, WITH_XDIST, Recording, read

SUITE = """
    import pytest, unittest
    pytestmark = [pytest.mark.covers("pkg.all", minimum=50), pytest.mark.covers("REQ-1")]

    @pytest.mark.covers("pkg.b", "pkg", minimum=97.5)
    class TestGroup:
        @pytest.mark.covers("pkg.all", minimum=60)
        @pytest.mark.parametrize("number", [1, pytest.param(2, marks=pytest.mark.covers("pkg.two", minimum=0))])
        def test_many(self, number): pass

    class TestUnit(unittest.TestCase):
        @pytest.mark.covers("pkg.unit", minimum=100)
        def test_unit(self): pass

    def test_plain(): pass
"""


def recorded(pytester: pytest.Pytester, *args: str, code: int = 0) -> Recording:
    path = pytester.path / "out" / "run.jsonl"
    result = pytester.runpytest_subprocess(*args, "-p", "no:cacheprovider", f"--vltair-record={path}")
    assert result.ret == code, result.stdout.str() + result.stderr.str()
    return read(path)


def covered(recording: Recording, name: str, when: str = "call") -> list[tuple[str, float]]:
    return [(one.module, one.minimum) for one in recording.phase(name, when).covers]


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_modules_are_recorded_with_every_test_that_names_them(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    if workers:
        pytest.importorskip("xdist")
    pytester.makepyfile(test_a=SUITE)
    recording = recorded(pytester, *(WITH_XDIST if workers else PLAIN), "--strict-markers", *workers)
    group = [("pkg", 97.5), ("pkg.all", 50.0), ("pkg.all", 60.0), ("pkg.b", 97.5)]
    for when in ("setup", "call", "teardown"):
        assert covered(recording, "TestGroup::test_many[1]", when) == group
    assert covered(recording, "TestGroup::test_many[2]") == [*group, ("pkg.two", 0.0)]
    assert covered(recording, "TestUnit::test_unit") == [("pkg.all", 50.0), ("pkg.unit", 100.0)]
    assert covered(recording, "test_plain") == [("pkg.all", 50.0)]
    many = recording.phase("TestGroup::test_many[2]", "call")
    assert (many.requirements, many.markers) == (["REQ-1"], ["covers", "parametrize"])


BAD = {
    "'pkg', minimum=100.5": "needs a minimum that is a number from 0 to 100",
    "'pkg', minimum=-1": "needs a minimum that is a number from 0 to 100",
    "'pkg', minimum=True": "needs a minimum that is a number from 0 to 100",
    "'pkg', minimum=nan": "needs a minimum that is a number from 0 to 100",
    "'pkg', minimum='95'": "needs a minimum that is a number from 0 to 100",
    "'pkg', minimum=None": "needs a minimum that is a number from 0 to 100",
    "minimum=95": "names no module: write covers('pkg.module', minimum=95)",
    "'pkg/a.py', minimum=9": "names 'pkg/a.py', which is no module's name as `import` takes it, such as 'pkg.module'",
    "'pkg', '', minimum=9": "names '', which is no module's name as `import` takes it, such as 'pkg.module'",
    "'pkg', 7, minimum=9": "names 7, which is no module's name as `import` takes it, such as 'pkg.module'",
    "'pkg', minimun=95": "has a keyword 'minimun', and minimum is the only one that it knows",
}
"""What nobody can have meant, and what is said of it."""


def test_what_cannot_be_is_refused_in_one_sentence_where_it_stands(pytester: pytest.Pytester) -> None:
    for number, given in enumerate(BAD):
        pytester.makepyfile(
            **{
                f"test_{number:02}": f"""
            import pytest
            from math import nan
            def test_good(): pass
            @pytest.mark.covers({given})
            def test_bad(): pass
            """
            }
        )
    errors = recorded(pytester, *PLAIN, code=2).all(CollectError)
    said = {error.path: error.message for error in errors}
    assert said == {
        f"test_{number:02}.py": f"test_{number:02}.py:4: the marker covers({given}) {why}"
        for number, (given, why) in enumerate(BAD.items())
    }
    assert {error.line for error in errors} == {4}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("pytestmark = MARK\ndef test_a(): pass", "test_x.py"),
        ("@MARK\nclass TestX:\n    def test_a(self): pass", "test_x.py::TestX"),
        ("class TestX:\n    @MARK\n    def test_a(self): pass", "test_x.py:3"),
        ("@pytest.mark.parametrize('a', [pytest.param(1, marks=MARK)])\ndef test_a(a): pass", "test_x.py:2"),
    ],
)
@pytest.mark.parametrize("args", [(*PLAIN,), (*WITH_XDIST, "-n1")])
def test_without_a_recording_it_is_refused_too(
    pytester: pytest.Pytester, text: str, place: str, args: tuple[str, ...]
) -> None:
    if args[-1] == "-n1":
        pytest.importorskip("xdist")
    mark = "pytest.mark.covers('pkg', minimum=101)"
    pytester.makepyfile(test_x=f"import pytest\n{text}\n".replace("MARK", mark))
    result = pytester.runpytest_inprocess("-q", *args)
    sentence = f"{place}: the marker covers('pkg', minimum=101) needs a minimum that is a number from 0 to 100"
    assert [line for line in result.outlines if line == sentence] == [sentence]
    result.assert_outcomes(errors=1)
    assert "INTERNALERROR" not in result.stdout.str()
    assert result.ret in {1, 2}


def test_a_file_that_cannot_be_imported_is_told_as_before(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_x="import pytest\npytestmark = pytest.mark.covers('a', minimum=200)\nraise OSError('no')\n"
    )
    result = pytester.runpytest_inprocess("-q", *PLAIN)
    result.stdout.fnmatch_lines(["E   OSError: no"])


def test_a_marker_that_comes_too_late_to_be_refused_in_its_place_ends_the_run(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        def pytest_collection_modifyitems(items): items[0].add_marker(pytest.mark.covers("pkg", minimum=101))
        """
    )
    pytester.makepyfile("def test_a(): pass")
    result = pytester.runpytest_subprocess(*PLAIN, "--vltair-record=run.jsonl")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: the marker covers('pkg', minimum=101) needs a minimum" in result.stdout.str() + result.stderr.str()


def test_a_test_of_another_process_has_nothing_to_say() -> None:
    assert Requirements().of("tests/test_a.py::test_a") is NOTHING


def test_requirements_are_not_looked_at_where_no_module_is_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys, pytest
        @pytest.mark.covers("REQ-1")
        def test_a(): assert "pytest_vltair.requirements" not in sys.modules
        """
    )
    pytester.runpytest_subprocess(*PLAIN).assert_outcomes(passed=1)
