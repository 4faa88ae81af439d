"""Members: which folders are projects of a workspace, and what is refused because somebody would not be judged."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from gates.config import source
from gates.errors import ConfigError
from gates.project import facts
from gates.project.members import MembersError
from support.projects import write_project

UV = '[tool.uv.workspace]\nmembers = ["packages/*"]\n'
OWN = '[tool.gates]\nmembers = [\n  "apps/*",\n  "packages/*",\n]\n'


def wrong(root: Path, message: str) -> MembersError:
    with pytest.raises(MembersError, match=re.escape(message)) as raised:
        facts.find(root).members  # noqa: B018
    return raised.value


def test_a_folder_of_uvs_workspace_that_lost_its_pyproject_is_refused(tmp_path: Path) -> None:
    """uv refuses it too; left out, a member whose file is deleted would not be judged, and nobody would be told."""
    write_project(tmp_path, {"pyproject.toml": UV, "packages/a/pyproject.toml": "", "packages/b/b.py": ""})
    error = wrong(tmp_path, "packages/b is a member by 'packages/*' and has no pyproject.toml; write one, or name")
    assert (error.path, error.keys) == ("pyproject.toml", ("tool", "uv", "workspace", "members", 0))
    write_project(tmp_path, {"pyproject.toml": UV + 'exclude = ["packages/b"]\n'})
    assert facts.find(tmp_path).members == ("packages/a",)


def test_hidden_folders_and_the_root_are_no_members_for_uv(tmp_path: Path) -> None:
    files = {"pyproject.toml": UV.replace('"packages/*"', '".", "packages/*"'), "packages/.hidden/x.py": ""}
    assert facts.find(write_project(tmp_path, files)).members == ()


def test_a_glob_without_a_project_is_refused_with_its_line(tmp_path: Path) -> None:
    write_project(tmp_path, {"pyproject.toml": OWN, "packages/a/pyproject.toml": ""})
    error = wrong(tmp_path, "members: 'apps/*' matches no folder with one of pyproject.toml")
    assert source.read(tmp_path).line(*error.keys[2:]) == 3


def test_a_folder_that_uv_is_told_by_name_must_be_there(tmp_path: Path) -> None:
    text = UV.replace('"packages/*"', '"packages/*", "./apps/a/"')
    write_project(tmp_path, {"pyproject.toml": text, "packages/a/pyproject.toml": ""})
    error = wrong(tmp_path, "members: './apps/a/' is not there")
    assert error.keys[-1] == 1
    write_project(tmp_path, {"apps/a/pyproject.toml": ""})
    assert facts.find(tmp_path).members == ("apps/a", "packages/a")


def test_a_glob_of_uvs_that_gates_reads_otherwise_is_refused(tmp_path: Path) -> None:
    write_project(tmp_path, {"pyproject.toml": UV.replace("*", "[ab]"), "packages/a/pyproject.toml": ""})
    wrong(tmp_path, "members: gates does not read the brackets of 'packages/[ab]'; name its folders one by one")


def test_a_glob_that_only_takes_away_leaves_all_others(tmp_path: Path) -> None:
    files = {"gates.toml": 'members = ["!b"]\n', "a/setup.py": "", "b/setup.py": "", "c/d/setup.py": ""}
    assert facts.find(write_project(tmp_path, files)).members == ("a", "c/d")


@pytest.mark.parametrize("text", [UV, OWN.replace('  "apps/*",\n', "")])
@pytest.mark.parametrize("inside", [True, False])
def test_a_link_is_refused(tmp_path: Path, text: str, inside: bool) -> None:
    root = write_project(tmp_path / "root", {"pyproject.toml": text, "packages/a/pyproject.toml": ""})
    elsewhere = write_project(root / "other" if inside else tmp_path / "other", {"pyproject.toml": ""})
    try:
        (root / "packages/b").symlink_to(os.path.relpath(elsewhere, root / "packages"), target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    wrong(root, "members: packages/b, which 'packages/*' matches, is reached by a link; name the folder itself, or")


def test_a_member_inside_a_member_is_one_of_its_own(tmp_path: Path) -> None:
    text = '[tool.gates]\nmembers = ["packages/*", "packages/*/plugins/*"]\n'
    files = {"pyproject.toml": text, "packages/a/pyproject.toml": "", "packages/a/plugins/x/pyproject.toml": ""}
    assert facts.find(write_project(tmp_path, files)).members == ("packages/a", "packages/a/plugins/x")


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"pyproject.toml": UV}, ("pyproject.toml", ("tool", "uv", "workspace", "members"))),
        ({"pyproject.toml": OWN}, ("pyproject.toml", ("tool", "gates", "members"))),
        ({"pyproject.toml": "", "gates.toml": "members = ['x']\n"}, ("gates.toml", ("members",))),
    ],
)
def test_a_project_says_that_it_declares_members(tmp_path: Path, files: dict[str, str], place: object) -> None:
    nested = facts.find(write_project(tmp_path, files)).nested
    assert isinstance(nested, ConfigError)
    assert (nested.path, nested.keys) == place


def test_what_is_the_roots_own_is_in_no_member(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": UV,
        "packages/a/pyproject.toml": "",
        "packages/a/tests/test_a.py": "",
        "packages/a/src/a/__init__.py": "",
    }
    root = write_project(tmp_path, files)
    own = facts.find(root).own
    assert (own.packages, own.tests) == ((), ())
    assert facts.find(root).layout.tests == ("packages/a/tests",)
    write_project(root, {"src/whole/__init__.py": "", "tests/test_whole.py": ""})
    own = facts.find(root).own
    assert (own.packages, own.tests) == (("whole",), ("tests",))
    lone = facts.find(root / "packages/a")
    assert lone.own is lone.layout
    assert lone.nested is None


@pytest.mark.parametrize("text", [UV, OWN.replace('  "apps/*",\n', "")])
def test_a_submodule_that_is_not_checked_out_is_passed_over_by_nobody(tmp_path: Path, text: str) -> None:
    """A checkout without its submodules has an empty folder in the place of a member."""
    modules = '[submodule "b"]\n\tpath = packages/b\n\turl = https://example.com/b\n'
    files = {"pyproject.toml": text, "packages/a/pyproject.toml": "", ".gitmodules": modules}
    root = write_project(tmp_path, files)
    (root / "packages/b").mkdir()
    error = facts.find(root).passed_over
    assert error is not None
    assert "packages/b, which 'packages/*' matches, is a submodule that is not checked out" in error.message
    assert error.keys[-1] == 0
    write_project(root, {"packages/b/pyproject.toml": ""})
    assert facts.find(root).passed_over is None


def test_submodules_are_found_from_a_folder_of_the_repository(tmp_path: Path) -> None:
    modules = '[submodule "b"]\n\tpath = "sub/packages/b b"\n[submodule "c"]\n\tpath = other/packages/c\n'
    write_project(tmp_path, {".gitmodules": modules, ".git/HEAD": "", "sub/pyproject.toml": UV})
    error = facts.find(tmp_path / "sub").passed_over
    assert error is not None
    assert "packages/b b, which" in error.message


def test_a_project_in_a_folder_that_is_left_out_is_passed_over_by_nobody(tmp_path: Path) -> None:
    files = {"pyproject.toml": UV, "packages/a/pyproject.toml": "", "packages/node_modules/pyproject.toml": ""}
    root = write_project(tmp_path, files)
    error = facts.find(root).passed_over
    assert error is not None
    assert "packages/node_modules, which 'packages/*' matches, is left out of the project's files" in error.message
    write_project(root, {"pyproject.toml": UV + 'exclude = ["packages/node_modules"]\n'})
    assert facts.find(root).passed_over is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.uv]\nworkspace = 3\n", "tool.uv.workspace must be a table"),
        ('[tool.uv.workspace]\nmembers = "packages/*"\n', "tool.uv.workspace.members must be a list of strings"),
        ('[tool.uv.workspace]\nmembers = ["a", 3]\n', "tool.uv.workspace.members must be a list of strings"),
        ('[tool.uv.workspace]\nexclude = "a"\n', "tool.uv.workspace.exclude must be a list of strings"),
    ],
)
def test_what_uv_cannot_read_is_no_project_without_members(tmp_path: Path, text: str, message: str) -> None:
    wrong(write_project(tmp_path, {"pyproject.toml": text, "packages/a/pyproject.toml": ""}), message)
