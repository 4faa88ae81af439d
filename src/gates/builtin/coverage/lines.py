"""Lines: sets of line numbers, as whole numbers to reckon with, as hex digits to keep, as ranges to print.

Line n is bit n of the number, so that a union is `|`, what is missing `&~`, and how many `bit_count`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

LARGEST = 1 << 22
"""The highest line number that is believed; a source file of so many lines would have some 100 MB."""

_DIGITS = bytes.maketrans(b"\0\1", b"01")


def of(numbers: Iterable[int]) -> int:
    """The set of these line numbers.

    Raises:
        ValueError: one of them is below 0 or above `LARGEST`.
    """
    held = list(numbers)
    highest = max(held, default=0)
    if min(held, default=0) < 0 or highest > LARGEST:
        msg = f"{highest} is no line number"
        raise ValueError(msg)
    flags = bytearray(highest + 1)
    for number in held:
        flags[number] = 1
    return int(flags[::-1].translate(_DIGITS), 2)


def between(first: int, last: int) -> int:
    """The set of the lines from `first` to `last`, both included; empty where `last` comes before."""
    return ((1 << (last - first + 1)) - 1) << first if last >= first else 0


def numbers(lines: int) -> list[int]:
    """The line numbers in a set, ascending."""
    found: list[int] = []
    for at, byte in enumerate(lines.to_bytes((lines.bit_length() + 7) // 8, "little")):
        base, rest = at << 3, byte
        while rest:
            low = rest & -rest
            found.append(base + low.bit_length() - 1)
            rest ^= low
    return found


def ranges(lines: int, joined: int = 0) -> list[tuple[int, int]]:
    """First and last line of each run of consecutive lines; those in `joined` count as being between, never as ends."""
    found: list[tuple[int, int]] = []
    for number in numbers(lines):
        if found and not between(found[-1][1] + 1, number - 1) & ~joined:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def text(lines: int, joined: int = 0) -> str:
    """`3, 7-12`: the set as a report prints it."""
    return ", ".join(spelled(ranges(lines, joined)))


def encoded(lines: int) -> str:
    """The set as hex digits, to be kept."""
    return f"{lines:x}"


def decoded(digits: str) -> int:
    """The set that `encoded` made.

    Raises:
        ValueError: they are no hex digits, or of more lines than any file has.
    """
    if len(digits) > LARGEST // 4 + 1 or not digits.isalnum():
        msg = "these are no hex digits of a set of lines"
        raise ValueError(msg)
    return int(digits, 16)


def spelled(found: Iterable[tuple[int, int]]) -> Iterator[str]:
    """`3`, `7-12`: each range as a report prints it."""
    for first, last in found:
        yield str(first) if first == last else f"{first}-{last}"
