"""The example of a third party: its own tests pass, and installed beside gates it is judged and proved."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from support.commands import Result, environment
from support.projects import write_project

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = REPOSITORY / "examples" / "third_party_gate"
METRICS = '[[metrics]]\nname = "request_duration_ms"\n\n[[metrics]]\nname = "requests_total"\n'
SOURCES = ("src", "pyproject.toml", "README.md", "LICENSE")


def run(*argv: str, cwd: Path) -> Result:
    done = subprocess.run(argv, cwd=cwd, env=environment(), capture_output=True, text=True, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with both distributions; what they depend on is borrowed from here."""
    folder = tmp_path_factory.mktemp("installed")
    environ = folder / "environ"
    done = run(sys.executable, "-m", "venv", "--without-pip", str(environ), cwd=folder)
    assert done.code == 0, done.err
    python = environ / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    for name, origin in (("gates", REPOSITORY), ("example", EXAMPLE)):
        for part in SOURCES:
            source, target = origin / part, folder / name / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.is_file():
                shutil.copy(source, target)
    pip = (sys.executable, "-m", "pip")
    options = ("--no-deps", "--no-index", "--quiet")
    built = str(folder / "built")
    trees = (str(folder / "gates"), str(folder / "example"))
    done = run(*pip, "wheel", *options, "--no-build-isolation", "--wheel-dir", built, *trees, cwd=folder)
    assert done.code == 0, done.out + done.err
    wheels = sorted(str(path) for path in Path(built).iterdir())
    done = run(*pip, "--python", str(python), "install", *options, *wheels, cwd=folder)
    assert done.code == 0, done.out + done.err
    site = next(environ.rglob("site-packages"))
    (site / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n", "utf-8")
    asked = run(str(python), "-P", "-c", "import gates, gates_metrics; print(gates.__file__)", cwd=folder)
    assert Path(asked.out.strip()).is_relative_to(site), asked.out + asked.err
    return python


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", {"pyproject.toml": "", "metrics.toml": METRICS})


def gates(python: Path, project: Path, *arguments: str) -> Result:
    return run(str(python), "-P", "-m", "gates", *arguments, cwd=project)


def test_its_own_tests_pass() -> None:
    done = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=EXAMPLE)
    assert done.code == 0, done.out
    assert " passed" in done.out


def test_it_is_found_and_judged_where_it_is_installed(installed: Path, project: Path) -> None:
    listed = gates(installed, project, "list")
    (line,) = [line for line in listed.out.splitlines() if line.startswith("metrics ")]
    assert " ".join(line.split()) == "metrics judged there is metrics.toml [gates_metrics (gates-metrics 1.0)]"
    checked = gates(installed, project, "check", "--output-format", "json")
    assert checked.verdicts["metrics"] == "passed", checked.out + checked.err
    (project / "metrics.toml").write_text(f'{METRICS}\n[[metrics]]\nname = "requestSize"\n', "utf-8")
    checked = gates(installed, project, "check", "--output-format", "json")
    assert checked.code == 1
    assert checked.rules == {"MET001", "MET002"}


def test_it_is_proved_where_it_is_installed(installed: Path, project: Path) -> None:
    done = gates(installed, project, "prove", "metrics", "--output-format", "json")
    assert done.code == 0, done.out + done.err
    (proved,) = done.report["gates"]
    assert {rule["rule"]: rule["verdict"] for rule in proved["rules"]} == dict.fromkeys(
        ("MET001", "MET002", "MET003"), "passed"
    )
