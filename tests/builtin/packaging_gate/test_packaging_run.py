"""The gate over projects that are built for real, by a backend of their own or by one from the index."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.packaging.gate import PackagingGate
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.project import facts
from gates.testing import project, run
from gates.testing.run import Judged
from support import repositories
from support.packaging_projects import ALONE, BACKEND, GREETING, PYPROJECT


def judged(folder: Path, files: Mapping[str, Any], *, tag: str | None = None, **wished: Any) -> Judged:
    root = project.write(folder / "project", {**ALONE, **files})
    if tag is not None:
        repositories.git(root, "init", "--quiet")
        repositories.commit_all(root)
        repositories.git(root, "tag", tag)
    return run.judge(root, PackagingGate(), **{"smoke": False, **wished})


def rules(found: Judged) -> list[tuple[str, str | None, int | None]]:
    """Rule and place of each error."""
    assert found.decision is not None
    return [(one.rule, one.path, one.line) for one in found.decision.findings if one.severity == "error"]


def test_a_project_without_a_fault_passes_and_is_left_as_it_was(tmp_path: Path) -> None:
    found = judged(tmp_path, {}, tag="v1.2")
    assert (found.verdict, rules(found)) == ("passed", [])
    root = tmp_path / "project"
    there = {one.relative_to(root).as_posix() for one in root.rglob("*") if one.is_file() and ".git" not in one.parts}
    assert there - set(ALONE) == set()
    assert repositories.git(root, "status", "--porcelain") == ""


OWN = str(ALONE["pyproject.toml"])
LEAVING = BACKEND.replace("{", "{{").replace("}", "}}").replace("LEFT_OUT = ()", 'LEFT_OUT = ("{}",)')
FAULTS: list[tuple[Mapping[str, Any], str, str | None]] = [
    ({"src/greeting/.DS_Store": b"1"}, "PKG008", None),
    ({"src/tests/__init__.py": ""}, "PKG008", None),
    ({"src/greeting/key.pem": "-----BEGIN PRIVATE KEY-----"}, "PKG008", None),
    ({"src/greeting/__init__.py": '__version__ = "1.3"\n'}, "PKG010", "src/greeting/__init__.py"),
    ({"CHANGELOG.md": "# Changelog\n\n## 1.1\n\n- It was.\n"}, "PKG011", "CHANGELOG.md"),
    ({"LICENSE": "Apache License\nVersion 2.0, January 2004\n"}, "PKG005", "LICENSE"),
    ({"pyproject.toml": OWN.replace('["LICENSE"]', '["LICENSE", "NO"]')}, "PKG006", "pyproject.toml"),
    ({"pyproject.toml": OWN + "\n[dependency-groups]\na = [1]\n"}, "PKG003", "pyproject.toml"),
    ({"backend/own_backend.py": BACKEND.replace(">=3.11", ">=99")}, "PKG015", "pyproject.toml"),
    ({"backend/own_backend.py": BACKEND.replace("License-Expression: MIT", "License-Expression: M")}, "PKG004", None),
    ({"backend/own_backend.py": BACKEND.replace("text/markdown", "text/x-rst\n\n:a:`b\n")}, "PKG001", None),
    ({"backend/own_backend.py": LEAVING.format("data.txt"), "src/greeting/data.txt": ""}, "PKG007", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "rule", "path"), FAULTS, ids=[f"{rule}-{index}" for index, (_, rule, _) in enumerate(FAULTS)]
)
def test_one_fault_is_one_rule(tmp_path: Path, files: Mapping[str, Any], rule: str, path: str | None) -> None:
    found = judged(tmp_path, files)
    assert found.verdict == "failed"
    assert {(one, place) for one, place, _ in rules(found)} == {(rule, path)}


def test_a_tag_that_says_another_version(tmp_path: Path) -> None:
    found = judged(tmp_path, {}, tag="v1.3")
    assert found.decision is not None
    assert [one.message for one in found.decision.findings] == ["the tag v1.3 says 1.3, and the version is 1.2"]


def test_a_file_that_names_the_version(tmp_path: Path) -> None:
    found = judged(tmp_path, {"CITATION.cff": "cff-version: 1.2.0\nversion: 1.1\n"}, version_files=["CITATION.cff"])
    assert rules(found) == [("PKG010", "CITATION.cff", 2)]


def test_a_file_that_should_name_the_version_and_does_not(tmp_path: Path) -> None:
    found = judged(tmp_path, {}, version_files=["CITATION.cff"])
    assert (found.verdict, found.reason.code) == ("undecided", "evidence_missing")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
def test_what_a_link_of_the_tree_leads_to(tmp_path: Path, inside: bool) -> None:
    (tmp_path / "secret.txt").write_text("of this machine\n")
    root = project.write(tmp_path / "project", {**ALONE, "src/greeting/real.txt": "of the project\n"})
    (root / "src/greeting/link.txt").symlink_to("real.txt" if inside else tmp_path / "secret.txt")
    found = run.judge(root, PackagingGate(), smoke=False)
    assert found.decision is not None
    said = [one.message for one in found.decision.findings if one.rule == "PKG009"]
    assert bool(said) is not inside
    assert all("secret.txt, to which a link leads out of the project" in one for one in said)


RAISING = "def build_sdist(*_):\n    raise RuntimeError('no luck')\n\n\nbuild_wheel = build_sdist\n"
HANGING = "import time\n\n\ndef build_sdist(*_):\n    time.sleep(600)\n\n\nbuild_wheel = build_sdist\n"
DAMAGED = BACKEND + (
    "\n\ndef build_wheel(folder, *_):\n    pathlib.Path(folder, 'a-1-py3-none-any.whl').write_bytes(b'no zip')\n"
    "    return 'a-1-py3-none-any.whl'\n"
)
BOMB = BACKEND + (
    "\n\ndef build_wheel(folder, *_):\n"
    "    with zipfile.ZipFile(pathlib.Path(folder, 'a-1-py3-none-any.whl'), 'w', zipfile.ZIP_DEFLATED) as archive:\n"
    "        archive.writestr('0', bytes(2 ** 26))\n"
    "    return 'a-1-py3-none-any.whl'\n"
)


@pytest.mark.parametrize(
    ("backend", "seconds", "said"),
    [
        (RAISING, 60.0, "build_sdist failed: RuntimeError: no luck"),
        (HANGING, 1.0, "did not come to an end within 1 seconds"),
        (DAMAGED, 60.0, "a-1-py3-none-any.whl is neither a zip nor a tar file"),
        (BOMB, 60.0, "made to exhaust"),
    ],
    ids=["raises", "hangs", "damaged", "bomb"],
)
def test_a_build_that_goes_wrong_is_undecided(tmp_path: Path, backend: str, seconds: float, said: str) -> None:
    found = judged(tmp_path, {"backend/own_backend.py": backend}, build_timeout=seconds)
    assert found.verdict == "undecided"
    assert said in found.reason.message
    assert "\n" not in found.reason.message


def test_what_is_wrong_beside_a_build_that_goes_wrong_is_said(tmp_path: Path) -> None:
    text = OWN.replace('["LICENSE"]', '["LICENCE"]')
    found = judged(tmp_path, {"backend/own_backend.py": RAISING, "pyproject.toml": text})
    assert (found.verdict, rules(found)) == ("failed", [("PKG006", "pyproject.toml", 13)])


def test_a_source_distribution_that_cannot_be_built_is_undecided(tmp_path: Path) -> None:
    backend = BACKEND.replace("LEFT_OUT = ()", 'LEFT_OUT = ("pyproject.toml", "own_backend.py")')
    found = judged(tmp_path, {"backend/own_backend.py": backend})
    assert found.verdict == "undecided"


def test_without_anything_to_build_it_is_undecided(tmp_path: Path) -> None:
    root = project.write(tmp_path / "project", {"pyproject.toml": "[tool.gates.packaging]\n", "a.py": ""})
    found = run.judge(root, PackagingGate())
    assert (found.verdict, found.reason.code) == ("undecided", "does_not_apply")


def test_a_judged_python_that_is_not_there_is_undecided(tmp_path: Path) -> None:
    gone = Reason(code="interpreter_missing", message="it is gone", fix="python3 -m venv .venv")
    found = judged(tmp_path, {}, python=Refusal(gone))
    assert found.reason == gone


@pytest.mark.parametrize(
    ("text", "name", "applies"),
    [
        ('[project]\nname = "a"\n', "pyproject.toml", False),
        ("[tool.gates.packaging]\n", "pyproject.toml", True),
        ("[packaging]\n", "gates.toml", True),
        ("[lint]\n", "gates.toml", False),
    ],
)
def test_it_is_judged_where_it_has_a_table(tmp_path: Path, text: str, name: str, applies: bool) -> None:
    held = facts.find(project.write(tmp_path / "project", {name: text}))
    gate = PackagingGate()
    assert (gate.applies(held, gate.Settings()).reason is None) is applies


SETUP = """\
from setuptools import setup

setup(
    name="greeting",
    version="1.2",
    packages=["greeting"],
    package_dir={"": "src"},
    python_requires=">=3.11",
    long_description="text",
    long_description_content_type="text/plain",
)
"""


def by(backend: str, requires: str) -> Mapping[str, str]:
    return {"pyproject.toml": PYPROJECT.replace("hatchling.build", backend).replace("hatchling", requires)}


BACKENDS: Mapping[str, Mapping[str, str]] = {
    "setup.py": {"setup.py": SETUP, "pyproject.toml": ""},
    "hatchling": {"pyproject.toml": PYPROJECT},
    "flit": by("flit_core.buildapi", "flit_core"),
    "poetry": by("poetry.core.masonry.api", "poetry-core"),
}


@pytest.mark.parametrize(
    "backend", ["setup.py", "hatchling", *(pytest.param(one, marks=pytest.mark.slow) for one in ("flit", "poetry"))]
)
def test_backends_of_the_index(tmp_path: Path, backend: str) -> None:
    root = project.write(tmp_path / "project", {**GREETING, **BACKENDS[backend]})
    found = run.judged(root, PackagingGate, named=("packaging",), flags={}, added={"packaging": {"smoke": False}})
    (report,) = (one for one in found.report.gates if one.name == "packaging")
    assert (report.verdict, report.reason, report.findings) == ("passed", None, ())
