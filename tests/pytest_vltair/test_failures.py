"""The hash of a failure: the same over runs, machines and options, another for another failure."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from gates.model.recorded_run import CollectError, Phase
from pytest_vltair.failures import NOTHING, Raised, raised
from support.recordings import PLAIN, WITH_XDIST, Recording, read

HEX = re.compile(r"[0-9a-f]{16}")
SUITE = """
import pytest

class Odd(Exception): ...

def fail(number):
    raise Odd(f"{object()} {number}")

@pytest.fixture
def broken():
    raise RuntimeError("at set-up")

@pytest.fixture
def leaking():
    yield
    raise RuntimeError("at the end")

@pytest.mark.parametrize("number", [1, 2])
def test_same(number):
    assert number == 3

def test_other_line():
    assert 1 == 3

def test_called(): fail(1)
def test_broken(broken): ...
def test_leaking(leaking): ...
def test_missing(nowhere): ...
def test_missing_too(nowhere): ...
def test_missing_other(elsewhere): ...

def test_chained():
    try:
        fail(2)
    except Odd as error:
        raise ValueError("no") from error

def test_grouped():
    raise ExceptionGroup("both", [ValueError(1), KeyError(2)])

def deep(number):
    return deep(number + 1)

def test_deep(): deep(0)
def test_told(): pytest.fail("because")
def test_skipped(): pytest.skip("not today")
@pytest.mark.xfail
def test_expected(): assert 0
@pytest.mark.xfail(strict=True)
def test_strict(): ...
def test_passes(): ...
"""


def run(pytester: pytest.Pytester, *args: str, plugins: tuple[str, ...] = PLAIN) -> Recording:
    path = pytester.path / "out" / "run.jsonl"
    pytester.runpytest_subprocess(*plugins, "-p", "no:cacheprovider", f"--vltair-record={path}", *args)
    return read(path)


def told(recording: Recording) -> dict[tuple[str, str], Raised]:
    """What was raised in each phase that neither passed nor was skipped."""
    found = {(one.nodeid.partition("::")[2], one.when): one for one in recording.all(Phase)}
    for one in found.values():
        assert bool(HEX.fullmatch(one.stack)) == (one.outcome in {"failed", "rerun"})
    return {key: Raised(one.error, one.stack) for key, one in found.items() if one.stack}


@pytest.mark.requirement("REC-6")
def test_what_failed_says_what_was_raised(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=SUITE)
    found = told(run(pytester))
    assert {key: one.error for key, one in found.items()} == {
        ("test_same[1]", "call"): "AssertionError",
        ("test_same[2]", "call"): "AssertionError",
        ("test_other_line", "call"): "AssertionError",
        ("test_called", "call"): "test_a.Odd",
        ("test_broken", "setup"): "RuntimeError",
        ("test_leaking", "teardown"): "RuntimeError",
        ("test_missing", "setup"): "_pytest.fixtures.FixtureLookupError",
        ("test_missing_too", "setup"): "_pytest.fixtures.FixtureLookupError",
        ("test_missing_other", "setup"): "_pytest.fixtures.FixtureLookupError",
        ("test_chained", "call"): "ValueError",
        ("test_grouped", "call"): "ExceptionGroup",
        ("test_deep", "call"): "RecursionError",
        ("test_told", "call"): "Failed"
        if pytest.fail.Exception.__module__ == "builtins"
        else "_pytest.outcomes.Failed",
        ("test_strict", "call"): "",
    }
    same = [{"test_same[1]", "test_same[2]"}, {"test_missing", "test_missing_too"}]
    groups: dict[str, set[str]] = {}
    for (test, _), one in found.items():
        groups.setdefault(one.stack, set()).add(test)
    assert [group for group in groups.values() if len(group) > 1] == same


@pytest.mark.parametrize("style", ["no", "line", "short", "long", "native"])
def test_how_a_traceback_is_shown_does_not_matter(pytester: pytest.Pytester, style: str) -> None:
    pytester.makepyfile(test_a=SUITE)
    assert told(run(pytester, f"--tb={style}")) == told(run(pytester))


def test_workers_say_the_same(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(test_a=SUITE, test_b="import nothing_such")
    alone = run(pytester, "--continue-on-collection-errors")
    spread = run(pytester, "--continue-on-collection-errors", "-n1", plugins=WITH_XDIST)
    assert told(spread) == told(alone)
    assert {(one.error, one.stack) for one in spread.all(CollectError)} == {
        (one.error, one.stack) for one in alone.all(CollectError)
    }


@pytest.mark.requirement("REC-6")
def test_another_place_on_disk_and_other_lines_do_not_matter(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a=SUITE)
    first = told(run(pytester))
    copy = pytester.path / "other" / "copy"
    copy.mkdir(parents=True)
    (copy / "pytest.ini").write_text("[pytest]\n")
    (copy / "test_a.py").write_text("# a line\n\n" + SUITE)
    assert told(run(pytester, f"--rootdir={copy}", str(copy))) == {
        (test.removeprefix("other/copy/"), when): one for (test, when), one in first.items()
    }


def test_what_cannot_be_collected_says_it_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_a="import nothing_such\n", test_b="\nimport nothing_such\n", test_c="def broken(:\n")
    pytester.makepyfile(test_d="import nothing_else\n", test_e="\n\ndef broken(:\n", test_f="def other(:\n")
    found = {one.nodeid: one for one in run(pytester).all(CollectError)}
    assert {name: one.error for name, one in found.items()} == {
        "test_a.py": "ModuleNotFoundError",
        "test_b.py": "ModuleNotFoundError",
        "test_c.py": "SyntaxError",
        "test_d.py": "ModuleNotFoundError",
        "test_e.py": "SyntaxError",
        "test_f.py": "SyntaxError",
    }
    assert all(HEX.fullmatch(one.stack) for one in found.values())
    assert len({one.stack for one in found.values()}) == 6
    pytester.makepyfile(test_a="# moved down\nimport nothing_such\n", test_c="# too\ndef broken(:\n")
    again = {one.nodeid: one for one in run(pytester).all(CollectError)}
    assert {name: one.stack for name, one in again.items()} == {name: one.stack for name, one in found.items()}


def test_a_phase_that_is_run_again_says_it(pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_rerunfailures")
    pytester.makepyfile("tries = []\ndef test_a():\n    tries.append(1)\n    assert len(tries) > 2\n")
    found = [one for one in run(pytester, "-p", "pytest_rerunfailures", "--reruns=3").all(Phase) if one.when == "call"]
    assert [one.outcome for one in found] == ["rerun", "rerun", "passed"]
    assert found[0].stack == found[1].stack != ""
    assert (found[2].error, found[2].stack) == NOTHING


def test_subtests_say_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import unittest
        class TestA(unittest.TestCase):
            def test_a(self):
                for number in (1, 2):
                    with self.subTest(number=number):
                        self.assertEqual(number, 3)
            def test_b(self):
                self.assertEqual(1, 3)
        """
    )
    found = [one for one in run(pytester).all(Phase) if one.outcome == "failed"]
    assert {one.error for one in found} == {"AssertionError"}
    parts = {one.stack for one in found if one.nodeid.endswith("test_a")}
    assert parts.isdisjoint(one.stack for one in found if one.nodeid.endswith("test_b"))


def caught(body: str, file: Path) -> Callable[[], BaseException]:
    """What `act` of a module with this body raises."""
    file.write_text(dedent(body))
    names: dict[str, object] = {"__name__": file.stem}
    exec(compile(file.read_text(), str(file), "exec"), names)
    act = names["act"]
    assert callable(act)

    def call() -> BaseException:
        try:
            act()
        except BaseException as error:  # noqa: BLE001
            return error
        raise AssertionError("nothing was raised")

    return call


def test_how_deep_a_recursion_went_does_not_matter(tmp_path: Path) -> None:
    body = """
    import sys
    def less(n): return n
    def act(n=0): return less(act(n + 1))
    """
    act = caught(body, tmp_path / "one.py")
    first = raised(act(), tmp_path)

    def deeper(levels: int) -> BaseException:
        return act() if levels == 0 else deeper(levels - 1)

    assert {raised(deeper(levels), tmp_path) for levels in range(7)} == {first}


def test_how_often_something_was_tried_does_not_matter(tmp_path: Path) -> None:
    body = """
    tries = 2
    def once(n):
        raise OSError(n)
    def act(n=0):
        try:
            once(n)
        except OSError:
            if n < tries:
                act(n + 1)
            raise
    """
    few, many = caught(body, tmp_path / "one.py"), caught(body.replace("tries = 2", "tries = 5"), tmp_path / "one.py")
    assert raised(few(), tmp_path).error == "OSError"
    assert raised(few(), tmp_path) == raised(many(), tmp_path)


def test_in_which_order_tasks_fail_does_not_matter(tmp_path: Path) -> None:
    body = """
    def one(): raise ValueError(1)
    def two(): raise KeyError(2)
    order = [one, two]
    def failed(task):
        try:
            task()
        except Exception as error:
            return error
    def act(): raise ExceptionGroup("all", [failed(task) for task in order])
    """
    file = tmp_path / "one.py"
    found = [
        raised(caught(body.replace("[one, two]", order), file)(), tmp_path)
        for order in ("[one, two]", "[two, one]", "[two]")
    ]
    assert found[0] == found[1] != found[2]


def test_an_exception_that_cannot_be_looked_at_is_told_by_its_type(tmp_path: Path) -> None:
    body = """
    class Hostile(Exception):
        @property
        def argname(self): raise RuntimeError("no")
    error = Hostile()
    def act(): raise error.with_traceback(None)
    """
    found = raised(caught(body, tmp_path / "one.py")().with_traceback(None), tmp_path)
    assert found.error == "one.Hostile"
    assert HEX.fullmatch(found.stack)


def test_nothing_is_looked_at_in_a_run_that_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []

    def look(*args: object) -> Raised:
        looked.append(args)
        return NOTHING

    monkeypatch.setattr("pytest_vltair.failures.raised", look)
    pytester.makepyfile("import pytest\ndef test_a(): ...\ndef test_b(): pytest.skip()\n")
    pytester.runpytest_inprocess(*PLAIN, f"--vltair-record={pytester.path / 'run.jsonl'}").assert_outcomes(
        passed=1, skipped=1
    )
    assert not looked
