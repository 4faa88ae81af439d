"""What differs is named by member and attribute, all of it, and nothing else."""

from __future__ import annotations

import random
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.built.archives.member import Unsafe
from gates.builtin.repro.explaining.compared import Change, changes
from support.archives import Entry, gzipped, pair, tarred, zipped

NAMES = st.lists(
    st.text("abcdé", min_size=1, max_size=6).map(lambda name: f"pkg/{name}.py"), min_size=3, max_size=6, unique=True
)
SYMLINK = tarfile.SYMTYPE


def compared(first: bytes, second: bytes, name: str = "pkg-1.0.bin") -> tuple[Change, ...]:
    with tempfile.TemporaryDirectory() as folder:
        return changes(*pair(Path(folder), first, second, name))


def packed(entries: list[Entry]) -> bytes:
    return gzipped(tarred(entries))


def keys(first: bytes, second: bytes) -> list[tuple[str, str]]:
    return [change.key for change in compared(first, second)]


ZIP_CHANGES: dict[str, dict[str, Any]] = {
    "content": {"content": b"other"},
    "mode": {"mode": 0o100600},
    "mtime": {"time": (2021, 1, 1, 0, 0, 0)},
    "header": {"system": 0},
    "type": {"mode": 0o120777, "content": b"somewhere"},
}
HEADERS: list[dict[str, Any]] = [
    {"dos": 0x20}, {"internal": 1}, {"extra": b"\xfe\xca\1\0x"}, {"comment": b"c"}, {"version": 30}, {"method": 0},
]  # fmt: skip
TAR_CHANGES: dict[str, dict[str, Any]] = {
    "content": {"content": b"other"},
    "mode": {"mode": 0o600},
    "mtime": {"mtime": 1600000001},
    "owner": {"uname": "runner"},
    "type": {"kind": SYMLINK, "target": "x"},
    "pax": {"pax": {"comment": "x"}},
}


@settings(max_examples=80, deadline=None)
@given(names=NAMES, place=st.integers(0, 99), attribute=st.sampled_from(sorted(ZIP_CHANGES)))
def test_one_change_in_a_zip_is_named_alone(names: list[str], place: int, attribute: str) -> None:
    first = [Entry(name, name.encode() * 30) for name in names]
    place %= len(first)
    second = [*first]
    second[place] = replace(first[place], **ZIP_CHANGES[attribute])
    assert keys(zipped(first), zipped(second)) == [(names[place], attribute)]
    assert compared(zipped(first), zipped(first)) == ()


@pytest.mark.parametrize("fields", HEADERS, ids=str)
def test_each_header_field_of_a_zip_is_seen(fields: dict[str, Any]) -> None:
    first = [Entry("a", b"x" * 99), Entry("b", b"y" * 99)]
    assert keys(zipped(first), zipped([first[0], replace(first[1], **fields)])) == [("b", "header")]


@settings(max_examples=80, deadline=None)
@given(
    names=NAMES,
    place=st.integers(0, 99),
    attribute=st.sampled_from(sorted(TAR_CHANGES)),
    form=st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
)
def test_one_change_in_a_tar_is_named_alone(names: list[str], place: int, attribute: str, form: int) -> None:
    if attribute == "pax":
        form = tarfile.PAX_FORMAT
    first = [Entry(name, name.encode() * 30) for name in names]
    place %= len(first)
    second = [*first]
    second[place] = replace(first[place], **TAR_CHANGES[attribute])
    before, after = (gzipped(tarred(entries, form=form)) for entries in (first, second))
    assert keys(before, after) == [(names[place], attribute)]
    assert compared(before, before) == ()


@settings(max_examples=60, deadline=None)
@given(names=NAMES, make=st.sampled_from([zipped, packed]), data=st.data())
def test_a_member_that_is_elsewhere_or_gone_is_named(
    names: list[str], make: Callable[[list[Entry]], bytes], data: st.DataObject
) -> None:
    entries = [Entry(name, name.encode()) for name in names]
    moved = [*entries[1:], entries[0]]
    assert keys(make(entries), make(moved)) == [("", "order")]
    gone = data.draw(st.integers(0, len(names) - 1))
    assert keys(make(entries), make([*entries[:gone], *entries[gone + 1 :]])) == [(names[gone], "member")]
    random.Random(1).shuffle(moved)
    if moved != entries:
        assert {attribute for _, attribute in keys(make(entries), make(moved))} == {"order"}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_unequal_bytes_always_differ_in_something(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from([zipped, packed]))([Entry("p/a", b"a" * 50), Entry("p/b")])
    damaged = bytearray(file)
    place = data.draw(st.integers(0, len(file) - 1))
    damaged[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = compared(file, bytes(damaged))
    except Unsafe:
        return
    assert found
    assert found == tuple(sorted(found, key=lambda change: change.key))
    assert len({change.key for change in found}) == len(found)


TAR = tarred([Entry("pkg-1.0/a", b"text " * 40)])


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (gzipped(TAR), gzipped(TAR, mtime=5), [("", "gzip-mtime")]),
        (gzipped(TAR), gzipped(TAR, name="pkg-1.0.tar"), [("", "gzip-header")]),
        (gzipped(TAR), gzipped(TAR, level=1), [("", "compressed"), ("", "gzip-header")]),
        (gzipped(TAR, level=5), gzipped(TAR, level=2), [("", "compressed")]),
        (gzipped(TAR), gzipped(TAR + bytes(10240)), [("", "header")]),
        (zipped([Entry("a")]), zipped([Entry("a")], comment=b"c"), [("", "header")]),
        (zipped([Entry("a")]), zipped([Entry("a")], before=b"#!x\n"), [("", "header")]),
        (zipped([Entry("a", b"ab" * 999)]), zipped([Entry("a", b"ab" * 999, level=0)]), [("a", "compressed")]),
        (tarred([Entry("p/a")]), tarred([Entry("p/a")], world={"comment": "1"}), [("", "pax")]),
        (tarred([Entry("p/a")]), tarred([Entry("p/a")], form=tarfile.GNU_FORMAT), [("p/a", "header")]),
        (tarred([Entry("p/a")]), tarred([Entry("p/a", mtime=1600000000.5)]), [("p/a", "mtime")]),
        (tarred([Entry("p/a")]), tarred([Entry("p/a", uid=3_000_000)]), [("p/a", "owner")]),
        (tarred([Entry("p/a")]), tarred([Entry("p/a", pax={"mtime": "1600000000"})]), [("p/a", "pax")]),
        (
            tarred([Entry("p/a", kind=SYMLINK, target="x")]),
            tarred([Entry("p/a", kind=SYMLINK, target="y")]),
            [("p/a", "link")],
        ),
        (
            tarred([Entry("p/a")]),
            gzipped(tarred([Entry("p/a")])),
            [("", "gzip-header"), ("", "gzip-mtime"), ("", "type")],
        ),
        (packed([Entry("p-1/a")]), packed([Entry("p-2/a")]), [("", "name")]),
        (
            zipped([Entry("p-1.dist-info/INSTALLER", b"x"), Entry("p/a")]),
            zipped([Entry("p-2.dist-info/INSTALLER", b"y"), Entry("p/a")]),
            [("", "name"), ("p-1.dist-info/INSTALLER", "content")],
        ),
    ],
)
def test_what_is_around_the_members(first: bytes, second: bytes, expected: list[tuple[str, str]]) -> None:
    found = keys(first, second)
    if expected == [("", "gzip-header"), ("", "gzip-mtime"), ("", "type")]:
        expected = [("", "compressed"), *expected] if ("", "compressed") in found else expected
    assert found == expected


def test_a_file_name_is_a_difference_only_where_bytes_differ(tmp_path: Path) -> None:
    one, two, same = tmp_path / "p-1.tar", tmp_path / "p-2.tar", tmp_path / "q.tar"
    one.write_bytes(tarred([Entry("p-1/a")]))
    two.write_bytes(tarred([Entry("p-2/a")]))
    same.write_bytes(one.read_bytes())
    assert changes(one, same) == ()
    [change] = changes(one, two)
    assert (change.key, change.before, change.after) == (("", "name"), "p-1.tar", "p-2.tar")
    with pytest.raises(Unsafe, match="cannot be read"):
        changes(one, tmp_path / "absent")


INNER = [Entry("x/b.txt", b"one\ntwo\n"), Entry("x/c", b"c")]
OTHER = [Entry("x/b.txt", b"one\nTWO\n"), Entry("x/c", b"c")]


@pytest.mark.parametrize(
    ("name", "first", "second", "expected"),
    [
        ("d/a.zip", zipped(INNER), zipped(OTHER), ("d/a.zip!/x/b.txt", "content")),
        ("d/a.tar.gz", packed(INNER), packed(OTHER), ("d/a.tar.gz!/x/b.txt", "content")),
        ("a.tar", tarred(INNER), tarred(OTHER), ("a.tar!/x/b.txt", "content")),
        ("d/a.gz", gzipped(b"1"), gzipped(b"2"), ("d/a.gz!/a", "content")),
        ("d/a.gz", gzipped(b"1"), gzipped(b"1", mtime=3), ("d/a.gz", "gzip-mtime")),
        ("a.jar", zipped([Entry("i.whl", zipped(INNER))]), zipped([Entry("i.whl", zipped(OTHER))]),
         ("a.jar!/i.whl!/x/b.txt", "content")),
        ("a.zip", zipped(INNER), zipped(INNER[::-1]), ("a.zip", "order")),
        ("a.zip", zipped(INNER)[:-30], zipped(OTHER)[:-30], ("a.zip", "content")),
        ("a.zip", zipped(INNER), b"PK\3\4 nothing", ("a.zip", "content")),
    ],
)  # fmt: skip
def test_archives_in_archives(name: str, first: bytes, second: bytes, expected: tuple[str, str]) -> None:
    assert keys(zipped([Entry(name, first)]), zipped([Entry(name, second)])) == [expected]


def test_archives_are_not_followed_without_end() -> None:
    first, second = b"1", b"2"
    for _ in range(7):
        first, second = zipped([Entry("z", first)]), zipped([Entry("z", second)])
    [(member, attribute)] = keys(first, second)
    assert (member.count("!/"), attribute) == (3, "content")


RECORD = "a.py,sha256={},5\np-1.dist-info/RECORD,,\n"


@pytest.mark.parametrize(
    ("name", "first", "second", "attributes"),
    [
        ("p-1.dist-info/METADATA", b"Version: 1\n", b"Version: 2\n", ["METADATA"]),
        ("p-1/PKG-INFO", b"Version: 1\n", b"Version: 2\n", ["METADATA"]),
        ("p/METADATA", b"1", b"2", ["content"]),
        ("p-1.dist-info/RECORD", b"a,,\n", b"b,,\n", ["RECORD"]),
        ("p-1.dist-info/RECORD", b"\xff\n", b"b,,\n", ["RECORD"]),
        ("p-1.dist-info/WHEEL", b"Generator: a 1\nTag: x\n", b"Generator: a 2\nTag: x\n", ["generator"]),
        ("p-1.dist-info/WHEEL", b"Generator: a 1\nTag: x\n", b"Generator: a 2\nTag: y\n", ["content", "generator"]),
        ("p-1.dist-info/WHEEL", b"Generator: a 1\nTag: x\n", b"Tag: x\nGenerator: a 1\n", ["content"]),
    ],
)
def test_metadata_has_its_own_attributes(name: str, first: bytes, second: bytes, attributes: list[str]) -> None:
    found = compared(zipped([Entry(name, first)]), zipped([Entry(name, second)]))
    assert [change.attribute for change in found] == attributes


@pytest.mark.parametrize(
    ("content", "record", "note"),
    [
        (b"b", RECORD.format("bbb"), "only hashes of members that differ themselves"),
        (b"a", RECORD.format("bbb"), ""),
        (b"b", "c.py,sha256=bbb,5\n", ""),
        (b"a", "p-1.dist-info/RECORD,,\na.py,sha256=aaa,5\n", "the same lines in another order"),
    ],
)
def test_a_record_says_whether_it_only_follows(content: bytes, record: str, note: str) -> None:
    name = "p-1.dist-info/RECORD"
    first = zipped([Entry("a.py", b"a"), Entry(name, RECORD.format("aaa").encode())])
    second = zipped([Entry("a.py", content), Entry(name, record.encode())])
    [change] = [change for change in compared(first, second) if change.attribute == "RECORD"]
    assert (note in change.before and note in change.after) if note else "(" not in change.before


@pytest.mark.parametrize(
    ("first", "second", "before", "after"),
    [
        ({"mode": 0o644}, {"mode": 0o600}, "0644", "0600"),
        ({"mtime": 1600000000}, {"mtime": 1600000000.25}, "2020-09-13 12:26:40", "2020-09-13 12:26:40.25"),
        ({"mtime": 0}, {"mtime": 1e15}, "1970-01-01 00:00:00", "1000000000000000.0 s"),
        ({}, {"uid": 7, "uname": "ci"}, "uid 0 root / gid 0 root", "uid 7 ci / gid 0 root"),
        ({}, {"kind": tarfile.DIRTYPE}, "file", "folder"),
        ({"content": b"a\0b"}, {"content": b"a\0cd"}, "byte 2 of 3: 62", "byte 2 of 4: 6364"),
        ({"content": b"a\0b"}, {"content": b"a\0bc"}, "byte 3 of 3: its end", "byte 3 of 4: 63"),
        ({"content": b"a\nb\x1b"}, {"content": b"a\nc"}, "line 2: b\\x1b", "line 2: c"),
        ({"content": b"a"}, {"content": b"a\nc"}, "ends after line 1", "line 2: c"),
        ({"content": b"x" * 300}, {"content": b"x" * 299 + b"y"}, "…" + "x" * 21, "…" + "x" * 20 + "y"),
    ],
)  # fmt: skip
def test_values_are_as_people_write_them(
    first: dict[str, Any], second: dict[str, Any], before: str, after: str
) -> None:
    change = next(iter(compared(tarred([Entry("p/a", **first)]), tarred([Entry("p/a", **second)]))))
    assert (change.before.removeprefix("line 1: "), change.after.removeprefix("line 1: ")) == (before, after)


def test_a_place_and_a_presence_are_in_words() -> None:
    entries = [Entry(f"p/{n:02}", b"x") for n in range(23)]
    [moved] = compared(tarred(entries), tarred([*entries[:2], *entries[3:22], entries[2], entries[22]]))
    assert (moved.before, moved.after) == ("of 23: p/02 3rd", "of 23: p/02 22nd")
    [many] = compared(tarred(entries[:9]), tarred(entries[8::-1]))
    assert many.before == "of 9: p/01 2nd, p/02 3rd, p/03 4th, and 5 more"
    [gone] = compared(tarred(entries[:3]), tarred(entries[:2]))
    assert (gone.before, gone.after) == ("file of 1 bytes", "absent")


GOLDEN = """\
@@ -2,3 +2,3 @@
 line 1
-line 2
+line \\x1b[31m two
 line 3
@@ -30,2 +30,3 @@
 line 29
-built at 10:00
+built at 11:00
+
"""


def test_an_excerpt_is_a_unified_diff_in_which_nothing_acts() -> None:
    lines = [f"line {n}" for n in range(30)]
    second = [*lines]
    second[2] = "line \x1b[31m two"
    first_text, second_text = (
        "\n".join(text).encode() for text in ([*lines, "built at 10:00"], [*second, "built at 11:00", ""])
    )
    [change] = compared(tarred([Entry("p/a", first_text)]), tarred([Entry("p/a", second_text)]))
    assert change.excerpt + "\n" == GOLDEN


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3000), st.binary(max_size=3000))
def test_an_excerpt_is_bounded_and_printable(first: bytes, second: bytes) -> None:
    for change in compared(zipped([Entry("a", first)]), zipped([Entry("a", second)])):
        lines = change.excerpt.split("\n")
        assert len(lines) <= 24
        assert all(line.isprintable() and len(line) <= 170 for line in [*lines, change.before, change.after])


def test_a_long_diff_says_what_it_leaves_out() -> None:
    texts = ["\n".join(f"{word} {n}" for n in range(5000)).encode() for word in ("old", "new")]
    [change] = compared(zipped([Entry("a", texts[0])]), zipped([Entry("a", texts[1])]))
    assert change.excerpt.endswith("more lines)")


def test_a_zip_time_that_is_none_is_a_header_field() -> None:
    data = zipped([Entry("a")])
    at = data.index(b"PK\1\2")
    damaged = bytearray(data)
    damaged[at + 14 : at + 16] = b"\0\0"
    damaged[10 + 2 : 14] = b"\0\0"
    [change] = compared(data, bytes(damaged))[1:]
    assert (change.attribute, change.after) == ("mtime", "no valid time")


def test_an_archive_that_must_not_be_read_is_refused() -> None:
    with pytest.raises(Unsafe):
        compared(zipped([Entry("a")]), zipped([Entry("../a")]))


def test_stored_and_deflated_members_hold_the_same() -> None:
    entries = [Entry("a", b"x" * 999), Entry("b", b"y", method=zipfile.ZIP_STORED)]
    other = [entries[0], replace(entries[1], method=zipfile.ZIP_DEFLATED)]
    [change] = compared(zipped(entries), zipped(other))
    assert (change.before, change.after) == ("method stored", "method deflate")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("make", [zipped, packed])
def test_a_member_that_is_there_twice_has_its_number(make: Callable[[list[Entry]], bytes]) -> None:
    once, twice = [Entry("p/a", b"1"), Entry("p/b")], [Entry("p/a", b"1"), Entry("p/b"), Entry("p/a", b"1")]
    assert keys(make(once), make(twice)) == [("p/a (2)", "member")]
    assert keys(make(twice), make([*twice[:2], replace(twice[2], mode=0o100600)])) == [("p/a (2)", "mode")]


def test_a_record_that_is_no_table_differs_all_the_same() -> None:
    big = b'"' + b"x" * 200_000
    first, second = (zipped([Entry("p-1.dist-info/RECORD", big + end)]) for end in (b"1", b"2"))
    [change] = compared(first, second)
    assert change.attribute == "RECORD"


def test_modes_with_the_same_permissions_show_the_bits_of_the_type() -> None:
    [change] = compared(zipped([Entry("a", mode=0o644)]), zipped([Entry("a")]))
    assert (change.before, change.after) == ("0000644", "0100644")
