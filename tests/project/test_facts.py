"""Which project is judged, and bad input in the place of its configuration."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gates.errors import ConfigError, GatesError, ProjectError
from gates.project import facts
from support.projects import write_project
from support.repositories import make_repository
from support.unprivileged import public_folder, unprivileged

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")
GATES = "[tool.gates]\nselect = []\n"


@pytest.mark.parametrize(
    ("files", "start", "root"),
    [
        ({"pyproject.toml": GATES, "a/pyproject.toml": "", "a/b/x.py": ""}, "a/b", "a"),
        ({"gates.toml": "", "a/setup.py": "", "a/b/x.py": ""}, "a/b", "a"),
        ({"gates.toml": "", "a/b/x.py": ""}, "a/b", ""),
        ({"gates.toml": "", "a/gates.toml": "", "a/b/x.py": ""}, "a/b", "a"),
        ({"pyproject.toml": "", "a/setup.cfg": "", "a/b/x.py": ""}, "a/b", "a"),
        ({"pyproject.toml": "", "a/b/x.py": ""}, "a/b", ""),
        ({"pyproject.toml": "[tool.other]\nname = 'gates'\n", "a/pyproject.toml": "", "a/x.py": ""}, "a", "a"),
        ({"a/b/x.py": ""}, "a/b", "a/b"),
    ],
)
def test_the_root_is_found_upward(tmp_path: Path, files: dict[str, str], start: str, root: str) -> None:
    write_project(tmp_path, files)
    assert facts.find(tmp_path / start).root == tmp_path / root


def test_the_top_of_the_work_tree_is_the_root_of_a_project_without_configuration(tmp_path: Path) -> None:
    make_repository(tmp_path, {"a/b/x.py": ""})
    assert facts.find(tmp_path / "a/b").root == tmp_path


def test_nothing_above_the_work_tree_counts(tmp_path: Path) -> None:
    write_project(tmp_path, {"gates.toml": "", "pyproject.toml": GATES})
    make_repository(tmp_path / "inner", {"a/x.py": ""})
    assert facts.find(tmp_path / "inner/a").root == tmp_path / "inner"


@posix
def test_the_root_is_where_links_lead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path / "real", {"pyproject.toml": ""})
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "real")
    assert facts.find(tmp_path / "link").root == facts.find(Path()).root == tmp_path / "real"


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"pyproject.toml": "[project]\nname = 'One'\n[tool.poetry]\nname = 'two'\n"}, "One"),
        ({"pyproject.toml": "[tool.poetry]\nname = 'two'\n"}, "two"),
        ({"pyproject.toml": "[tool.flit.metadata]\nmodule = 'three'\n"}, "three"),
        ({"pyproject.toml": "[build-system]\n", "setup.cfg": "[metadata]\nname = four\n"}, "four"),
        ({"setup.cfg": "[metadata]\nname = four\n"}, "four"),
        ({"setup.cfg": "[metadata]\nname = attr: x.y\n"}, "folder"),
        ({"setup.cfg": "no section\n"}, "folder"),
        ({"pyproject.toml": "[project]\nname = 1\n"}, "folder"),
        ({"pyproject.toml": "project = 1\ntool = 2\n"}, "folder"),
        ({"setup.py": ""}, "folder"),
    ],
)
def test_the_name_is_what_the_project_calls_itself(tmp_path: Path, files: dict[str, str], name: str) -> None:
    assert facts.find(write_project(tmp_path / "folder", files)).name == name


def test_every_fact_is_found(tmp_path: Path) -> None:
    project = facts.find(make_repository(tmp_path))
    assert project.name == "sample"
    assert project.pyproject["project"]["version"] == "1.0"
    assert project.tree.files == ("pyproject.toml", "src/sample/__init__.py", "tests/test_sample.py")
    assert project.layout.packages == ("sample",)
    assert project.git is not None
    assert project.git.branch == "main"
    assert project.members == ()
    assert project.tree is project.tree
    assert project.git is project.git


@pytest.mark.parametrize(
    ("content", "line", "sentence"),
    [
        (b"[project]\nname = 'a'\n\0\1\2", 3, "pyproject.toml is a binary file: it has a zero byte"),
        (b"[project]\nname = '\xff'\n", 2, "pyproject.toml is not UTF-8: byte 0xff on this line"),
        (b"[project]\nname = \n", 2, "pyproject.toml is not valid TOML: invalid value"),
        (b"[project]\nname = 'a", 2, 'pyproject.toml is not valid TOML: expected "\'"'),
        (b"a = [\n\n", 1, "pyproject.toml is not valid TOML: "),
        (b"a = " + b"[" * 100_000, None, "pyproject.toml nests its values too deeply to be read"),
        (b"a = " + b"1" * 5000, None, "pyproject.toml is not valid TOML: exceeds the limit"),
        (b"x" * (10 * 1024 * 1024), None, "pyproject.toml is larger than 2 MiB, which no configuration is"),
    ],
)
def test_a_broken_pyproject_is_one_sentence_with_its_place(
    tmp_path: Path, content: bytes, line: int | None, sentence: str
) -> None:
    write_project(tmp_path, {"pyproject.toml": content})
    with pytest.raises(ConfigError) as caught:
        facts.find(tmp_path)
    assert (caught.value.path, caught.value.line) == ("pyproject.toml", line)
    assert caught.value.message.startswith(sentence)
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    write_project(tmp_path, {"pyproject.toml": b"\xef\xbb\xbf[project]\r\nname = 'a'\r\n"})
    assert facts.find(tmp_path).name == "a"


def test_a_broken_file_above_is_named_from_where_the_user_is(tmp_path: Path) -> None:
    write_project(tmp_path, {"pyproject.toml": "[tool.gates", "a/x.py": ""})
    with pytest.raises(ConfigError) as caught:
        facts.find(tmp_path / "a")
    assert caught.value.path == "../pyproject.toml"


@posix
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.mkdir(), "pyproject.toml is not a file"),
        (os.mkfifo, "pyproject.toml is not a file"),
        (lambda path: path.symlink_to("nowhere"), "pyproject.toml is a link to a file that does not exist"),
    ],
)
def test_what_is_no_file_is_not_read(tmp_path: Path, make: object, sentence: str) -> None:
    make(tmp_path / "pyproject.toml")  # type: ignore[operator]
    with pytest.raises(ConfigError, match=f"^pyproject.toml: {sentence}$"):
        facts.find(tmp_path)


@posix
@pytest.mark.parametrize("name", ["gone", "file", "loop"])
def test_a_start_that_is_no_folder_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ProjectError, match=r"is not there or cannot be entered|is not a folder"):
        facts.find(tmp_path / name)


@posix
@pytest.mark.unprivileged
def test_a_pyproject_that_may_not_be_read_is_one_sentence() -> None:
    with public_folder() as root:
        write_project(root, {"pyproject.toml": ""})
        (root / "pyproject.toml").chmod(0)
        with (
            unprivileged(),
            pytest.raises(ProjectError, match=r"^pyproject\.toml: pyproject\.toml cannot be read: Permission denied$"),
        ):
            facts.find(root)


@posix
@pytest.mark.unprivileged
def test_a_folder_that_may_not_be_read_is_one_sentence() -> None:
    with public_folder() as root:
        write_project(root, {"pyproject.toml": "", "data/x": ""})
        (root / "data").chmod(0)
        with unprivileged(), pytest.raises(GatesError, match=r"^data: it cannot be read: Permission denied$"):
            facts.find(root).tree  # noqa: B018


@pytest.mark.requirement("PLN-5")
def test_finding_a_project_changes_nothing_and_starts_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_repository(tmp_path)

    def refuse(*_args: object, **_keywords: object) -> None:
        raise AssertionError("a process was started")

    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    monkeypatch.setattr(subprocess, "run", refuse)
    assert facts.find(tmp_path).name == "sample"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


UV = """
    [tool.uv.workspace]
    members = ["packages/*", "./apps/*/"]
    exclude = ["packages/old", "packages/none", "packages/b/"]
"""


@pytest.mark.parametrize(
    ("files", "members"),
    [
        ({"pyproject.toml": UV}, ("apps/c", "packages/a")),
        ({"pyproject.toml": "[tool.gates]\nmembers = ['packages/*']\n"}, ("packages/a", "packages/b", "packages/old")),
        (
            {"pyproject.toml": "[tool.gates]\nmembers = ['**', '!**/old']\n"},
            ("apps/c", "packages/a", "packages/b"),
        ),
        ({"pyproject.toml": UV, "gates.toml": "members = ['apps/c']\n"}, ("apps/c",)),
        ({"pyproject.toml": ""}, ()),
        ({"pyproject.toml": "[tool.uv.workspace]\nmembers = ['nothing/*']\n"}, ()),
    ],
)
def test_members_of_a_workspace(tmp_path: Path, files: dict[str, str], members: tuple[str, ...]) -> None:
    others = {
        "packages/a/pyproject.toml": "",
        "packages/b/setup.py": "",
        "packages/old/pyproject.toml": "",
        "packages/none/x.py": "",
        "apps/c/pyproject.toml": "",
    }
    assert facts.find(write_project(tmp_path, {**others, **files})).members == members


def test_members_that_match_nothing_are_an_error(tmp_path: Path) -> None:
    write_project(tmp_path, {"gates.toml": "members = ['pakages/*']\n", "packages/a/pyproject.toml": ""})
    with pytest.raises(ConfigError, match=r"^gates\.toml: members: 'pakages/\*' matches no folder with"):
        facts.find(tmp_path).members  # noqa: B018
