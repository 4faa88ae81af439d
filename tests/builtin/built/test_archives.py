"""Archives are read as they are, and hostile ones are refused with one clause and no other exception."""

from __future__ import annotations

import bz2
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.built.archives.limits import Limits
from gates.builtin.built.archives.member import Unsafe
from gates.builtin.built.archives.names import escapes, shown
from gates.builtin.built.archives.reading import nested, read, read_bytes
from support.archives import Entry, gzipped, tarred, zipped

SMALL = Limits(packed=1024**2, member=64 * 1024, total=128 * 1024, members=20, ratio=200, free=32 * 1024)
FILES = [Entry("pkg/a.py", b"a = 1\n"), Entry("pkg/b.txt", b"b" * 300)]


def refused(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unsafe) as caught:
        read_bytes(data, limits=limits)
    return str(caught.value)


def outcome(data: bytes) -> str:
    """Why it is refused, "" where it is read; no other exception."""
    try:
        read_bytes(data, escaping="keep", name="x")
    except Unsafe as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (zipped(FILES), "zip"),
        (zipped(FILES, stream=True), "zip"),
        (zipped([Entry("a", b"x" * 500, method=zipfile.ZIP_BZIP2), Entry("b", b"y", method=0)]), "zip"),
        (tarred(FILES), "tar"),
        (tarred(FILES, form=tarfile.GNU_FORMAT), "tar"),
        (gzipped(tarred(FILES)), "tar.gz"),
        (bz2.compress(tarred(FILES)), "tar.bz2"),
        (lzma.compress(tarred(FILES)), "tar.xz"),
    ],
)
def test_reads_each_format(tmp_path: Path, data: bytes, form: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    archive = read(path)
    assert archive.format == form
    assert all(member.kind == "file" and stat.S_IMODE(member.mode) == 0o644 for member in archive.members)
    assert {member.mtime for member in archive.members} == {1600000000.0}
    if archive.members[0].name == "pkg/a.py":
        assert [member.content for member in archive.members] == [entry.content for entry in FILES]


def test_a_packed_file_that_is_no_tar_is_read_by_name_only() -> None:
    data = gzipped(b"words", name="words.txt")
    assert "neither" in refused(data)
    archive = read_bytes(data, name="data/words.txt.gz")
    assert [(member.name, member.content) for member in archive.members] == [("words.txt", b"words")]
    assert archive.around["gzip-mtime"] == "1600000000"
    assert "name words.txt" in archive.around["gzip-header"]


def test_two_gzip_streams_and_zeros_after_them_are_read() -> None:
    archive = read_bytes(gzipped(b"ab", mtime=1) + gzipped(b"cd", mtime=2) + bytes(7), name="x.gz")
    assert archive.members[0].content == b"abcd"
    assert (archive.around["gzip-streams"], archive.around["after"]) == ("2", "7 zero bytes")


@pytest.mark.parametrize(
    ("data", "clause"),
    [
        (b"", "is empty"),
        (b"hello", "neither"),
        (zipped([Entry("bomb", bytes(3 * 1024**2))]), "holds bomb, which is larger"),
        (zipped([Entry(f"b{n}", bytes(60_000)) for n in range(9)]), "made to exhaust"),
        (zipped([Entry(str(n)) for n in range(21)]), "more than 20 members"),
        (gzipped(tarred([Entry("bomb", bytes(3 * 1024**2))])), "made to exhaust"),
        (bz2.compress(bytes(50 * 1024**2)), "made to exhaust"),
        (lzma.compress(bytes(50 * 1024**2)), "made to exhaust"),
        (tarred([Entry("big", b"x" * 70_000)]), "larger"),
        (tarred([Entry(str(n)) for n in range(21)]), "more than 20 members"),
        (tarred([Entry("a", pax={"comment": "1" * 20_000})]), "extended header"),
        (bytes(1024**2 + 1), "larger than 1,048,576 bytes"),
    ],
)
def test_what_would_exhaust_a_machine_is_refused(data: bytes, clause: str) -> None:
    assert clause in refused(data, SMALL)


def test_a_member_that_says_it_is_small_is_not_unpacked_further() -> None:
    data = bytearray(zipped([Entry("bomb", bytes(10 * 1024**2))]))
    at = data.index(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    assert "more than its header says" in refused(bytes(data))


def test_overlapping_members_are_refused() -> None:
    data = bytearray(zipped([Entry("aa", b"same" * 50), Entry("ab", b"same" * 50)]))
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 1)
    data[second + 42 : second + 46] = bytes(4)
    data[second + 46 : second + 48] = b"aa"
    assert "overlap" in refused(bytes(data))


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/etc/a", "C:/a", "c:a", "..\\a", "\\a", "a/..\\..\\b"])
@pytest.mark.parametrize("make", [zipped, tarred])
def test_names_that_lead_out_are_refused_or_kept_and_named(make: Callable[[list[Entry]], bytes], name: str) -> None:
    data = make([Entry("fine"), Entry(name, b"x")])
    assert "outside of its folder" in refused(data)
    assert escapes(read_bytes(data, escaping="keep")) == (name,)


@pytest.mark.parametrize(
    ("entries", "leading"),
    [
        ([Entry("a", kind=tarfile.SYMTYPE, target="../x")], ("a",)),
        ([Entry("d/a", kind=tarfile.SYMTYPE, target="../x")], ()),
        ([Entry("a", kind=tarfile.SYMTYPE, target="/etc/passwd")], ("a",)),
        ([Entry("a", kind=tarfile.LNKTYPE, target="../x")], ("a",)),
        ([Entry("b"), Entry("a", kind=tarfile.LNKTYPE, target="b")], ()),
        (
            [Entry("p/up", kind=tarfile.SYMTYPE, target=".."), Entry("p/c", kind=tarfile.SYMTYPE, target="up/..")],
            ("p/c",),
        ),
        ([Entry("up", kind=tarfile.SYMTYPE, target="."), Entry("up/x")], ()),
        ([Entry("a", kind=tarfile.SYMTYPE, target="a")], ("a",)),
        ([Entry("tty", kind=tarfile.CHRTYPE)], ("tty",)),
        ([Entry("pipe", kind=tarfile.FIFOTYPE)], ("pipe",)),
    ],
)
def test_links_and_devices(entries: list[Entry], leading: tuple[str, ...]) -> None:
    data = tarred(entries)
    assert escapes(read_bytes(data, escaping="keep")) == leading
    if leading:
        assert shown(leading[0]) in refused(data)
    else:
        assert len(read_bytes(data).members) == len(entries)


def test_a_link_in_a_zip_that_leads_out_is_refused() -> None:
    assert "leads outside" in refused(zipped([Entry("a", b"/etc/passwd", mode=stat.S_IFLNK | 0o777)]))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("other", ["a/b", "a//b", "./a/b"])
def test_a_name_that_is_there_twice_is_refused(other: str) -> None:
    assert "twice" in refused(zipped([Entry("a/b", b"1"), Entry(other, b"2")]))
    assert "twice" in refused(tarred([Entry("a/b", b"1"), Entry(other, kind=tarfile.SYMTYPE, target="c")]))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_files_of_one_name_every_reader_of_a_tar_takes_the_last() -> None:
    assert [one.content for one in read_bytes(tarred([Entry("a", b"1"), Entry("a", b"2")])).members] == [b"1", b"2"]
    assert len(read_bytes(zipped([Entry("a", b"1"), Entry("a", b"1")])).members) == 2


def _flagged(data: bytes, bits: int) -> bytes:
    out = bytearray(data)
    for magic, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = out.index(magic) + at
        out[place : place + 2] = struct.pack("<H", struct.unpack_from("<H", out, place)[0] | bits)
    return bytes(out)


def test_encrypted_members_are_refused() -> None:
    assert refused(_flagged(zipped([Entry("secret", b"x")]), 1)) == "holds secret, which is encrypted"


@pytest.mark.parametrize(("old", "new"), [(b"pkg/a.py", b"pkg/c.py"), (b"a = 1\n", b"a = 2\n")])
def test_a_zip_that_says_two_things_is_refused(old: bytes, new: bytes) -> None:
    data = zipped([Entry("pkg/a.py", b"a = 1\n", method=0)])
    assert refused(data.replace(old, new, 1))


def test_a_name_in_an_extra_field_that_is_another_is_refused() -> None:
    name = b"../../evil"
    field = struct.pack("<BI", 1, zlib.crc32(b"fine")) + name
    data = zipped([Entry("fine", extra=struct.pack("<HH", 0x7075, len(field)) + field)])
    said = outcome(data)
    assert said == "" or "another name" in said


def test_other_compressions_are_refused() -> None:
    assert "not read (14)" in refused(zipped([Entry("a", b"x" * 99, method=zipfile.ZIP_LZMA)]))


def test_a_sparse_file_is_refused() -> None:
    data = bytearray(tarred([Entry("a", b"x")], form=tarfile.GNU_FORMAT))
    data[156:157] = tarfile.GNUTYPE_SPARSE
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    assert refused(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        zipped(FILES),
        zipped(FILES, stream=True, comment=b"end"),
        gzipped(tarred(FILES, world={"comment": "x"})),
        bz2.compress(tarred(FILES[:1])),
        lzma.compress(tarred(FILES[:1])),
    ],
    ids=["zip", "streamed", "gz", "bz2", "xz"],
)
def test_cut_off_anywhere_it_is_refused_or_the_same(data: bytes) -> None:
    whole = read_bytes(data)
    for size in range(len(data)):
        try:
            archive = read_bytes(data[:size])
        except Unsafe:
            continue
        assert archive.members == whole.members, size


def test_a_tar_cut_off_anywhere_is_refused_or_the_same() -> None:
    data = tarred([Entry("ä" * 60, b"x" * 600, mtime=1.5), Entry("b")])
    whole = read_bytes(data)
    for size in [*range(0, len(data), 37), *range(0, len(data), 512)]:
        try:
            archive = read_bytes(data[:size])
        except Unsafe:
            continue
        assert archive.members == whole.members, size


@settings(max_examples=300, deadline=None)
@given(
    data=st.sampled_from([zipped(FILES), tarred(FILES), gzipped(tarred(FILES)), tarred([Entry("é", mtime=1.5)])]),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_damaged_anywhere_it_is_read_or_refused(data: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    said = outcome(bytes(damaged))
    assert "\n" not in said
    assert len(said) < 400


@settings(max_examples=200, deadline=None)
@given(start=st.sampled_from([b"", b"PK\3\4", b"PK\5\6", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0"]), rest=st.binary())
def test_any_bytes_are_read_or_refused(start: bytes, rest: bytes) -> None:
    assert outcome(start + rest).isprintable()


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unsafe, match="cannot be read"):
        read(tmp_path / "absent")
    with pytest.raises(Unsafe, match="cannot be read"):
        read(tmp_path)
    big = tmp_path / "big"
    big.write_bytes(bytes(9))
    with pytest.raises(Unsafe, match="larger than 8 bytes"):
        read(big, limits=Limits(packed=8))


def test_archives_to_look_into_are_of_one_kind() -> None:
    kinds = [zipped(FILES), tarred(FILES), gzipped(b"x"), b"text", bytes(600)]
    assert [[nested(one, two) for two in kinds] for one in kinds] == [
        [place == other and place < 3 for other in range(5)] for place in range(5)
    ]


def test_names_are_shown_without_acting() -> None:
    assert shown("a\x1b[31m\n\u202eb\udce9ü") == "a\\x1b[31m\\n\\u202eb\\xe9ü"
    name = "a\x1b]0;\n::error::"
    assert "\x1b" not in refused(tarred([Entry(f"../{name}")])) + refused(
        tarred([Entry(name, b"1"), Entry(name, kind=tarfile.SYMTYPE, target="x")])
    )


def test_tars_with_what_follows_the_end_are_refused() -> None:
    assert refused(tarred(FILES) + b"x" * 512)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("make", [zipped, tarred])
def test_the_same_file_twice_is_read(make: Callable[[list[Entry]], bytes]) -> None:
    assert len(read_bytes(make([Entry("p/a", b"1"), Entry("p/a", b"1", mode=0o600)])).members) == 2


@pytest.mark.parametrize(
    ("at", "value"), [(8, 12), (14, 1), (26, 9), (28, 200)], ids=["method", "checksum", "name", "extra"]
)
def test_a_local_header_that_is_wrong_is_refused_or_named(at: int, value: int) -> None:
    data = bytearray(zipped([Entry("a", b"x" * 99, method=0)]))
    data[at] = value
    assert outcome(bytes(data)) or at == 14


def test_fields_that_no_reader_needs_are_kept() -> None:
    [member] = read_bytes(zipped([Entry("a", extra=b"\xfe\xca\0\0\xfe\xca\7")])).members
    assert (member.header["extra 0xcafe"], member.header["extra rest"]) == ("empty", "feca07")
    data = bytearray(zipped([Entry("a")]))
    data[4], data[6], data[10] = 10, 2, 7
    [member] = read_bytes(bytes(data)).members
    assert (member.header["needs version (local)"], member.header["flags (local)"]) == ("10", "0x0002")
    assert "time (local)" in member.header
    [device] = read_bytes(tarred([Entry("d", kind=tarfile.BLKTYPE)]), escaping="keep").members
    assert device.header["type"] == "'4'"


def test_padding_that_is_not_zero_is_kept() -> None:
    data = bytearray(tarred([Entry("a", b"x")], form=tarfile.USTAR_FORMAT))
    data[600:603] = b"abc"
    assert "padding" in read_bytes(bytes(data)).members[0].header


def test_streams_that_are_damaged_are_refused() -> None:
    packed = zipped([Entry("a", bytes(range(200)), method=zipfile.ZIP_BZIP2)])
    assert refused(packed.replace(b"BZh", b"BZz", 1)) == "is damaged or cut off"
    deflated = bytearray(zipped([Entry("a", b"x" * 99)]))
    deflated[31] = 0xFF
    assert refused(bytes(deflated))


def test_the_ratio_alone_is_a_limit_beyond_what_is_free() -> None:
    data = zipped([Entry("a", bytes(100_000))])
    assert "made to exhaust" in refused(data, Limits(free=1000, ratio=100))
    assert read_bytes(data, limits=Limits(free=100_000, ratio=100)).members
    assert read_bytes(data, limits=Limits(free=1000, ratio=1000)).members
