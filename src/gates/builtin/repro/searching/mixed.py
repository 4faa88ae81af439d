"""Mixed: rounds in which some factors are as in the reference, so that no two factors hide what each of them changes.

Two factors that undo each other where both are changed (one reverses a list, and so does the other) show nothing in a
round that changes all. Each factor therefore has a code of its own, and is changed in the rounds whose bit it has: for
any two there is a round that changes one of them without the other.
"""

from __future__ import annotations

from collections.abc import Mapping

from gates.builtin.repro.facts import FactorName, Round
from gates.builtin.repro.searching.search import Lever

SEED: FactorName = "hashseed"
CODES: Mapping[FactorName, int] = {
    "path": 0b0011, "umask": 0b0101, "modes": 0b1001, "owner": 0b0110, "timezone": 0b1010, "locale": 0b1100,
    "clock": 0b0111, "mtimes": 0b1011, "listing": 0b1101, "user": 0b1110, "cpus": 0b0001,
}  # fmt: skip
ROUNDS: tuple[Round, ...] = ("mixed-1", "mixed-2", "mixed-3", "mixed-4")
FIRST_SEED = 3
"""The seeds before it are those of other rounds. Two elements of a set change places with every second seed."""


def _levers(bit: int) -> frozenset[Lever]:
    value = 1 + bit % 2
    some = {Lever(name, value) for name, code in CODES.items() if code >> bit & 1}
    return frozenset({*some, Lever(SEED, FIRST_SEED + bit)})


MIXED: Mapping[Round, frozenset[Lever]] = {name: _levers(bit) for bit, name in enumerate(ROUNDS)}
"""What is changed in each of these rounds."""
