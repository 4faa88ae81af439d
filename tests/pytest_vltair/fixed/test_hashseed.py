"""The hash seed: found by hashing, required, or had by starting again, once and only where pytest is the program."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_vltair.fixed import hashseed, siphash
from pytest_vltair.fixed.hashseed import HashSeed
from support.factors import make

PLAIN = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest")
REEXEC = (*PLAIN, "--vltair-hash-seed=reexec")
SHOWS = """
    import os, sys
    def test_it(): print("\\nseed", os.environ.get("PYTHONHASHSEED"), sys.flags.hash_randomization, hash("a"))
    """


def python(*args: str, seed: str | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    left = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    env = {**left, **environ, **({} if seed is None else {"PYTHONHASHSEED": seed})}
    return subprocess.run([sys.executable, *args], env=env, capture_output=True, text=True, check=False, timeout=600)


ASK = "import os; from pytest_vltair.fixed.hashseed import in_force; {}print(in_force())"


@pytest.mark.parametrize(
    ("seed", "change", "options", "shown"),
    [
        ("0", "", [], "0"),
        ("7", "", [], "7"),
        ("0042", "", [], "42"),
        ("4294967295", "", [], "4294967295"),
        ("random", "", [], "random"),
        (None, "", [], "random"),
        (None, "os.environ['PYTHONHASHSEED'] = '5'; ", [], "random"),
        ("5", "os.environ['PYTHONHASHSEED'] = '6'; ", [], "random"),
        ("0", "del os.environ['PYTHONHASHSEED']; ", [], "0"),
        ("5", "", ["-E"], "random"),
    ],
)
def test_the_seed_in_force(seed: str | None, change: str, options: list[str], shown: str) -> None:
    done = python(*options, "-c", ASK.format(change), seed=seed)
    assert done.stdout.strip() == shown, done.stderr


@pytest.mark.parametrize(
    ("named", "randomized", "shown"), [("5", 1, "5"), ("0", 0, "0"), ("random", 1, "random"), ("", 0, "0")]
)
def test_a_way_of_hashing_that_is_not_known(
    named: str, randomized: int, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", named)
    monkeypatch.setattr(sys, "hash_info", SimpleNamespace(algorithm="fnv", width=64, cutoff=0))
    monkeypatch.setattr(sys, "flags", SimpleNamespace(hash_randomization=randomized, ignore_environment=0))
    assert siphash.hashes_with(0) is None
    assert hashseed.in_force() == shown


def test_siphash_of_its_authors() -> None:
    """The vector of the paper: appendix A of SipHash: a fast short-input PRF, 2012."""
    first, second = (int.from_bytes(bytes(range(at, at + 8)), "little") for at in (0, 8))
    assert siphash._siphash(bytes(range(15)), first, second, rounds=2, last=4) == 0xA129CA6149BE45E5


def test_reported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SHOWS)
    done = python("-m", "pytest", *PLAIN, "--vltair-hash-seed=report", "--vltair-timezone=UTC", seed="12")
    assert (
        "vltair: off: hash-seed 12, timezone UTC; repeat with: "
        "PYTHONHASHSEED=12 pytest --vltair-timezone=UTC --vltair-hash-seed=report\n"
    ) in done.stdout
    done = python("-m", "pytest", *PLAIN, "--vltair-hash-seed=report")
    assert "hash-seed random (not repeatable: set PYTHONHASHSEED); repeat with: pytest --vltair-hash" in done.stdout


def test_required(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SHOWS)
    done = python("-m", "pytest", *PLAIN, "--vltair-hash-seed=require", "-k", "test_it or x", seed="random")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr.endswith(  # an older pytest lets pluggy warn of the error before
        "ERROR: --vltair-hash-seed: vltair_hash_seed = 'require' needs a hash seed, and none is set: start it with "
        f"PYTHONHASHSEED=0 python -m pytest {' '.join(PLAIN)} --vltair-hash-seed=require -k 'test_it or x'\n\n"
    )
    assert python("-m", "pytest", *PLAIN, "--vltair-hash-seed=require", seed="3").returncode == 0
    done = python("-E", "-m", "pytest", *PLAIN, "--vltair-hash-seed=require", seed="3")
    assert "cannot be had: Python runs with -E or -I, which ignore PYTHONHASHSEED" in done.stderr


@pytest.mark.parametrize("start", [["-m", "pytest"], [str(Path(sys.executable).with_name("pytest"))]])
def test_started_again(start: list[str], pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SHOWS)
    pytester.makeconftest("print('conftest is read')")
    if not Path(start[-1]).exists() and start != ["-m", "pytest"]:
        pytest.skip("there is no script beside this Python")
    done = python("-X", "utf8", "-W", "ignore::UserWarning", *start, *REEXEC, "-s", "-vv", "-k", "it or ä")
    assert done.returncode == 0, done.stderr
    assert "seed 0 0 " in done.stdout
    assert done.stdout.count("conftest is read") == 1
    assert done.stdout.count("vltair: off: hash-seed 0; repeat with: PYTHONHASHSEED=0 pytest --vltair-hash") == 1


def test_started_again_with_options_and_exit_code(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import subprocess, sys, warnings
        def test_it():
            assert (sys.flags.utf8_mode, sys.flags.optimize, sys.warnoptions) == (1, 0, ["error::ImportWarning"])
            assert sys.stdin.read() == "given"
            subprocess.run([sys.executable, "-c", "import sys; assert not sys._xoptions"], check=True)
            assert 0, hash("a")
        """
    )
    argv = [
        sys.executable,
        "-X",
        "utf8",
        "-W",
        "error::ImportWarning",
        "-m",
        "pytest",
        *REEXEC,
        "-s",
        "-ovltair_seed=9",
    ]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    first, second = (
        subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=600, input="given")
        for _ in "12"
    )
    assert first.returncode == second.returncode == pytest.ExitCode.TESTS_FAILED
    assert "hash-seed 9" in first.stdout
    (one,), (other,) = (
        [line for line in done.stdout.splitlines() if line.startswith("E       AssertionError: ")]
        for done in (first, second)
    )
    assert one == other


def test_a_seed_that_is_chosen_is_kept(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SHOWS)
    done = python("-m", "pytest", *REEXEC, "-s", seed="21")
    assert "seed 21 1 " in done.stdout
    assert "hash-seed 21" in done.stdout


PROGRAM = """
    import sys, pytest
    print("program")
    sys.exit(pytest.main(sys.argv[1:]))
    """
NESTED = """
    import sys, pytest
    def test_it():
        assert pytest.main() == pytest.ExitCode.USAGE_ERROR
    """


def test_never_in_another_program(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SHOWS)
    program = pytester.makepyfile(program=PROGRAM)
    done = python(str(program), *REEXEC)
    assert (done.returncode, done.stdout) == (pytest.ExitCode.USAGE_ERROR, "program\n")
    assert "cannot be had by starting again inside another program: start it with PYTHONHASHSEED=0 " in done.stderr
    assert python(str(program), *REEXEC, seed="1").returncode == 0


def test_never_inside_a_run_of_pytest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(NESTED)
    pytester.makeconftest("import os; os.environ['PYTEST_ADDOPTS'] = '--vltair-hash-seed=reexec'")
    done = python("-m", "pytest", *PLAIN, "-s")
    assert done.returncode == 0, done.stdout
    assert done.stderr.count("inside another program") == 1


@pytest.mark.parametrize(
    ("where", "what", "why"),
    [
        (sys._xoptions, hashseed._AGAIN, "did not take effect when Python was started again"),
        (sys.modules, "debugpy", "cannot be had by starting again under a debugger"),
    ],
)
def test_where_pytest_is_not_started_again(
    where: dict[str, object], what: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashseed, "in_force", lambda: "random")
    monkeypatch.setattr(hashseed, "_is_program", lambda _: True)
    monkeypatch.setattr(hashseed, "_start_again", lambda *_: pytest.fail("started again"))
    monkeypatch.setattr(sys, "flags", SimpleNamespace(ignore_environment=0))
    monkeypatch.setitem(where, what, "1")
    config = SimpleNamespace(invocation_params=SimpleNamespace(args=("a b",)))
    with pytest.raises(pytest.UsageError) as told:
        make(HashSeed, "reexec", seed="random").apply(config)  # type: ignore[arg-type]
    assert str(told.value) == (
        f"pytest.ini:1: vltair_hash_seed = 'reexec' {why}: start it with PYTHONHASHSEED=0 python -m pytest 'a b'"
    )


STARTS = f"""
    import subprocess, sys
    def test_it(): assert subprocess.run([sys.executable, "-m", "pytest", *{REEXEC!r}, "inner.py"]).returncode == 0
    """


def test_never_in_a_worker_but_in_what_its_tests_start(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    pytester.makepyfile(inner=SHOWS, test_starts=STARTS)
    workers = ("-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-n1")
    done = python(*workers)
    assert done.returncode == 0, done.stdout
    pytester.makeconftest("import os; os.environ['PYTEST_ADDOPTS'] = '--vltair-hash-seed=reexec'")
    done = python(*workers)
    assert done.returncode != 0
    assert "cannot be had in a worker, which is started by others" in done.stdout + done.stderr


def test_a_system_without_exec(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[list[str], str]] = []

    def call(argv: list[str], env: dict[str, str]) -> int:
        called.append((argv, env["PYTHONHASHSEED"]))
        assert not any(name.startswith("COV_CORE_") for name in env)
        return 5

    monkeypatch.setenv("COV_CORE_SOURCE", "src")
    monkeypatch.setattr(hashseed, "os", SimpleNamespace(name="nt", environ=os.environ))
    monkeypatch.setattr(hashseed, "subprocess", SimpleNamespace(call=call))
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "pytest", "-q"])
    config = SimpleNamespace(pluginmanager=SimpleNamespace(getplugin=lambda _: None))
    with pytest.raises(SystemExit) as ended:
        hashseed._start_again(config, "7")  # type: ignore[arg-type]
    assert ended.value.code == 5
    assert called == [([sys.executable, "-X", "vltair-again", "-m", "pytest", "-q"], "7")]


@pytest.mark.parametrize(
    ("seed", "wanted"), [("3", "3"), ("random", "0"), ("99999999999", "0"), ("-1", "0"), ("٣", "0")]
)
def test_the_seed_that_is_wanted(seed: str, wanted: str) -> None:
    assert make(HashSeed, "reexec", seed=seed)._wanted == wanted


def test_it_is_started_again_with_the_seed_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_config: object, seed: str) -> None:
        raise SystemExit(f"again with {seed}")

    monkeypatch.setattr(hashseed, "in_force", lambda: "random")
    monkeypatch.setattr(hashseed, "_is_program", lambda _: True)
    monkeypatch.setattr(hashseed, "_DEBUGGERS", ())
    monkeypatch.setattr(hashseed, "_start_again", start)
    monkeypatch.setattr(sys, "flags", SimpleNamespace(ignore_environment=0))
    config = SimpleNamespace(invocation_params=SimpleNamespace(args=()))
    with pytest.raises(SystemExit, match="again with 42"):
        make(HashSeed, "reexec", seed="42").apply(config)  # type: ignore[arg-type]


def test_what_pytest_captures_is_let_go_of_before_it_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    capture = SimpleNamespace(stop_global_capturing=lambda: done.append("let go"))

    def execve(path: str, argv: list[str], environ: dict[str, str]) -> None:
        done.append(f"{path == argv[0]} {argv[1:3]} {environ['PYTHONHASHSEED']}")
        raise SystemExit

    monkeypatch.setattr(hashseed, "os", SimpleNamespace(name="posix", environ=os.environ, execve=execve))
    config = SimpleNamespace(pluginmanager=SimpleNamespace(getplugin=lambda _: capture))
    with pytest.raises(SystemExit):
        hashseed._start_again(config, "7")  # type: ignore[arg-type]
    assert done == ["let go", "True ['-X', 'vltair-again'] 7"]


def test_a_test_is_within_a_session_and_a_thread_of_its_own_is_not() -> None:
    found = [hashseed._nested()]
    thread = threading.Thread(target=lambda: found.append(hashseed._nested()))
    thread.start()
    thread.join()
    assert found == [True, False]


def test_another_python_may_hash_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "implementation", SimpleNamespace(name="pypy"))
    assert siphash.hashes_with(0) is None
