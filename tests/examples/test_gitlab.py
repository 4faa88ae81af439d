"""The jobs of the page for GitLab: they are jobs, and their commands write what they say GitLab is to read."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from support import readmes
from support.pages import marked
from support.repositories import commit_all, make_repository

PAGE = "gitlab.md"
PYPROJECT = """
[project]
name = "sample"
version = "1.0"

[tool.ruff]

[tool.pytest.ini_options]
pythonpath = ["src"]

[tool.coverage.run]
source_pkgs = ["sample"]
"""
MODULE = "def double(n: int) -> int:\n    return 2 * n\n\n\ndef half(n: int) -> int:\n    return n // 2\n"
FILES = {
    "src/sample/__init__.py": MODULE,
    "tests/test_sample.py": "from sample import double\n\n\ndef test_double() -> None:\n    assert double(2) == 4\n",
}
PLAIN = "[tool.gates.coverage]\ntotal = 75\n"
JOBS = {
    "plain": (marked(PAGE, "file: .gitlab-ci.yml"), PLAIN),
    "recorded": (marked(PAGE, "job: recorded"), marked(PAGE, "settings")),
}


def job(name: str) -> dict[str, Any]:
    read: dict[str, dict[str, Any]] = yaml.safe_load(JOBS[name][0])
    return read["gates"]


def run(name: str, root: Path) -> tuple[int, str]:
    """The code and the log of a job's script, without the line that installs; it ends at the first line that fails."""
    log = ""
    for line in job(name)["script"]:
        if "pip install" not in line:
            done = readmes.run(line, root)
            log += done.stdout
            if done.returncode != 0:
                return done.returncode, log
    return 0, log


def project(root: Path, name: str) -> Path:
    files = {".gitignore": marked(PAGE, "file: .gitignore") + "__pycache__/\n.*_cache/\n"}
    return make_repository(root, FILES | files | {"pyproject.toml": PYPROJECT + JOBS[name][1]}, commits=2)


def test_the_jobs_are_jobs_and_red_ones_keep_their_reports(tmp_path: Path) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    files = [tmp_path / f"{name}.yml" for name in JOBS]
    for file in files:
        file.write_text(JOBS[file.stem][0], "utf-8")
        assert "allow_failure" not in job(file.stem)
        assert job(file.stem)["artifacts"]["when"] == "always"
    words = ["check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    done = subprocess.run([sys.executable, "-m", *words, *map(str, files)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", JOBS)
def test_the_job_writes_the_reports_that_it_names(name: str, tmp_path: Path) -> None:
    if name == "recorded":
        pytest.importorskip("pytest_cov", reason="pytest-cov is not installed")
    root = project(tmp_path / "sample", name)
    code, log = run(name, root)
    assert code == 0, log
    (pattern,) = re.findall(r"^/(.*)/$", job(name)["coverage"])
    assert re.findall(pattern, log) == ["75"]
    written = job(name)["artifacts"]["reports"]
    junit = [written["junit"]] if isinstance(written["junit"], str) else written["junit"]
    assert [ET.parse(root / one).getroot().get("failures", "0") for one in junit] == ["0"] * len(junit)
    assert json.loads((root / written["codequality"]).read_text("utf-8")) == []
    if name == "recorded":
        lines = ET.parse(root / written["coverage_report"]["path"]).getroot()
        assert lines.get("line-rate") == "0.75"
        assert [one.get("filename") for one in lines.iter("class")] == ["src/sample/__init__.py"]

    (root / "src/sample/__init__.py").write_text(f"import os\n\n\n{MODULE}", "utf-8")
    commit_all(root)
    assert run(name, root)[0] == 1
    issues = json.loads((root / written["codequality"]).read_text("utf-8"))
    assert [one["check_name"] for one in issues] == ["LNT001 ruff:F401"]
    (one,) = issues
    assert one["location"] == {"path": "src/sample/__init__.py", "lines": {"begin": 1}}
    assert "F401" in (root / junit[0]).read_text("utf-8")
