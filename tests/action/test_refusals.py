"""The action is red, and says why, whenever nothing that can be believed was judged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import action_jobs
from support.commands import environment
from support.steps.job import Job

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are written for bash")

FAKE = """\
import json, os, sys
told = json.loads(os.environ["FAKE_GATES"])
words = [word.partition("--output-file=")[2] for word in sys.argv]
paths = dict(word.split("=", 1) for word in words if word)
if "cyclonedx" in paths:
    sys.exit(0 if open(paths["cyclonedx"], "w").write(told.get("sbom", "")) else 3)
report = told["report"]
if isinstance(report, dict):
    now = __import__("datetime").datetime.now(__import__("datetime").UTC).isoformat()
    report = json.dumps(report).replace("NOW", now)
if report is not None:
    open(paths["json"], "w").write(report)
for name in ("markdown", "github", "sarif"):
    open(paths[name], "w").write(told.get(name, "text"))
sys.exit(told["code"])
"""
GREEN = {
    "schema_version": 1,
    "verdict": "passed",
    "exit_code": 0,
    "project": {"commit": None},
    "gates": [{"name": "lint", "verdict": "passed"}],
    "run": {"started": "NOW"},
}
PASSED = GREEN["gates"]
ACTION = yaml.safe_load((action_jobs.ROOT / "action.yml").read_text("utf-8"))
DROP = object()


def changed(**values: Any) -> dict[str, Any]:
    """The green report with other values; what is `DROP` goes."""
    return {name: value for name, value in {**GREEN, **values}.items() if value is not DROP}


@pytest.fixture(scope="module")
def impostor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package `gates` that writes what it is told to."""
    folder = tmp_path_factory.mktemp("impostor")
    (folder / "gates/render").mkdir(parents=True)
    (folder / "gates/__init__.py").write_text('__version__ = "9.9"\n', "utf-8")
    (folder / "gates/__main__.py").write_text(FAKE, "utf-8")
    (folder / "gates/render/__init__.py").write_text("", "utf-8")
    formats = "def names():\n    return ('json', 'markdown', 'github', 'sarif')\n"
    (folder / "gates/render/formats.py").write_text(formats, "utf-8")
    return folder


def run(tmp_path: Path, given: Mapping[str, str], env: Mapping[str, str] | None = None) -> tuple[Job, dict[str, str]]:
    (tmp_path / "checkout").mkdir(exist_ok=True)
    job = action_jobs.job(tmp_path / "checkout", tmp_path / "runner", env=env)
    return job, job.action(action_jobs.ROOT, {"install": "false", **given})


def pretend(tmp_path: Path, impostor: Path, told: Mapping[str, Any]) -> tuple[Job, dict[str, str]]:
    return run(tmp_path, {}, {"PYTHONPATH": str(impostor), "FAKE_GATES": json.dumps(told)})


def refused(job: Job, outputs: Mapping[str, str]) -> str:
    """Why the job is red, and undecided."""
    assert job.status == "failure", job.text
    assert outputs["verdict"] == "undecided"
    assert outputs["exit-code"] not in {"", "0"}
    assert [one.name for one in job.annotations] == ["error"], job.text
    assert "Traceback" not in job.text
    assert job.summary.startswith("## gates: undecided\n")
    return job.annotations[0].data


def test_the_impostor_can_be_green(tmp_path: Path, impostor: Path) -> None:
    job, outputs = pretend(tmp_path, impostor, {"report": GREEN, "code": 0})
    assert (job.status, outputs["verdict"]) == ("success", "passed"), job.text


@pytest.mark.parametrize(
    ("report", "why"),
    [
        pytest.param(None, "wrote no report", id="no-report"),
        pytest.param("", "wrote no report", id="empty"),
        pytest.param('{"schema_version": 1, "verdict": "pas', "cut off or corrupt", id="cut-off"),
        pytest.param("[]", "no JSON object", id="not-an-object"),
        pytest.param("[" * 100_000, "cut off or corrupt", id="too-deep"),
        pytest.param(changed(schema_version=2), "another schema version", id="schema"),
        pytest.param(changed(verdict="fine"), "another schema version", id="verdict-unknown"),
        pytest.param(changed(verdict=DROP), "another schema version", id="verdict-missing"),
        pytest.param(changed(exit_code=1), "says exit code 1", id="code"),
        pytest.param(changed(verdict="failed"), "not that every gate passed", id="failed-with-0"),
        pytest.param(changed(gates=[]), "not that every gate passed", id="no-gate"),
        pytest.param(changed(gates=["lint"]), "not that every gate passed", id="gate-not-an-object"),
        pytest.param(changed(gates=[{"name": "lint", "verdict": "undecided"}]), "not that every", id="undecided-gate"),
        pytest.param(changed(gates=[{"name": "lint"}]), "not that every gate passed", id="gate-without-verdict"),
        pytest.param(changed(project={"commit": "f" * 40}), "is of commit ffffffffffff", id="foreign"),
        pytest.param(changed(run={"started": "2026-01-01T00:00:00Z"}), "another run", id="stale"),
        pytest.param(changed(run={"started": "2999-01-01T00:00:00Z"}), "another run", id="to-come"),
        pytest.param(changed(run={"started": "yesterday"}), "another run", id="no-moment"),
        pytest.param(changed(run=DROP), "another run", id="no-run"),
    ],
)
@pytest.mark.requirement("ACT-2")
def test_a_report_that_cannot_be_believed(tmp_path: Path, impostor: Path, report: Any, why: str) -> None:
    assert why in refused(*pretend(tmp_path, impostor, {"report": report, "code": 0}))


@pytest.mark.requirement("ACT-2")
def test_a_crash_without_a_report(tmp_path: Path, impostor: Path) -> None:
    job, outputs = pretend(tmp_path, impostor, {"report": None, "code": 139})
    assert "gates ended with 139 and wrote no report" in refused(job, outputs)


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 77, 130])
def test_no_code_but_0_is_green(tmp_path: Path, impostor: Path, code: int) -> None:
    job, outputs = pretend(tmp_path, impostor, {"report": changed(exit_code=code), "code": code})
    assert (job.status, outputs["verdict"], outputs["exit-code"]) == ("failure", "undecided", str(code))


def test_no_sarif(tmp_path: Path, impostor: Path) -> None:
    assert "wrote no sarif" in refused(*pretend(tmp_path, impostor, {"report": GREEN, "code": 0, "sarif": ""}))


def test_no_sbom_where_its_gate_passed(tmp_path: Path, impostor: Path) -> None:
    report = changed(gates=[{"name": "sbom", "project": ".", "verdict": "passed"}])
    assert "wrote no document" in refused(*pretend(tmp_path, impostor, {"report": report, "code": 0}))


def test_the_sbom_of_the_root_is_not_taken_for_that_of_a_member(tmp_path: Path, impostor: Path) -> None:
    report = changed(gates=[{"name": "sbom", "project": "packages/a", "verdict": "passed"}])
    job, outputs = pretend(tmp_path, impostor, {"report": report, "code": 0, "sbom": "{}"})
    assert (job.status, outputs["sbom"]) == ("success", ""), job.text


@pytest.mark.parametrize("args", ["--plan", "--help"])
def test_arguments_that_judge_nothing(tmp_path: Path, args: str) -> None:
    job, outputs = run(tmp_path, {"args": args})
    assert "and wrote no report" in refused(job, outputs)


def test_gates_is_not_there(tmp_path: Path, impostor: Path) -> None:
    (impostor.parent / "broken/gates").mkdir(parents=True, exist_ok=True)
    (impostor.parent / "broken/gates/__init__.py").write_text("raise ImportError('not installed')\n", "utf-8")
    job, outputs = run(tmp_path, {}, {"PYTHONPATH": str(impostor.parent / "broken")})
    assert "gates cannot be imported by python" in (said := refused(job, outputs))
    assert "leave install at auto" in said


@pytest.mark.slow
def test_a_version_that_nobody_has(tmp_path: Path) -> None:
    job, outputs = run(tmp_path, {"install": "auto", "version": "0.0.0.dev99999", "cache": "false"})
    assert "cannot be installed" in refused(job, outputs)


def test_there_is_no_python(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "git"):
        (tools / name).symlink_to(shutil.which(name) or "")
    (tmp_path / "checkout").mkdir()
    job = action_jobs.job(tmp_path / "checkout", tmp_path / "runner")
    job.env["PATH"] = str(tools)
    outputs = job.action(action_jobs.ROOT, {})
    assert (job.status, outputs["verdict"], outputs["exit-code"]) == ("failure", "undecided", "3")
    assert job.annotations[0].data == "there is no Python on the path; set the input python-version"


def test_the_python_is_too_old(tmp_path: Path) -> None:
    code = (action_jobs.ROOT / "ci/action/__main__.py").read_text("utf-8")
    old = code.replace("import sys\n", "import sys\n\nsys.version_info = (3, 8, 1)\n", 1)
    (tmp_path / "__main__.py").write_text(old, "utf-8")
    argv = [sys.executable, "-I", str(tmp_path), "plan"]
    done = subprocess.run(argv, env=environment(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (3, b"")
    assert b"Python 3.11 or newer is needed, and the path has 3.8" in done.stdout


def test_there_is_no_file_for_outputs(tmp_path: Path) -> None:
    inputs = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
    around = {
        "ACTION_INPUTS": json.dumps(inputs),
        "GITHUB_ACTION_PATH": str(action_jobs.ROOT),
        "GITHUB_WORKSPACE": str(action_jobs.MINIMAL),
        "RUNNER_TEMP": str(tmp_path),
    }
    argv = [sys.executable, "-I", str(action_jobs.ROOT / "ci/action"), "plan"]
    done = subprocess.run(argv, env=environment(around), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (3, b"")
    assert b"::error title=gates%3A undecided::the runner has no file for GITHUB_OUTPUT. Fix: run" in done.stdout


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"command": "chek"}, "did you mean check?"),
        ({"command": ""}, "there are check, prove"),
        ({"install": ""}, "it is auto, a command, or false"),
        ({"sarif": "yes"}, "the input sarif is 'yes'; it is true or false"),
        ({"summary": ""}, "it is true or false"),
        ({"project": "../elsewhere"}, "it is a folder of the checkout"),
        ({"project": "/"}, "it is a folder of the checkout"),
        ({"project": "gone"}, "run actions/checkout before this action"),
        ({"args": "'unbalanced"}, "cannot be split into words"),
        ({"version": "0.1 --index-url=https://evil.example"}, "it is one version"),
    ],
)
def test_an_input_that_cannot_be_meant(tmp_path: Path, given: dict[str, str], why: str) -> None:
    said = refused(*run(tmp_path, given))
    assert why in said
    assert "?." not in said


@pytest.mark.parametrize("text", ["not = [toml", 'a = "\\ud800"'])
def test_a_configuration_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout/pyproject.toml").write_text(textwrap.dedent(text), "utf-8")
    assert "pyproject.toml cannot be read" in refused(*run(tmp_path, {"install": "auto"}))
