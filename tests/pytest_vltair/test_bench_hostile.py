"""Benchmarks that do what they should not: each ends with one clause, and the others are run."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest

from support.bench_parent import Plan, Run, burst, lead

SUITE = """
    import os, socket, sys, time, unittest
    import pytest

    def test_raises_first(benchmark): benchmark(lambda: 1 / 0)

    def test_raises_later(benchmark):
        calls = []
        def call():
            calls.append(1)
            if len(calls) == 5: raise ValueError("\\n the fifth: \\udc80\\nis too many")
        benchmark(call)

    def test_raises_no_text(benchmark):
        class Silent(Exception):
            def __str__(self): return 1 / 0
        def call(): raise Silent
        benchmark(call)

    def test_asserts(benchmark): assert benchmark(sum, [1]) == 2

    @pytest.fixture
    def broken(): raise OSError("no database")
    def test_fixture(benchmark, broken): pass
    def test_absent_fixture(benchmark, absent): pass

    @pytest.fixture
    def ends_badly():
        yield
        raise OSError("in use")
    def test_end(benchmark, ends_badly): benchmark(int)

    def test_skips(benchmark): pytest.skip("not on this machine")
    def test_skips_later(benchmark):
        benchmark(int)
        pytest.skip("too late")
    @pytest.mark.skipif(True, reason="marked so")
    def test_skipped(benchmark): pass
    @pytest.mark.xfail(reason="bug 3")
    def test_xfails(benchmark): benchmark(lambda: 1 / 0)
    @pytest.mark.xfail(raises=OSError)
    def test_xfails_silently(benchmark): raise OSError
    @pytest.mark.xfail(strict=True)
    def test_xpasses(benchmark): benchmark(int)

    def test_idle(benchmark): pass
    def test_twice(benchmark):
        benchmark(int)
        benchmark.pedantic(int)

    def test_moves(benchmark, tmp_path): benchmark(os.chdir, tmp_path)
    def test_is_back(benchmark): assert os.path.exists("test_hostile.py"); benchmark(int)
    def test_removes(benchmark, tmp_path):
        (tmp_path / "gone").mkdir()
        os.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        benchmark(int)
    def test_moves_and_returns(benchmark, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        benchmark(int)

    def test_prints(benchmark):
        def call():
            print("x" * 10000)
            print("y" * 10000, file=sys.stderr)
        benchmark(call)

    def test_exits(benchmark): benchmark(sys.exit, 3)
    def test_ends_pytest(benchmark): benchmark(pytest.exit, "enough")
    def test_interrupts(benchmark):
        def call(): raise KeyboardInterrupt
        benchmark(call)
    @pytest.fixture
    def interrupts(): raise KeyboardInterrupt
    def test_fixture_interrupts(benchmark, interrupts): pass
    @pytest.fixture
    def exits():
        yield
        sys.exit("goodbye")
    def test_end_exits(benchmark, exits): benchmark(int)

    def no(*_): raise RuntimeError("guarded")
    def test_patches(benchmark, monkeypatch):
        monkeypatch.setattr(time, "perf_counter", no)
        monkeypatch.setattr(time, "sleep", no)
        monkeypatch.setattr(socket, "socket", no)
        monkeypatch.setattr(os, "getpid", lambda: 7)
        benchmark(int)
    def test_patches_the_class(benchmark, monkeypatch):
        for name in ("recv", "send", "sendall"): monkeypatch.setattr(socket.socket, name, no, raising=False)
        monkeypatch.setattr(os, "_exit", no)
        benchmark(int)
    def test_recurses(benchmark):
        def call(): call()
        benchmark(call)
    def test_recursion_limit(benchmark):
        sys.setrecursionlimit(150)
        benchmark(int)
    def test_recursion_limit_is_back(benchmark): assert sys.getrecursionlimit() == 1000; benchmark(int)
    def test_traced(benchmark):
        sys.setprofile(lambda *_: None)
        seen = []
        benchmark(lambda: seen.append((sys.getprofile(), sys.gettrace())))
        sys.setprofile(None)
        assert set(seen[1:-1]) == {(None, None)} and seen[0][0] and seen[-1][0]

    @pytest.mark.parametrize("text", ["ü ö", "a::b", "new\\nline", "\\udc80", "[x]"])
    def test_ids(benchmark, text): benchmark(len, text)

    @pytest.mark.vltair_bench
    async def test_async(): pass
    class TestUnit(unittest.TestCase):
        @pytest.mark.vltair_bench
        def test_body(self): pass
    class TestUnitFixture(unittest.TestCase):
        @pytest.fixture(autouse=True)
        def _benchmark(self, benchmark): self.benchmark = benchmark
        def test_fixture(self): self.benchmark(int)
    def test_last(benchmark): benchmark(int)
"""

ENDINGS = {
    "test_raises_first": ("failed", "call 1 raised ZeroDivisionError: division by zero"),
    "test_raises_later": ("failed", "call 5 raised ValueError: the fifth: \\udc80"),
    "test_raises_no_text": ("failed", "call 1 raised Silent: of which no text can be had"),
    "test_asserts": ("failed", "AssertionError: assert 1 == 2"),
    "test_fixture": ("failed", "its set-up raised OSError: no database"),
    "test_absent_fixture": ("failed", "fixture 'absent' not found"),
    "test_end": ("failed", "its end raised OSError: in use"),
    "test_skips": ("skipped", "not on this machine"),
    "test_skips_later": ("skipped", "too late"),
    "test_skipped": ("skipped", "marked so"),
    "test_xfails": ("skipped", "it is expected to fail: bug 3"),
    "test_xfails_silently": ("skipped", "it is expected to fail"),
    "test_xpasses": ("failed", "it passes, and is expected to fail"),
    "test_idle": ("idle", "it never calls benchmark"),
    "test_twice": ("failed", "RuntimeError: a test is one benchmark, and this one has called benchmark(...) already"),
    "test_moves": ("passed", ""),
    "test_is_back": ("passed", ""),
    "test_removes": ("passed", ""),
    "test_moves_and_returns": ("passed", ""),
    "test_prints": ("passed", ""),
    "test_exits": ("failed", "call 1 raised SystemExit: 3"),
    "test_ends_pytest": ("failed", "call 1 raised Exit: enough"),
    "test_interrupts": ("failed", "call 1 raised KeyboardInterrupt"),
    "test_fixture_interrupts": ("failed", "its set-up raised KeyboardInterrupt"),
    "test_end_exits": ("failed", "its end raised SystemExit: goodbye"),
    "test_patches": ("passed", ""),
    "test_patches_the_class": ("passed", ""),
    "test_recurses": ("failed", "call 1 raised RecursionError: maximum recursion depth exceeded"),
    "test_recursion_limit": ("passed", ""),
    "test_recursion_limit_is_back": ("passed", ""),
    "test_traced": ("passed", ""),
    "test_ids[\\xfc \\xf6]": ("passed", ""),
    "test_ids[a::b]": ("passed", ""),
    "test_ids[new\\nline]": ("passed", ""),
    "test_ids[\\udc80]": ("passed", ""),
    "test_ids[[x]]": ("passed", ""),
    "test_async": (
        "failed",
        "an async test cannot be timed as a whole: ask for the fixture benchmark, and call it with a function",
    ),
    "TestUnit::test_body": (
        "failed",
        "a test of unittest cannot be timed as a whole: ask for the fixture benchmark, and call it",
    ),
    "TestUnitFixture::test_fixture": ("passed", ""),
    "test_last": ("passed", ""),
}

BROKEN = {
    "test_absent.py": ("import absent_module\n", "ModuleNotFoundError: No module named 'absent_module'"),
    "test_ends.py": ("import sys\nsys.exit('not today')\n", "SystemExit: not today"),
    "test_interrupted.py": ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    "test_syntax.py": ("def\n", "SyntaxError: invalid syntax"),
}


@pytest.fixture(scope="module", params=[(), ("-s",)], ids=["captured", "shown"])
def hostile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "test_hostile.py").write_text(textwrap.dedent(SUITE))
    for name, (text, _) in BROKEN.items():
        (folder / name).write_text(text)
    return lead(folder, *request.param)


def test_each_ends_with_a_clause_and_the_others_are_run(hostile: Run) -> None:
    assert list(hostile.endings) == list(ENDINGS)
    differing = {name: end for name, end in hostile.endings.items() if end != ENDINGS[name]}
    assert differing == {}
    assert hostile.events[-1] == "done"
    assert hostile.code == 1


def test_what_moved_is_put_back_and_said(hostile: Run) -> None:
    moved = [one["id"].partition("::")[2] for one in hostile.said if one.get("moved")]
    assert moved == ["test_moves", "test_removes"]


def test_files_that_cannot_be_collected_stop_no_others(hostile: Run) -> None:
    broken = {one["id"]: one["message"] for one in hostile.collected["broken"]}
    assert broken == {name: message for name, (_, message) in BROKEN.items()}


def test_threads_that_go_on_are_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import threading, time\ndef test_it(benchmark):\n    benchmark(int)\n"
        "    threading.Thread(target=time.sleep, args=(600,)).start()\n    print('this')\n    assert False\n"
    )
    run = lead(tmp_path)
    assert (run.events[-1], run.code) == ("done", 1)
    assert "1 failed" in run.out


FORKING = """
    import os, time

    def test_forks(benchmark):
        benchmark(os.fork)

    def test_forks_before(benchmark):
        os.fork()
        benchmark(int)

    def test_copy_raises(benchmark):
        def call():
            if not os.fork(): raise ValueError
        benchmark(call)

    def test_copy_exits(benchmark):
        def call():
            if not os.fork(): raise SystemExit
        benchmark(call)

    def test_forks_after(benchmark):
        benchmark(int)
        os.fork()

    def test_copy_ends(benchmark):
        def call():
            number = os.fork()
            if not number: os._exit(0)
            os.waitpid(number, 0)
        benchmark(call)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_copies_of_the_process_say_so_and_end(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(textwrap.dedent(FORKING))
    run = lead(tmp_path, "-W", "ignore", orders=Plan(burst(1, 6)))
    forked = [one["id"].partition("::")[2] for one in run.said if one["event"] == "forked"]
    # one of each call: none of them makes copies of its own
    calls = ("test_forks", "test_copy_raises", "test_copy_exits")
    assert {name: forked.count(name) for name in run.endings} == {
        **dict.fromkeys(calls, 9),
        "test_forks_before": 1,
        "test_forks_after": 1,
        "test_copy_ends": 0,
    }
    assert set(run.endings.values()) == {("passed", "")}
    assert run.events.count("done") == 1


def test_a_process_that_goes_down(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import os\ndef test_it(benchmark): benchmark(os._exit, 7)\n")
    run = lead(tmp_path)
    assert (run.events, run.code) == (["hello", "collected"], 7)


@pytest.mark.skipif(os.name == "nt", reason="numbers of files are handed out differently")
@pytest.mark.parametrize("then", ["", "\n    kept.extend(socket.socketpair() for _ in range(20))"])
def test_a_benchmark_that_closes_what_it_did_not_open(tmp_path: Path, then: str) -> None:
    (tmp_path / "test_it.py").write_text(
        f"import os, socket\nkept = []\ndef call():\n    os.closerange(3, 200){then}\n"
        "def test_it(benchmark): benchmark(call)\n"
    )
    run = lead(tmp_path, "-s", "-p", "no:faulthandler")
    assert (run.events, run.code) == (["hello", "collected"], 4)
    assert "vltair: the connection to gates" in run.err
