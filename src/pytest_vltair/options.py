"""The command line options and markers that the plugin adds to pytest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

RECORD = "--vltair-record"
SHARD = "--vltair-shard"
DURATIONS = "--vltair-durations"
OPTIONS = (RECORD, SHARD, DURATIONS)
LOADING = tuple(
    words for name in ("vltair", "pytest_vltair.plugin") for words in (["-p", name], [f"-p{name}"], [f"-p={name}"])
)

MARKERS = (
    "requirement(*ids): the requirements that this test verifies; recorded with its outcome",
    "covers(*ids): the same as requirement, for projects that use this word",
)


@dataclass(frozen=True)
class Shard:
    """One part of a suite: `index` of `count`, counted from 1."""

    index: int
    count: int

    def __str__(self) -> str:
        """`2/4`."""
        return f"{self.index}/{self.count}"


def shard(text: str) -> Shard:
    """The shard that `text` (`2/4`) names.

    Raises:
        pytest.UsageError: it names none.
    """
    index, slash, count = text.partition("/")
    if slash and index.isascii() and count.isascii() and index.isdigit() and count.isdigit():
        found = Shard(int(index), int(count))
        if 1 <= found.index <= found.count:
            return found
    import pytest

    raise pytest.UsageError(f"{SHARD}: {text!r} is not a shard: write INDEX/COUNT such as 2/4, counted from 1")


def add(parser: pytest.Parser) -> None:
    """Add the options to pytest's command line; none of them does anything until it is given."""
    group = parser.getgroup("vltair", "recorded and sharded runs")
    group.addoption(
        RECORD,
        dest="vltair_record",
        metavar="PATH",
        default=None,
        help="Write down what this run proved, line by line, as JSON Lines; an existing file is replaced.",
    )
    group.addoption(
        SHARD,
        dest="vltair_shard",
        metavar="INDEX/COUNT",
        default=None,
        help="Run one part of the selected tests, such as 2/4; the parts of all shards make up the whole.",
    )
    group.addoption(
        DURATIONS,
        dest="vltair_durations",
        metavar="PATH",
        default=None,
        help="A JSON object of node id to seconds, by which the shards are made to last equally long.",
    )


def foreign(args: Iterable[object]) -> list[str]:
    """`args` without what belongs to this plugin: its options with their values, and the `-p` that loads it."""
    words = list(map(str, args))
    kept: list[str] = []
    at = 0
    while at < len(words):
        if words[at] in OPTIONS or words[at : at + 2] in LOADING:
            at += 2
        elif words[at].partition("=")[0] in OPTIONS or [words[at]] in LOADING:
            at += 1
        else:
            kept.append(words[at])
            at += 1
    return kept
