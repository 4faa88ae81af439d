"""gates in an environment of its own: what is installed beside it, and the way to the project's environment."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from gates.process.apart import elsewhere
from gates.process.installation import editable_command, install_command
from gates.process.interpreter import OWN, Interpreter


@pytest.fixture(autouse=True)
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of gates: on no PATH, and with a launcher in it."""
    place = tmp_path / "apart"
    (place / "bin").mkdir(parents=True)
    (place / "bin/gates").touch()
    (place / "site").mkdir()
    monkeypatch.setattr(sys, "prefix", str(place))
    monkeypatch.setenv("PATH", os.devnull)
    return place


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def own(prefix: Path, by: str = OWN) -> Interpreter:
    return Interpreter(
        path=prefix / "bin/python",
        version="3.12.1",
        chosen_by=by,
        prefix=prefix,
        site=(prefix / "site",),
        own=True,
    )


def moved(prefix: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = prefix.parent / where
    place.mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(place))
    return place


@pytest.mark.parametrize(
    ("name", "content", "tool"),
    [
        ("poetry.lock", "", "poetry"),
        ("pyproject.toml", "[tool.poetry.dependencies]\n", "poetry"),
        ("pyproject.toml", "[tool.hatch.envs.test]\n", "hatch"),
        ("hatch.toml", "", "hatch"),
        ("Pipfile.lock", "", "pipenv"),
        ("pixi.lock", "", "pixi"),
    ],
)
def test_the_tool_that_keeps_its_environments_out_of_sight(
    root: Path, prefix: Path, name: str, content: str, tool: str
) -> None:
    (root / name).write_text(content)
    command = f"{tool} run {prefix}/bin/gates check"
    assert elsewhere(root, own(prefix)) == command
    assert install_command(root, own(prefix), "mypy") == command
    assert editable_command(root, own(prefix)) == command


@pytest.mark.parametrize(("name", "content"), [("pyproject.toml", "[tool.hatch.version]\n"), ("uv.lock", "")])
def test_other_tools_keep_theirs_in_the_project(root: Path, prefix: Path, name: str, content: str) -> None:
    (root / name).write_text(content)
    assert elsewhere(root, own(prefix)) is None


def test_in_the_environment_of_the_tool_the_lock_decides(root: Path, prefix: Path) -> None:
    (root / "poetry.lock").touch()
    active = own(prefix.parent / "virtualenvs/project-1a2b-py3.12", by="VIRTUAL_ENV")
    assert install_command(root, active, "mypy") == "poetry add --group dev mypy"
    (root / "poetry.lock").rename(root / "hatch.toml")
    assert install_command(root, active, "mypy").endswith("/bin/python mypy")


def test_a_project_that_is_installed_beside_gates_has_no_other_environment(root: Path, prefix: Path) -> None:
    (root / "poetry.lock").touch()
    info = prefix / "site/sample-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: sample\nVersion: 1.0\n")
    for written in ("[]", "{", json.dumps({"url": root.with_name("other").as_uri()})):
        (info / "direct_url.json").write_text(written)
        assert elsewhere(root, own(prefix)) is not None
    (info / "direct_url.json").write_text(json.dumps({"url": root.as_uri(), "dir_info": {"editable": True}}))
    assert elsewhere(root, own(prefix)) is None
    assert install_command(root, own(prefix), "mypy") == "poetry add --group dev mypy"


def test_gates_is_started_by_its_name_where_the_users_shell_finds_it(
    root: Path, prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "hatch.toml").touch()
    shims = prefix.parent / "shims"
    shims.mkdir()
    (shims / "gates").touch(mode=0o755)
    (prefix / "bin/gates").chmod(0o755)
    # uvx and an active environment put gates' own folder on PATH.
    monkeypatch.setenv("PATH", str(prefix / "bin"))
    assert elsewhere(root, own(prefix)) == f"hatch run {prefix}/bin/gates check"
    monkeypatch.setenv("PATH", str(shims))
    assert elsewhere(root, own(prefix)) == "hatch run gates check"
    monkeypatch.setenv("PATH", os.devnull)
    (prefix / "bin/gates").unlink()
    assert elsewhere(root, own(prefix)) == f"hatch run {sys.executable} -m gates check"


@pytest.mark.parametrize("tool", [".nox", ".tox"])
def test_an_environment_of_nox_or_tox_that_runs_tests(root: Path, prefix: Path, tool: str) -> None:
    for name in ("docs", "tests-3-12", "unit"):
        (root / tool / name / "bin").mkdir(parents=True)
        (root / tool / name / "pyvenv.cfg").touch()
    assert elsewhere(root, own(prefix)) is None
    for name in ("unit", "tests-3-12"):
        (root / tool / name / "bin/pytest").touch()
    command = f"{prefix}/bin/gates check --python {tool}/tests-3-12"
    assert install_command(root, own(prefix), "mypy") == command
    assert elsewhere(root, own(prefix, by="VIRTUAL_ENV")) is None


def test_pipx(root: Path, prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "uv.lock").touch()
    for where, command in (
        ("venvs/pytest-vltair", "pipx inject pytest-vltair ruff mypy"),
        (".cache/db5d1a498b6632b", "pipx run --with ruff --with mypy pytest-vltair check"),
    ):
        (moved(prefix, where, monkeypatch) / "pipx_metadata.json").touch()
        assert install_command(root, None, "ruff", "mypy") == command


def test_uvx_throws_its_environments_away(root: Path, prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = moved(prefix, "uv/archive-v0/8skhijmC_V3deVed", monkeypatch)
    assert install_command(root, None, "ruff", "mypy") == "uvx --with ruff --with mypy pytest-vltair check"
    assert install_command(root, own(place), "mypy") == "uvx --with mypy pytest-vltair check"
    (root / "hatch.toml").touch()
    assert install_command(root, own(place), "mypy") == "hatch run uvx pytest-vltair check"


@pytest.mark.parametrize(
    ("receipt", "command"),
    [
        ("", "uv tool install pytest-vltair --with ruff"),
        ("not toml", "uv tool install pytest-vltair --with ruff"),
        ("tool = 1", "uv tool install pytest-vltair --with ruff"),
        (
            '[tool]\nrequirements = [{name = "pytest-vltair", extras = ["types"]}, {name = "a", specifier = ">=2"}, 1]',
            "uv tool install 'pytest-vltair[types]' --with 'a>=2' --with ruff",
        ),
    ],
)
def test_uv_tool_keeps_what_was_asked_for_before(root: Path, prefix: Path, receipt: str, command: str) -> None:
    (prefix / "uv-receipt.toml").write_text(receipt)
    assert install_command(root, None, "ruff") == command


def test_gates_installed_within_the_project(root: Path, prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert install_command(root, None, "ruff") == f"{sys.executable} -m pip install ruff"
    (root / "poetry.lock").touch()
    assert install_command(root, None, "ruff") == f"{sys.executable} -m pip install ruff"
    moved(prefix, "virtualenvs/project-1a2b-py3.12", monkeypatch)
    assert install_command(root, None, "ruff") == "poetry add --group dev ruff"


def test_gates_in_an_environment_without_pip(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    assert install_command(root, None, "ruff") == f"uv pip install --python {sys.executable} ruff"
