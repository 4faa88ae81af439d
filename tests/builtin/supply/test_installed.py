"""Installed: what an environment says that holds what nobody can read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gates.builtin.sbom.gate import SbomGate
from gates.builtin.supply.closure import graph
from gates.builtin.supply.installed import Installed, installed
from gates.builtin.supply.ruling import of_environment
from gates.builtin.supply.source import Supply
from gates.model.reason import Reason
from gates.process import interpreter
from gates.process.interpreter import Interpreter
from gates.project import facts
from gates.testing import run
from gates.testing.project import write

PYPROJECT = '[project]\nname = "sample"\nversion = "1.0"\ndependencies = ["alpha"]\n'


def asked(tmp_path: Path, held: dict[str, str]) -> Installed | Reason:
    """What an environment says whose site-packages hold these files of metadata."""
    root, place = tmp_path / "project", tmp_path / "environment"
    write(root, {"pyproject.toml": PYPROJECT})
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True, timeout=600)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    said = [str(python), "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = subprocess.run(said, capture_output=True, text=True, check=True, timeout=600).stdout.strip()
    for name, text in held.items():
        folder = Path(site) / f"{name}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(text, "utf-8")
    chosen = interpreter.choose(root, flag=str(python), configured=None, environ=os.environ, state=root / ".gates")
    assert isinstance(chosen, Interpreter)
    return installed(run.context(root, SbomGate(), python=chosen), "sbom")


def metadata(name: str, version: str, *requires: str) -> str:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    return "\n".join([*lines, *(f"Requires-Dist: {one}" for one in requires)]) + "\n"


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ({"alpha-1.0": metadata("alpha", "1.0"), "beta-1.0": ""}, "beta-1.0.dist-info (it has no name or no version)"),
        (
            {"alpha-1.0": metadata("alpha", "1.0"), "Alpha-0.9": metadata("Alpha", "0.9")},
            "alpha (its versions 0.9 and 1.0 lie there)",
        ),
    ],
)
def test_what_has_lost_its_name_or_lies_there_twice_is_not_passed_over(
    tmp_path: Path, held: dict[str, str], says: str
) -> None:
    found = asked(tmp_path, held)
    assert isinstance(found, Reason)
    assert found.code == "unreadable"
    assert says in found.message


def test_where_a_requirement_that_nobody_can_read_leads_is_not_known(tmp_path: Path) -> None:
    """So that nothing that is installed is taken for something that nobody needs."""
    requiring = metadata("alpha", "1.0", "beta (>=1.*)", "colour")
    held = {"alpha-1.0": requiring} | {f"{one}-1.0": metadata(one, "1.0") for one in ("beta", "colour")}
    found = asked(tmp_path, held)
    assert isinstance(found, Installed)
    supply = of_environment(facts.find(tmp_path / "project"), found)
    assert isinstance(supply, Supply)
    assert set(graph(supply, found.markers).scopes.values()) == {"required"}
