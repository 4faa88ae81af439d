"""How a turn of a test ended, as the child writes it down: real pytest processes."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from builtin.diagnosis.child_runs import Ran, run

OUTCOMES = """
    import unittest
    import pytest

    def test_passed(): pass

    def test_failed():
        assert helper(3) == 4

    def helper(number):
        return number

    def test_failed_deep():
        int("x", base(36 + 1))

    def base(number):
        return int(f"{number}z")

    @pytest.fixture
    def broken():
        raise ValueError("of the fixture")

    def test_error(broken): pass

    @pytest.fixture
    def late():
        yield
        raise ValueError("of the teardown")

    def test_late(late): pass

    def test_both(late):
        raise KeyError("first")

    def test_skipped():
        pytest.skip("not here")

    @pytest.mark.skipif(True, reason="never")
    def test_marked(): pass

    @pytest.mark.xfail
    def test_xfailed(): assert False

    @pytest.mark.xfail
    def test_xpassed(): pass

    @pytest.mark.xfail(strict=True)
    def test_strict(): pass

    @pytest.mark.xfail(raises=KeyError)
    def test_other(): raise ValueError("other")

    @pytest.mark.xfail(run=False)
    def test_not_run(): raise SystemExit

    class TestParts(unittest.TestCase):
        def test_parts(self):
            for number in range(3):
                with self.subTest(number=number):
                    self.assertNotEqual(number, 1)

        def test_fine(self):
            with self.subTest(): pass

        @unittest.expectedFailure
        def test_expected(self): self.fail()

        @unittest.expectedFailure
        def test_unexpected(self): pass

        def test_skips(self): self.skipTest("no")
"""

EXPECTED = {
    "test_passed": ("passed", "call", ""),
    "test_failed": ("failed", "call", "AssertionError"),
    "test_failed_deep": ("failed", "call", "ValueError"),
    "test_error": ("error", "setup", "ValueError"),
    "test_late": ("error", "teardown", "ValueError"),
    "test_both": ("failed", "call", "KeyError"),
    "test_skipped": ("skipped", "call", "Skipped"),
    "test_marked": ("skipped", "setup", "Skipped"),
    "test_xfailed": ("passed", "call", ""),
    "test_xpassed": ("passed", "call", ""),
    "test_strict": ("failed", "call", ""),
    "test_other": ("failed", "call", "ValueError"),
    "test_not_run": ("passed", "call", ""),
    "TestParts::test_parts": ("failed", "call", "AssertionError"),
    "TestParts::test_fine": ("passed", "call", ""),
    "TestParts::test_expected": ("passed", "call", ""),
    "TestParts::test_skips": ("skipped", "call", "Skipped"),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return run(tmp_path_factory.mktemp("outcomes"), {"tests/test_a.py": OUTCOMES})


@pytest.mark.parametrize("name", EXPECTED)
def test_outcome_of_a_turn(outcomes: Ran, name: str) -> None:
    told = outcomes.one(f"tests/test_a.py::{name}")
    assert (told["ended"], told["phase"], told["type"]) == EXPECTED[name]
    assert bool(told["fingerprint"]) == (told["ended"] in {"failed", "error"})
    assert told["own"] is False


def test_unexpected_success_is_a_failure(outcomes: Ran) -> None:
    assert outcomes.one("tests/test_a.py::TestParts::test_unexpected")["ended"] == "failed"


def test_place_is_the_deepest_line_of_the_project(outcomes: Ran) -> None:
    lines = [line.strip() for line in OUTCOMES.splitlines()]
    told = outcomes.one("tests/test_a.py::test_failed_deep")
    assert (told["path"], lines[told["line"] - 1]) == ("tests/test_a.py", 'return int(f"{number}z")')


def test_a_session_has_its_frame(outcomes: Ran) -> None:
    kinds = [one["e"] for one in outcomes.events if one["e"] not in {"read", "wrote", "collecting"}]
    assert kinds[:2] == ["seen", "collected"]
    assert kinds[-1] == "done"
    assert outcomes.of("done")[0]["status"] == 1
    assert outcomes.of("collected")[0]["ids"] == outcomes.order


def test_the_same_failure_has_one_fingerprint(tmp_path: Path) -> None:
    files = {
        "test_a.py": """
            import os, tempfile, uuid, random
            def test_message():
                raise ValueError(f"{random.random()} at {object()} in {tempfile.mktemp()} {uuid.uuid4()} {os.getpid()}")
            def test_values():
                assert [random.random(), str(uuid.uuid4())] == {"a": random.randint(0, 99)}
        """
    }
    first, second = run(tmp_path / "a", files), run(tmp_path / "b", files, settings={"rngseed": "none"})
    marks = [[one["fingerprint"] for one in ran.of("ended")] for ran in (first, second)]
    assert marks[0] == marks[1]
    assert len(set(marks[0])) == 2


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)", "os.abort()"])
def test_a_test_that_kills_its_process_has_begun_and_no_end(tmp_path: Path, end: str) -> None:
    if sys.platform == "win32" and "KILL" in end:
        pytest.skip("no such signal")
    ran = run(
        tmp_path,
        {"test_a.py": f"import os, signal\ndef test_one(): pass\ndef test_two(): {end}\ndef test_three(): pass\n"},
        limit=20,
    )
    assert ran.order == ["test_a.py::test_one", "test_a.py::test_two"]
    assert list(ran.ended) == [("test_a.py::test_one", 1)]
    assert not ran.of("done")
    assert not ran.of("hung")


def test_a_fork_says_nothing(tmp_path: Path) -> None:
    if not hasattr(signal, "SIGCHLD"):
        pytest.skip("no fork here")
    files = {"test_a.py": "import os\ndef test_fork():\n    if os.fork() == 0:\n        assert 0\n    os.wait()\n"}
    ran = run(tmp_path, files)
    assert [one["ended"] for one in ran.of("ended")] == ["passed"]


@pytest.mark.parametrize("end", ["pytest.exit('now')", "raise KeyboardInterrupt"])
def test_a_test_that_ends_the_session_has_failed(tmp_path: Path, end: str) -> None:
    ran = run(tmp_path, {"test_a.py": f"import pytest\ndef test_one(): {end}\ndef test_two(): pass\n"})
    assert ran.ended == {("test_a.py::test_one", 1): "failed"}
    assert ran.of("done")[0]["status"] == 2


def test_a_file_that_cannot_be_imported_leaves_the_others(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        {
            "test_a.py": "import library\n",
            "library.py": "\nraise UnicodeError('no')\n",
            "test_b.py": "def test_b(): pass\n",
            "test_c.py": "import pytest\npytest.skip('not here', allow_module_level=True)\n",
            "test_d.py": "import pytest\npytest.importorskip('no_such_module')\n",
            "test_e.py": "import no_such_module\n",
            "test_f.py": "def broken(:\n",
        },
    )
    told = {one["id"]: one for one in ran.of("uncollected")}
    assert list(told) == ["test_a.py", "test_e.py", "test_f.py"]
    assert (told["test_a.py"]["type"], told["test_a.py"]["path"]) == ("UnicodeError", "library.py")
    assert told["test_e.py"]["type"] == "ModuleNotFoundError"
    assert told["test_f.py"]["type"] == "SyntaxError"
    assert [one["id"] for one in ran.of("unavailable")] == ["test_c.py", "test_d.py"]
    assert ran.ended == {("test_b.py::test_b", 1): "passed"}


def test_a_conftest_that_cannot_be_imported_is_told(tmp_path: Path) -> None:
    ran = run(tmp_path, {"tests/conftest.py": "raise OSError('no')\n", "tests/test_a.py": "def test_a(): pass\n"})
    inner = run(tmp_path / "inner", {"conftest.py": "raise OSError('no')\n", "test_a.py": "def test_a(): pass\n"})
    assert [(one["id"], one["type"]) for one in inner.of("uncollected")] == [("conftest.py", "OSError")]
    assert [one["type"] for one in ran.of("uncollected")] == ["OSError"]
    assert ran.status != 0


def test_what_the_circumstances_refuse_is_no_failure_of_their_own(tmp_path: Path) -> None:
    files = {
        "test_a.py": "import os, socket\ndef test_look_up(): socket.create_connection(('example.org', 80))\n"
        "def test_listing(): os.listdir('absent')\n"
    }
    ran = run(tmp_path, files, settings={"listing": "reversed"})
    assert [(one["ended"], one["own"]) for one in ran.of("ended")] == [("failed", False)] * 2


def test_what_a_test_does_to_pytest_itself_is_no_doing_of_the_circumstances(tmp_path: Path) -> None:
    files = {"test_a.py": "import sys\ndef test_closes(): sys.stdout.close()\ndef test_after(): pass\n"}
    after = run(tmp_path / "base", files).one("test_a.py::test_after")
    assert (after["ended"], after["own"], after["type"]) == ("error", False, "ValueError")
    assert run(tmp_path / "umask", files, settings={"umask": "077"}).one("test_a.py::test_after")["own"]


def test_what_does_not_raise_is_the_last_line_of_its_block(tmp_path: Path) -> None:
    text = """
        import unittest, warnings
        import pytest

        def test_raises():
            with pytest.raises(ValueError), warnings.catch_warnings():
                number = 1
                int(number)

        class TestOne(unittest.TestCase):
            def test_raises(self):
                with self.assertRaises(ValueError):
                    int(2)

        def test_fails():
            with warnings.catch_warnings():
                assert int(3) == 4
                int(4)
    """
    ran = run(tmp_path, {"test_a.py": text})
    lines = {one["id"].partition("::")[2]: one["line"] for one in ran.of("ended")}
    assert lines == {"test_raises": 8, "TestOne::test_raises": 13, "test_fails": 17}
