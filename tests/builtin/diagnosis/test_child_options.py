"""Projects with settings that repeat, shuffle, stop or split a run: real pytest processes."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from builtin.diagnosis.child_runs import run
from gates.builtin.diagnosis.child.blocked import PLUGINS
from gates.builtin.diagnosis.child.stand_ins import STAND_INS

TESTS = """
    import pytest
    @pytest.mark.flaky(reruns=3)
    def test_1(): assert 0
    @pytest.mark.repeat(3)
    def test_2(): assert 0
    @pytest.mark.random_order(disabled=True)
    def test_3(): pass
"""
ORDER = [f"test_a.py::test_{number}" for number in (1, 2, 3)]
STRICT = "--strict-markers --strict-config"
SETTINGS = [
    "--reruns 3 --reruns-delay=1 --only-rerun AssertionError --force-reruns 2",
    "--randomly-seed=1 --randomly-dont-reset-seed",
    "--random-order --random-order-bucket=global --random-order-seed 4",
    "--reverse",
    "--force-flaky --max-runs=3 --min-passes 1 --no-flaky-report",
    "--retries 3 --retry-delay 1",
    "--count 3 --repeat-scope session",
    "--flake-finder --flake-runs=3",
    "-x",
    "--maxfail=1",
    "--lf",
    "--ff --nf",
    "--sw",
    "-p no:cacheprovider",
    "-p no:faulthandler",
    "-p no:randomly -p no:rerunfailures",
]


@pytest.mark.parametrize("options", SETTINGS)
def test_options_of_blocked_plugins_do_nothing(tmp_path: Path, options: str) -> None:
    ini = f"[pytest]\naddopts = {STRICT} {options}\nreruns = 3\nretries = 2\nretry_delay = 1\n"
    ran = run(tmp_path, {"test_a.py": TESTS, "pytest.ini": ini}, settings={"repeat": "2"}, plugins=True)
    assert ran.order == ORDER * 2, ran.output
    assert list(ran.ended.values()) == ["failed", "failed", "passed"] * 2


def test_failures_of_the_last_run_are_not_the_only_ones(tmp_path: Path) -> None:
    files = {"test_a.py": TESTS, "pytest.ini": "[pytest]\naddopts = --lf --sw\n"}
    assert run(tmp_path, files, plugins=True).order == ORDER
    assert run(tmp_path, files, plugins=True).order == ORDER


def test_selection_and_filters_of_the_project_are_kept(tmp_path: Path) -> None:
    ini = "[pytest]\naddopts = -k 'not test_1' -m 'not slow' -W error\nxfail_strict = true\nmarkers = slow\n"
    text = """
        import pytest, warnings
        def test_1(): pass
        @pytest.mark.slow
        def test_2(): pass
        def test_3(): warnings.warn("this")
        @pytest.mark.xfail
        def test_4(): pass
    """
    ran = run(tmp_path, {"test_a.py": text, "pytest.ini": ini}, limit=30, plugins=True)
    assert {nodeid: ended for (nodeid, _), ended in ran.ended.items()} == {
        "test_a.py::test_3": "failed",
        "test_a.py::test_4": "failed",
    }


@pytest.mark.skipif(find_spec("pytest_cov") is None, reason="pytest-cov is not installed")
def test_coverage_is_not_measured(tmp_path: Path) -> None:
    ini = f"[pytest]\naddopts = {STRICT} -W error --cov=. --cov-report=term --cov-fail-under=100\n"
    text = """
        import sys, pytest
        @pytest.mark.no_cover
        def test_a(cov): assert cov is None and not sys.gettrace()
    """
    ran = run(tmp_path, {"test_a.py": text, "pytest.ini": ini}, plugins=True)
    assert (ran.ended, ran.status) == ({("test_a.py::test_a", 1): "passed"}, 0), ran.output


@pytest.mark.skipif(find_spec("xdist") is None, reason="pytest-xdist is not installed")
@pytest.mark.parametrize(
    "options", ["-n 2", "-n auto --dist loadscope", "-n2 --dist=loadgroup", "--tx 2*popen --dist=load"]
)
def test_workers_of_the_project_are_not_started(tmp_path: Path, options: str) -> None:
    ran = run(tmp_path, {"test_a.py": TESTS, "pytest.ini": f"[pytest]\naddopts = {options}\n"}, plugins=True)
    assert ran.order == ORDER
    assert {one["worker"] for one in ran.events} == {"main"}


@pytest.mark.skipif(find_spec("xdist") is None, reason="pytest-xdist is not installed")
@pytest.mark.parametrize("dist", ["", "--dist loadgroup"])
def test_workers_write_for_themselves(tmp_path: Path, dist: str) -> None:
    text = """
        import os, pytest
        @pytest.mark.xdist_group("one")
        def test_1(): assert os.environ["PYTEST_XDIST_WORKER"]
        @pytest.mark.flaky(reruns=2)
        def test_2(): assert 0
        def test_3():
            # The scheduler of groups waits for ever for a worker that died.
            os._exit(3) if not "GROUPS" else pytest.skip("")
    """.replace("GROUPS", dist)
    ini = f"[pytest]\naddopts = --strict-markers -x --reruns 3 {dist}\n"
    arguments = ["-n", "2", "--max-worker-restart=1"]
    ran = run(
        tmp_path, {"test_a.py": text, "pytest.ini": ini}, settings={"parallel": "2"}, arguments=arguments, limit=30
    )
    assert sorted(ran.order) == ORDER, ran.output
    ended = {ORDER[0]: "passed", ORDER[1]: "failed"} | ({ORDER[2]: "skipped"} if dist else {})
    assert {nodeid: how for (nodeid, _), how in ran.ended.items()} == ended
    main = [one["e"] for one in ran.events if one["worker"] == "main" and one["e"] not in {"wrote", "read"}]
    assert main == ["seen", "done"]
    assert {one["worker"] for one in ran.of("collected")} >= {"gw0", "gw1"}
    assert {tuple(sorted(one["ids"])) for one in ran.of("collected")} == {tuple(ORDER)}


@pytest.mark.skipif(find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_workers_run_an_order(tmp_path: Path) -> None:
    files = {"test_a.py": "".join(f"def test_{n}(): pass\n" for n in range(8))}
    wanted = [f"test_a.py::test_{n}" for n in (6, 2, 4, 0)]
    ran = run(tmp_path, files, settings={"parallel": "2"}, tests=wanted, arguments=["-n", "2"])
    assert all(one["ids"] == wanted for one in ran.of("collected"))
    assert sorted(ran.order) == sorted(wanted)


@pytest.mark.parametrize("hook", ["pytest_set_filtered_exceptions", "pytest_set_excluded_exceptions"])
def test_hooks_for_blocked_plugins_are_no_mistake(tmp_path: Path, hook: str) -> None:
    files = {"conftest.py": f"def {hook}(): return (KeyError,)\n", "test_a.py": "def test_a(): pass\n"}
    assert run(tmp_path, files, plugins=True).order == ["test_a.py::test_a"]


def test_a_plugin_that_is_named_by_the_project_is_blocked(tmp_path: Path) -> None:
    files = {
        "pytest_reverse.py": """
            def pytest_addoption(parser): parser.addoption("--reverse", action="store_true")
            def pytest_collection_modifyitems(items): items.reverse()
        """,
        "pytest.ini": "[pytest]\naddopts = -p pytest_reverse --reverse\npythonpath = .\n",
        "test_a.py": "def test_1(): pass\ndef test_2(): pass\n",
    }
    ran = run(tmp_path, files, environment={"PYTHONSAFEPATH": ""}, plugins=True)
    assert ran.order == ["test_a.py::test_1", "test_a.py::test_2"], ran.output


def test_each_stand_in_is_for_a_plugin_that_is_blocked() -> None:
    assert {one.plugin for one in STAND_INS} <= set(PLUGINS)


def test_hypothesis_is_not_imported_to_say_nothing(tmp_path: Path) -> None:
    last = "import atexit, sys\natexit.register(lambda: print('imported:', 'hypothesis' in sys.modules))\n"
    files = {"conftest.py": last, "test_a.py": "def test_a(): pass\n"}
    ran = run(tmp_path, files, arguments=["-p", "no:vltair"], plugins=True)
    assert ran.output.splitlines()[-1] == "imported: False"
