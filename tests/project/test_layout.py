"""Where code and tests are, for every build backend's way to say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.project import facts
from gates.project.layout import Layout
from support.projects import write_project


def layout(root: Path, files: dict[str, str | bytes]) -> Layout:
    return facts.find(write_project(root / "my-app", files)).layout


@pytest.mark.parametrize(
    ("files", "roots", "packages"),
    [
        (["src/one/__init__.py", "src/two.py", "tests/t.py", "setup.py"], ["src"], ["one", "two"]),
        (["src/space/inner/x.py", "src/one.dist/x.py"], ["src"], ["space"]),
        (["src/__init__.py", "src/x.py", "my_app/__init__.py"], ["."], ["my_app"]),
        (["src/__init__.py", "src/x.py", "main.py"], ["."], ["main"]),
        (["my_app/a.py", "other/b.py", "docs/conf.py", "noxfile.py"], ["."], ["my_app"]),
        (
            ["one/__init__.py", "two/__init__.py", "tests/__init__.py", "docs/__init__.py"],
            ["."],
            ["one", "two"],
        ),
        (["my_app.py", "test_my_app.py", "my_app_test.py", "setup.py", "conftest.py"], ["."], ["my_app"]),
        (["one/__init__.py", "my_app.py", "helper.py"], ["."], ["my_app", "one"]),
        (["stubs/__init__.pyi", "stubs/a.pyi"], ["."], ["stubs"]),
        (["a-b/__init__.py", "2.py"], ["."], []),
        (["README.md"], ["."], []),
    ],
)
def test_by_convention(tmp_path: Path, files: list[str], roots: list[str], packages: list[str]) -> None:
    found = layout(tmp_path, {"pyproject.toml": "", **dict.fromkeys(files, "")})
    assert (list(found.import_roots), list(found.packages)) == (roots, packages)


@pytest.mark.parametrize(
    ("config", "roots", "packages"),
    [
        ("[tool.hatch.build.targets.wheel]\npackages = ['lib/one', './py/two/']", ["lib", "py"], ["one", "two"]),
        ("[tool.hatch.build.targets.wheel]\nonly-include = ['lib/one']\nsources = ['lib']", ["lib"], ["one"]),
        ("[tool.hatch.build.targets.wheel]\nsources = ['lib']", ["lib"], ["one", "three"]),
        ("[tool.hatch.build.targets.wheel.sources]\nlib = ''", ["lib"], ["one", "three"]),
        ("[[tool.poetry.packages]]\ninclude = 'one/**/*.py'\nfrom = 'lib'", ["lib"], ["one"]),
        ("[[tool.poetry.packages]]\ninclude = 'three.py'\nfrom = 'lib'", ["lib"], ["three"]),
        ("[tool.uv.build-backend]\nmodule-root = 'lib'", ["lib"], ["one", "three"]),
        ("[tool.uv.build-backend]\nmodule-root = ''", ["."], ["flat"]),
        ("[tool.uv.build-backend]\nmodule-root = 'lib'\nmodule-name = 'one.sub'", ["lib"], ["one"]),
        ("[tool.uv.build-backend]\nmodule-name = ['four', 'gone']", ["src"], ["four"]),
        ("[tool.flit.module]\nname = 'four'", ["src"], ["four"]),
        ("[tool.flit.metadata]\nmodule = 'flat'", ["."], ["flat"]),
        ("[tool.pdm.build]\npackage-dir = 'py'", ["py"], ["two"]),
        ("[tool.maturin]\npython-source = 'py'", ["py"], ["two"]),
        ("[tool.setuptools.packages.find]\nwhere = ['lib', 'py']", ["lib", "py"], ["one", "three", "two"]),
        ("[tool.setuptools.packages.find]\nwhere = ['lib']\ninclude = ['one*']", ["lib"], ["one"]),
        ("[tool.setuptools.packages.find]\nwhere = ['lib']\nexclude = ['o*']", ["lib"], ["three"]),
        ("[tool.setuptools]\npackages = ['one', 'one.sub']\npy-modules = ['three']\npackage-dir = {'' = 'lib'}",
         ["lib"], ["one", "three"]),
        ("[tool.setuptools]\npackages = ['two']\npackage-dir = { two = 'py/two' }", ["py"], ["two"]),
        ("[tool.setuptools]\npackage-dir = { '' = 'py' }", ["py"], ["two"]),
        ("[tool.pytest.ini_options]\npythonpath = ['py']", ["src"], ["four"]),
        ("[tool.hatch.build.targets.wheel]\npackages = ['gone']", ["src"], ["four"]),
        ("[tool.hatch.build]\ntargets = 3\n[tool.poetry]\npackages = 'x'\n[tool.uv]\nx = []", ["src"], ["four"]),
    ],
)  # fmt: skip
def test_by_the_build_backend(tmp_path: Path, config: str, roots: list[str], packages: list[str]) -> None:
    files = ["lib/one/__init__.py", "lib/one/sub/__init__.py", "lib/three.py", "py/two/__init__.py", "flat/__init__.py"]
    found = layout(tmp_path, {"pyproject.toml": config, **dict.fromkeys([*files, "src/four/__init__.py"], "")})
    assert (list(found.import_roots), list(found.packages)) == (roots, packages)


@pytest.mark.parametrize(
    ("config", "roots", "packages"),
    [
        (
            "[options]\npackages = find:\npackage_dir =\n    = lib\n[options.packages.find]\nwhere = lib\n",
            ["lib"],
            ["one", "two"],
        ),
        ("[options]\npackages = find:\npackage_dir =\n    =lib\n", ["lib"], ["one", "two"]),
        ("[options]\npackages =\n    one\n    one.sub\npackage_dir =\n    = lib\n", ["lib"], ["one"]),
        ("[options]\npy_modules = two\npackage_dir =\n    = lib\n", ["lib"], ["two"]),
        ("[options]\npackages = find:\n", ["."], ["flat"]),
        ("not an ini file", ["."], ["flat"]),
    ],
)
def test_by_setup_cfg(tmp_path: Path, config: str, roots: list[str], packages: list[str]) -> None:
    files = ["lib/one/__init__.py", "lib/two.py", "flat/__init__.py"]
    found = layout(tmp_path, {"setup.cfg": config, **dict.fromkeys(files, "")})
    assert (list(found.import_roots), list(found.packages)) == (roots, packages)


def test_an_application_may_say_only_to_pytest_where_its_code_is(tmp_path: Path) -> None:
    files = {"pytest.ini": "[pytest]\npythonpath = ./code/\n", "code/a.py": "", "tests/test_a.py": ""}
    found = layout(tmp_path, {"pyproject.toml": "", **files})
    assert (found.import_roots, found.packages) == (("code",), ("a",))


@pytest.mark.parametrize(
    ("files", "tests"),
    [
        ({"tests/test_a.py": "", "tests/sub/b.py": "", "test_c.py": "", "d_test.py": "", "e.py": ""},
         ["d_test.py", "test_c.py", "tests"]),
        ({"test/a.py": "", "src/p/tests/b.py": "", "src/p/test_c.py": ""}, ["src/p/test_c.py", "src/p/tests", "test"]),
        ({"pytest.ini": "[pytest]\ntestpaths = ./checks/ no\n", "checks/a.py": "", "tests/b.py": ""}, ["checks"]),
        ({"pytest.ini": "[pytest]\ntestpaths = gone\n", "tests/b.py": ""}, ["tests"]),
        ({"pytest.ini": "", "setup.cfg": "[tool:pytest]\ntestpaths = a\n", "a/a.py": "", "tests/b.py": ""}, ["tests"]),
        ({"pytest.ini": "[pytest]\npython_files = check_*.py\n", "check_a.py": "", "test_b.py": ""}, ["check_a.py"]),
        ({"tox.ini": "[tox]\n", "setup.cfg": "[tool:pytest]\ntestpaths = checks\n", "checks/a.py": ""}, ["checks"]),
        ({"tox.ini": "[pytest]\ntestpaths = p/*/checks\n", "p/a/checks/x.py": "", "p/b/y.py": ""}, ["p/a/checks"]),
        ({"pyproject.toml": "[tool.pytest.ini_options]\ntestpaths = ['checks']\n", "checks/a.py": ""}, ["checks"]),
        ({"pyproject.toml": "[tool.pytest]\ntestpaths = ['checks']\n", "checks/a.py": ""}, ["checks"]),
        ({"pytest.toml": "[pytest]\ntestpaths = ['checks']\n", "checks/a.py": ""}, ["checks"]),
        ({"pytest.toml": "[pytest", "tests/a.py": ""}, ["tests"]),
        ({"pytest.ini": "[pytest]\ntestpaths = .\n", "a.py": ""}, ["."]),
        ({"pytest.ini": b"\0", "tests/a.py": ""}, ["tests"]),
        ({"a.py": ""}, []),
    ],
)  # fmt: skip
def test_where_tests_are(tmp_path: Path, files: dict[str, str | bytes], tests: list[str]) -> None:
    assert list(layout(tmp_path, {"pyproject.toml": "", **files}).tests) == tests


def test_python_files_are_all_of_them(tmp_path: Path) -> None:
    assert layout(tmp_path, dict.fromkeys(["a.py", "b/c.pyi", "d.txt", "e.pyx"], "")).python == ("a.py", "b/c.pyi")


def test_files_of_the_packages_weigh_most_and_tests_least(tmp_path: Path) -> None:
    files = ("src/sample/__init__.py", "src/sample/in/deep.py", "docs/conf.py", "setup.py", "tests/test_a.py")
    root = write_project(tmp_path, {"pyproject.toml": "[project]\nname = 'sample'\n", **dict.fromkeys(files, "")})
    assert facts.find(root).layout.by_weight() == (
        "src/sample/__init__.py", "src/sample/in/deep.py", "setup.py", "docs/conf.py", "tests/test_a.py",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("file", "held"),
    [
        ("src/p/a.py", True), ("src/p/deep/a.py", True), ("src/m.py", True), ("src/m.pyi", True),
        ("src/other/a.py", False), ("src/pp/a.py", False), ("p/a.py", False), ("src/m/a.txt", True),
        ("setup.py", False),
    ],
)  # fmt: skip
def test_which_files_packages_hold(file: str, held: bool) -> None:
    found = Layout(import_roots=("src",), packages=("m", "p"), tests=(), python=())
    assert found.packages_hold(file) is held
    flat = Layout(import_roots=(".",), packages=("m", "p"), tests=(), python=())
    assert flat.packages_hold(file.removeprefix("src/")) is (held or file == "p/a.py")


@pytest.mark.parametrize(
    ("tests", "roots", "files"),
    [
        (("checks",), ("src",), {"checks/a.py": True, "src/p/a.py": False, "x/tests/a.py": True, "checks.py": False}),
        (("src/p/test_a.py", "src/p/tests"), ("src",), {"src/p/test_a.py": True, "src/p/tests/b.py": True}),
        ((".",), ("src",), {"src/p/a.py": False, "src/p/a_test.py": True, "a.py": False, "conftest.py": True}),
        ((".",), (".",), {"p/a.py": False, "p/conftest.py": True}),
        (("src",), ("src",), {"src/p/a.py": False, "src/p/conftest.py": True}),
        (("lib",), ("lib/python",), {"lib/python/p/a.py": False}),
        (("p",), (".",), {"p/a.py": False, "p/test/a.py": True}),
        (("tests", "p/test_a.py"), (".",), {"tests/a.py": True, "p/test_a.py": True}),
    ],
)  # fmt: skip
def test_which_files_tests_hold(tests: tuple[str, ...], roots: tuple[str, ...], files: dict[str, bool]) -> None:
    found = Layout(import_roots=roots, packages=("p",), tests=tests, python=())
    assert {file: found.tests_hold(file) for file in files} == files
