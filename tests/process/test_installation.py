"""The command that installs what is missing, as the project itself would install it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.process.installation import editable_command, install_command
from gates.process.interpreter import OWN, Interpreter


def at(path: Path, *, by: str = ".venv", pip: bool = True) -> Interpreter:
    site = path.parent / "site"
    (site / "pip-24.0.dist-info").mkdir(parents=True, exist_ok=True)
    (site / "pip-24.0.dist-info/METADATA").write_text("Name: pip\nVersion: 24.0\n")
    return Interpreter(
        path=path,
        version="3.12.1",
        chosen_by=by,
        prefix=path.parent.parent,
        site=(site,) if pip else (),
        own=by == OWN,
    )


@pytest.mark.requirement("PRC-9")
@pytest.mark.parametrize(
    ("lock", "command"),
    [
        ("uv.lock", "uv add --dev 'pytest>=8' mypy"),
        ("poetry.lock", "poetry add --group dev 'pytest>=8' mypy"),
        ("pdm.lock", "pdm add -dG dev 'pytest>=8' mypy"),
        ("Pipfile.lock", "pipenv install --dev 'pytest>=8' mypy"),
        ("pixi.lock", "pixi add --pypi 'pytest>=8' mypy"),
    ],
)
@pytest.mark.parametrize("by", [".venv", "VIRTUAL_ENV"])
def test_the_lock_file_decides(tmp_path: Path, lock: str, command: str, by: str) -> None:
    (tmp_path / lock).touch()
    interpreter = at(tmp_path / "elsewhere/bin/python", by=by)
    assert install_command(tmp_path, interpreter, "pytest>=8", "mypy") == command


def test_the_lock_of_a_workspace_lies_above(tmp_path: Path) -> None:
    member = tmp_path / "packages/a"
    member.mkdir(parents=True)
    (tmp_path / "uv.lock").touch()
    (tmp_path / ".git").mkdir()
    assert install_command(member, at(tmp_path / ".venv/bin/python"), "mypy") == "uv add --dev mypy"


def test_a_named_interpreter_outside_is_not_the_locked_one(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "uv.lock").touch()
    outside, inside = at(tmp_path / "env/bin/python", by="--python"), at(root / "env/bin/python", by="--python")
    assert install_command(root, outside, "mypy") == f"{tmp_path}/env/bin/python -m pip install mypy"
    assert install_command(root, inside, "mypy") == "uv add --dev mypy"


def test_its_own_pip_by_a_relative_path(tmp_path: Path) -> None:
    assert (
        install_command(tmp_path, at(tmp_path / ".venv/bin/python"), "mypy") == ".venv/bin/python -m pip install mypy"
    )


def test_an_environment_without_pip(tmp_path: Path) -> None:
    interpreter = at(tmp_path / "my env/bin/python", pip=False)
    assert install_command(tmp_path, interpreter, "mypy") == "uv pip install --python 'my env/bin/python' mypy"


def test_a_lock_decides_over_the_environment_that_it_describes(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "uv.lock").touch()
    active = at(tmp_path / "other/bin/python", by="VIRTUAL_ENV")
    assert install_command(root, active, "mypy") == f"{tmp_path}/other/bin/python -m pip install mypy"
    of_tox = at(root / ".tox/py312/bin/python", by="VIRTUAL_ENV")
    assert install_command(root, of_tox, "mypy") == ".tox/py312/bin/python -m pip install mypy"
    unnamed = at(tmp_path / "own/bin/python", by=OWN)
    assert install_command(root, unnamed, "mypy") == "uv add --dev mypy"


@pytest.mark.parametrize("by", ["VIRTUAL_ENV", "--python"])
def test_poetry_keeps_its_environments_elsewhere(tmp_path: Path, by: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "poetry.lock").touch()
    kept = at(tmp_path / "virtualenvs/project-1a2b-py3.12/bin/python", by=by, pip=False)
    assert install_command(root, kept, "mypy") == "poetry add --group dev mypy"


def test_a_session_of_nox_is_made_anew(tmp_path: Path) -> None:
    interpreter = at(tmp_path / ".nox/tests-3-12/bin/python", by="VIRTUAL_ENV")
    edit = "add mypy to session.install(...) of the session tests-3-12 in noxfile.py"
    assert install_command(tmp_path, interpreter, "mypy") == edit
    edit = 'install the project by session.install("-e", ".") in the session tests-3-12 in noxfile.py'
    assert editable_command(tmp_path, interpreter) == edit


def test_tox_installs_the_project_anew(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").touch()
    interpreter = at(tmp_path / ".tox/py312/bin/python", by=".venv")
    edit = "set `package = editable` for the environment py312 in the configuration of tox"
    assert editable_command(tmp_path, interpreter) == edit


@pytest.mark.parametrize(
    ("lock", "command"),
    [
        ("uv.lock", "uv sync"),
        ("poetry.lock", "poetry install"),
        ("pdm.lock", "pdm install"),
        ("Pipfile.lock", "pipenv install --dev --editable ."),
        ("pixi.lock", "pixi install"),
        ("other", ".venv/bin/python -m pip install --editable ."),
    ],
)
def test_the_project_from_its_tree(tmp_path: Path, lock: str, command: str) -> None:
    (tmp_path / lock).touch()
    assert editable_command(tmp_path, at(tmp_path / ".venv/bin/python")) == command


def test_the_project_from_its_tree_without_pip(tmp_path: Path) -> None:
    interpreter = at(tmp_path / ".venv/bin/python", pip=False)
    assert editable_command(tmp_path, interpreter) == "uv pip install --python .venv/bin/python --editable ."


@pytest.mark.parametrize(
    ("lock", "supported", "command"),
    [
        (
            "uv.lock",
            '[project]\nrequires-python = ">=3.9"',
            "uv add --dev 'pytest-vltair; python_version >= \"3.11\"'",
        ),
        ("uv.lock", '[project]\nrequires-python = ">=3.11,<4"', "uv add --dev pytest-vltair"),
        ("uv.lock", "[project]", "uv add --dev pytest-vltair"),
        (
            "poetry.lock",
            '[tool.poetry.dependencies]\npython = "^3.8"',
            "poetry add --group dev --python '>=3.11' pytest-vltair",
        ),
        ("poetry.lock", '[tool.poetry.dependencies]\npython = "^3.12"', "poetry add --group dev pytest-vltair"),
        ("Pipfile.lock", '[project]\nrequires-python = ">=3.9"', "pipenv install --dev pytest-vltair"),
        ("uv.lock", "not toml", "uv add --dev pytest-vltair"),
    ],
)
def test_a_lock_has_to_hold_for_every_supported_python(tmp_path: Path, lock: str, supported: str, command: str) -> None:
    (tmp_path / lock).touch()
    (tmp_path / "pyproject.toml").write_text(supported)
    interpreter = at(tmp_path / ".venv/bin/python")
    assert install_command(tmp_path, interpreter, "pytest-vltair") == command
    pinned = command.replace("pytest-vltair", "pytest-vltair==0.1")
    assert install_command(tmp_path, interpreter, "pytest-vltair==0.1") == pinned
    assert "--python" not in install_command(tmp_path, interpreter, "mypy")
