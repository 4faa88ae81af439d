"""Hashes: what text hashes to under another seed, and in which order a set would then be walked."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

MASK = (1 << 64) - 1
ROUNDS = {"siphash13": (1, 3), "siphash24": (2, 4)}


class Stand:
    """Stands in for a value; hashes as it would under the other seed."""

    __slots__ = ("code", "value")

    def __init__(self, value: Any, code: int) -> None:
        self.value, self.code = value, code

    def __hash__(self) -> int:
        return self.code

    def __eq__(self, other: object) -> bool:
        return self is other


class Hashes:
    """Hashes of one seed."""

    def __init__(self, seed: int) -> None:
        self._rounds = ROUNDS.get(sys.hash_info.algorithm, (1, 3))
        self._keys = _secret(seed)

    def of(self, value: Any) -> int:
        """What a value hashes to; its own hash where no seed is in it."""
        if type(value) is str:
            return self._text(value)
        if type(value) is bytes:
            return self._bytes(value)
        if type(value) is tuple:
            return hash(tuple(Stand(one, self.of(one)) for one in value))
        if type(value) is frozenset:
            return hash(frozenset(Stand(one, self.of(one)) for one in value))
        return hash(value)

    def order(self, values: Iterable[Any]) -> list[Any]:
        """The values as a set of them would be walked."""
        made = set()
        for value in values:
            made.add(Stand(value, self.of(value)))
        return [one.value for one in made]

    def _text(self, value: str) -> int:
        widest = max(map(ord, value), default=0)
        encoding = "latin-1" if widest < 256 else "utf-16-le" if widest < 65536 else "utf-32-le"
        if sys.byteorder == "big":
            encoding = encoding.replace("-le", "-be")
        return self._bytes(value.encode(encoding, "surrogatepass") if widest > 255 else value.encode(encoding))

    def _bytes(self, data: bytes) -> int:
        if not data:
            return 0
        code = _siphash(data, *self._keys, *self._rounds)
        signed = code - (1 << 64) if code >> 63 else code
        return -2 if signed == -1 else signed


def _secret(seed: int) -> tuple[int, int]:
    if seed == 0:
        return 0, 0
    state, made = seed, bytearray()
    for _ in range(16):
        state = (state * 214013 + 2531011) & 0xFFFFFFFF
        made.append((state >> 16) & 0xFF)
    return int.from_bytes(made[:8], "little"), int.from_bytes(made[8:], "little")


def _turn(value: int, by: int) -> int:
    return ((value << by) | (value >> (64 - by))) & MASK


def _round(v: list[int]) -> None:
    v[0] = (v[0] + v[1]) & MASK
    v[2] = (v[2] + v[3]) & MASK
    v[1] = _turn(v[1], 13) ^ v[0]
    v[3] = _turn(v[3], 16) ^ v[2]
    v[0] = (_turn(v[0], 32) + v[3]) & MASK
    v[2] = (v[2] + v[1]) & MASK
    v[1] = _turn(v[1], 17) ^ v[2]
    v[3] = _turn(v[3], 21) ^ v[0]
    v[2] = _turn(v[2], 32)


def _siphash(data: bytes, first: int, second: int, each: int, last: int) -> int:
    v = [
        first ^ 0x736F6D6570736575,
        second ^ 0x646F72616E646F6D,
        first ^ 0x6C7967656E657261,
        second ^ 0x7465646279746573,
    ]
    whole = len(data) - len(data) % 8
    words = [int.from_bytes(data[at : at + 8], "little") for at in range(0, whole, 8)]
    words.append(((len(data) & 0xFF) << 56) | int.from_bytes(data[whole:], "little"))
    for word in words:
        v[3] ^= word
        for _ in range(each):
            _round(v)
        v[0] ^= word
    v[2] ^= 0xFF
    for _ in range(last):
        _round(v)
    return v[0] ^ v[1] ^ v[2] ^ v[3]
