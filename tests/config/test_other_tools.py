from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gates.config import other_tools
from gates.config.other_tools import ToolLimit, development_dependencies, limit, limits
from gates.project.facts import Project, find


def project(root: Path, files: Mapping[str, str]) -> Project:
    """The project at `root` with these files."""
    for name, text in {"pyproject.toml": "", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8", newline="")
    return find(root)


def test_a_project_that_configures_nothing(tmp_path: Path) -> None:
    plain = project(tmp_path, {"a.py": "", "setup.cfg": "[metadata]\nname = x\n", "tox.ini": "[tox]\n"})
    assert other_tools.ruff_configured(plain) is None
    assert other_tools.ruff_formats(plain) is None
    assert other_tools.mypy_configured(plain) is None
    assert other_tools.pytest_configured(plain) is None
    assert other_tools.coverage_configured(plain) is None
    assert other_tools.addopts(plain) is None
    assert development_dependencies(plain) == frozenset()
    assert limits(plain) == ()
    assert limit(plain, "mypy", "strict") is None


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"pyproject.toml": "[tool.ruff]\n"}, "[tool.ruff] in pyproject.toml"),
        ({"pyproject.toml": "[tool.ruff.lint]\nselect = ['E']\n"}, "[tool.ruff] in pyproject.toml"),
        ({"ruff.toml": "", "pyproject.toml": "[tool.ruff]\n"}, "ruff.toml"),
        ({".ruff.toml": "line-length = 9", "ruff.toml": ""}, ".ruff.toml"),
        ({"ruff.toml": "not toml at all ["}, "ruff.toml"),
        ({"pyproject.toml": "[tool]\nruff = 3\n"}, None),
    ],
)
def test_where_ruff_is_configured(tmp_path: Path, files: dict[str, str], where: str | None) -> None:
    assert other_tools.ruff_configured(project(tmp_path, files)) == where


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"pyproject.toml": "[tool.mypy]\n"}, "[tool.mypy] in pyproject.toml"),
        ({"mypy.ini": "", "pyproject.toml": "[tool.mypy]\n"}, "mypy.ini"),
        ({".mypy.ini": "[mypy]\n"}, "[mypy] in .mypy.ini"),
        ({"setup.cfg": "[metadata]\n[mypy]\nstrict = true\n"}, "[mypy] in setup.cfg"),
        ({"setup.cfg": "[mypy-x.*]\n"}, None),
        ({"tox.ini": "[mypy]\nstrict = true\n"}, None),
    ],
)
def test_where_mypy_is_configured(tmp_path: Path, files: dict[str, str], where: str | None) -> None:
    assert other_tools.mypy_configured(project(tmp_path, files)) == where


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, "[tool.pytest.ini_options] in pyproject.toml"),
        ({"pyproject.toml": "[tool.pytest]\nstrict = true\n"}, "[tool.pytest] in pyproject.toml"),
        ({"pytest.ini": "", "pyproject.toml": "[tool.pytest.ini_options]\n"}, "pytest.ini"),
        ({".pytest.ini": "[pytest]\n"}, "[pytest] in .pytest.ini"),
        ({"pytest.toml": "[pytest]\naddopts = ['-ra']\n", "pytest.ini": ""}, "[pytest] in pytest.toml"),
        ({".pytest.toml": ""}, ".pytest.toml"),
        ({"tox.ini": "[pytest]\n"}, "[pytest] in tox.ini"),
        ({"setup.cfg": "[tool:pytest]\n"}, "[tool:pytest] in setup.cfg"),
        ({"setup.cfg": "[pytest]\n"}, None),
    ],
)
def test_where_pytest_is_configured(tmp_path: Path, files: dict[str, str], where: str | None) -> None:
    assert other_tools.pytest_configured(project(tmp_path, files)) == where


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"pyproject.toml": "[tool.coverage.run]\n"}, "[tool.coverage] in pyproject.toml"),
        ({".coveragerc": "[run]\nbranch = 1\n"}, ".coveragerc"),
        ({".coveragerc": ""}, ".coveragerc"),
        ({".coveragerc.toml": "[run]\n"}, ".coveragerc.toml"),
        ({".coveragerc.toml": "[tool.coverage.run]\n"}, "[tool.coverage] in .coveragerc.toml"),
        ({"setup.cfg": "[coverage:run]\n"}, "[coverage:*] in setup.cfg"),
        ({"tox.ini": "[coverage:report]\n"}, "[coverage:*] in tox.ini"),
        ({"pytest.ini": "[pytest]\naddopts = -q --cov=x\n"}, "--cov in addopts, pytest.ini:2"),
        ({"pytest.ini": "[pytest]\naddopts = -q --coverage\n"}, None),
    ],
)
def test_where_coverage_is_configured(tmp_path: Path, files: dict[str, str], where: str | None) -> None:
    assert other_tools.coverage_configured(project(tmp_path, files)) == where


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"pyproject.toml": "[tool.ruff]\n[tool.ruff.format]\n"}, "ruff's format table, pyproject.toml:2"),
        ({"ruff.toml": "\nformat.quote-style = 'single'\n"}, "ruff's format table, ruff.toml:2"),
        (
            {".pre-commit-config.yaml": "repos:\n- hooks:\n  # - id: ruff-format\n  - id: ruff-format\n"},
            ".pre-commit-config.yaml:4",
        ),
        ({"tox.ini": "[testenv:lint]\ncommands = ruff format --check\n"}, "tox.ini:2"),
        ({"noxfile.py": "def lint(s):\n    s.run('ruff', 'format', '.')\n"}, "noxfile.py:2"),
        ({"Makefile": "fmt:\n\truff  format .\n"}, "Makefile:2"),
        ({".github/workflows/ci.yml": "- run: ruff format --check\n"}, ".github/workflows/ci.yml:1"),
        ({"scripts/check": "#!/bin/sh\n${PREFIX}ruff format --check src\n"}, "scripts/check:2"),
        ({"lint.sh": "ruff format --check .\n"}, "lint.sh:1"),
        ({"scripts/notes.md": "we may ruff format one day\n"}, None),
        ({"pyproject.toml": "[tool.ruff]\n# ruff format\n", "tox.ini": "commands = ruff check\n"}, None),
    ],
)
def test_where_the_project_formats_with_ruff(tmp_path: Path, files: dict[str, str], where: str | None) -> None:
    assert other_tools.ruff_formats(project(tmp_path, files)) == where


def test_development_dependencies_of_every_kind(tmp_path: Path) -> None:
    pyproject = """
[project]
name = "x"
dependencies = ["not-for-development"]
[project.optional-dependencies]
test = ["PyTest>=7; python_version > '3'", "pytest_cov"]
[dependency-groups]
lint = ["Ruff", {include-group = "types"}]
types = ["mypy[reports]==1.0"]
[tool.poetry.dev-dependencies]
"Zope.Interface" = "*"
[tool.poetry.group.docs.dependencies]
sphinx = {version = "1"}
[tool.pdm.dev-dependencies]
d = ["-e file:///x#egg=local-one", "hypothesis"]
[tool.uv]
dev-dependencies = ["xdist @ https://x.test/a.whl"]
[tool.hatch.envs.default]
dependencies = ["tox"]
[tool.hatch.envs.x]
extra-dependencies = ["nox"]
[tool.tox.env_run_base]
deps = ["flake8", {replace = "ref"}]
[tool.tox]
legacy_tox_ini = '''
[testenv]
deps = pylint
'''
"""
    found = development_dependencies(
        project(
            tmp_path,
            {
                "pyproject.toml": pyproject,
                "setup.cfg": "[options.extras_require]\ndev =\n    black\n    isort>5\n",
                "tox.ini": "[testenv]\ndeps =\n    py311: attrs\n    -r dev.txt\n    https://x.test/y.whl\n",
                "tox.toml": "[env.x]\ndeps = ['bandit']\n",
                "requirements-dev.txt": "# a comment\n-r other.txt\nbuild~=1.0 # why\n\n  twine\n",
                "requirements/docs.in": "furo\n",
                "not-these.txt": "nothing\n",
                "Pipfile": "[dev-packages]\nvulture = '*'\n",
                ".pre-commit-config.yaml": '- hooks:\n  - id: ruff-check\n  - id: "mypy"\n  - id: codespell\n',
            },
        )
    )
    assert found == {
        "attrs", "bandit", "black", "build", "codespell", "flake8", "furo", "hypothesis", "isort", "local-one", "mypy",
        "nox", "pylint", "pytest", "pytest-cov", "ruff", "sphinx", "tox", "twine", "vulture", "xdist", "zope-interface",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"pyproject.toml": "[tool.coverage.report]\n\nfail_under = 85.5\n"},
            ToolLimit("coverage", "fail_under", 85.5, "pyproject.toml:3"),
        ),
        (
            {".coveragerc": "[run]\nbranch = True\n[report]\nfail_under = 90\n"},
            ToolLimit("coverage", "fail_under", 90.0, ".coveragerc:4"),
        ),
        (
            {"setup.cfg": "[coverage:report]\nfail_under: 70\n"},
            ToolLimit("coverage", "fail_under", 70.0, "setup.cfg:2"),
        ),
        (
            {
                "pyproject.toml": (
                    "[tool.pytest.ini_options]\naddopts = '--cov-fail-under=60 --cov-fail-under=61'\n"
                    "[tool.coverage.report]\nfail_under = 85\n"
                )
            },
            ToolLimit("coverage", "fail_under", 61.0, "pyproject.toml:2"),
        ),
        (
            {"pytest.toml": "[pytest]\naddopts = ['--cov-fail-under', '62']\n"},
            ToolLimit("coverage", "fail_under", 62.0, "pytest.toml:2"),
        ),
        ({"pyproject.toml": "[tool.mypy]\nstrict = true\n"}, ToolLimit("mypy", "strict", True, "pyproject.toml:2")),
        ({"mypy.ini": "[mypy]\nstrict: Yes\n"}, ToolLimit("mypy", "strict", True, "mypy.ini:2")),
        (
            {"pyproject.toml": "[tool.pytest.ini_options]\nfilterwarnings = [\n'error',\n'ignore:x']\n"},
            ToolLimit("pytest", "filterwarnings", "error", "pyproject.toml:2"),
        ),
        (
            {"tox.ini": "[pytest]\nfilterwarnings =\n    error\n    ignore::UserWarning\n"},
            ToolLimit("pytest", "filterwarnings", "error", "tox.ini:2"),
        ),
        (
            {"pytest.ini": "[pytest]\naddopts = -Werror -q\n"},
            ToolLimit("pytest", "filterwarnings", "error", "pytest.ini:2"),
        ),
        (
            {"pytest.ini": "[pytest]\naddopts = -q -W error::Warning\n"},
            ToolLimit("pytest", "filterwarnings", "error", "pytest.ini:2"),
        ),
        ({"pytest.ini": "[pytest]\nxfail_strict = true\n"}, ToolLimit("pytest", "xfail_strict", True, "pytest.ini:2")),
    ],
)
def test_a_limit_and_its_place(tmp_path: Path, files: dict[str, str], expected: ToolLimit) -> None:
    found = project(tmp_path, files)
    assert limits(found) == (expected,)
    assert limit(found, expected.tool, expected.name) == expected


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": "[tool.coverage.report]\nfail_under = 0\n"},
        {"pyproject.toml": "[tool.coverage.report]\nfail_under = true\n"},
        {".coveragerc": "[report]\nfail_under = nan\n"},
        {"pyproject.toml": "[tool.mypy]\nstrict = false\n"},
        {"pyproject.toml": "[[tool.mypy.overrides]]\nmodule = 'x'\nstrict = true\n"},
        {"pytest.ini": "[pytest]\nfilterwarnings =\n    error::DeprecationWarning\n    ignore\n"},
        {"pytest.ini": "[pytest]\naddopts = -W ignore --cov-fail-under=x 'unclosed\n"},
    ],
)
def test_what_is_no_limit(tmp_path: Path, files: dict[str, str]) -> None:
    assert limits(project(tmp_path, files)) == ()


def test_a_project_in_a_larger_repository_uses_what_is_above_it(tmp_path: Path) -> None:
    import subprocess

    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    inner = tmp_path / "packages" / "one"
    inner.mkdir(parents=True)
    (tmp_path / "ruff.toml").write_text("line-length = 9\n")
    (tmp_path / "pyproject.toml").write_text("[tool.mypy]\nstrict = true\n[tool.coverage.run]\nbranch = true\n")
    found = project(inner, {"pyproject.toml": "[project]\nname = 'one'\n"})
    assert found.root == inner
    assert other_tools.ruff_configured(found) == "../../ruff.toml"
    assert other_tools.mypy_configured(found) == "[tool.mypy] in ../../pyproject.toml"
    assert limits(found) == (ToolLimit("mypy", "strict", True, "../../pyproject.toml:2"),)
    assert other_tools.coverage_configured(found) is None, "coverage reads the directory where it runs"


def test_files_that_cannot_be_read_say_nothing(tmp_path: Path) -> None:
    found = project(tmp_path, {"a.py": ""})
    (tmp_path / "setup.cfg").write_bytes(b"\xff\xfe[mypy]\n")
    (tmp_path / "tox.ini").write_bytes(b"[pytest]\n" + b"#" * 3_000_000)
    (tmp_path / "ruff.toml").mkdir()
    assert other_tools.ruff_configured(found) is None
    assert other_tools.pytest_configured(found) is None
    assert development_dependencies(found) == frozenset()
