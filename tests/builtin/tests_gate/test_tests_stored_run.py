"""A recorded run is judged only where tree, environment and settings are those that it was recorded with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gates import __version__
from gates.builtin.tests import stored_run
from gates.model.gate import Shard
from support import suites
from support.projects import write_project

RECORDED = ".gates/run.jsonl"
FILES: Mapping[str, str] = {
    "pyproject.toml": '[project]\nname = "sample"\n[tool.pytest.ini_options]\npythonpath = ["src"]\n',
    "src/sample/__init__.py": "ONE = 1\n",
    "tests/test_sample.py": "from sample import ONE\n\n\ndef test_one():\n    assert ONE == 1\n",
}


def record(
    root: Path, *args: str, env: Mapping[str, str] | None = None, folder: str = ".", addopts: str | None = None
) -> None:
    """The run that the gate's own advice would make, with this interpreter; or one in a folder, with other options."""
    plugins = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_vltair.plugin"}
    environ = {**os.environ, **plugins, **(env or {}), "VLTAIR_SETTINGS_ENV": ",".join(sorted(env or {}))}
    if addopts is not None:
        environ["PYTEST_ADDOPTS"] = addopts
    argv = [sys.executable, "-P", "-m", "pytest", *args, "--vltair-record", str(root / RECORDED)]
    subprocess.run(argv, cwd=root / folder, env=environ, check=False, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", FILES)


def judged(project: Path, tmp_path: Path, **wished: Any) -> suites.Judged:
    return suites.judged(project, tmp_path, **{"record": RECORDED, **wished})


def test_a_run_of_this_tree_is_judged_and_nothing_is_started(project: Path, tmp_path: Path) -> None:
    record(project)
    found = judged(project, tmp_path)
    assert (found.verdict, found.code, found.commands) == ("passed", None, ())
    assert found.decision.denominator.count == 1
    assert found.unkept is not None


def test_a_recorded_failure_fails(project: Path, tmp_path: Path) -> None:
    write_project(project, {"tests/test_bad.py": "def test_bad():\n    assert False\n"})
    record(project)
    assert judged(project, tmp_path).rules == ["TST001"]


def test_no_record_is_undecided_and_says_how_to_make_one(project: Path, tmp_path: Path) -> None:
    found = judged(project, tmp_path, python=sys.executable)
    assert found.code == "evidence_missing"
    assert found.decision.reason is not None
    assert found.decision.reason.fix == f"{sys.executable} -P -m pytest --vltair-record {RECORDED}"


@pytest.mark.parametrize(
    ("version", "fix"),
    [(__version__, "-m pytest --vltair-record .gates/run.jsonl"), ("9.9", f"install pytest-vltair=={__version__}")],
)
def test_a_record_of_an_older_plugin_says_how_to_have_another(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, fix: str
) -> None:
    monkeypatch.setattr(stored_run, "__version__", version)
    record(project)
    path = project / RECORDED
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[0]["schema_version"] = 2
    lines = [line for line in lines if line["event"] != "fixed"]
    del lines[-1]["fixed"], lines[-1]["leaks"]
    path.write_bytes(suites.encoded(lines))
    found = judged(project, tmp_path, python=sys.executable)
    assert found.code == "schema_version_mismatch"
    assert found.decision.reason is not None
    assert found.decision.reason.fix.endswith(fix)


@pytest.mark.parametrize("changed", ["src/sample/__init__.py", "tests/test_sample.py", "src/sample/new.py"])
def test_a_changed_file_makes_it_stale(project: Path, tmp_path: Path, changed: str) -> None:
    record(project)
    write_project(project, {changed: "ONE = 1  # changed\n"})
    assert judged(project, tmp_path).code == "evidence_stale"


def test_other_arguments_make_it_foreign(project: Path, tmp_path: Path) -> None:
    record(project, "-k", "one")
    found = judged(project, tmp_path)
    assert found.code == "evidence_foreign"
    assert "-k one" in found.message
    assert judged(project, tmp_path, args=("-k", "one")).verdict == "passed"


def test_other_variables_make_it_foreign(project: Path, tmp_path: Path) -> None:
    record(project)
    found = judged(project, tmp_path, env={"MODE": "fast"})
    assert found.code == "evidence_foreign"
    assert found.decision.reason is not None
    assert "MODE=fast VLTAIR_SETTINGS_ENV=MODE" in found.decision.reason.fix
    record(project, env={"MODE": "fast"})
    assert judged(project, tmp_path, env={"MODE": "fast"}).verdict == "passed"


def test_another_environment_makes_it_foreign(project: Path, tmp_path: Path) -> None:
    import venv

    record(project)
    venv.create(tmp_path / "bare", with_pip=False, symlinks=sys.platform != "win32")
    python = tmp_path / "bare" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    found = judged(project, tmp_path, python=str(python))
    assert found.code == "evidence_foreign"
    assert "another environment" in found.message


def test_a_shard_is_not_taken_for_the_whole_suite(project: Path, tmp_path: Path) -> None:
    record(project, "--vltair-shard", "1/2")
    assert judged(project, tmp_path).code == "evidence_foreign"
    assert judged(project, tmp_path, shard=Shard(index=2, count=2)).code == "evidence_foreign"


def test_a_truncated_record_is_undecided(project: Path, tmp_path: Path) -> None:
    record(project)
    path = project / RECORDED
    path.write_bytes(path.read_bytes()[:-20])
    assert judged(project, tmp_path).code == "evidence_incomplete"


def test_a_run_in_a_folder_is_not_taken_for_the_whole_suite(project: Path, tmp_path: Path) -> None:
    files = {"inner/test_inner.py": "def test_inner():\n    pass\n", "test_bad.py": "def test_bad():\n    assert 0\n"}
    write_project(project, files)
    record(project, folder="inner")
    found = judged(project, tmp_path)
    assert found.code == "evidence_foreign"
    assert "in inner instead of the project's root" in found.message


def test_a_run_with_other_options_in_the_environment_is_foreign(project: Path, tmp_path: Path) -> None:
    write_project(project, {"test_bad.py": "def test_bad():\n    assert 0\n"})
    addopts = "--ignore=test_bad.py -p pytest_vltair.plugin"
    record(project, addopts=addopts)
    found = judged(project, tmp_path)
    assert found.code == "evidence_foreign"
    assert "PYTEST_ADDOPTS: `pytest --ignore=test_bad.py`, and `pytest` applies here" in found.message
    assert judged(project, tmp_path, environ={"PYTEST_ADDOPTS": addopts}).verdict == "passed"
    assert judged(project, tmp_path, env={"PYTEST_ADDOPTS": "--ignore=test_bad.py"}).code == "evidence_foreign"


def test_options_of_the_configuration_are_the_same_there_and_here(project: Path, tmp_path: Path) -> None:
    write_project(
        project, {"pytest.ini": "[pytest]\npythonpath = src\naddopts = -p pytest_vltair.plugin -k 'one or two'\n"}
    )
    record(project, "-x", addopts="-v")
    assert judged(project, tmp_path, environ={"PYTEST_ADDOPTS": "-v"}, args=("-x",)).verdict == "passed"


@pytest.mark.parametrize("max_age", [None, 3600.0])
def test_a_run_that_is_young_enough_is_judged(project: Path, tmp_path: Path, max_age: float | None) -> None:
    record(project)
    assert judged(project, tmp_path, max_age=max_age).verdict == "passed"


@pytest.mark.parametrize("ago", [timedelta(hours=2), timedelta(hours=-2)])
def test_a_run_that_is_older_than_allowed_is_stale(project: Path, tmp_path: Path, ago: timedelta) -> None:
    record(project)
    first, rest = (project / RECORDED).read_text().split("\n", 1)
    started = (datetime.now(UTC) - ago).isoformat(timespec="seconds")
    (project / RECORDED).write_text(json.dumps({**json.loads(first), "started": started}) + "\n" + rest)
    assert judged(project, tmp_path).verdict == "passed"
    found = judged(project, tmp_path, max_age=3600.0)
    assert found.code == "evidence_stale"
    assert f"recorded at {started}; max-age allows 3,600 seconds" in found.message


def test_two_records_of_one_state_are_the_same_evidence(project: Path, tmp_path: Path) -> None:
    record(project)
    first, rest = (project / RECORDED).read_text().split("\n", 1)
    before = judged(project, tmp_path).evidence
    started = {"started": "2020-01-01T00:00:00Z"}
    (project / RECORDED).write_text(json.dumps({**json.loads(first), **started}) + "\n" + rest)
    assert judged(project, tmp_path).evidence == before
