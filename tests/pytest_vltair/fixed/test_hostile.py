"""Hostile runs under every fixing of `guard`: ways to start and to stop pytest, broken and meddling projects."""

from __future__ import annotations

import os
import re
import sys

import pytest

from support.recordings import PLAIN, WITH_XDIST

OUTCOME = re.compile(r"(PASSED|FAILED|ERROR|SKIPPED|XFAIL) (\S+)")
LEAKING = """
import os, pytest, sys
def test_a(): os.environ["LEAK"] = "1"; {}
def test_b(): assert "LEAK" not in os.environ
"""
TWO = "def test_a(): pass\ndef test_b(): pass\n"


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """A run, in which nothing of ours shows."""
    plain = WITH_XDIST if any(one.startswith("-n") for one in options) else PLAIN
    result = pytester.run(sys.executable, "-m", "pytest", *plain, "-rA", *options, stdin=b"")
    text = result.stdout.str() + result.stderr.str()
    assert "pytest_vltair/" not in text, text
    assert "no longer looked for" not in text
    return result


def told(result: pytest.RunResult) -> tuple[int, set[str]]:
    """The exit code, and how each test ended."""
    return result.ret, {match[0] for match in map(OUTCOME.match, result.outlines) if match}


@pytest.mark.parametrize(
    ("source", "options", "leaks"),
    [
        pytest.param(LEAKING.format("raise KeyboardInterrupt"), (), 0, id="interrupted"),
        pytest.param(LEAKING.format("pytest.exit('enough', 7)"), (), 0, id="pytest.exit"),
        pytest.param(LEAKING.format("assert 0"), ("-x",), 1, id="-x"),
        pytest.param(LEAKING.format("assert 0"), ("--maxfail=1",), 1, id="--maxfail"),
        pytest.param(LEAKING.format("assert 0"), ("--stepwise",), 1, id="--stepwise"),
        pytest.param(LEAKING.format("assert 0"), ("--pdb",), 0, id="--pdb without input"),
        pytest.param(LEAKING.format("pass"), ("--setup-only",), 0, id="--setup-only"),
        pytest.param(LEAKING.format("pass"), ("--setup-plan",), 0, id="--setup-plan"),
        pytest.param(LEAKING.format("pass"), ("--collect-only",), 0, id="--collect-only"),
        pytest.param(LEAKING.format("pass"), ("-k", "nothing"), 0, id="-k nothing"),
        pytest.param(TWO, ("--forked",), 0, id="--forked without its plugin"),
        pytest.param(TWO, ("--pyargs", "test_it"), 0, id="--pyargs"),
        pytest.param("def test_a(:\n", (), 0, id="no Python"),
    ],
)
def test_a_run_ends_as_without(pytester: pytest.Pytester, source: str, options: tuple[str, ...], leaks: int) -> None:
    pytester.makepyfile(test_it=source)
    without = run(pytester, "-p", "no:vltair", *options)
    result = run(pytester, "--vltair=guard", *options)
    assert told(result) == told(without)
    assert result.stdout.str().count("test_a left behind: environment: LEAK") == leaks


@pytest.mark.parametrize(
    ("options", "who"),
    [
        (("--import-mode=importlib",), "test_it.py::test_a"),
        (("--import-mode=importlib", "-n2"), "test_it.py::test_a"),
        (("--doctest-modules",), "test_it.py::test_it.documented"),
    ],
)
def test_leaks_are_named_however_tests_are_found(pytester: pytest.Pytester, options: tuple[str, ...], who: str) -> None:
    if "-n2" in options:
        pytest.importorskip("xdist")
    documented = 'def documented():\n    """\n    >>> import os; os.environ["LEAK"] = "1"\n    """\n'
    pytester.makepyfile(test_it=documented + TWO if "documented" in who else LEAKING.format("pass"))
    result = run(pytester, "--vltair=guard", *options)
    assert result.ret == 0
    assert [line.split(" left behind")[0] for line in result.outlines if "left behind" in line] == [who]


@pytest.mark.parametrize("conftest", ["import nothing_there\n", "def (:\n", "1 / 0\n"])
def test_a_broken_conftest_is_pytests_to_tell(pytester: pytest.Pytester, conftest: str) -> None:
    pytester.makepyfile(test_it=TWO)
    pytester.makeconftest(conftest)
    assert told(run(pytester, "--vltair=guard")) == told(run(pytester, "-p", "no:vltair")) == (4, set())


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--vltair-timezone=Asia/Nowhere", "*vltair_timezone = 'Asia/Nowhere' is no time zone*"),
        ("--vltair-locale=xx_XX.UTF-8", "*vltair_locale = 'xx_XX.UTF-8' is not installed*"),
        ("--vltair-seed=-1", "*vltair_seed*'-1'*"),
    ],
)
def test_what_cannot_be_had_is_one_sentence(pytester: pytest.Pytester, option: str, sentence: str) -> None:
    pytester.makepyfile(test_it=TWO)
    result = run(pytester, "--vltair=guard", option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {sentence}"])
    assert len([line for line in result.errlines if "ERROR" in line or "Traceback" in line]) == 1, result.errlines


NUMBERS = """
import random, pytest
@pytest.mark.parametrize("n", range(3))
def test_numbers(n):
    print("NUMBER", n, random.random())
"""


IMPORTS = """    before = random.random()
    import tensorflow
    print"""


def numbers(result: pytest.RunResult) -> list[str]:
    return sorted(line for line in result.outlines if line.startswith("NUMBER"))


@pytest.mark.parametrize(
    "conftest",
    [
        pytest.param("import random\nrandom.seed(1)\nrandom.random()\n", id="seeds at import"),
        pytest.param("def pytest_collection_modifyitems(items): items.reverse()\n", id="reorders"),
        pytest.param(
            "import pytest, random\n@pytest.fixture(autouse=True, scope='session')\ndef draws():\n    random.seed(2)\n",
            id="seeds in a fixture",
        ),
    ],
)
def test_numbers_stay_whatever_a_conftest_does(pytester: pytest.Pytester, conftest: str) -> None:
    pytester.makepyfile(test_it=NUMBERS)
    expected = numbers(run(pytester, "--vltair=guard"))
    pytester.makeconftest(conftest)
    result = run(pytester, "--vltair=guard")
    assert len(expected) == 3
    assert "left behind" not in result.stdout.str()
    assert numbers(result) == expected


def test_a_library_that_draws_while_it_is_imported_changes_no_numbers(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(tensorflow="import random\nrandom.random()\n", test_it=NUMBERS.replace("    print", IMPORTS))
    found = [numbers(run(pytester, "--vltair=fix", f"--vltair-order={order}")) for order in ("fixed", "reversed")]
    assert len(found[0]) == 3
    assert found[0] == found[1]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=TWO)
    pytester.path.chmod(0o500)
    try:
        result = run(pytester, "--vltair=guard", "-p", "no:cacheprovider")
    finally:
        pytester.path.chmod(0o700)
    assert told(result) == (0, {"PASSED test_it.py::test_a", "PASSED test_it.py::test_b"})
