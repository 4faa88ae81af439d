"""Environment: what is installed to build with, and one sentence where it cannot be."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.built import environment, requirements, source, system
from gates.builtin.built.environment import Environment
from gates.builtin.built.package import Package
from gates.builtin.built.system import System
from gates.engine.context import GateContext
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.process.interpreter import Interpreter
from support.building import NO_INDEX, build_system, in_tree, sentence, site
from support.environments import Made
from support.projects import write_project


def wheel(folder: Path, name: str, version: str, requires: str = "") -> str:
    """A wheel of nothing but a module in `folder`; returns its SHA-256."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    files = {
        f"{name}.py": f'version = "{version}"\n',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_hash(text)},{len(text)}\n" for path, text in files.items())
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(inside, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


@pytest.fixture
def wheels(tmp_path: Path) -> dict[str, str]:
    """Variables with which pip takes distributions from a folder of ours, and from nowhere else."""
    folder = tmp_path / "wheels"
    wheel(folder, "alpha", "1.0")
    wheel(folder, "alpha", "2.0")
    wheel(folder, "beta_x", "1.0", "alpha")
    return {**NO_INDEX, "PIP_FIND_LINKS": str(folder)}


def packages(
    root: Path, environ: Mapping[str, str], *, offline: bool = False, python: Interpreter | None = None, **options: Any
) -> tuple[tuple[Package, ...], GateContext] | Refusal:
    """What is installed to build the project at `root`."""
    context = site(root, environ, offline=offline)
    of = system.of(context.project)
    assert isinstance(of, System)
    judged = python or context.python
    assert isinstance(judged, Interpreter)
    asked = source.write(context.project, root.parent / "asked")
    with environment.made(context, judged, of, asked, kinds=("sdist", "wheel"), **options) as made:
        if isinstance(made, Refusal):
            return made
        assert made.frozen() == made.packages
        assert made.python.is_file()
        assert made.folder.is_relative_to(context.scratch)
    assert not made.folder.exists()
    return made.packages, context


def held(found: tuple[tuple[Package, ...], GateContext] | Refusal) -> list[tuple[str, str]]:
    assert not isinstance(found, Refusal), found
    return [(one.name, one.version) for one in found[0]]


def refused(root: Path, environ: Mapping[str, str], **options: Any) -> tuple[str, str]:
    found = packages(root, environ, **options)
    assert isinstance(found, Refusal)
    return found.reason.code, sentence(found.reason)


def test_what_is_required_is_installed_with_its_hashes(tmp_path: Path, wheels: dict[str, str]) -> None:
    digest = hashlib.sha256((tmp_path / "wheels/beta_x-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    found = packages(in_tree(tmp_path / "p", requires='"Beta.X"'), wheels)
    assert held(found) == [("alpha", "2.0"), ("beta-x", "1.0")]
    assert not isinstance(found, Refusal)
    assert found[0][1].sha256 == digest
    assert str(tmp_path) not in " ".join(word for argv in found[1].commands for word in argv)


@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv")
def test_without_pip_it_is_uv_that_installs(
    tmp_path: Path, wheels: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirements.Installer, "pip", lambda self: None)
    environ = {
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": wheels["PIP_FIND_LINKS"],
        "UV_SYSTEM_PYTHON": "1",
        "UV_CACHE_DIR": str(tmp_path / "cache"),
    }
    found = packages(in_tree(tmp_path / "p", requires='"beta-x"'), environ, pins={"alpha": "1.0"})
    assert held(found) == [("alpha", "1.0"), ("beta-x", "1.0")]
    code, said = refused(in_tree(tmp_path / "q/p", requires='"nowhere"'), environ)
    assert code == "network_unavailable"
    assert said.startswith("what the build requires cannot be installed without the network: ")


def test_without_pip_and_uv_nothing_is_installed(
    tmp_path: Path, wheels: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirements.Installer, "pip", lambda self: None)
    code, said = refused(in_tree(tmp_path / "p", requires='"alpha"'), {**wheels, "PATH": str(tmp_path)})
    assert code == "tool_missing"
    assert said == "what the build requires cannot be installed: it takes pip or uv, and there is neither"


def test_the_judged_pip_installs_where_gates_has_none(
    tmp_path: Path, wheels: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = in_tree(tmp_path / "p")
    judged = site(root).python
    assert isinstance(judged, Interpreter)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    installer = requirements.Installer(
        context=site(root, wheels), python=judged, program=judged.path, place=tmp_path, pins={}
    )
    assert installer.pip() == (str(judged.path) if "pip" in judged.distributions else None)


def test_pins_rule_over_the_newest(tmp_path: Path, wheels: dict[str, str]) -> None:
    found = packages(in_tree(tmp_path / "p", requires='"beta-x"'), wheels, pins={"alpha": "1.0", "other": "3"})
    assert held(found) == [("alpha", "1.0"), ("beta-x", "1.0")]


def test_pins_that_the_project_excludes_are_one_sentence(tmp_path: Path, wheels: dict[str, str]) -> None:
    code, said = refused(in_tree(tmp_path / "p", requires='"alpha>=2"'), wheels, pins={"alpha": "1.0"})
    assert code == "tool_crashed"
    assert said.startswith("what the build requires cannot be installed: ")
    assert "Cannot install alpha>=2 because these package versions have conflicting dependencies." in said


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ('["alpha"]', [("alpha", "2.0")]),
        ('["alpha<2"]', [("alpha", "1.0")]),
        ("[]", []),
    ],
)
def test_what_a_hook_asks_for_is_installed_too(
    tmp_path: Path, wheels: dict[str, str], asked: str, expected: list[tuple[str, str]]
) -> None:
    before = (
        f"def get_requires_for_build_wheel(settings=None):\n    assert settings == {{'a': 'b'}}\n    return {asked}\n"
    )
    found = packages(in_tree(tmp_path / "p", before=before), wheels, config_settings={"a": "b"})
    assert held(found) == expected


def test_what_a_hook_asks_for_and_is_there_is_not_installed_again(
    tmp_path: Path, wheels: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[tuple[str, ...]] = []
    install = requirements.Installer.install

    def noted(installer: requirements.Installer, wanted: Sequence[str]) -> tuple[Package, ...] | Reason:
        installed.append(tuple(wanted))
        return install(installer, wanted)

    monkeypatch.setattr(requirements.Installer, "install", noted)
    before = "def get_requires_for_build_sdist(settings=None):\n    return ['Alpha>=1']\n"
    found = packages(in_tree(tmp_path / "p", before=before, requires='"alpha"'), wheels)
    assert held(found) == [("alpha", "2.0")]
    assert installed == [("alpha",), ()]


@pytest.mark.parametrize(
    ("before", "code", "said"),
    [
        ("return 3", "unparsable_output", "get_requires_for_build_sdist returned 3, and not a list of requirements"),
        (
            "return [1]",
            "unparsable_output",
            "_for_build_sdist returned [1], and not a list of requirements",
        ),
        ("return ['-r x']", "unparsable_output", "returned ['-r x'], and not a list of requirements"),
        ("raise ValueError('no')", "tool_crashed", "get_requires_for_build_sdist failed: ValueError: no"),
        ("return ['alpha>=9']", "tool_crashed", "cannot be installed: No matching distribution found for alpha>=9"),
    ],
)
def test_a_hook_that_asks_for_nonsense_is_one_sentence(
    tmp_path: Path, wheels: dict[str, str], before: str, code: str, said: str
) -> None:
    root = in_tree(tmp_path / "p", before=f"def get_requires_for_build_sdist(settings=None):\n    {before}\n")
    found = refused(root, wheels)
    assert found[0] == code
    assert found[1].endswith(said)


def test_what_does_not_exist_is_one_sentence(tmp_path: Path, wheels: dict[str, str]) -> None:
    code, said = refused(in_tree(tmp_path / "p", requires='"nowhere"'), wheels)
    assert code == "tool_crashed"
    assert said == "what the build requires cannot be installed: No matching distribution found for nowhere"


def test_an_index_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    environ = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "1",
        "PIP_FIND_LINKS": "",
    }
    code, said = refused(in_tree(tmp_path / "p", requires='"alpha"'), environ)
    assert code == "network_unavailable"
    assert said.startswith("what the build requires cannot be installed without the network: ")


def test_offline_a_folder_of_wheels_is_enough_and_nothing_else_is(tmp_path: Path, wheels: dict[str, str]) -> None:
    root = in_tree(tmp_path / "p", requires='"alpha"')
    found = packages(root, wheels, offline=True)
    if isinstance(found, Refusal) and "namespace" in found.reason.message:
        pytest.skip(f"needs a network that can be denied: {found.reason.message}")
    assert held(found) == [("alpha", "2.0")]
    code, _ = refused(in_tree(tmp_path / "q/p", requires='"nowhere"'), wheels, offline=True)
    assert code == "network_unavailable"


def test_what_the_user_sets_for_other_installations_does_not_act(tmp_path: Path, wheels: dict[str, str]) -> None:
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil/sitecustomize.py").write_text("raise SystemExit('usurped')")
    elsewhere = {name: str(tmp_path / "elsewhere") for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_LOG")}
    flags = dict.fromkeys(("PIP_USER", "PIP_DRY_RUN", "PIP_NO_DEPS", "PIP_REQUIRE_VIRTUALENV"), "1")
    environ = {**wheels, **elsewhere, **flags, "PYTHONPATH": str(tmp_path / "evil"), "PYTHONHOME": str(tmp_path)}
    found = packages(in_tree(tmp_path / "p", requires='"beta-x"'), environ)
    assert held(found) == [("alpha", "2.0"), ("beta-x", "1.0")]
    assert not (tmp_path / "elsewhere").exists()


def test_a_python_without_venv_is_one_sentence(tmp_path: Path, wheels: dict[str, str]) -> None:
    root = in_tree(tmp_path / "p")
    judged = site(root).python
    assert isinstance(judged, Interpreter)
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho 'No module named venv' >&2\nexit 1\n")
    fake.chmod(0o755)
    python = Interpreter(path=fake, version=judged.version, chosen_by="--python", prefix=tmp_path, site=())
    code, said = refused(root, wheels, python=python)
    assert code == "tool_missing"
    assert said == "the judged Python cannot make a virtual environment to build in: No module named venv"


def test_an_environment_that_is_made_of_another_one_is_apart(tmp_path: Path, environments: Made) -> None:
    of, made = environments.alone("hatchling")
    assert of.backend == "hatchling.build"
    assert {"hatchling", "packaging"} <= {one.name for one in made.packages} <= {
        "hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers", "tomlkit",
    }  # fmt: skip
    assert all(len(one.sha256) == 64 for one in made.packages)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"install": [{}]}'])
def test_a_report_that_cannot_be_read_names_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    assert requirements.read(tmp_path / "report.json") == ()


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ("alpha", ()),
        ("alpha>=1", ()),
        ("alpha>=2", ("alpha>=2",)),
        ("alpha[x]", ("alpha[x]",)),
        ('alpha; python_version > "3"', ('alpha; python_version > "3"',)),
        ("beta", ("beta",)),
    ],
)
def test_only_what_is_surely_met_is_left_out(wanted: str, left: tuple[str, ...]) -> None:
    assert requirements.unmet((wanted,), {"alpha": "2.0rc1"}) == left


def test_a_frozen_environment_forgets_the_hash_of_another_version(tmp_path: Path) -> None:
    info = tmp_path / "lib/python3.11/site-packages/a-2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: a\nVersion: 2\n")
    before = (Package(name="a", version="1", sha256="x"),)
    made = Environment(python=tmp_path / "bin/python", folder=tmp_path, packages=before)
    assert made.frozen() == (Package(name="a", version="2", sha256=""),)


def test_a_requirement_is_never_an_option(tmp_path: Path, wheels: dict[str, str]) -> None:
    root = write_project(tmp_path / "p", {"pyproject.toml": build_system('"--help"', "own", ".")})
    found = system.of(site(root).project)
    assert isinstance(found, Refusal)
