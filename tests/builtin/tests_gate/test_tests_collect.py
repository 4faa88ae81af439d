"""The gate over real suites, run by the real pytest."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.builtin.tests.gate import TestsGate
from gates.builtin.tests.settings import TestsSettings
from gates.project import facts
from support import suites
from support.children import out_of_time_once
from support.projects import write_project
from support.suites import Judged

PYPROJECT = """
    [project]
    name = "sample"

    [tool.pytest.ini_options]
    testpaths = ["tests"]
    pythonpath = ["src"]
"""
BASE: Mapping[str, str] = {
    "pyproject.toml": PYPROJECT,
    "src/sample/__init__.py": "def double(number):\n    return 2 * number\n",
    "tests/test_sample.py": "from sample import double\n\n\ndef test_double():\n    assert double(2) == 4\n",
}

Judge = Callable[..., Judged]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    def judged(files: Mapping[str, str | None] | None = None, **wished: Any) -> Judged:
        chosen = {path: text for path, text in {**BASE, **(files or {})}.items() if text is not None}
        root = write_project(tmp_path / "project", chosen)
        return suites.judged(root, tmp_path, **wished)

    return judged


def test_a_good_suite_passes_and_says_where_its_package_came_from(judge: Judge) -> None:
    found = judge()
    assert (found.verdict, found.code, found.unkept) == ("passed", None, None)
    assert found.evidence is not None
    assert [(one.package, one.file) for one in found.evidence.imported.items] == [("sample", "src/sample/__init__.py")]
    assert found.commands[0][:4] == ("python", "-P", "-m", "pytest")


def test_what_went_wrong_stands_at_its_line_and_is_not_kept(judge: Judge) -> None:
    broken = """
        import pytest

        @pytest.fixture
        def late():
            yield
            raise RuntimeError("late")

        def test_late(late):
            assert [] == [1], "early"

        def test_unknown(no_such_fixture):
            pass
    """
    found = judge({"tests/test_broken.py": broken})
    assert found.verdict == "failed"
    assert found.unkept is not None
    shown = {(one.rule, one.line, one.message.partition(": ")[2]) for one in found.decision.findings}
    assert shown == {
        ("TST001", 9, "AssertionError: early"),
        ("TST002", 6, "RuntimeError: late"),
        ("TST002", 11, "fixture 'no_such_fixture' not found"),
    }
    assert all("project/" not in one.message for one in found.decision.findings)


def test_a_file_that_cannot_be_imported(judge: Judge) -> None:
    found = judge({"tests/test_broken.py": "import sys\nimport no_such_module\n"})
    assert found.rules == ["TST003"]
    assert (found.decision.findings[0].path, found.decision.findings[0].line) == ("tests/test_broken.py", 2)


def test_a_project_that_is_not_installed_is_told_so(judge: Judge) -> None:
    found = judge({"pyproject.toml": '[project]\nname = "sample"\n[tool.pytest.ini_options]\n'})
    assert found.rules == ["TST003"]
    assert "the project's sample is not installed" in found.decision.findings[0].message


def test_a_test_that_leaves_by_the_back_door_is_undecided_and_named(judge: Judge) -> None:
    found = judge({"tests/test_exit.py": "import os\n\n\ndef test_exit():\n    os._exit(0)\n"})
    assert (found.verdict, found.code) == ("undecided", "evidence_incomplete")
    assert "tests/test_exit.py::test_exit" in found.message
    assert found.decision.reason is not None
    assert found.decision.reason.fix.endswith(" -P -m pytest tests/test_exit.py::test_exit")


def test_a_test_that_kills_its_process_is_undecided_and_named(judge: Judge) -> None:
    found = judge({"tests/test_kill.py": "import os\n\n\ndef test_kill():\n    os.kill(os.getpid(), 9)\n"})
    assert (found.verdict, found.code) == ("undecided", "tool_killed")
    assert "tests/test_kill.py::test_kill" in found.message


def test_a_test_that_hangs_is_named(judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out_of_time_once(monkeypatch, (tmp_path / "hangs").exists)
    hangs = f"import pathlib, time\n\n\ndef test_hang():\n    pathlib.Path({str(tmp_path)!r}, 'hangs').touch()\n"
    found = judge({"tests/test_hang.py": f"{hangs}    time.sleep(600)\n"}, timeout=60.0)
    assert (found.verdict, found.code) == ("undecided", "timeout")
    assert "tests/test_hang.py::test_hang" in found.message
    assert found.decision.reason is not None
    assert found.decision.reason.fix.endswith(" -m pytest tests/test_hang.py::test_hang")


def test_a_worker_that_crashes_is_a_finding_at_the_test(judge: Judge) -> None:
    files = {"tests/test_exit.py": "import os\n\n\ndef test_exit():\n    os._exit(0)\n"}
    found = judge(files, args=("-p", "xdist", "-n", "2"))
    assert found.verdict == "failed"
    assert [(one.rule, one.subject) for one in found.decision.findings] == [("TST005", "tests/test_exit.py::test_exit")]


@pytest.mark.requirement("GAT-2")
def test_workers_account_for_every_test(judge: Judge) -> None:
    many = "import pytest\n\n\n@pytest.mark.parametrize('number', range(20))\ndef test_many(number):\n    pass\n"
    found = judge({"tests/test_many.py": many}, args=("-p", "xdist", "-n", "2"))
    assert found.verdict == "passed"
    assert found.decision.denominator.count == 21
    assert found.evidence is not None
    assert [one.where for one in found.evidence.imported.items] == ["tree"]


def test_a_hook_that_swallows_a_test_is_found_out(judge: Judge) -> None:
    hook = "def pytest_runtest_protocol(item):\n    return True if item.name == 'test_lost' else None\n"
    found = judge({"conftest.py": hook, "tests/test_lost.py": "def test_lost():\n    assert False\n"})
    assert (found.verdict, found.rules) == ("failed", ["TST004"])
    assert found.unkept is not None


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"tests/test_sample.py": ""}, "nothing_examined"),
        (
            {"tests/test_sample.py": "import pytest\n\n\n@pytest.mark.skip\ndef test_a():\n    pass\n"},
            "nothing_examined",
        ),
        ({"conftest.py": "1 / 0\n"}, "tool_config_invalid"),
        ({"conftest.py": "def pytest_runtest_protocol(item):\n    raise ValueError('inside')\n"}, "tool_crashed"),
        ({"tests/test_b.py": "import pytest\n\n\ndef test_b():\n    pytest.exit('bye')\n"}, "interrupted"),
        ({"tests/test_b.py": "def test_b():\n    open('tests/test_b.py', 'a').write('#')\n"}, "evidence_stale"),
    ],
)
def test_what_proves_nothing_is_undecided(judge: Judge, files: Mapping[str, str], code: str) -> None:
    found = judge(files)
    assert (found.verdict, found.code) == ("undecided", code)
    assert found.unkept is not None or found.evidence is None


def test_a_report_that_a_test_leaves_behind_is_no_change_of_the_project(judge: Judge) -> None:
    assert judge({"tests/test_b.py": "def test_b():\n    open('report.xml', 'w').close()\n"}).verdict == "passed"


LEAKING = """
    import os
    import sys
    import warnings

    import pytest

    TOKEN = os.environ["MY_TOKEN"]
    warnings.warn(f"at import {TOKEN}")

    def test_fails():
        assert os.environ["MY_TOKEN"] == "x"

    def test_skips():
        pytest.skip(f"without {TOKEN}")

    def test_expects():
        pytest.xfail(f"because {TOKEN}")

    @pytest.fixture
    def broken():
        raise RuntimeError(TOKEN)

    def test_errors(broken):
        pass

    def test_warns():
        warnings.warn(f"called {TOKEN}")
"""
NO_FILE = "import os\nraise RuntimeError(os.environ['MY_TOKEN'])\n"
NO_PYTEST = "import os\ndef pytest_runtest_protocol(item):\n    raise ValueError(os.environ['MY_TOKEN'])\n"


@pytest.mark.parametrize(
    "files",
    [
        {"tests/test_leaking.py": LEAKING},
        {"tests/test_leaking.py": NO_FILE},
        {"conftest.py": NO_PYTEST},
        {"conftest.py": NO_FILE},
    ],
)
def test_no_secret_is_kept_or_shown(judge: Judge, files: Mapping[str, str]) -> None:
    found = judge(files, environ={"MY_TOKEN": "supersecret12345"})
    kept = msgspec.json.encode((found.evidence, found.decision)).decode()
    assert found.verdict != "passed"
    assert "supersecret" not in kept
    assert "<<REDACTED>>" in kept


def test_an_option_that_pytest_does_not_know_is_quoted(judge: Judge) -> None:
    found = judge(args=("--no-such-option",))
    assert found.code == "tool_config_invalid"
    assert "--no-such-option" in found.message


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("pytest.ini", "[pytest]\npythonpath = src\nfilterwarnings = ignore\ntestpath = tests\n", "pytest.ini:4"),
        ("pyproject.toml", PYPROJECT + "    testpath = ['tests']\n", "pyproject.toml:7"),
    ],
)
def test_a_typo_in_pytests_own_table_is_undecided(judge: Judge, name: str, text: str, place: str) -> None:
    found = judge({name: text})
    assert (found.verdict, found.code) == ("undecided", "tool_config_invalid")
    assert f"'testpath' at {place} and went on without it; did you mean 'testpaths'?" in found.message


def test_a_suite_that_shuts_the_plugin_out_is_recorded_all_the_same(judge: Judge) -> None:
    assert judge(args=("-p", "no:vltair")).verdict == "passed"


def test_options_of_the_project_are_named_with_what_they_took_out(judge: Judge) -> None:
    more = "import pytest\n\n\n@pytest.mark.slow\ndef test_slow():\n    pass\n"
    options = PYPROJECT + '    addopts = ["-m", "not slow"]\n    markers = ["slow: long"]\n'
    found = judge({"pyproject.toml": options, "tests/test_slow.py": more})
    assert (found.verdict, found.rules) == ("passed", ["TST007"])
    assert found.decision.findings[0].message == "-m 'not slow' (addopts in pyproject.toml) took out 1 of 2 tests"


def test_arguments_and_variables_reach_the_suite(judge: Judge) -> None:
    reads = "import os\n\n\ndef test_env():\n    assert os.environ['WANTED'] == 'yes'\n"
    found = judge({"tests/test_env.py": reads}, env={"WANTED": "yes"}, args=("tests/test_env.py",))
    assert found.verdict == "passed"
    assert found.decision.denominator.count == 1


@pytest.mark.requirement("GAT-3")
def test_an_installed_copy_beside_a_broken_tree_is_undecided(judge: Judge, tmp_path: Path) -> None:
    installed = tmp_path / "lib" / "site-packages"
    write_project(installed, {"sample/__init__.py": BASE["src/sample/__init__.py"]})
    files = {
        "pyproject.toml": PYPROJECT.replace('    pythonpath = ["src"]\n', ""),
        "src/sample/__init__.py": "broken (",
    }
    environ = {"PYTHONPATH": str(installed)}
    found = judge(files, environ=environ)
    assert (found.verdict, found.code) == ("undecided", "tested_installed_copy")
    assert "site-packages/sample/__init__.py" in found.message
    assert judge(files, environ=environ, allow_installed=True).verdict == "passed"


ALONE = {
    "pyproject.toml": '[project]\nname = "sample"\n[tool.pytest.ini_options]\n',
    "src/sample/__init__.py": None,
    "tests/test_sample.py": "def test_nothing():\n    pass\n",
}


def test_code_that_is_not_found_is_not_taken_for_tested(judge: Judge, tmp_path: Path) -> None:
    installed = tmp_path / "lib" / "site-packages"
    write_project(installed, {"sample/__init__.py": BASE["src/sample/__init__.py"]})
    setup = "from setuptools import setup\nsetup(package_dir={'': 'lib'}, packages=['sample'])\n"
    files = {
        **ALONE,
        "tests/test_sample.py": BASE["tests/test_sample.py"],
        "setup.py": setup,
        "lib/sample/__init__.py": "broken (",
    }
    environ = {"PYTHONPATH": str(installed)}
    found = judge(files, environ=environ)
    assert (found.verdict, found.code) == ("undecided", "evidence_incomplete")
    assert "lib/sample/__init__.py" in found.message
    assert judge(files, environ=environ, packages=("sample",)).code == "tested_installed_copy"
    assert judge(files, environ=environ, allow_installed=True).verdict == "passed"


@pytest.mark.parametrize(
    "path",
    ["setup.py", "docs/conf.py", "tests/helper.py", "conftest.py", "scripts/run.py", ".ci/run.py", "more/test_it.py"],
)
def test_a_project_without_code_of_its_own_is_judged(judge: Judge, path: str) -> None:
    pyproject = f'{ALONE["pyproject.toml"]}testpaths = ["tests"]\n'
    assert judge({**ALONE, "pyproject.toml": pyproject, path: "ONE = 1\n"}).verdict == "passed"
    assert judge({**ALONE, "pyproject.toml": pyproject, "lib/one.py": ""}).code == "evidence_incomplete"


def test_modules_beside_their_tests_are_found(judge: Judge) -> None:
    minimal = Path(__file__).parents[3] / "examples" / "minimal"
    files = {path.name: path.read_text() for path in minimal.iterdir() if path.suffix in {".py", ".toml"}}
    found = judge({**dict.fromkeys(BASE, None), **files})
    assert (found.verdict, found.code) == ("passed", None)
    assert found.evidence is not None
    assert found.evidence.packages.items == ("greeting",)


@pytest.mark.parametrize(("hidden", "code"), [("pytest", "tool_missing"), ("pytest-vltair", "package_missing")])
def test_what_is_not_installed_is_named(judge: Judge, hidden: str, code: str) -> None:
    found = judge(environ={"GATES_HIDE": hidden})
    assert (found.verdict, found.code) == ("undecided", code)
    assert found.message.startswith(f"{hidden} is hidden")


def test_a_judged_python_without_pytest(judge: Judge, tmp_path: Path) -> None:
    import venv

    venv.create(tmp_path / "bare", with_pip=False, symlinks=sys.platform != "win32")
    python = tmp_path / "bare" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    found = judge(python=str(python))
    assert (found.verdict, found.code) == ("undecided", "tool_missing")
    assert found.decision.reason is not None
    assert found.decision.reason.fix.endswith(" pytest")


def test_what_to_do_names_the_judged_python(judge: Judge) -> None:
    empty = judge({"tests/test_sample.py": ""}, python=sys.executable)
    assert empty.decision.reason is not None
    assert empty.decision.reason.fix == f"{sys.executable} -P -m pytest --collect-only -q"
    broken = judge({"conftest.py": "1 / 0\n"}, python=sys.executable)
    assert broken.decision.reason is not None
    assert broken.decision.reason.fix == f"{sys.executable} -P -m pytest"


def test_a_conftest_that_cannot_be_loaded_is_named(judge: Judge) -> None:
    found = judge({"tests/conftest.py": "import not_there\n"})
    assert found.message == "pytest could not load tests/conftest.py: ModuleNotFoundError: No module named 'not_there'"
    assert found.code == "tool_config_invalid"


def test_a_conftest_that_needs_the_environment_of_poetry(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    found = judge({"tests/conftest.py": "import not_there\n", "poetry.lock": ""})
    assert found.decision.reason is not None
    assert found.decision.reason.fix == f"poetry run {Path(sys.prefix, 'bin/gates')} check"


def test_a_pytest_folder_in_the_root_does_not_replace_pytest(judge: Judge) -> None:
    found = judge({"pytest/__init__.py": "", "pytest/__main__.py": "print('1 passed')\n"})
    assert found.verdict == "passed"
    assert found.decision.denominator.count == 1


def test_durations_are_kept_beside_the_facts(judge: Judge, tmp_path: Path) -> None:
    judge()
    kept = tmp_path / "project" / ".gates" / "tools" / "tests" / "durations.json"
    assert list(json.loads(kept.read_text())) == ["tests/test_sample.py::test_double"]


def test_the_plan_is_the_command_that_runs(judge: Judge, tmp_path: Path) -> None:
    found = judge(args=("-q",))
    project = facts.find(tmp_path / "project")
    assert list(TestsGate().plan(project, TestsSettings(args=("-q",)))) == [found.commands[0]]
    assert list(TestsGate().plan(project, TestsSettings(record="run.jsonl"))) == []


def test_the_gate_applies_where_there_are_tests(tmp_path: Path) -> None:
    gate = TestsGate()
    with_tests = facts.find(write_project(tmp_path / "a", BASE))
    configured = facts.find(write_project(tmp_path / "b", {"pytest.ini": "[pytest]\n", "pyproject.toml": ""}))
    neither = facts.find(write_project(tmp_path / "c", {"pyproject.toml": "", "a.py": ""}))
    assert gate.applies(with_tests, TestsSettings()).because == "there are tests in tests"
    assert "pytest.ini" in gate.applies(configured, TestsSettings()).because
    reason = gate.applies(neither, TestsSettings()).reason
    assert reason is not None
    assert reason.code == "does_not_apply"
