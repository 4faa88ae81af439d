"""What the controller of a run with workers writes down."""

from __future__ import annotations

from collections import Counter

import pytest

from gates.model.recorded_run import CollectError, Crash, Modules, Phase, Warned
from support.recordings import WITH_XDIST, Recording, read

pytest.importorskip("xdist")

SUITE = {
    "test_a": """
        import pytest, warnings
        pytestmark = pytest.mark.requirement("REQ-A")
        @pytest.mark.parametrize("number", range(3))
        def test_number(number): warnings.warn("counted")
        @pytest.mark.xdist_group("one")
        def test_fails(): assert 0, "boo"
        def test_left(): pass
        """,
    "test_b": """
        import pytest
        @pytest.mark.xdist_group("one")
        @pytest.mark.covers("REQ-B")
        def test_grouped(): pass
        class TestSome:
            def test_skips(self): pytest.skip("no")
            @pytest.mark.xfail
            def test_expected(self): assert 0
        def test_left_too(): pass
        """,
}
SELECTED = [
    *(f"test_a.py::test_number[{number}]" for number in range(3)),
    "test_a.py::test_fails",
    "test_b.py::test_grouped",
    "test_b.py::TestSome::test_skips",
    "test_b.py::TestSome::test_expected",
]
LEFT = ["test_a.py::test_left", "test_b.py::test_left_too"]


@pytest.fixture(autouse=True)
def _keep_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes share compiled modules: most of their time goes into that otherwise."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


def run(pytester: pytest.Pytester, *args: str, code: int = 0) -> Recording:
    path = pytester.path / "run.jsonl"
    result = pytester.runpytest_subprocess(*WITH_XDIST, "-p", "no:cacheprovider", f"--vltair-record={path}", *args)
    assert result.ret == code, result.stdout.str() + result.stderr.str()
    return read(path)


@pytest.mark.requirement("PYT-3")
@pytest.mark.parametrize("mode", ["load", "loadscope", "loadfile", "loadgroup", "worksteal"])
def test_every_selected_test_is_accounted_for(pytester: pytest.Pytester, mode: str) -> None:
    pytester.makepyfile(**SUITE)
    recording = run(pytester, "-n2", "--dist", mode, "-k", "not left", code=1)
    assert recording.end.exitstatus == 1
    assert recording.begin.workers == 2
    assert recording.collected.selected == SELECTED
    assert recording.collected.deselected == LEFT
    assert recording.ran() == Counter(SELECTED)
    assert {line.worker for line in recording.all(Phase)} <= {"gw0", "gw1"}
    assert recording.phase("test_grouped", "call").requirements == ["REQ-B"]
    assert recording.phase("test_number[0]", "setup").requirements == ["REQ-A"]
    assert recording.phase("test_number[0]", "setup").markers == ["parametrize", "requirement"]
    assert recording.phase("TestSome::test_expected", "call").wasxfail
    failed = recording.phase("test_fails", "call")
    assert (failed.outcome, failed.path, failed.line) == ("failed", "test_a.py", 6)
    assert Counter(line.nodeid for line in recording.all(Warned)) == Counter(SELECTED[:3])
    assert {line.worker for line in recording.all(Modules)} == {None, "gw0", "gw1"}
    assert all("test_a" in line.files for line in recording.all(Modules) if line.worker is not None)
    assert recording.all(Crash) == []


def test_each_worker_runs_all(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**SUITE)
    recording = run(pytester, "--dist", "each", "--tx", "2*popen", "-k", "not left", code=1)
    assert recording.begin.workers == 2
    assert recording.collected.selected == SELECTED
    assert Counter((line.worker, line.nodeid) for line in recording.all(Phase) if line.when == "setup") == Counter(
        (worker, nodeid) for worker in ("gw0", "gw1") for nodeid in SELECTED
    )


@pytest.mark.requirement("PYT-3")
@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_a_worker_that_goes_down(pytester: pytest.Pytester, end: str) -> None:
    pytester.makepyfile(f"import os\ndef test_a(): pass\ndef test_down(): {end}\ndef test_c(): pass\n")
    recording = run(pytester, "-n2", code=1)
    down = "test_a_worker_that_goes_down.py::test_down"
    assert len(recording.collected.selected) == 3
    assert recording.phases("test_down") == [("setup", "passed")]
    assert recording.phases("test_a") == recording.phases("test_c")
    assert len(recording.phases("test_c")) == 3
    crashes = recording.all(Crash)
    assert len({crash.worker for crash in crashes}) == 1
    assert [crash.message for crash in crashes] == [
        "Not properly terminated",
        f"worker '{crashes[0].worker}' crashed while running '{down}'",
    ]


def test_all_workers_go_down_at_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import os, pytest\n@pytest.fixture\ndef end(): os._exit(0)\ndef test_down(end): pass\n")
    recording = run(pytester, "-n1", "--max-worker-restart=0", code=1)
    assert recording.collected.selected == ["test_all_workers_go_down_at_once.py::test_down"]
    assert recording.all(Phase) == []
    assert len(recording.all(Crash)) == 2


def test_a_worker_that_dies_after_its_tests(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import os
        def pytest_sessionfinish(session):
            if hasattr(session.config, "workerinput"):
                os._exit(0)
        """
    )
    pytester.makepyfile("def test_a(): pass\n")
    path = pytester.path / "run.jsonl"
    pytester.runpytest_subprocess(*WITH_XDIST, "-n1", "--max-worker-restart=0", f"--vltair-record={path}")
    recording = read(path)
    assert recording.ran() == Counter(recording.collected.selected)
    assert [crash.worker for crash in recording.all(Crash)] == ["gw0"]


def test_the_controller_is_killed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import os\ndef test_a(): os.kill(os.getppid(), 9)\ndef test_b(): pass\n")
    recording = run(pytester, "-n1", code=-9)
    assert not recording.has_end


def test_a_module_that_cannot_be_collected(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_good="def test_good(): pass\n", test_bad="import os\nimport no_such_module\n")
    recording = run(pytester, "-n2", code=1)
    error = recording.one(CollectError)
    assert (error.nodeid, error.path, error.line) == ("test_bad.py", "test_bad.py", 2)


@pytest.mark.parametrize("other", ["def test_one(): pass", ""])
def test_modules_that_skip_themselves(pytester: pytest.Pytester, other: str) -> None:
    skipping = "import pytest; pytest.importorskip('surely_absent')"
    pytester.makepyfile(test_a=skipping, test_b=skipping, test_c=other)
    recording = run(pytester, "-n2", code=0 if other else 5)
    assert [one.nodeid for one in recording.collected.skipped_modules] == ["test_a.py", "test_b.py"]


def test_workers_that_collect_differently(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import os, pytest\n@pytest.mark.parametrize('pid', [os.getpid()])\ndef test_pid(pid): pass\n")
    recording = run(pytester, "-n2", code=1)
    assert "Different tests were collected" in recording.one(CollectError).message
    assert recording.all(Phase) == []


def test_nothing_selected(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(): pass\n")
    recording = run(pytester, "-n2", "-k", "missing", code=5)
    assert recording.collected.selected == []
    assert recording.collected.deselected == ["test_nothing_selected.py::test_a"]


def test_stopping_early(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("".join(f"def test_{number}(): assert 0\n" for number in range(20)))
    recording = run(pytester, "-n2", "-x", code=2)
    assert len(recording.collected.selected) == 20
    assert 0 < len(recording.ran()) < 20


def test_an_interrupt_in_a_worker(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(): raise KeyboardInterrupt\n")
    recording = run(pytester, "-n1", code=2)
    assert next(crash.message for crash in recording.all(Crash)) == "keyboard-interrupt"


def test_collect_only(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**SUITE)
    recording = run(pytester, "-n2", "--collect-only", "-k", "not left")
    assert (recording.begin.workers, recording.collected.selected) == (0, SELECTED)
    assert recording.all(Phase) == []


def test_no_workers(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_a(): pass\n")
    recording = run(pytester, "-n0")
    assert recording.begin.workers == 0
    assert {line.worker for line in recording.lines if isinstance(line, Phase | Modules)} == {None}


def test_a_worker_without_the_plugin_is_a_crash(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest
        @pytest.hookimpl(trylast=True)
        def pytest_sessionfinish(session):
            getattr(session.config, "workeroutput", {}).pop("vltair", None)
        """
    )
    pytester.makepyfile("def test_a(): pass\n")
    recording = run(pytester, "-n1")
    assert recording.one(Crash).worker == "gw0"
    assert recording.collected.selected == ["test_a_worker_without_the_plugin_is_a_crash.py::test_a"]


def test_shards_are_the_same_in_every_worker(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("".join(f"def test_{number}(): pass\n" for number in range(7)))
    whole: list[str] = []
    for index in (1, 2):
        recording = run(pytester, "-n2", f"--vltair-shard={index}/2")
        collected = recording.collected
        assert recording.begin.shard == f"{index}/2"
        assert recording.ran() == Counter(collected.selected)
        assert collected.deselected == []
        assert len(collected.selected) + len(collected.other_shards) == 7
        whole += collected.selected
    assert sorted(whole) == [f"test_shards_are_the_same_in_every_worker.py::test_{number}" for number in range(7)]
