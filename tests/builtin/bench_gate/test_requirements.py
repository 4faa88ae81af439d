"""Requirements: what only one side asks for is said, and installed apart where it is not there."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.version import Version

from gates.builtin.bench.sides import requirements
from gates.project.facts import Project
from support.projects import write_project
from support.sided import changed, imported, made, refused

PYPROJECT = '[project]\nname = "pkg"\nversion = "1"\ndependencies = [{}]\n'
USING = "import vltairdep, vltairdeep\nVALUE = [vltairdep.VALUE, vltairdeep.VALUE]\n"


def wheel(place: Path, name: str, version: str, requires: str = "") -> None:
    """A wheel of one module that has its version in `VALUE`."""
    place.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with zipfile.ZipFile(place / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", f"VALUE = {version!r}\n")
        file.writestr(f"{info}/METADATA", metadata + (f"Requires-Dist: {requires}\n" if requires else ""))
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")


@pytest.fixture
def shelf(tmp_path: Path) -> dict[str, str]:
    """Variables that have pip look into a folder of wheels, and nowhere else."""
    for version in ("1.0", "2.0"):
        wheel(tmp_path / "wheels", "vltairdep", version, f"vltairdeep=={version}")
        wheel(tmp_path / "wheels", "vltairdeep", version)
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheels"), "PIP_CONFIG_FILE": "/dev/null"}


def differing(root: Path, old: str, new: str) -> Path:
    before = {"pyproject.toml": PYPROJECT.format(old), "pkg/__init__.py": USING}
    return changed(root, before, {"pyproject.toml": PYPROJECT.format(new)})


def test_each_side_gets_what_it_requires_with_what_that_requires(tmp_path: Path, shelf: dict[str, str]) -> None:
    root = differing(tmp_path / "project", '"vltairdep==1.0", "pytest"', '"vltairdep>=2", "pytest"')
    with made(root, offline=False, environ=shelf) as sides:
        assert sides.differing == ("base: vltairdep==1.0; head: vltairdep>=2",)
        for swapped in (False, True):
            values = {name: ["1.0", "1.0"] for name in ("base", "control")} | {"head": ["2.0", "2.0"]}
            for name in sides.names:
                side = sides.side(name, swapped=swapped)
                assert imported(side, "pkg")["pkg"] == (values[name], str(side.folder / "pkg/__init__.py"))
        assert sides.original is not None
        assert imported(sides.original, "pkg")["pkg"][0] == ["1.0", "1.0"]


def test_what_is_installed_already_is_taken_from_there(tmp_path: Path) -> None:
    root = changed(
        tmp_path / "project",
        {
            "pyproject.toml": PYPROJECT.format('"pytest>=1"'),
            "pkg/__init__.py": "import pytest\nVALUE = pytest.__file__\n",
        },
        {"pyproject.toml": PYPROJECT.format('"pytest>=2", "nosuch; python_version < \'3\'"')},
    )
    with made(root) as sides:
        assert sides.differing == ("base: pytest>=1; head: pytest>=2",)
        assert {imported(sides.side(one, swapped=False), "pkg")["pkg"][0] for one in sides.names} == {pytest.__file__}


@pytest.mark.parametrize(
    ("wished", "code", "says"),
    [
        (
            {"install": "never"},
            "package_missing",
            'base requires vltairdep==1.0, which is not installed, and install = "',
        ),
        (
            {"offline": True},
            "network_unavailable",
            "base requires vltairdep==1.0, which is not installed, and the netw",
        ),
        ({"environ": {"PIP_NO_INDEX": "1"}}, "tool_crashed", "installing what base requires failed: No matching distr"),
    ],
)
def test_what_cannot_be_installed_is_a_refusal(tmp_path: Path, wished: dict[str, Any], code: str, says: str) -> None:
    root = differing(tmp_path / "project", '"vltairdep==1.0"', "")
    reason = refused(root, **{"offline": False, **wished})
    assert (reason.code, reason.message[: len(says)]) == (code, says)
    assert "\n" not in reason.message


def project(root: Path, files: dict[str, str]) -> Project:
    import tomllib

    write_project(root, files)
    return Project(root=root, name="pkg", pyproject=tomllib.loads(files.get("pyproject.toml", "")))


POETRY = """[tool.poetry.dependencies]
python = "^3.11"
caret = "^1.2.3"
zero = "^0.2"
tilde = "~1.4.2"
plain = "1.0"
any = "*"
either = "^1 || ^3"
much = { version = ">=1,<3", extras = ["x", "y"], markers = "os_name == 'posix'" }
extra = { version = "1", optional = true }
place = { path = "../place" }
"""


def test_requirements_are_read_however_they_are_written(tmp_path: Path) -> None:
    lines = "idna>=2  # why\n\n# none\n-r other.txt\nattrs==1\n"
    dynamic = '[tool.setuptools.dynamic]\ndependencies = { file = ["req.txt"] }\n'
    assert requirements.declared(project(tmp_path / "a", {"pyproject.toml": dynamic, "req.txt": lines})) == (
        "idna>=2", "attrs==1",
    )  # fmt: skip
    cfg = "[options]\ninstall_requires =\n    idna>=2\n    attrs; os_name == 'nt'\n"
    assert requirements.declared(project(tmp_path / "b", {"setup.cfg": cfg})) == ("idna>=2", "attrs; os_name == 'nt'")
    assert requirements.declared(project(tmp_path / "c", {"pyproject.toml": POETRY})) == (
        "caret<2,>=1.2.3", "zero<0.3,>=0.2", "tilde<1.5,>=1.4.2", "plain==1.0", "any", "either",
        "much[x,y]<3,>=1 ; os_name == 'posix'",
    )  # fmt: skip
    assert requirements.declared(project(tmp_path / "d", {"setup.py": "x"})) == ()


@given(st.lists(st.integers(0, 9), min_size=1, max_size=3).filter(any))
def test_a_caret_holds_the_first_part_that_is_not_zero(parts: list[int]) -> None:
    written = ".".join(map(str, parts))
    (line,) = requirements._from_poetry({"one": f"^{written}"})
    wanted = Requirement(line)
    first = next(index for index, part in enumerate(parts) if part)
    beyond = Version(".".join(map(str, [*parts[:first], parts[first] + 1])))
    assert wanted.specifier.contains(Version(written))
    assert wanted.specifier.contains(Version(f"{written}.5"))
    assert not wanted.specifier.contains(beyond)


def test_a_requirement_at_an_address_is_met_at_head_alone(tmp_path: Path) -> None:
    wanted = [Requirement("one @ https://example.org/one.zip"), Requirement("two"), Requirement("odd>1")]
    installed = {"one": "1", "two": "1", "odd": "no version"}
    assert [one.name for one in requirements.unmet(wanted, installed, by_name=True)] == ["odd"]
    assert [one.name for one in requirements.unmet(wanted, installed, by_name=False)] == ["one", "odd"]


def test_markers_are_those_of_the_judged_python() -> None:
    import subprocess
    import sys

    from packaging.markers import default_environment

    printed = subprocess.run(
        [sys.executable, "-I", "-c", requirements.MARKERS], capture_output=True, text=True, check=True
    ).stdout
    ours = default_environment()
    assert dict(requirements.marker_environment(printed)) == {key: ours[key] for key in ours if key != "extra"}  # type: ignore[literal-required]
    assert requirements.marker_environment("") == ours
    assert requirements.marker_environment("[]") == {}


def test_what_only_code_requires_is_said_not_to_be_compared(tmp_path: Path) -> None:
    setup = "from setuptools import setup\nsetup(install_requires=['{}'])\n"
    old = {"setup.py": setup.format("idna"), "pkg/__init__.py": ""}
    root = changed(tmp_path / "project", old, {"setup.py": setup.format("idna>=3")})
    with made(root) as sides:
        assert sides.differing == ()
        assert sides.notes == (
            "setup.py differs, and what it requires is not compared: both sides have what is installed",
        )
