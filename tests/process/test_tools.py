"""Tools: found without being started, and never taken from the project that is judged."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from gates.model.reason import Reason
from gates.process.child import environment, run
from gates.process.interpreter import OWN, Interpreter
from gates.process.tools import Tool, find


def look(root: Path, interpreter: Interpreter | None = None, name: str = "ruff", **environ: str) -> Tool | Reason:
    return find(name, module=name, distribution=name, interpreter=interpreter, root=root, environ=environ)


def foreign(tmp_path: Path, *, by: str = ".venv", **installed: str) -> Interpreter:
    site = tmp_path / "env/site"
    site.mkdir(parents=True)
    for name, number in installed.items():
        info = site / f"{name}-{number}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name}\nVersion: {number}\n")
    return Interpreter(
        path=tmp_path / "env/bin/python",
        version="3.12.1",
        chosen_by=by,
        prefix=tmp_path / "env",
        site=(site,),
        own=by == OWN,
    )


def test_in_gates_own_environment(tmp_path: Path) -> None:
    assert look(tmp_path) == Tool(name="ruff", argv=(sys.executable, "-P", "-m", "ruff"), version=version("ruff"))


def test_in_the_judged_one(tmp_path: Path) -> None:
    found = look(tmp_path, foreign(tmp_path, ruff="9.9"))
    assert found == Tool(name="ruff", argv=(str(tmp_path / "env/bin/python"), "-P", "-m", "ruff"), version="9.9")


def test_names_are_compared_as_installers_do(tmp_path: Path) -> None:
    found = find(
        "b",
        module="b_m",
        distribution="Pytest.Benchmark",
        interpreter=foreign(tmp_path, pytest_benchmark="5.1"),
        root=tmp_path,
        environ={},
    )
    assert isinstance(found, Tool)
    assert found.argv[-1] == "b_m"


def test_missing_in_gates_own_environment(tmp_path: Path) -> None:
    found = look(tmp_path, name="no-such-tool-7f3a")
    assert isinstance(found, Reason)
    assert (found.code, found.message) == (
        "tool_missing",
        "no-such-tool-7f3a is not installed in the environment that runs gates",
    )
    assert found.fix.endswith("-m pip install no-such-tool-7f3a")


def test_missing_in_the_judged_one(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").touch()
    found = look(tmp_path, foreign(tmp_path))
    assert isinstance(found, Reason)
    assert found.message == "ruff is not installed in the judged Python 3.12.1 (.venv)"
    assert found.fix == "uv add --dev ruff"


def test_missing_where_poetry_keeps_the_environment_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "poetry.lock").touch()
    found = look(tmp_path, foreign(tmp_path, by=OWN))
    assert isinstance(found, Reason)
    assert found.message == "ruff is not installed in the Python that runs gates, which is the judged one"
    assert found.fix.startswith("poetry run ")


@pytest.mark.parametrize("hidden", ["ruff", "mypy, Ruff", "RUFF,", ",ruff"])
def test_hidden(tmp_path: Path, hidden: str) -> None:
    found = look(tmp_path, GATES_HIDE=hidden)
    assert isinstance(found, Reason)
    assert (found.code, found.fix) == ("tool_missing", "unset GATES_HIDE")


@pytest.mark.parametrize("hidden", ["", ",", "ruf", "ruff2", "mypy"])
def test_not_hidden(tmp_path: Path, hidden: str) -> None:
    assert isinstance(look(tmp_path, GATES_HIDE=hidden), Tool)


@pytest.mark.parametrize("name", ["mypy/__init__.py", "mypy.py", "mypy.cpython-311-x86_64-linux-gnu.so"])
@pytest.mark.parametrize("path", ["{root}", "{root}/sub/..", "", "/nowhere:{root}"])
def test_pythonpath_that_puts_another_module_first(tmp_path: Path, name: str, path: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / "sub").mkdir()
    (tmp_path / name).touch()
    found = look(tmp_path, name="mypy", PYTHONPATH=path.format(root=tmp_path) or os.pathsep)
    assert isinstance(found, Reason)
    assert found.code == "tool_config_invalid"
    assert "before the installed mypy" in found.message


def test_pythonpath_that_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "mypy").mkdir()
    (tmp_path / "mypy.ini").touch()
    site = tmp_path / "lib/site-packages"
    (site / "mypy").mkdir(parents=True)
    (site / "mypy/__init__.py").touch()
    assert isinstance(look(tmp_path, name="mypy", PYTHONPATH=f"{tmp_path}{os.pathsep}{site}"), Tool)


def editable(tmp_path: Path) -> tuple[Interpreter, Path]:
    """An environment with a tool by a path, and a copy of the tool's source elsewhere."""
    for folder in ("original", "copy/src"):
        package = tmp_path / folder / "tool"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("ONE = 1\n")
        (package / "inner.py").write_text("TWO = 2\n")
    python = foreign(tmp_path, tool="1.0")
    (python.site[0] / "_tool.pth").write_text(f"# a path\n{tmp_path / 'original'}\n")
    return python, tmp_path / "copy"


def test_a_copy_of_the_tool_that_is_the_same_byte_for_byte_is_the_tool(tmp_path: Path) -> None:
    python, copy = editable(tmp_path)
    (copy / "src/tool/__pycache__").mkdir()
    (copy / "src/tool/__pycache__/inner.pyc").write_bytes(b"x")
    assert isinstance(look(copy, python, name="tool", PYTHONPATH=str(copy / "src")), Tool)


@pytest.mark.parametrize("name", ["inner.py", "more.py", "__main__.py", "data.txt"])
def test_a_copy_of_the_tool_that_differs_is_another_one(tmp_path: Path, name: str) -> None:
    python, copy = editable(tmp_path)
    (copy / "src/tool" / name).write_text("planted\n")
    found = look(copy, python, name="tool", PYTHONPATH=str(copy / "src"))
    assert isinstance(found, Reason)
    assert found.message == "PYTHONPATH puts src/tool before the installed tool"


def test_a_tool_that_is_nowhere_else_has_no_copy(tmp_path: Path) -> None:
    python, copy = editable(tmp_path)
    (python.site[0] / "_tool.pth").unlink()
    assert isinstance(look(copy, python, name="tool", PYTHONPATH=str(copy / "src")), Reason)


@pytest.mark.requirement("PRC-8")
@pytest.mark.parametrize("planted", ["mypy/__init__.py", "mypy/__main__.py", "mypy.py"])
def test_a_module_in_the_projects_root_is_not_the_tool(tmp_path: Path, planted: str) -> None:
    (tmp_path / planted).parent.mkdir(exist_ok=True)
    (tmp_path / planted).write_text("print('planted'); raise SystemExit(0)")
    found = look(tmp_path, name="mypy")
    assert isinstance(found, Tool)
    done = run([*found.argv, "--version"], cwd=tmp_path, env=environment(os.environ))
    assert done.text.startswith(f"mypy {found.version}")


def test_metadata_that_lies_in_the_project_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ruff-99.0", "invented-1.0"):
        (tmp_path / f"{name}.dist-info").mkdir()
        (tmp_path / f"{name}.dist-info/METADATA").write_text(f"Name: {name[:-4]}\nVersion: 99.0\n")
    installed = version("ruff")
    monkeypatch.syspath_prepend(tmp_path)
    assert version("ruff") == "99.0"
    assert look(tmp_path) == Tool(name="ruff", argv=(sys.executable, "-P", "-m", "ruff"), version=installed)
    assert isinstance(look(tmp_path, name="invented"), Reason)


@pytest.mark.parametrize("metadata", [None, "", "Name: leftover\n"])
def test_what_a_broken_removal_leaves_is_no_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metadata: str | None
) -> None:
    site = tmp_path / "site"
    (site / "leftover-1.0.dist-info").mkdir(parents=True)
    if metadata is not None:
        (site / "leftover-1.0.dist-info/METADATA").write_text(metadata)
    monkeypatch.syspath_prepend(site)
    root = tmp_path / "project"
    root.mkdir()
    assert isinstance(look(root, name="leftover"), Reason)
