"""What the three tools say, and what is made of them when they say nothing."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.built.artifact import Artifact
from gates.builtin.packaging.facts import Complaint
from gates.builtin.packaging.gate import PackagingGate
from gates.builtin.packaging.reading import Opened
from gates.builtin.packaging.saying import description, pyproject, twine, wheel_contents
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.project import facts
from gates.testing import project, tool
from support.contexts import context
from support.fake_tools import Swapped
from support.packaging_facts import packed
from support.packaging_projects import GREETING

Check = Callable[[Any], list[Complaint] | Reason]
METADATA = "Metadata-Version: 2.4\nName: greeting\nVersion: 1.2\n"
MARKDOWN = "Description-Content-Type: text/markdown\n\n# Greeting\n"
TOOLS = {"twine": "twine", "check-wheel-contents": "check_wheel_contents", "validate-pyproject": "validate_pyproject"}


def wheel(folder: Path, files: Mapping[str, str], metadata: str = METADATA + MARKDOWN) -> Path:
    """A wheel that a tool will read."""
    info = "greeting-1.2.dist-info"
    held = {
        **files,
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [f"{name},{_digest(text)},{len(text)}\n" for name, text in held.items()]
    held[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"])
    path = folder / "greeting-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in held.items():
            archive.writestr(name, text)
    return path


def _digest(text: str) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def real(tmp_path: Path) -> Any:
    """The context of the gate over a project without a fault."""
    return context(project.write(tmp_path / "project", GREETING), PackagingGate())


def found(context: Any, name: str) -> Any:
    held = context.tool(name, module=TOOLS[name])
    assert not isinstance(held, Refusal)
    return held


def checks(path: Path, tree: Path) -> Mapping[str, Check]:
    return {
        "twine": lambda one: twine.check(one, found(one, "twine"), path),
        "check-wheel-contents": lambda one: wheel_contents.check(one, found(one, "check-wheel-contents"), path, tree),
        "validate-pyproject": lambda one: pyproject.check(one, found(one, "validate-pyproject")),
    }


def codes(said: list[Complaint] | Reason) -> list[str]:
    assert not isinstance(said, Reason), said
    return [one.code for one in said]


BEHAVIOURS = [one for one in tool.BEHAVIOURS if one not in {"hangs", "one gigabyte"}]


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_that_does_not_do_its_work_is_a_reason(real: Any, tmp_path: Path, name: str, behaviour: str) -> None:
    body = tool.BEHAVIOURS[behaviour].replace("PIDFILE", (tmp_path / "pid").as_posix())
    check = checks(wheel(tmp_path, {"greeting/__init__.py": "x = 1"}), real.project.root)[name]
    said = check(Swapped(real, tmp_path, body))
    assert isinstance(said, Reason)
    assert said.fix


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize("code", [0, 1, 2])
def test_a_tool_that_ends_and_says_nothing_is_a_reason(real: Any, tmp_path: Path, name: str, code: int) -> None:
    check = checks(wheel(tmp_path, {"greeting/__init__.py": "x = 1"}), real.project.root)[name]
    assert isinstance(check(Swapped(real, tmp_path, tool.script("Checking it\n", "Traceback\n", code))), Reason)


@pytest.mark.parametrize("name", TOOLS)
def test_without_a_fault_nothing_is_said(real: Any, tmp_path: Path, name: str) -> None:
    path = wheel(tmp_path, {"greeting/__init__.py": "x = 1"})
    assert codes(checks(path, real.project.root)[name](real)) == []


@pytest.mark.parametrize(
    ("metadata", "wanted"),
    [
        (METADATA, ["description-missing"]),
        (METADATA + "\nsome text\n", ["content-type-missing"]),
        (METADATA + "Description-Content-Type: text/x-rst\n\nTitle\n==\n\n:a:`b\n", ["description-broken"]),
        ("Metadata-Version: 2.4\nName: greeting\n", ["invalid-distribution"]),
    ],
)
def test_metadata_that_an_index_cannot_show(real: Any, tmp_path: Path, metadata: str, wanted: list[str]) -> None:
    path = wheel(tmp_path, {"greeting/__init__.py": ""}, metadata)
    assert codes(checks(path, real.project.root)["twine"](real)) == wanted


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({}, [("W007", False), ("W008", False)]),
        ({"a.txt": "x"}, [("W003", False)]),
        ({"a.py": "", "b.py": ""}, [("W009", True)]),
        ({"a/__init__.py": "x = 1\n", "a/b.py": "x = 1\n"}, [("W002", True)]),
        ({"a/__init__.py": "", "a/b-1.py": "x"}, [("W004", True)]),
        ({"a b.py": ""}, [("W004", False)]),
        ({"tests/__init__.py": "", "tests/a.pyc": ""}, []),
    ],
)
def test_wheels_that_hold_what_they_should_not(
    real: Any, tmp_path: Path, files: Mapping[str, str], wanted: list[tuple[str, bool]]
) -> None:
    said = checks(wheel(tmp_path, files), real.project.root)["check-wheel-contents"](real)
    assert not isinstance(said, Reason)
    assert [(one.code, one.mild) for one in said] == wanted


def configured(tmp_path: Path, table: str, files: Mapping[str, str]) -> list[Complaint] | Reason:
    text = str(GREETING["pyproject.toml"]) + table
    root = project.write(tmp_path / "configured", {**GREETING, "pyproject.toml": text})
    asked = context(root, PackagingGate())
    return wheel_contents.check(asked, found(asked, "check-wheel-contents"), wheel(tmp_path, files), root)


def test_the_configuration_of_the_tool_is_honoured(tmp_path: Path) -> None:
    files = {"tests/__init__.py": "", "b.py": ""}
    said = configured(tmp_path, '\n[tool.check-wheel-contents]\nignore = ["W005"]\n', files)
    assert not isinstance(said, Reason)
    assert [(one.code, one.mild) for one in said] == [("W009", False)]


def test_a_configuration_that_the_tool_cannot_read_is_undecided(tmp_path: Path) -> None:
    said = configured(tmp_path, '\n[tool.check-wheel-contents]\nignore = ["X1"]\n', {"a.py": ""})
    assert isinstance(said, Reason)
    assert said.code == "tool_config_invalid"


SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
HATCHLING = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
PROJECT = '[project]\nname = "greeting"\nversion = "1"\n'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (HATCHLING + PROJECT, []),
        (HATCHLING + PROJECT + "[tool.setuptools]\nbogus = 1\n[tool.unknown]\na = 1\n", []),
        (SETUPTOOLS + PROJECT + "[tool.setuptools]\nbogus = 1\n", [("tool.setuptools.bogus", 8)]),
        (HATCHLING + '[project]\nname = "greeting"\n', [("project", 4)]),
        (HATCHLING + PROJECT + 'requires-pythn = "3"\n', [("project.requires-pythn", 7)]),
        (HATCHLING + PROJECT + 'license = "MITT"\n', [("project.license", 7)]),
        (HATCHLING + PROJECT + 'classifiers = [\n "License :: Bogus",\n]\n', [("project.classifiers[0]", 8)]),
        (HATCHLING + PROJECT + "[dependency-groups]\na = [1]\n", [("dependency-groups.a[0]", 8)]),
    ],
)
def test_keys_that_the_standards_do_not_know(tmp_path: Path, text: str, wanted: list[tuple[str, int]]) -> None:
    root = project.write(tmp_path / "project", {"pyproject.toml": text})
    said = checks(tmp_path, root)["validate-pyproject"](context(root, PackagingGate()))
    assert not isinstance(said, Reason), said
    assert [(one.code, one.line) for one in said] == wanted


def test_without_a_pyproject_there_is_nothing_to_say(tmp_path: Path) -> None:
    root = project.write(tmp_path / "project", {"setup.py": "from setuptools import setup\nsetup()\n"})
    assert codes(checks(tmp_path, root)["validate-pyproject"](context(root, PackagingGate()))) == []


@pytest.mark.parametrize(
    ("kind", "text", "wrong"),
    [
        ("text/markdown", "It.\r\n  * a \n", "README.rst, and its content type is text/markdown, not text/x-rst"),
        ("text/x-rst; charset=UTF-8", "It.\n  * a\n", None),
        ("text/markdown", "Another.\n", None),
        ("", "It.\n  * a\n", None),
        ("text/markdown", "", None),
    ],
)
def test_the_content_type_is_that_of_the_file(tmp_path: Path, kind: str, text: str, wrong: str | None) -> None:
    names = {"README.rst": "It.\n  * a\n", "docs/README.rst": "Another.\n", "a.md": "", "pyproject.toml": ""}
    root = project.write(tmp_path / "project", names)
    written = f"Metadata-Version: 2.1\nName: a\nVersion: 1\nDescription-Content-Type: {kind}\n\n{text}"
    one = Opened(
        artifact=Artifact(kind="wheel", path=tmp_path, sha256="", size=0),
        packed=packed("wheel"),
        metadata=written.encode(),
        contents={},
    )
    said = [one.message for one in description.check(facts.find(root), one)]
    assert said == ([f"the description is {wrong}"] if wrong else [])
