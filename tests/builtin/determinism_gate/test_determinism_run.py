"""Suites that do not repeat, run by the real pytest: each is red for what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gates.builtin.determinism import screen
from gates.builtin.determinism.facts import DeterminismEvidence
from gates.builtin.suite.options import PytestOptions, Word
from support.children import out_of_time_once
from support.determined import NO_LEAKS, Seen, judged

TEST = "def test_one():\n    pass\n\n\ndef test_two():\n    pass\n"
ONE: Mapping[str, str] = {"tests/test_a.py": TEST}
XDIST = "-p xdist -n 2"
SCREEN = '[determinism]\nleaks = false\nscreen = "reverse"\n'
TOKYO = "import os, time\nos.environ['TZ'] = 'Asia/Tokyo'\ntime.tzset()\n"


def evidence(seen: Seen) -> DeterminismEvidence:
    assert isinstance(seen.facts, DeterminismEvidence)
    return seen.facts


def test_a_suite_under_fix_passes_and_gates_gives_the_hash_seed(tmp_path: Path) -> None:
    seen = judged(tmp_path / "p", ONE)
    assert (seen.report.verdict, seen.messages) == ("passed", [])
    assert str(seen.report.denominator) == "2 tests"
    (process,) = evidence(seen).processes.items
    held = {one.name: one for one in process.factors.items}
    assert (held["hash-seed"].began, held["hash-seed"].ended) == ("0", "0")
    assert (held["timezone"].demanded, held["timezone"].place) == ("UTC", "vltair = fix")


@pytest.mark.parametrize("given", [None, "7", "random"])
def test_the_hash_seed_is_that_of_the_settings_and_never_that_of_the_caller(tmp_path: Path, given: str | None) -> None:
    env = "" if given is None else f'[tests.env]\nPYTHONHASHSEED = "{given}"\n'
    seen = judged(tmp_path / "p", ONE, environ={"PYTHONHASHSEED": "4242"}, settings=NO_LEAKS + env)
    (process,) = evidence(seen).processes.items
    held = next(one for one in process.factors.items if one.name == "hash-seed")
    assert (held.began, held.ended) == (given or "0",) * 2
    assert seen.rules == (["DET001"] if given == "random" else [])


def test_a_suite_that_fixes_nothing(tmp_path: Path) -> None:
    seen = judged(tmp_path / "p", ONE, keys="", settings="")
    assert (seen.report.verdict, seen.rules) == ("failed", ["DET001"])


def test_every_worker_says_what_it_held(tmp_path: Path) -> None:
    seen = judged(tmp_path / "p", ONE, addopts=XDIST)
    assert (seen.report.verdict, seen.messages) == ("passed", [])
    assert [one.name for one in evidence(seen).processes.items] == ["gw0", "gw1", "pytest"]


def test_a_conftest_of_one_worker_that_sets_another_zone(tmp_path: Path) -> None:
    conftest = f"import os\nif os.environ.get('PYTEST_XDIST_WORKER') == 'gw1':\n    {TOKYO.replace(chr(10), '; ')}\n"
    seen = judged(tmp_path / "p", {**ONE, "tests/conftest.py": conftest}, addopts=XDIST)
    assert (seen.report.verdict, seen.rules) == ("failed", ["DET002"])
    assert seen.messages[0].startswith("timezone was to be 'UTC' (vltair = fix), and gw1 showed ")
    assert "gw0" not in seen.messages[0]


def test_a_test_that_sets_another_zone_and_leaves_it(tmp_path: Path) -> None:
    body = "\n".join(f"    {line}" for line in TOKYO.splitlines())
    seen = judged(tmp_path / "p", {"tests/test_a.py": f"def test_one():\n{body}\n"})
    assert seen.rules == ["DET002"]
    assert "at its end" in seen.messages[0]


@pytest.mark.parametrize(
    ("keys", "settings", "said"),
    [
        ("vltair_leaks_kinds = umask files", "", "leaks of the kind environment were not looked for in pytest: "),
        ("vltair_leaks_allow = environment", "", "configuration allows: 'environment': "),
        ("vltair_leaks = off", "", "leaks were not looked for in pytest: "),
        ("vltair_leaks_kinds = umask files", '[determinism]\nkinds = ["umask"]\n', ""),
        ("vltair_leaks_allow = environment", '[determinism]\nallow = ["environment"]\n', ""),
    ],
)
def test_a_leak_that_the_configuration_hides_is_no_silent_pass(
    tmp_path: Path, keys: str, settings: str, said: str
) -> None:
    leak = "import os\n\n\ndef test_one():\n    os.environ['LEFT'] = '1'\n"
    seen = judged(tmp_path / "p", {"tests/test_a.py": leak}, keys=f"vltair = guard\n{keys}", settings=settings)
    assert seen.report.verdict == ("failed" if said else "passed"), seen.messages
    assert set(seen.rules) == ({"DET001"} if said else set())
    assert not said or any(said in message for message in seen.messages)


AGAIN = """\
from _pytest.runner import runtestprotocol


def pytest_runtest_protocol(item, nextitem):
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    failed = [report for report in reports if report.failed]
    for report in failed:
        report.outcome = "rerun"
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    if failed:
        runtestprotocol(item, nextitem=nextitem)
    return True
"""
FLAKY = "tries = []\n\n\ndef test_flaky():\n    tries.append(1)\n    assert len(tries) > 1, 'the first try'\n"


@pytest.mark.parametrize("addopts", ["", XDIST])
def test_a_test_that_passes_when_it_is_run_again(tmp_path: Path, addopts: str) -> None:
    seen = judged(tmp_path / "p", {**ONE, "tests/test_b.py": FLAKY, "conftest.py": AGAIN}, addopts=addopts)
    assert (seen.report.verdict, seen.rules) == ("failed", ["DET004"])
    (found,) = seen.report.findings
    assert (found.path, found.line, found.subject) == ("tests/test_b.py", 6, "tests/test_b.py::test_flaky")
    assert "failed once, and passed only when it was run again: AssertionError: the first try" in found.message


@pytest.mark.parametrize(
    ("plugin", "module", "options"),
    [
        ("pytest_rerunfailures", "pytest_rerunfailures", "--reruns 2"),
        ("pytest_retry", "pytest_retry.retry_plugin", "--retries 2"),
        ("flaky", "flaky.flaky_pytest_plugin", "--force-flaky"),
    ],
)
def test_every_plugin_that_runs_tests_again_is_understood(
    tmp_path: Path, plugin: str, module: str, options: str
) -> None:
    pytest.importorskip(plugin)
    seen = judged(tmp_path / "p", {**ONE, "tests/test_b.py": FLAKY}, addopts=options, plugins=module)
    assert seen.rules == ["DET004"], (seen.report.reason, seen.messages)


DEPENDENT = "state = []\n\n\ndef test_first():\n    state.append(1)\n\n\ndef test_second():\n    assert state\n"


def test_an_order_that_matters_is_seen_only_by_the_screen(tmp_path: Path) -> None:
    files = {"tests/test_a.py": DEPENDENT}
    assert judged(tmp_path / "one", files).report.verdict == "passed"
    seen = judged(tmp_path / "two", files, settings=SCREEN)
    assert (seen.report.verdict, seen.rules) == ("failed", ["DET005"])
    (found,) = seen.report.findings
    assert (found.path, found.line) == ("tests/test_a.py", 8)
    assert found.message.startswith("tests/test_a.py::test_second passed, and failed in the reversed order: ")
    assert ": PYTHONHASHSEED=0 " in found.message
    assert "-m pytest -p vltair --vltair-order=reversed --maxfail=0" in found.message


def test_an_order_that_does_not_matter(tmp_path: Path) -> None:
    seen = judged(tmp_path / "p", ONE, settings=SCREEN, addopts="-x")
    assert (seen.report.verdict, seen.messages) == ("passed", [])
    assert evidence(seen).screen is not None


def test_a_test_that_is_not_selected_in_the_reversed_run(tmp_path: Path) -> None:
    conftest = (
        "def pytest_collection_modifyitems(config, items):\n"
        "    if config.getoption('--vltair-order'):\n"
        "        items[:] = [item for item in items if item.name != 'test_two']\n"
    )
    seen = judged(tmp_path / "p", {**ONE, "conftest.py": conftest}, settings=SCREEN)
    assert seen.messages[0].startswith("tests/test_a.py::test_two passed, and was missing in the reversed order: ")


@pytest.mark.parametrize(
    ("installed", "words", "environ", "told"),
    [
        (True, (), {}, True),
        (False, (), {}, False),
        (True, ("-p", "no:randomly"), {}, False),
        (True, (screen.UNSHUFFLED,), {}, False),
        (True, (), {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, False),
    ],
)
def test_pytest_randomly_is_told_to_leave_the_reversed_order_alone(
    installed: bool, words: Sequence[str], environ: Mapping[str, str], told: bool
) -> None:
    python: Any = SimpleNamespace(distributions={"pytest-randomly": "5.1.0"} if installed else {})
    read = PytestOptions(words=tuple(Word(text=one, place="") for one in words), ini={}, file=None)
    assert screen.shuffles(python, read, environ) == told


REVERSED = "'--vltair-order=reversed' in config.invocation_params.args"


def test_a_file_that_cannot_be_collected_in_the_reversed_run(tmp_path: Path) -> None:
    conftest = f"def pytest_configure(config):\n    import builtins\n    builtins.BAD = {REVERSED}\n"
    bad = "if BAD:\n    raise ValueError('not again')\n\n\ndef test_bad():\n    pass\n"
    seen = judged(tmp_path / "p", {**ONE, "tests/test_b.py": bad, "conftest.py": conftest}, settings=SCREEN)
    assert seen.report.reason is not None
    assert (seen.report.verdict, seen.report.reason.code) == ("undecided", "evidence_incomplete")
    assert seen.report.reason.message == (
        "in the reversed run, tests/test_b.py could not be collected: ValueError: not again"
    )
    assert (seen.report.reason.fix or "").endswith("--collect-only tests/test_b.py")


def test_a_run_that_ends_early_and_says_that_all_is_well(tmp_path: Path) -> None:
    leaves = "import pytest\n\nstate = []\n\n\ndef test_first():\n    state.append(1)\n\n\n"
    leaves += "def test_second():\n    state or pytest.exit('enough', returncode=0)\n"
    seen = judged(tmp_path / "p", {"tests/test_a.py": leaves}, settings=SCREEN)
    assert seen.rules == ["DET005", "DET005"]
    assert all(" passed, and has no outcome in the reversed order: " in message for message in seen.messages)


def test_a_conftest_that_sets_the_order_is_named_by_its_place_in_the_project(tmp_path: Path) -> None:
    conftest = "def pytest_collection_modifyitems(items):\n    items.reverse()\n"
    seen = judged(
        tmp_path / "p", {**ONE, "conftest.py": conftest}, keys="vltair = fix\nvltair_order = keep", settings=SCREEN
    )
    assert seen.report.reason is not None
    assert seen.report.reason.message.endswith("was 'changed by conftest.py'")
    assert (seen.report.reason.fix or "").startswith("have conftest.py leave the order alone")


def test_a_hang_in_the_reversed_run_names_its_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out_of_time_once(monkeypatch, (tmp_path / "hangs").exists)
    hang = "import pathlib, time\n\nstate = []\n\n\ndef test_first():\n    state.append(1)\n\n\n"
    hang += f"def hang():\n    pathlib.Path({str(tmp_path)!r}, 'hangs').touch()\n    time.sleep(120)\n\n\n"
    hang += "def test_second():\n    state or hang()\n"
    seen = judged(tmp_path / "p", {"tests/test_a.py": hang}, settings=SCREEN)
    assert (seen.report.verdict, seen.rules) == ("failed", ["DET005"])
    assert "test_second passed, and hung in the reversed order" in seen.messages[0]


def test_a_test_that_takes_its_process_down_in_the_reversed_run(tmp_path: Path) -> None:
    crash = "import os\n\nstate = []\n\n\ndef test_first():\n    state.append(1)\n\n\n"
    crash += "def test_second():\n    state or os._exit(70)\n"
    seen = judged(tmp_path / "p", {"tests/test_a.py": crash}, settings=SCREEN)
    assert seen.report.verdict == "undecided"
    assert seen.report.reason is not None
    assert seen.report.reason.message.startswith("in the reversed run, the recorded run reversed.jsonl ")
    assert "running were: tests/test_a.py::test_second" in seen.report.reason.message


def test_a_screen_that_the_configuration_switches_off(tmp_path: Path) -> None:
    settings = f"{SCREEN}require = []\n"
    seen = judged(tmp_path / "p", ONE, keys="vltair = off", settings=settings)
    assert seen.report.reason is not None
    assert seen.report.reason.code == "tool_config_invalid"
    assert "was not: pytest's configuration has vltair off" in seen.report.reason.message


def test_a_plugin_that_sets_the_order_of_the_reversed_run(tmp_path: Path) -> None:
    shuffle = "def pytest_collection_modifyitems(items):\n    items.sort(key=lambda item: item.name[::-1])\n"
    files = {"tests/test_a.py": TEST.replace("test_two", "test_zero_e") + "\n\ndef test_ab(): pass\n"}
    seen = judged(
        tmp_path / "p",
        {**files, "gates_shuffle.py": shuffle, "conftest.py": "pytest_plugins = ['gates_shuffle']\n"},
        keys="vltair = fix\nvltair_order = keep",
        settings=SCREEN,
    )
    assert seen.report.reason is not None
    assert seen.report.reason.message == (
        "the run that should have been in the reversed order was 'changed by gates_shuffle': the plugin gates_shuffle"
        " sets the order of tests"
    )
    assert "add '-p no:gates_shuffle' to addopts" in (seen.report.reason.fix or "")


def test_without_pytest_there_is_no_screen(tmp_path: Path) -> None:
    seen = judged(tmp_path / "p", ONE, settings=SCREEN, environ={"GATES_HIDE": "pytest"})
    assert seen.report.reason is not None
    assert seen.report.reason.code == "needed_gate_undecided"


def test_no_tests_at_all(tmp_path: Path) -> None:
    seen = judged(tmp_path / "p", {"tests/test_a.py": "import pytest\n\n\n@pytest.mark.skip\ndef test_a(): pass\n"})
    assert seen.report.verdict == "undecided"
