from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gates.config.file_edit import FileEdit
from gates.errors import OutputError


def test_a_diff_that_git_applies(tmp_path: Path) -> None:
    edits = [
        FileEdit(tmp_path, "pyproject.toml", b"a = 1\n\xc3\xa9 = 2", b"a = 1\nb = 3\n\xc3\xa9 = 2"),
        FileEdit(tmp_path, "new/x.toml", None, b"x\n"),
    ]
    (tmp_path / "pyproject.toml").write_bytes(b"a = 1\n\xc3\xa9 = 2")
    (tmp_path / "the.patch").write_text("".join(edit.diff() for edit in edits), encoding="utf-8", newline="")
    subprocess.run(["git", "apply", "--no-index", "the.patch"], cwd=tmp_path, check=True)
    for edit in edits:
        assert (tmp_path / edit.name).read_bytes() == edit.after
    assert not FileEdit(tmp_path, "a", b"x", b"x").changes
    assert FileEdit(tmp_path, "a", b"x", b"x").diff() == ""


def test_a_file_is_replaced_with_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"1")
    path.chmod(0o640)
    FileEdit(tmp_path, "a.toml", b"1", b"2").write()
    FileEdit(tmp_path, "deep/b.toml", None, b"3").write()
    assert (path.read_bytes(), (tmp_path / "deep" / "b.toml").read_bytes()) == (b"2", b"3")
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.toml", "deep"], "nothing is left beside it"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_bytes(b"1")
    try:
        (tmp_path / "a.toml").symlink_to("real.toml")
    except OSError:
        pytest.skip("no symbolic links here")
    FileEdit(tmp_path, "a.toml", b"1", b"2").write()
    assert (tmp_path / "a.toml").is_symlink()
    assert (tmp_path / "real.toml").read_bytes() == b"2"


@pytest.mark.parametrize("before", [None, b"0"])
def test_a_file_that_changed_in_between_is_left_alone(tmp_path: Path, before: bytes | None) -> None:
    (tmp_path / "a.toml").write_bytes(b"theirs")
    with pytest.raises(OutputError, match=r"a\.toml was changed by someone else in between"):
        FileEdit(tmp_path, "a.toml", before, b"ours").write()
    assert (tmp_path / "a.toml").read_bytes() == b"theirs"
    with pytest.raises(OutputError, match="changed by someone else"):
        FileEdit(tmp_path, "gone.toml", b"0", b"ours").write()
    assert not (tmp_path / "gone.toml").exists()


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"^file/a\.toml cannot be (written|read): "):
        FileEdit(tmp_path, "file/a.toml", None, b"x").write()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match=r"^folder cannot be read: "):
        FileEdit(tmp_path, "folder", b"", b"x").write()
