"""Every built-in gate keeps the contract that is asked of a third party's."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from gates.builtin.audit import planting
from gates.builtin.audit.gate import AuditGate
from gates.builtin.bench.gate import BenchGate
from gates.builtin.command.gate import made
from gates.builtin.coverage.gate import CoverageGate
from gates.builtin.determinism.gate import DeterminismGate
from gates.builtin.lint.gate import LintGate
from gates.builtin.packaging.gate import PackagingGate
from gates.builtin.provenance.gate import ProvenanceGate
from gates.builtin.repro.gate import ReproGate
from gates.builtin.sbom.gate import SbomGate
from gates.builtin.secrets.gate import SecretsGate
from gates.builtin.tests.gate import TestsGate
from gates.builtin.trace.gate import TraceGate
from gates.builtin.types.gate import TypesGate
from gates.builtin.workflows.gate import WorkflowsGate
from gates.config.command import CommandTable
from gates.plugins.manager import BUILTIN
from gates.testing import contract
from gates.testing.bench import Kind
from support import healthy, locked, repositories, spelling, workflow_projects
from support.packaging_projects import GREETING

PYPROJECT = healthy.PYPROJECT + "\n[tool.ruff.format]\n"
HEALTHY = {**healthy.FILES, "pyproject.toml": PYPROJECT}
LEAN = "-p no:benchmark -p no:anyio -p no:rerunfailures -p no:time_machine"
"""Every run is without the plugins that it does not use."""

RUN = f"""
[tool.pytest.ini_options]
pythonpath = ["src"]
testpaths = ["tests"]
addopts = "-p xdist -n 2 {LEAN}"

[tool.gates.tests]
max-warnings = 0
"""
HELD = f"""
[tool.pytest.ini_options]
pythonpath = ["src"]
testpaths = ["tests"]
addopts = "-p no:xdist -p no:pytest_cov {LEAN}"
vltair = "guard"
"""
"""Without workers too: the canary of DET006 has it run thirty times, with two of them and with four where it can."""
MEASURED = f"""
[tool.pytest.ini_options]
pythonpath = ["src"]
testpaths = ["tests"]
addopts = "{LEAN}"

[tool.coverage.report]
fail_under = 1
"""
TIMED = f"""
[tool.pytest.ini_options]
pythonpath = ["src"]
testpaths = ["tests"]
addopts = "{LEAN}"

[tool.gates.bench]
limit = 50
pairs = 3
"""
SPEED = """\
    import pytest

    from sample.adder import add


    @pytest.mark.vltair_bench
    def test_speed() -> None:
        assert sum(add(one, 1) for one in range(2000)) > 0
    """
BUILT = """
[build-system]
requires = []
build-backend = "builder"
backend-path = ["building"]

[tool.gates.repro]
artifacts = ["wheel"]
source-date-epoch = 1700000000
"""
REHEARSED = """
[build-system]
requires = []
build-backend = "builder"
backend-path = ["building"]

[tool.gates.provenance]
rehearse = true
"""
BUILDER = """\
    import os
    import zipfile


    def build_wheel(folder, config_settings=None, metadata_directory=None):
        name = "sample-1.0-py3-none-any.whl"
        said = {"METADATA": "Metadata-Version: 2.1\\nName: sample\\nVersion: 1.0\\n", "WHEEL": "Wheel-Version: 1.0\\n"}
        with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
            for file, text in said.items():
                wheel.writestr(zipfile.ZipInfo(f"sample-1.0.dist-info/{file}"), text)
        return name


    def build_sdist(folder, config_settings=None):
        import gzip

        with open(os.path.join(folder, "sample-1.0.tar.gz"), "wb") as file:
            file.write(gzip.compress(bytes(10240), mtime=0))
        return "sample-1.0.tar.gz"
    """
TRACED = f"""
[tool.pytest.ini_options]
pythonpath = ["src"]
testpaths = ["tests"]
addopts = "{LEAN}"

[tool.gates.trace]
documents = ["docs/tasks.md"]
"""
TASKS = "# Tasks\n\n- [x] WD-1: two numbers are added\n  - Validation: `pytest tests`\n"
AUDITED = {
    "pyproject.toml": """
        [project]
        name = "sample"
        version = "1.0"

        [tool.gates.audit]
        mirror = "advisories"
        mirror-max-age = 36500
        """,
    "requirements.txt": "alpha==1.0\nbeta==2.0\n",
    **{f"advisories/{one['id']}.json": json.dumps(one) for one in planting.known()},
}
TABLE = f'[[command]]\nname = "spelling"\n{spelling.KEYS}'

ELSEWHERE = {"policy": "it compares two commits and hears from the engine what others found: tests/examples proves it"}


def committed(root: Path) -> None:
    """Two commits, so that there is one to compare with."""
    repositories.git(root, "init", "--quiet", "--initial-branch=main")
    repositories.git(root, "commit", "--quiet", "--allow-empty", "--message=first")
    repositories.commit_all(root)


def committed_twice(root: Path) -> None:
    """The first commit has all that there is to time."""
    repositories.git(root, "init", "--quiet", "--initial-branch=main")
    repositories.commit_all(root)
    repositories.git(root, "commit", "--quiet", "--allow-empty", "--message=second")


def commands() -> Kind:
    """The class that the table makes."""
    import tomllib

    import msgspec

    (table,) = tomllib.loads(TABLE)["command"]
    return made(msgspec.convert(table, CommandTable))


test_lint = contract.suite(LintGate, HEALTHY)
test_types = contract.suite(TypesGate, HEALTHY)
test_tests = contract.suite(TestsGate, {**HEALTHY, "pyproject.toml": PYPROJECT + RUN})
test_determinism = contract.suite(DeterminismGate, {**HEALTHY, "pyproject.toml": PYPROJECT + HELD}, beside=(TestsGate,))
test_coverage = contract.suite(
    CoverageGate, {**HEALTHY, "pyproject.toml": PYPROJECT + MEASURED}, beside=(TestsGate,), prepare=committed
)
test_bench = contract.suite(
    BenchGate,
    {**HEALTHY, "pyproject.toml": PYPROJECT + TIMED, "tests/test_speed.py": SPEED},
    prepare=committed_twice,
)
test_repro = contract.suite(
    ReproGate, {**HEALTHY, "pyproject.toml": PYPROJECT + BUILT, "building/builder.py": BUILDER}, prepare=committed
)
test_packaging = contract.suite(PackagingGate, GREETING)
test_trace = contract.suite(
    TraceGate, {**HEALTHY, "pyproject.toml": PYPROJECT + TRACED, "docs/tasks.md": TASKS}, beside=(TestsGate,)
)
test_provenance = contract.suite(
    ProvenanceGate,
    {**HEALTHY, "pyproject.toml": PYPROJECT + REHEARSED, "building/builder.py": BUILDER},
    prepare=committed,
)
test_audit = contract.suite(AuditGate, AUDITED)
test_sbom = contract.suite(SbomGate, locked.FILES)
test_secrets = contract.suite(SecretsGate, HEALTHY, prepare=committed)
test_workflows = contract.suite(WorkflowsGate, workflow_projects.FILES)
test_command = contract.suite(commands(), {**spelling.FILES, "gates.toml": TABLE})


@pytest.mark.requirement("PRF-5")
def test_no_built_in_gate_is_left_out() -> None:
    here = vars(sys.modules[__name__])
    assert [name for name in BUILTIN if f"test_{name}" not in here and name not in ELSEWHERE] == []
