"""Canaries in projects of other forms than that of the contract's suite."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.packaging.gate import PackagingGate
from gates.model.canary import Planted
from gates.model.reason import Reason
from gates.testing import project, run
from support.contexts import context
from support.packaging_projects import ALONE, PYPROJECT


def planted(root: Path, rule: str) -> Planted | Reason:
    (canary,) = (one for one in PackagingGate().canaries() if one.rule == rule)
    return canary.plant(context(root, PackagingGate()))


def test_a_project_without_a_licence_gets_one(tmp_path: Path) -> None:
    text = PYPROJECT.replace('license-files = ["LICENSE"]\n', "")
    root = project.write(tmp_path / "project", {"pyproject.toml": text, "a.py": ""})
    found = planted(root, "PKG006")
    assert isinstance(found, Planted)
    assert found.path == "LICENSE"
    assert (root / "LICENSE").is_file()


def test_a_project_that_wants_no_licence_file_is_not_fit(tmp_path: Path) -> None:
    text = PYPROJECT.replace('["LICENSE"]', "[]")
    found = planted(project.write(tmp_path / "project", {"pyproject.toml": text, "a.py": ""}), "PKG006")
    assert isinstance(found, Reason)


@pytest.mark.parametrize("rule", ["PKG001", "PKG006", "PKG011"])
def test_where_nothing_can_be_built_nothing_is_planted(tmp_path: Path, rule: str) -> None:
    found = planted(project.write(tmp_path / "project", {"pyproject.toml": "", "a.py": ""}), rule)
    assert isinstance(found, Reason)


def test_the_backend_of_a_project_with_a_setup_py_alone_is_called(tmp_path: Path) -> None:
    root = project.write(tmp_path / "project", {"setup.py": "from setuptools import setup\nsetup()\n"})
    assert isinstance(planted(root, "PKG008"), Planted)
    table = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["build-system"]
    assert table["backend-path"] == [".gates_canary"]
    text = (root / ".gates_canary" / f"{table['build-backend']}.py").read_text("utf-8")
    assert "setuptools.build_meta:__legacy__" in text


SDISTS: Mapping[str, tuple[str, str]] = {
    "damaged": ("write_bytes(b'no tar')", "evidence_corrupt"),
    "two folders": ("write_bytes(TWO)", "tool_crashed"),
    "no marker": ("write_bytes(NONE)", "does_not_apply"),
    "no backend": ("write_bytes(BARE)", "does_not_apply"),
}
MAKING = """

def packed(*names):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(METADATA)
            archive.addfile(info, io.BytesIO(METADATA.encode()))
    return held.getvalue()


TWO = packed("greeting-1.2/PKG-INFO", "other/a")
NONE = packed("greeting-1.2/PKG-INFO")
BARE = packed("greeting-1.2/PKG-INFO", "greeting-1.2/gates.toml")


def build_sdist(folder, *_):
    pathlib.Path(folder, "greeting-1.2.tar.gz").{making}
    return "greeting-1.2.tar.gz"
"""


@pytest.mark.parametrize("kind", SDISTS)
def test_a_source_distribution_that_gives_no_wheel_is_undecided(tmp_path: Path, kind: str) -> None:
    making, code = SDISTS[kind]
    backend: Any = ALONE["backend/own_backend.py"] + MAKING.replace("{making}", making)  # type: ignore[operator]
    root = project.write(tmp_path / "project", {**ALONE, "backend/own_backend.py": backend})
    found = run.judge(root, PackagingGate(), smoke=False)
    reasons = found.evidence.undecided.items  # type: ignore[union-attr]
    assert code in {one.code for one in reasons}
    assert all("\n" not in one.message for one in reasons)
    assert found.reason in reasons
