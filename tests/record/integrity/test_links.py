"""Every change of a chained file is noticed, and placed at the line where it was made."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.record.integrity import links
from gates.record.integrity.links import End, Flaw, Found
from pytest_vltair import chain
from pytest_vltair.chain import ZEROS, linked
from support.event_logs import CODEC, TRACE, measure

EVENTS = 1000


@cache
def log() -> tuple[bytes, ...]:
    """The lines of a log, with their ends."""
    before, held = ZEROS, []
    for seq in range(EVENTS):
        fields = {"run": "20201101T120000Z-00000000", "trace_id": TRACE, "attempt": 1, "event": "measure", "seq": seq}
        line, before = linked({**fields, **measure(seq)}, before, CODEC)
        held.append(line)
    return tuple(held)


@cache
def whole() -> tuple[Found, ...]:
    return tuple(links.read(line[:-1]) for line in log())


def end() -> End:
    last = whole()[-1]
    assert not isinstance(last, str)
    return End(EVENTS, last.chain)


def placed(data: bytes, first: int = 0, after: int = EVENTS) -> Flaw | None:
    """What is found in a log whose lines from `first` up to `after` were replaced by `data`; the rest is read once."""
    lines, rest = links.split(data)
    found = [*whole()[:first], *(links.read(line) for line in lines)]
    if rest:
        # Its end was taken away, so that it goes on with the next line, where there is one.
        more = log()[after : after + 1]
        found.append(links.read(rest + more[0][:-1]) if more else links.torn(rest))
        after += 1
    found += whole()[after:]
    return links.flaw(found, end())


def test_a_log_that_nobody_touched_is_whole() -> None:
    assert placed(b"".join(log())) is None
    assert placed(log()[7], 7, 8) is None
    assert links.flaw(whole()) is None


def changes(line: bytes, number: int, values: tuple[int, ...]) -> Iterator[tuple[bytes, int]]:
    """Each single-byte change of a line, with the number of the line where it has to be found."""
    for at in range(len(line)):
        yield line[:at] + line[at + 1 :], number
    for value in values:
        byte = bytes([value])
        for at in range(len(line)):
            if line[at] != value:
                yield line[:at] + byte + line[at + 1 :], number
            # An end that is put before an end is an empty line after this one.
            yield line[:at] + byte + line[at:], number + (value == 0x0A and at == len(line) - 1)


def assert_placed(index: int, changed: bytes, number: int) -> None:
    found = placed(changed, index, index + 1)
    assert found is not None, (index, changed)
    assert found.line == number, (found, changed)


LINES = st.integers(0, EVENTS - 1)


@pytest.mark.requirement("REC-3")
@given(LINES, st.data(), st.integers(0, 255))
@settings(max_examples=300)
def test_a_byte_that_is_changed_lost_or_added_is_found_on_its_line(index: int, data: st.DataObject, value: int) -> None:
    line = log()[index]
    at = data.draw(st.integers(0, len(line) - 1))
    byte = bytes([value])
    assert_placed(index, line[:at] + line[at + 1 :], index + 1)
    if line[at] != value:
        assert_placed(index, line[:at] + byte + line[at + 1 :], index + 1)
    assert_placed(index, line[:at] + byte + line[at:], index + 1 + (value == 0x0A and at == len(line) - 1))


@pytest.mark.slow
@pytest.mark.parametrize("value", [0x0A, 0x22, 0x61])
def test_each_byte_of_the_log_changed_lost_and_added(value: int) -> None:
    for index, line in enumerate(log()):
        for changed, number in changes(line, index + 1, (value,)):
            assert_placed(index, changed, number)


@pytest.mark.parametrize("index", [0, 1, EVENTS // 2, EVENTS - 1])
def test_each_byte_of_a_line_and_each_bit_of_it(index: int) -> None:
    line = log()[index]
    for changed, number in changes(line, index + 1, (0x0A, 0x20)):
        assert_placed(index, changed, number)
    for at, byte in enumerate(line):
        for bit in range(8):
            assert_placed(index, line[:at] + bytes([byte ^ 1 << bit]) + line[at + 1 :], index + 1)


@given(st.binary(min_size=1, max_size=40))
def test_bytes_after_the_end_are_found_behind_the_last_line(added: bytes) -> None:
    found = placed(log()[-1] + added, EVENTS - 1, EVENTS)
    assert found is not None
    assert (found.line, found.kind) == (EVENTS + 1, "inserted")


@pytest.mark.requirement("REC-3")
@given(LINES, st.integers(1, 5))
def test_lines_that_are_gone_are_dropped(index: int, count: int) -> None:
    found = placed(b"", index, min(index + count, EVENTS))
    assert found is not None
    assert (found.line, found.kind) == (index + 1, "dropped")


@given(LINES, LINES)
def test_a_line_that_is_there_twice_is_inserted(source: int, target: int) -> None:
    found = placed(log()[source] + log()[target], target, target + 1)
    assert found is not None
    # Which of two equal lines came later nobody can tell, and it makes no difference.
    assert (found.line, found.kind) == (target + 1 + (source == target), "inserted")


@given(LINES, st.binary(min_size=0, max_size=40).filter(lambda line: b"\n" not in line))
def test_a_strange_line_is_inserted(target: int, strange: bytes) -> None:
    found = placed(strange + b"\n" + log()[target], target, target + 1)
    assert found is not None
    assert (found.line, found.kind) == (target + 1, "inserted")


@pytest.mark.requirement("REC-3")
@given(LINES, LINES)
def test_lines_that_were_swapped_are_reordered(one: int, other: int) -> None:
    first, second = sorted((one, other))
    if first == second:
        return
    between = b"".join(log()[first + 1 : second])
    found = placed(log()[second] + between + log()[first], first, second + 1)
    assert found is not None
    assert (found.line, found.kind) == (first + 1, "reordered")


@given(LINES, LINES)
def test_a_line_that_was_moved_is_reordered(one: int, other: int) -> None:
    first, second = sorted((one, other))
    if first == second:
        return
    forward = placed(b"".join(log()[first + 1 : second + 1]) + log()[first], first, second + 1)
    back = placed(log()[second] + b"".join(log()[first:second]), first, second + 1)
    for found in (forward, back):
        assert found is not None
        assert (found.line, found.kind) == (first + 1, "reordered")


def forged(index: int, count: int) -> bytes:
    """So many lines from `index` on with another value, in a chain of their own."""
    before = whole()[index]
    assert not isinstance(before, str)
    previous, held = before.previous, b""
    for one in whole()[index : index + count]:
        assert not isinstance(one, str)
        fields = {key: value for key, value in one.fields.items() if key not in {"chain", "chainPrev"}}
        line, previous = linked({**fields, "value": -1.0}, previous, CODEC)
        held += line
    return held


@given(st.integers(0, EVENTS - 1))
def test_a_line_with_a_new_digest_is_changed_as_the_next_one_knows_it(index: int) -> None:
    found = placed(forged(index, 1), index, index + 1)
    assert found is not None
    assert (found.line, found.kind) == (index + 1, "changed")


@given(st.integers(1, EVENTS - 1))
def test_a_history_with_new_digests_does_not_end_as_it_did(index: int) -> None:
    found = placed(forged(index, EVENTS - index), index, EVENTS)
    assert found is not None
    assert found.kind == "changed"
    assert links.flaw([*whole()[:index], *map(links.read, forged(index, EVENTS - index).splitlines())]) is None


def test_what_is_hashed_but_not_canonical_is_changed() -> None:
    fields = measure(1) | {"seq": 0, "chainPrev": ZEROS}
    wide = chain.Codec(lambda value: CODEC.encode(value).replace(b'"unit":', b'"unit": '), CODEC.decode)
    line, _ = linked(fields, ZEROS, wide)
    assert links.read(line[:-1]) == "it is not in canonical form"


def test_lines_of_the_plugin_are_links_too() -> None:
    """Its codec spells out what UTF-8 cannot hold, and knows integers beyond 64 bits."""
    for value in ("\udc80", "\u2028é", 1 << 70, {"chain": "0" * 64, "chainPrev": ZEROS}):
        line, digest = linked({"seq": 0, "value": value}, ZEROS, chain.standard())
        found = links.read(line[:-1])
        assert not isinstance(found, str), (value, found)
        assert found.chain == digest


@given(st.binary(max_size=200))
def test_any_bytes_are_lines_that_are_wrong_in_themselves(data: bytes) -> None:
    assert isinstance(links.read(data), str)


def test_a_line_that_is_nested_too_deeply_is_wrong_and_does_no_harm() -> None:
    deep = b'{"a":' * (sys.getrecursionlimit() + 10)
    assert isinstance(links.read(deep), str)
