"""The digest of names and contents: any change changes it, the newlines and the order of a checkout do not."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_vltair import contents, tree
from support.projects import write_project

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")

NAMES = st.text("abc/ü", min_size=1, max_size=6).map(
    lambda name: "/".join(part for part in name.split("/") if part) or "z"
)
TEXTS = st.text("ab\n\0", max_size=12)


def written(files: dict[str, bytes]) -> str:
    """The digest of a fresh tree of `files`."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        return tree.digest(Path(folder), files)


@pytest.mark.requirement("EVD-9")
@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from("abcde"), TEXTS, max_size=4))
def test_newlines_of_text_are_the_same_on_every_platform(files: dict[str, str]) -> None:
    unix = {name: text.replace("\0", "").encode() for name, text in files.items()}
    windows = {name: data.replace(b"\n", b"\r\n") for name, data in unix.items()}
    assert written(unix) == written(windows)


def test_bytes_of_binary_files_count_as_they_are() -> None:
    assert written({"a": b"\0\r\n"}) != written({"a": b"\0\n"})


@pytest.mark.requirement("EVD-9")
@settings(max_examples=60)
@given(
    st.dictionaries(st.sampled_from("abcd"), st.binary(max_size=6), min_size=1, max_size=3),
    st.dictionaries(st.sampled_from("abcd"), st.binary(max_size=6), min_size=1, max_size=3),
)
def test_two_trees_have_one_digest_only_if_they_are_the_same(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    def plain(files: dict[str, bytes]) -> dict[str, bytes]:
        return {name: data if b"\0" in data else data.replace(b"\r\n", b"\n") for name, data in files.items()}

    assert (written(one) == written(other)) == (plain(one) == plain(other))


@settings(max_examples=60)
@given(st.dictionaries(NAMES, st.binary(min_size=32, max_size=32), max_size=5), st.randoms())
def test_order_does_not_matter(digests: dict[str, bytes], random: object) -> None:
    items = list(digests.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    assert tree.combine(dict(items)) == tree.combine(digests)


@settings(max_examples=60)
@given(st.text("\r\n\0a", max_size=30).map(str.encode), st.integers(1, 7))
def test_large_files_are_digested_like_small_ones(data: bytes, chunk: int) -> None:
    before = contents.CHUNK
    try:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a").write_bytes(data)
            whole = contents.file_digest(folder, "a")
            contents.CHUNK = chunk
            assert contents.file_digest(folder, "a") == whole
    finally:
        contents.CHUNK = before


@pytest.mark.parametrize("shift", [-1, 0])
def test_a_carriage_return_on_the_edge_of_a_chunk(tmp_path: Path, shift: int) -> None:
    edge = b"x" * (contents.CHUNK + shift)
    write_project(tmp_path, {"a": edge + b"\r\n" + edge, "b": edge + b"\n" + edge, "c": edge + b"\r" + edge})
    digests = [contents.file_digest(str(tmp_path), name) for name in "abc"]
    assert digests[0] == digests[1] != digests[2]


def test_names_and_contents_cannot_be_confused(tmp_path: Path) -> None:
    write_project(tmp_path, {"a": "", "ab": "", "b": ""})
    assert tree.digest(tmp_path, ["a", "b"]) != tree.digest(tmp_path, ["ab"])
    one, other = b"x" * 32, b"y" * 32
    two_files = tree.combine({"a": one, "b": other})
    assert all(tree.combine({f"a{one.decode()}{number}:b": other}) != two_files for number in range(50))


def test_a_file_that_vanished_is_not_an_empty_one(tmp_path: Path) -> None:
    write_project(tmp_path, {"a": "", "file": ""})
    assert len({tree.digest(tmp_path, paths) for paths in (["a"], ["gone"], ["file/gone"], [])}) == 4
    gone = contents.file_digest(str(tmp_path), "gone")
    assert gone == contents.file_digest(str(tmp_path), "file/gone") != contents.file_digest(str(tmp_path), "a")


@posix
def test_the_executable_bit_counts_and_other_bits_do_not(tmp_path: Path) -> None:
    write_project(tmp_path, {"a": "x"})
    found = []
    for mode in (0o644, 0o600, 0o755):
        (tmp_path / "a").chmod(mode)
        found.append(tree.digest(tmp_path, ["a"]))
    assert found[0] == found[1] != found[2]


@posix
def test_a_link_is_its_target_s_name_and_content(tmp_path: Path) -> None:
    write_project(tmp_path, {"root/plain": "x", "one": "x", "two": "x"})
    root = tmp_path / "root"
    found = [tree.digest(root, ["plain"])]
    for target in ("../one", "../two", "nowhere", "..", "loop"):
        (root / "loop").unlink(missing_ok=True)
        (root / "loop").symlink_to(target)
        found.append(tree.digest(root, ["loop"]))
    (root / "loop").unlink()
    (root / "loop").symlink_to("../one")
    (tmp_path / "one").write_text("changed outside of the root")
    found.append(tree.digest(root, ["loop"]))
    assert len(set(found)) == len(found)


@posix
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    assert tree.digest(tmp_path, ["pipe", "link"])


def test_links_are_told_apart_where_the_system_cannot_refuse_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(tmp_path, {"a": "x"})
    (tmp_path / "link").symlink_to("a")
    usual = tree.digest(tmp_path, ["a", "link"])
    monkeypatch.setattr(contents, "_NOFOLLOW", 0)
    assert tree.digest(tmp_path, ["a", "link"]) == usual
