"""Lists of SHA-256 sums: what `sha256sum` writes is read, and nothing else."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.released import checksums, folder
from gates.builtin.released.checksums import Unreadable, parse

SUM = hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("option", ["--text", "--binary", "--tag"])
@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_what_sha256sum_writes_is_read(tmp_path: Path, option: str) -> None:
    names = ["a.whl", "b c.tar.gz", "back\\slash", "new\nline"]
    for name in names:
        (tmp_path / name).write_text(name)
    said = subprocess.run(["sha256sum", option, *names], cwd=tmp_path, capture_output=True, text=True, check=True)
    got = {one.name: one.sha256 for one in parse(said.stdout)}
    shown = [name.replace("\n", "\\n") for name in names]
    assert got == {name: hashlib.sha256(raw.encode()).hexdigest() for name, raw in zip(shown, names, strict=True)}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has no line"),
        ("\n\n", "has no line"),
        ("hello\n", "line 1 is not"),
        (f"{SUM}\n", "line 1 is not"),
        (f"{SUM} a\n", "line 1 is not"),
        (f"{SUM[:40]}  a\n", "line 1 is not"),
        (f"{SUM}  a\n{SUM[:-1]}x  b\n", "line 2 is not"),
        (f"MD5 (a) = {SUM}\n", "line 1 is not"),
    ],
)
def test_what_is_no_list(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        parse(text)


@given(st.text())
def test_any_text_is_a_list_or_is_refused(text: str) -> None:
    try:
        found = parse(text)
    except Unreadable:
        return
    assert found
    assert all(len(one.sha256) == 64 for one in found)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A folder with one artifact and its sum."""
    (tmp_path / "a.whl").write_bytes(b"")
    (tmp_path / "SHA256SUMS").write_text(f"{SUM}  a.whl\n")
    return tmp_path


def told(release: Path) -> str:
    """What is wrong with the lists in the folder."""
    part = checksums.check(folder.read(release, "dist"))
    return " | ".join(one.message for one in part.problems)


def test_one_sum_for_each_file(release: Path) -> None:
    assert told(release) == ""


def test_a_file_that_no_list_names(release: Path) -> None:
    (release / "a.cdx.json").write_text("{}")
    assert told(release) == "a.cdx.json is in no list of checksums"


def test_a_file_with_two_sums(release: Path) -> None:
    (release / "other.sha256").write_text(f"{SUM}  ./a.whl\n{'0' * 64}  a.whl\n")
    assert told(release) == "other.sha256:2 names a.whl for the second time, with another sum"


def test_a_list_that_leads_out_of_the_folder(release: Path) -> None:
    (release / "SHA256SUMS").write_text(f"{SUM}  ../a.whl\n")
    assert told(release) == "SHA256SUMS:1 names ../a.whl, which is not in dist | a.whl is in no list of checksums"


def test_a_list_that_is_not_text(release: Path) -> None:
    (release / "SHA256SUMS").write_bytes(b"\xff\xfe")
    assert told(release) == "SHA256SUMS is not UTF-8 | a.whl is in no list of checksums"
