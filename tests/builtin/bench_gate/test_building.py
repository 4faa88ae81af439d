"""Building: a product with compiled parts is built for each side, by its own backend."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from gates.builtin.bench.sides import building
from gates.process import installing
from gates.project.facts import Project
from support.projects import write_project
from support.sided import changed, files, imported, made, refused

compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")

CORE = """#define PY_SSIZE_T_CLEAN
#include <Python.h>
static PyObject *value(PyObject *self, PyObject *args) { return PyLong_FromLong(%d); }
static PyMethodDef METHODS[] = {{"value", value, METH_NOARGS, ""}, {0}};
static struct PyModuleDef CORE = {PyModuleDef_HEAD_INIT, "_core", 0, -1, METHODS};
PyMODINIT_FUNC PyInit__core(void) { return PyModule_Create(&CORE); }
"""
HOOK = """import pathlib, subprocess, sysconfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
class Compile(BuildHookInterface):
    def initialize(self, version, build_data):
        name = "src/pkg/_core" + sysconfig.get_config_var("EXT_SUFFIX")
        include = sysconfig.get_paths()["include"]
        subprocess.run(["cc", "-shared", "-fPIC", f"-I{include}", "core.c", "-o", name], cwd=self.root, check=True)
        build_data["artifacts"].append("*.so")
        build_data["pure_python"] = False
"""
PYPROJECT = """[build-system]
requires = ["hatchling", "setuptools-rust; python_version < '3'", "cffi; python_version < '3'"]
build-backend = "hatchling.build"
[project]
name = "pkg"
version = "1"
[tool.hatch.build.targets.wheel]
packages = ["src/pkg"]
[tool.hatch.build.targets.wheel.hooks.custom]
path = "hook.py"
"""
FILES = {
    "pyproject.toml": PYPROJECT,
    "hook.py": HOOK,
    "core.c": CORE % 1,
    ".gitignore": "*.so\n",
    "src/pkg/__init__.py": "from pkg._core import value\nVALUE = value()\n",
}


NO_COMPILER = "command 'cc' failed: No such file or directory"
COMPILING = """  error: subprocess-exited-with-error
  │ x.c:3:1: error: expected ';'
  │ error: command 'gcc' failed with exit code 1
  [end of output]
  note: This is an issue with the package
ERROR: Failed building wheel for x
"""


@compiler
def test_each_side_has_its_own_compiled_parts(tmp_path: Path) -> None:
    root = changed(tmp_path / "project", FILES, {"core.c": CORE % 2})
    stale = root / "src/pkg/_core.so"
    stale.write_bytes(b"not this one")
    with made(root) as sides:
        for swapped in (False, True):
            for name in sides.names:
                side, value = sides.side(name, swapped=swapped), 2 if name == "head" else 1
                assert imported(side, "pkg")["pkg"] == (value, str(side.folder / "src/pkg/__init__.py"))
                assert not (side.folder / "src/pkg/_core.so").exists()
        assert sides.original is not None
        assert imported(sides.original, "pkg")["pkg"][0] == 1
    assert [one for one in files(root) if one.startswith("src")] == ["src/pkg/__init__.py", "src/pkg/_core.so"]


@compiler
def test_a_side_that_does_not_compile_is_refused_with_the_error(tmp_path: Path) -> None:
    root = changed(tmp_path / "project", {**FILES, "core.c": "int broken(\n"}, {"core.c": CORE % 2})
    reason = refused(root)
    assert reason.code == "tool_crashed"
    assert reason.message.startswith("building base, which has compiled parts, failed: core.c:")
    assert reason.fix.startswith("python -m pip install")


def test_what_may_not_be_built_is_refused(tmp_path: Path) -> None:
    root = changed(tmp_path / "project", FILES, {"core.c": CORE % 2})
    assert "have to be built" in refused(root, install="never").message
    maturin = PYPROJECT.replace("hatchling.build", "maturin").replace('"hatchling"', '"maturin>=1"')
    other = changed(tmp_path / "other", {**FILES, "pyproject.toml": maturin}, {"core.c": CORE % 2})
    assert refused(other).code == "network_unavailable"


@pytest.mark.parametrize(
    "written",
    [
        {"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "mesonpy"\n'},
        {"pyproject.toml": '[build-system]\nrequires = ["setuptools", "Cython>=3"]\n'},
        {"pyproject.toml": '[[tool.setuptools.ext-modules]]\nname = "x"\nsources = ["x.c"]\n'},
        {"pyproject.toml": '[tool.poetry.build]\nscript = "build.py"\n'},
        {"setup.py": "setup(ext_modules=[])\n"},
    ],
)
def test_what_compiles_is_known_by_its_configuration(tmp_path: Path, written: Mapping[str, str]) -> None:
    assert building.is_compiled(project(tmp_path, written))


def test_what_is_python_alone_is_not_built(tmp_path: Path) -> None:
    plain = {"pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n', "setup.py": "setup()\n"}
    assert not building.is_compiled(project(tmp_path, plain))


def test_an_installed_copy_tells_that_a_product_is_compiled(tmp_path: Path) -> None:
    write_project(tmp_path, {"acme/one/a.cpython-311.so": "", "acme/two/a.py": "", "three.abi3.so": ""})
    for modules, compiled in ((("acme.one",), True), (("acme.two", "nosuch"), False), (("three",), True)):
        assert building.is_installed_compiled(modules, (), [tmp_path]) is compiled
    # One that the project itself keeps is no part that was compiled from it.
    assert not building.is_installed_compiled(("acme.one",), ("a.cpython-311.so",), [tmp_path])


@pytest.mark.parametrize(
    ("installed", "there"),
    [
        ({"setuptools": "70.1", "cython": "3.0"}, True),
        ({"setuptools": "65.0", "cython": "3.0"}, False),
        ({"setuptools": "65.0", "cython": "3.0", "wheel": "1"}, True),
        ({"setuptools": "70.1", "cython": "2.0"}, False),
    ],
)
def test_what_a_build_requires_may_be_there(tmp_path: Path, installed: dict[str, str], there: bool) -> None:
    written = {"pyproject.toml": '[build-system]\nrequires = ["setuptools", "Cython>=3"]\n'}
    assert building.is_buildable_here(project(tmp_path, written), installed, "3.11.7") is there


def project(root: Path, written: Mapping[str, str]) -> Project:
    write_project(root, written)
    return Project(root=root, name="pkg", pyproject=tomllib.loads(written.get("pyproject.toml", "")))


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (COMPILING, "x.c:3:1: error: expected ';'"),
        (f"  error: {NO_COMPILER}\n  ╰─> See above", NO_COMPILER),
        ("Traceback:\nValueError: bad\n", "ValueError: bad"),
        ("something\nelse\n", "else"),
        ("", "it gave no reason"),
    ],
)  # fmt: skip
def test_one_line_says_what_went_wrong(printed: str, said: str) -> None:
    assert installing.error_of(printed) == said
