"""Siphash: whether this process hashes text with a given PYTHONHASHSEED, found by hashing as it does."""

from __future__ import annotations

import sys

_MASK = (1 << 64) - 1
_PROBE = "pytest-vltair"
ROUNDS = {"siphash13": (1, 3), "siphash24": (2, 4)}


def hashes_with(seed: int) -> bool | None:
    """Whether this process hashes as one started with that seed; None where its way of hashing is not known."""
    if sys.hash_info.width != 64 or sys.hash_info.cutoff >= len(_PROBE) or sys.implementation.name != "cpython":
        return None
    expected = hashed(_PROBE, seed, sys.hash_info.algorithm)
    return None if expected is None else hash(_PROBE) == expected


def hashed(text: str, seed: int, algorithm: str) -> int | None:
    """The hash of a text of ASCII in a process with that seed; None where its way of hashing is not known."""
    if algorithm not in ROUNDS or not text.isascii():
        return None
    found = _siphash(text.encode("ascii"), *_keys(seed), *ROUNDS[algorithm])
    return found - (1 << 64) if found >> 63 else found


def _keys(seed: int) -> tuple[int, int]:
    """The two keys that CPython makes of a seed (`lcg_urandom` in Python/bootstrap_hash.c); zero stands for none."""
    if seed == 0:
        return 0, 0
    made = bytearray()
    for _ in range(16):
        seed = (seed * 214013 + 2531011) & 0xFFFFFFFF
        made.append(seed >> 16 & 0xFF)
    return int.from_bytes(made[:8], "little"), int.from_bytes(made[8:], "little")


def _siphash(data: bytes, first: int, second: int, rounds: int, last: int) -> int:
    """SipHash (Aumasson and Bernstein 2012) with so many rounds per word, and at the end."""
    state = (
        first ^ 0x736F6D6570736575,
        second ^ 0x646F72616E646F6D,
        first ^ 0x6C7967656E657261,
        second ^ 0x7465646279746573,
    )
    whole = len(data) // 8 * 8
    words = [int.from_bytes(data[at : at + 8], "little") for at in range(0, whole, 8)]
    words.append(int.from_bytes(data[whole:], "little") | (len(data) & 0xFF) << 56)
    for word in words:
        a, b, c, d = state
        a, b, c, d = _mixed((a, b, c, d ^ word), rounds)
        state = (a ^ word, b, c, d)
    a, b, c, d = state
    a, b, c, d = _mixed((a, b, c ^ 0xFF, d), last)
    return a ^ b ^ c ^ d


def _mixed(state: tuple[int, int, int, int], rounds: int) -> tuple[int, int, int, int]:
    a, b, c, d = state
    for _ in range(rounds):
        a = (a + b) & _MASK
        b = _turned(b, 13) ^ a
        a = _turned(a, 32)
        c = (c + d) & _MASK
        d = _turned(d, 16) ^ c
        a = (a + d) & _MASK
        d = _turned(d, 21) ^ a
        c = (c + b) & _MASK
        b = _turned(b, 17) ^ c
        c = _turned(c, 32)
    return a, b, c, d


def _turned(word: int, by: int) -> int:
    return (word << by | word >> 64 - by) & _MASK
