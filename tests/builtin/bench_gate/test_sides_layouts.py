"""Sides of projects of any layout: what is the product of each, and what are tests that lie in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.repositories import commit_all, git, make_repository
from support.sided import changed, files, imported, made, refused

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")
PYPROJECT = '[project]\nname = "pkg"\nversion = "1"\n'
OLD, NEW = {"pyproject.toml": PYPROJECT, "pkg/__init__.py": "VALUE = 1\n"}, {"pkg/__init__.py": "VALUE = 2\n"}


def test_a_product_that_moved_is_where_base_had_it(tmp_path: Path) -> None:
    moved = {"pkg/__init__.py": None, "src/pkg/__init__.py": "VALUE = 2\n", "src/other/__init__.py": ""}
    root = changed(tmp_path / "project", {**OLD, "gone/__init__.py": ""}, {**moved, "gone/__init__.py": None})
    with made(root) as sides:
        base, head = (sides.side(name, swapped=True) for name in ("base", "head"))
        assert files(base.folder) == ["gone/__init__.py", "pkg/__init__.py", "pyproject.toml"]
        assert files(head.folder) == ["pyproject.toml", "src/other/__init__.py", "src/pkg/__init__.py"]
        assert imported(base, "pkg", "gone", "other") == {
            "pkg": (1, str(base.folder / "pkg/__init__.py")),
            "gone": (None, str(base.folder / "gone/__init__.py")),
            "other": ("ModuleNotFoundError: No module named 'other'", None),
        }
        assert imported(head, "pkg")["pkg"] == (2, str(head.folder / "src/pkg/__init__.py"))
        assert (sides.modules["base"], sides.modules["head"]) == (("gone", "pkg"), ("other", "pkg"))


def test_tests_and_benchmarks_inside_of_the_package_are_those_of_head(tmp_path: Path) -> None:
    inside = ("tests/test_a.py", "tests/data.json", "conftest.py", "bench_b.py", "benchmarks/bench_c.py")
    more = {"benchmarks/helper.py": "old", "test/client.py": "old", "tests/gone.py": ""}
    old = {
        **OLD,
        "pyproject.toml": PYPROJECT + '[tool.pytest.ini_options]\npython_files = ["test_*.py", "bench_*.py"]\n',
    }
    root = changed(
        tmp_path / "project",
        {**old, **{f"pkg/{name}": "old" for name in inside}, **{f"pkg/{name}": text for name, text in more.items()}},
        {**{f"pkg/{name}": "new" for name in (*inside, *more)}, "pkg/tests/gone.py": None},
    )
    with made(root) as sides:
        base = sides.side("base", swapped=False).folder / "pkg"
        assert {name: (base / name).read_text() for name in inside} == dict.fromkeys(inside, "new")
        # Nothing in `test` is called as pytest's files are: that one is the product's.
        assert ((base / "benchmarks/helper.py").read_text(), (base / "test/client.py").read_text()) == ("new", "old")
        assert not (base / "tests/gone.py").exists()
        assert sides.original is not None
        assert (sides.original.folder / "pkg/tests/gone.py").is_file()
        assert (sides.original.folder / "pkg/conftest.py").read_text() == "old"


def test_a_pattern_of_all_files_makes_no_product_a_test(tmp_path: Path) -> None:
    asking = '[tool.pytest.ini_options]\npython_files = ["*.py"]\ntestpaths = ["pkg"]\n'
    root = changed(tmp_path / "project", {**OLD, "pyproject.toml": PYPROJECT + asking}, NEW)
    with made(root) as sides:
        assert imported(sides.side("base", swapped=False), "pkg")["pkg"][0] == 1


def test_of_a_namespace_only_what_is_in_it_is_imported(tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    for name in ("one", "third"):
        (installed / "acme" / name).mkdir(parents=True)
        (installed / "acme" / name / "__init__.py").write_text("VALUE = 'installed'\n")
    pyproject = '[project]\nname = "acme-one"\nversion = "1"\n'
    root = changed(
        tmp_path / "project",
        {"pyproject.toml": pyproject, "src/acme/one/__init__.py": "VALUE = 1\n"},
        {"src/acme/one/__init__.py": "VALUE = 2\n", "src/acme/two/__init__.py": "VALUE = 2\n"},
    )
    environ = {"PYTHONPATH": os.pathsep.join([str(installed), str(root / "src")])}
    with made(root, environ=environ) as sides:
        assert sides.modules["head"] == ("acme.one", "acme.two")
        base, head = (sides.side(name, swapped=False) for name in ("base", "head"))
        assert [value for value, _ in imported(head, "acme.one", "acme.two", "acme.third").values()] == [
            2,
            2,
            "installed",
        ]
        found = imported(base, "acme.one", "acme.two", "acme.third")
        assert [value for value, _ in found.values()] == [
            1,
            "ModuleNotFoundError: No module named 'acme.two'",
            "installed",
        ]


def test_what_pythonpath_has_of_the_project_leads_into_the_side(tmp_path: Path) -> None:
    root = changed(
        tmp_path / "project", {**OLD, "lib/helper.py": "VALUE = 1\n"}, {**NEW, "lib/helper.py": "VALUE = 2\n"}
    )
    with made(root, environ={"PYTHONPATH": os.pathsep.join(["lib", "", str(root), str(tmp_path)])}) as sides:
        base = sides.side("base", swapped=False)
        paths = base.env["PYTHONPATH"].split(os.pathsep)
        assert [one for one in paths if Path(one).name != "none"] == [
            str(base.folder), str(base.folder / "lib"), str(tmp_path)
        ]  # fmt: skip
        assert imported(base, "helper")["helper"] == (1, str(base.folder / "lib/helper.py"))


def test_generated_files_that_git_ignores_are_on_both_sides(tmp_path: Path) -> None:
    old = {**OLD, ".gitignore": "_version.py\n*.bin\n*.so\nbuilt.py\n", "built.py": "", "pkg/model.bin": "base"}
    root = make_repository(tmp_path / "project", {**old, "pkg/__init__.py": "from pkg._version import VALUE\n"})
    git(root, "add", "--force", "pkg/model.bin")
    commit_all(root)
    git(root, "rm", "--quiet", "--cached", "pkg/model.bin")
    git(root, "mv", "pkg", "other")
    git(root, "mv", "other", "src/pkg") if (root / "src").is_dir() else None
    commit_all(root)
    (root / "src").mkdir()
    (root / "other").rename(root / "src/pkg")
    commit_all(root)
    (root / "src/pkg/_version.py").write_text("VALUE = 3\n")
    (root / "src/pkg/model.bin").write_text("head")
    (root / "src/pkg/__pycache__").mkdir()
    (root / "src/pkg/__pycache__/x.bin").write_text("")
    with made(root, "HEAD~2") as sides:
        base, head = (sides.side(name, swapped=False) for name in ("base", "head"))
        assert imported(base, "pkg")["pkg"][0] == imported(head, "pkg")["pkg"][0] == 3
        assert (base.folder / "pkg/model.bin").read_text() == "base"
        assert (head.folder / "src/pkg/model.bin").read_text() == "head"
        assert not (head.folder / "src/pkg/__pycache__/x.bin").exists()
        assert sides.notes == ("base has these generated files from the work tree, which git ignores: pkg/_version.py",)
        assert sides.original is not None
        assert imported(sides.original, "pkg")["pkg"][0] == 3


def test_a_project_below_the_top_has_what_is_above_it(tmp_path: Path) -> None:
    top = changed(
        tmp_path / "top",
        {"conftest.py": "", "sub/pyproject.toml": PYPROJECT, "sub/pkg/__init__.py": "VALUE = 1\n", "other/a.py": ""},
        {"sub/pkg/__init__.py": "VALUE = 2\n"},
    )
    with made(top / "sub") as sides:
        base = sides.side("base", swapped=False)
        assert base.folder.name == "sub"
        assert files(base.folder.parent) == ["conftest.py", "sub/pkg/__init__.py", "sub/pyproject.toml"]
        assert imported(base, "pkg")["pkg"] == (1, str(base.folder / "pkg/__init__.py"))


@posix
def test_what_a_link_leads_to_elsewhere_in_the_repository_is_on_both_sides(tmp_path: Path) -> None:
    top = make_repository(
        tmp_path / "top",
        {
            "shared/value.py": "VALUE = 1\n",
            "sub/pyproject.toml": PYPROJECT,
            "sub/pkg/__init__.py": "from pkg.shared.value import VALUE\n",
        },
    )
    (top / "sub/pkg/shared").symlink_to("../../shared")
    commit_all(top)
    (top / "shared/value.py").write_text("VALUE = 2\n")
    commit_all(top)
    with made(top / "sub") as sides:
        values = {one: imported(sides.side(one, swapped=False), "pkg")["pkg"][0] for one in sides.names}
        assert values == {"base": 1, "head": 2, "control": 1}


def test_without_base_there_is_head_alone(tmp_path: Path) -> None:
    root = changed(tmp_path / "project", OLD, NEW)
    with made(root, None) as sides:
        assert (sides.names, sides.original) == (("head",), None)
        for swapped in (True, False):
            assert imported(sides.side("head", swapped=swapped), "pkg")["pkg"][0] == 2


def test_a_base_without_the_project_or_its_packages_is_refused(tmp_path: Path) -> None:
    top = make_repository(tmp_path / "top", {"a.txt": ""})
    (top / "sub/pkg").mkdir(parents=True)
    (top / "sub/pyproject.toml").write_text(PYPROJECT)
    commit_all(top)
    (top / "sub/pkg/__init__.py").write_text("")
    commit_all(top)
    for base, why in (
        ("HEAD~2", "has no folder sub"),
        ("HEAD~1", "base has no package of head (pkg); its packages: none"),
    ):
        reason = refused(top / "sub", base)
        assert reason.code == "no_base"
        assert why in reason.message
    other = make_repository(tmp_path / "other", {"readme.txt": ""}, commits=2)
    assert refused(other).code == "nothing_examined"


@posix
def test_strange_files_are_what_they_were(tmp_path: Path) -> None:
    root = changed(tmp_path / "project", {**OLD, "data/real.txt": "x"}, NEW)
    (root / "pkg/link.txt").symlink_to("../data/real.txt")
    (root / "pkg/__init__.py").chmod(0o444)
    odd = os.fsdecode(b"data/\xff.txt")
    (root / odd).write_text("odd")
    commit_all(root)
    (root / "pkg/broken").symlink_to("nowhere")
    with made(root, "HEAD~1") as sides:
        for name in ("base", "head", "control"):
            folder = sides.side(name, swapped=False).folder
            assert (folder / odd).read_text() == "odd"
            assert os.access(folder / "pkg/__init__.py", os.W_OK)
        head = sides.side("head", swapped=False).folder
        assert (head / "pkg/link.txt").resolve() == head / "data/real.txt"
        assert not (sides.side("base", swapped=False).folder / "pkg/link.txt").exists()
