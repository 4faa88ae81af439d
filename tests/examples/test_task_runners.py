"""The recipes for nox, tox and uv: real environments, green and red, and the exit codes that come through."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.commands import environment
from support.pages import HOW_TO, marked
from support.projects import SAMPLE
from support.repositories import make_repository

PAGE = "task-runners.md"
REPOSITORY = Path(__file__).parents[2]
NAMED = "pytest-vltair[lint,types]"
IGNORED = ".gates/\n__pycache__/\n.*_cache/\n.nox/\n.tox/\n.venv\nuv.lock\n"
RUFF = '\n[tool.ruff]\n[tool.gates]\nschema-version = 1\nselect = ["lint", "tests"]\n'
GROUP = f"""
[dependency-groups]
dev = ["{NAMED}"]
[tool.uv.sources]
pytest-vltair = {{ path = "{REPOSITORY.as_posix()}" }}
"""
RUNNERS = {
    "nox": (("nox", "-s", "gates"), "noxfile.py", (1, 1)),
    "tox": (("tox", "run", "-e", "gates"), "tox.toml", (1, 3)),
    "uv": (("uv", "run", "gates", "check"), None, (1, 3)),
}


def run(words: tuple[str, ...], root: Path, **env: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / words[0]
    return subprocess.run(
        [str(program), *words[1:]],
        cwd=root,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def project(root: Path, name: str) -> Path:
    """The sample with the recipe of the page, in which this repository stands for what an index would have."""
    _, file, _ = RUNNERS[name]
    assert isinstance(SAMPLE["pyproject.toml"], str)
    lines = [line.removeprefix("        ") for line in SAMPLE["pyproject.toml"].splitlines()]
    files = {
        **SAMPLE,
        ".gitignore": IGNORED,
        "pyproject.toml": "\n".join(lines) + RUFF + (GROUP if file is None else ""),
    }
    if file is not None:
        recipe = marked(PAGE, f"file: {file}")
        assert NAMED in recipe
        files[file] = recipe.replace(NAMED, f"{REPOSITORY.as_posix()}[lint,types]")
    return make_repository(root, files, commits=2)


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNNERS)
def test_a_recipe_is_green_red_and_undecided(name: str, tmp_path: Path) -> None:
    words, _, (failed, undecided) = RUNNERS[name]
    if shutil.which(str(Path(sys.executable).parent / words[0])) is None:
        pytest.skip(f"{words[0]} is not installed")
    assert f"$ {' '.join(words)}\n" in (HOW_TO / PAGE).read_text("utf-8")
    root = project(tmp_path / "sample", name)
    green = run(words, root)
    assert green.returncode == 0, green.stdout + green.stderr
    assert "passed: 3 gates" in green.stdout
    assert run(words, root, GATES_HIDE="ruff").returncode == undecided
    with (root / "src/sample/__init__.py").open("a", encoding="utf-8") as module:
        module.write("\nimport os\n")
    red = run(words, root)
    assert red.returncode == failed, red.stdout + red.stderr
    assert "F401" in red.stdout


@pytest.mark.parametrize(
    ("name", "words", "shown"),
    [
        ("nox", ("nox", "--list"), "* gates"),
        ("tox", ("tox", "config", "-e", "gates", "-k", "package", "pass_env"), "package = editable"),
    ],
)
def test_a_recipe_is_read(name: str, words: tuple[str, ...], shown: str, tmp_path: Path) -> None:
    pytest.importorskip(name, reason=f"{name} is not installed")
    done = run(words, project(tmp_path / "sample", name))
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout
