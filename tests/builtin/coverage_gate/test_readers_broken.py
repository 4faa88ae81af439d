"""Whatever is done to a file of coverage data: it is read, or refused with a sentence, and nothing else happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gates.builtin.coverage.readers.data import Recorded, Report, UnreadableDataError
from gates.builtin.coverage.readers.reading import read
from support.measured import Measured, measure

SUFFIXES = ("", ".xml", ".json", ".lcov")
AWKWARD = (b"-1", b"9" * 20, b"1e999", b"null", b"\xff\xfe", b"\0", b"<x>", b'""', b"[[", b"NaN")
HEADS = (b"", b"<", b"<?xml", b"{", b"TN:", b"SF:a\n", b"SQLite format 3\0", b"\xef\xbb\xbf{", b"<coverage>")
quick = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return measure(tmp_path_factory.mktemp("measured"), branch=True)


@pytest.fixture(scope="module")
def contents(measured: Measured) -> dict[str, bytes]:
    return {suffix: measured.file(suffix).read_bytes() for suffix in SUFFIXES}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("broken") / "file"


def outcome(path: Path, data: bytes) -> Recorded | Report | str:
    path.write_bytes(data)
    try:
        return read(path, contexts=True)
    except UnreadableDataError as error:
        sentence = str(error)
        assert sentence
        assert "\n" not in sentence
        assert sentence[0].islower()
        return sentence


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_was_cut_is_refused_wherever_it_was(suffix: str, contents: dict[str, bytes], scratch: Path) -> None:
    whole = contents[suffix].rstrip() if suffix else contents[suffix]
    ends = {*range(0, len(whole), 1 + len(whole) // 300), *range(4096, len(whole), 4096), len(whole) - 1}
    for end in sorted(ends):
        found = outcome(scratch, whole[:end])
        if suffix == ".lcov" and whole[:end].rstrip().endswith(b"end_of_record"):
            assert isinstance(found, Report)
        else:
            assert isinstance(found, str), f"cut at {end} of {len(whole)}"


@pytest.mark.parametrize("suffix", SUFFIXES)
@quick
@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=6))
def test_flipped_bytes_are_read_or_refused(
    suffix: str, flips: list[tuple[float, int]], contents: dict[str, bytes], scratch: Path
) -> None:
    data = bytearray(contents[suffix])
    for where, bits in flips:
        data[int(where * len(data))] ^= bits
    outcome(scratch, bytes(data))


@quick
@given(where=st.floats(0, 1, exclude_max=True), junk=st.binary(min_size=1, max_size=600))
def test_pages_of_a_database_overwritten(where: float, junk: bytes, contents: dict[str, bytes], scratch: Path) -> None:
    data = bytearray(contents[""])
    at = 100 + int(where * (len(data) - 100))
    data[at : at + len(junk)] = junk[: len(data) - at]
    outcome(scratch, bytes(data))


@pytest.mark.parametrize("suffix", SUFFIXES[1:])
@quick
@given(
    where=st.floats(0, 1, exclude_max=True),
    gone=st.integers(0, 40),
    put=st.one_of(
        st.binary(max_size=12),
        st.sampled_from(AWKWARD),
    ),
)
def test_text_replaced_is_read_or_refused(
    suffix: str, where: float, gone: int, put: bytes, contents: dict[str, bytes], scratch: Path
) -> None:
    data = contents[suffix]
    at = int(where * len(data))
    outcome(scratch, data[:at] + put + data[at + gone :])


@quick
@given(
    head=st.sampled_from(HEADS),
    rest=st.binary(max_size=300),
)
@example(head=b'<?xml version="1.0" encoding="x"?>', rest=b"<coverage/>")
@example(head=b'<?xml version="1.0" encoding="utf-16"?>', rest=b"<coverage/>")
@example(head=b'{"meta": ', rest=b"[" * 300_000)
@example(head=b"{", rest=b'"a": {' * 300_000)
@example(head=b'{"meta": {"format": 3}, "files": ', rest=b"[" * 300_000)
@example(head=b"<coverage>", rest=b"<a>" * 50_000)
def test_garbage_is_refused(head: bytes, rest: bytes, scratch: Path) -> None:
    assert isinstance(outcome(scratch, head + rest), str)


def test_every_page_of_a_database_cut_and_filled_up_again(contents: dict[str, bytes], scratch: Path) -> None:
    """The size is right, and half of it is zeros: as a crash of the machine leaves a file."""
    data = contents[""]
    for end in range(4096, len(data), 4096):
        assert not isinstance(outcome(scratch, data[:end] + bytes(len(data) - end)), Report)


def test_nothing_beside_the_file_is_touched(contents: dict[str, bytes], scratch: Path) -> None:
    folder = scratch.parent / "alone"
    folder.mkdir()
    outcome(folder / ".coverage", contents[""])
    assert [path.name for path in folder.iterdir()] == [".coverage"]
    assert (folder / ".coverage").read_bytes() == contents[""]
