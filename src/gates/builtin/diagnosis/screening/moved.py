"""Moved: the tests that ended otherwise than in the base, and in which probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from gates.builtin.diagnosis.screening.base import Base
from gates.builtin.diagnosis.screening.ledger import ending, table
from gates.builtin.diagnosis.screening.probes import Probe
from gates.builtin.diagnosis.trial import BAD, Ran, Result


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A probe, the run, and how a test ended in it."""

    probe: Probe
    ran: Ran
    result: Result


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What the screening saw of one test: the probes in which it ended otherwise than in the base, and all others."""

    moves: tuple[Move, ...]
    skips: tuple[Move, ...] = ()
    own: tuple[Move, ...] = ()
    runs: int = 0


def movements(base: Base, useful: Sequence[tuple[Probe, Ran]]) -> Mapping[str, Seen]:
    """Of each test in which probes it moved; a failure of the perturbation's own is none."""
    moves: dict[str, list[Move]] = {nodeid: [] for nodeid in base.suite.tests}
    skips: dict[str, list[Move]] = {nodeid: [] for nodeid in base.suite.tests}
    own: dict[str, list[Move]] = {nodeid: [] for nodeid in base.suite.tests}
    for probe, ran in useful:
        found = table(ran, 2 if probe.name == "doubled" else None)
        for nodeid in base.suite.tests:
            if probe.tests and nodeid not in probe.tests:
                continue
            move = Move(probe=probe, ran=ran, result=ending(found, nodeid))
            if move.result.own:
                own[nodeid].append(move)
            elif _moved(base.suite.base[nodeid], move.result) and not _undocumented(move):
                moves[nodeid].append(move)
            elif move.result.ended != base.suite.base[nodeid].ended:
                skips[nodeid].append(move)
    return {
        nodeid: Seen(
            moves=tuple(moves[nodeid]),
            skips=tuple(skips[nodeid]),
            own=tuple(own[nodeid]),
            runs=len(base.seen[nodeid]) + sum(1 for probe, _ in useful if not probe.tests or nodeid in probe.tests),
        )
        for nodeid in base.suite.tests
    }


def _moved(base: Result, now: Result) -> bool:
    """Whether one is good and the other bad; a skip takes part in neither, but that a skipped test may come to fail."""
    if now.ended == "skipped":
        return False
    if base.ended == "skipped":
        return now.ended in BAD
    return (base.ended in BAD) != (now.ended in BAD)


def _undocumented(move: Move) -> bool:
    """Whether an example of a docstring is not there because Python was asked to leave out docstrings: a skip."""
    path, _, name = move.result.nodeid.partition("::")
    if move.result.ended != "missing" or move.probe.settings.get("optimize") != "2" or not path.endswith(".py"):
        return False
    folder, _, file = path.rpartition("/")
    module = folder.rpartition("/")[2] if file == "__init__.py" else file.removesuffix(".py")
    return "[" not in name and module in name.split(".")
