"""The command line options, ini keys and markers that the plugin adds to pytest."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pytest

RECORD = "--vltair-record"
RECORDED = "vltair_record"
"""The ini key by which plain runs go into the record."""
CHILD = "VLTAIR_CHILD_TOKEN"
"""The variable that every child of gates has."""
IDLE = ("collectonly", "setuponly", "setupplan", "showfixtures", "show_fixtures_per_test")
"""Options with which no test runs."""
SHARD = "--vltair-shard"
DURATIONS = "--vltair-durations"
CONTEXTS = "--vltair-contexts"
REQUIREMENT = "--requirement"
REQUIREMENT_LIST = "vltair_requirements"
OPTIONS = (RECORD, SHARD, DURATIONS)
LOADING = tuple(
    words for name in ("vltair", "pytest_vltair.plugin") for words in (["-p", name], [f"-p{name}"], [f"-p={name}"])
)

MODES = ("off", "fix", "guard")


class Key:
    """A setting of the plugin: ini key `vltair_NAME` and, with `flag`, option `--vltair-NAME`.

    `fixed` is the value that `vltair = "fix"` gives it, or None where it must be asked for by itself; `keep` as a value
    leaves things as they are. With `lines` the ini value is a list.
    """

    def __init__(self, name: str, fixed: str | None, text: str, *, flag: bool = False, lines: bool = False) -> None:
        self.name = name
        self.fixed = fixed
        self.help = text
        self.flag = flag
        self.lines = lines
        self.ini = f"vltair_{name.replace('-', '_')}"
        self.option = f"--vltair-{name}"


KEYS = (
    Key("seed", "0", "The run's seed, from which every test's own is made: a number, or random.", flag=True),
    Key("entropy", None, "seeded: os.urandom, secrets, uuid4 and unseeded generators follow the test's seed too."),
    Key("hypothesis", "derandomize", "derandomize: hypothesis tries the same examples in each run."),
    Key("timezone", "UTC", "The time zone: a name of the IANA database such as Asia/Kathmandu.", flag=True),
    Key("locale", "C.UTF-8", "The locale of the process and its children; it must be installed.", flag=True),
    Key("encoding", "utf-8", "The encoding that text files are opened with."),
    Key("hash-seed", "report", "PYTHONHASHSEED: report it, require that it is set, or reexec with it.", flag=True),
    Key("order", "fixed", "The order of the tests: fixed, reversed, random or interleaved.", flag=True),
    Key("umask", "022", "The umask, in octal."),
    Key("directory", "rootdir", "The current directory: rootdir, or a path below it."),
    Key("recursion-limit", "1000", "The recursion limit."),
    Key("columns", "80", "The width of the terminal as tests see it."),
    Key("colour", "off", "off, on: the variables that ask programs for colour."),
    Key("home", None, "fresh: an empty HOME, removed at the end."),
    Key("environment", None, "Names or patterns of the variables that are kept; all others are gone.", lines=True),
    Key("clock", None, "The time at which each test starts (ISO 8601); `frozen` after it stops the clock.", flag=True),
    Key("network", None, "block: tests reach this machine and `vltair_network_allow` only.", flag=True),
    Key("network-allow", None, "Hosts and networks that a blocked network still reaches.", lines=True),
    Key("leaks", None, "What is done with what tests leave behind: off, report or error.", flag=True),
    Key("leaks-kinds", None, "Kinds of leaks that are looked for, or all, or cheap."),
    Key("leaks-allow", None, "Leaks that are not reported, each KIND or KIND: PATTERN.", lines=True),
)

MARKERS = (
    "requirement(*ids): the requirements that this test verifies; recorded with its outcome",
    "covers(*names, minimum): this percentage of each module must run in tests with this mark; without, as requirement",
    "vltair_seed(number): the seed of this test, in place of the one made from the run's seed and its name",
    "vltair_timezone(*zones): run this test in a time zone, or once in each of several",
    "vltair_locale(*names): run this test under a locale, or once under each of several",
    "vltair_clock(time, frozen=False): the time at which this test starts",
    "vltair_network(*hosts): hosts that this test may reach though the network is blocked; without any, all",
    "vltair_leaks(*kinds): kinds of leaks that this test is allowed; without any, all",
    "vltair_flaky(factor, until, reason): excuse failures of this test, known to be unstable, until that day (UTC)",
    "vltair_bench(limit, timeout): time this test, or what its fixture benchmark is given, under `gates bench`",
)

CLOCK = "vltair_clock"
"""The fixture that, as the marker of this name, needs to see the phases of tests."""

ACTING = ("vltair_timezone", "vltair_locale", CLOCK, "vltair_network")
"""Markers that change what a test runs under, whatever is configured."""

SWEEPING = ("vltair_timezone", "vltair_locale")
"""Markers that may name several values, of which each makes a test of its own."""

BENCH = "vltair_bench"
"""The marker of a benchmark."""

FLAKY = "vltair_flaky"
"""The marker that excuses the failures of a test until a day."""

COVERS = "covers"
"""The marker that names modules where it has a keyword, and requirements where it has none."""

NAMING = frozenset({"requirement", COVERS})
"""Markers that name requirements."""

SENT = "_vltair_requirements"
"""The attribute of reports by which a worker of xdist sends the ids that its tests name, by node id."""


class Shard:
    """One part of a suite: `index` of `count`, counted from 1."""

    def __init__(self, index: int, count: int) -> None:
        self.index = index
        self.count = count

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
    """Add the options and ini keys; none of them does anything until it is given."""
    _add_recording(parser)
    _add_requirements(parser)
    group = parser.getgroup("vltair-determinism", "a run that repeats")
    what = "Fix what makes runs differ (fix), and name what tests leave behind too (guard)"
    group.addoption("--vltair", dest="vltair", metavar="MODE", default=None, help=f"{what}: off, fix or guard.")
    parser.addini("vltair", f"{what}.", default=None)
    for key in KEYS:
        if key.flag:
            group.addoption(key.option, dest=key.ini, metavar="VALUE", default=None, help=key.help)
        kind: Literal["linelist"] | None = "linelist" if key.lines else None
        parser.addini(key.ini, key.help, type=kind, default=None)


def determinism_asked(config: pytest.Config) -> bool:
    """Whether any key of determinism was given, on the command line or in the configuration."""
    given = config.known_args_namespace
    names = ("vltair", *(key.ini for key in KEYS))
    return any(getattr(given, name, None) is not None or config.getini(name) for name in names)


def borne(items: Iterable[pytest.Item]) -> set[str]:
    """The names of all markers that tests bear, and of a fixture that acts; each class and module is looked at once."""
    seen: set[int] = set()
    found: set[str] = set()
    for item in items:
        if CLOCK in getattr(item, "fixturenames", ()):
            found.add(CLOCK)
        node: pytest.Item | pytest.Collector | None = item
        while node is not None and id(node) not in seen:
            for mark in node.own_markers:
                found.add(mark.name)
            if node is not item:
                seen.add(id(node))
            node = node.parent
    return found


def bears(node: Any, names: Collection[str]) -> bool:
    """Whether a test, or anything above it, bears a marker of one of these names."""
    while node is not None:
        for mark in node.own_markers:
            if mark.name in names:
                return True
        node = node.parent
    return False


def _add_recording(parser: pytest.Parser) -> None:
    group = parser.getgroup("vltair", "recorded and sharded runs")
    group.addoption(
        RECORD,
        dest="vltair_record",
        metavar="PATH",
        default=None,
        help="Write down what this run proved, line by line, as JSON Lines; an existing file is replaced.",
    )
    what = "Put each run into the record of the project in .gates, for `gates runs`."
    parser.addini(RECORDED, what, type="bool", default=False)
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
    group.addoption(
        CONTEXTS,
        dest="vltair_contexts",
        action="store_true",
        default=False,
        help="Tell coverage.py, where it measures this run, which test is running: its contexts are node ids.",
    )


def recorded(config: pytest.Config) -> bool:
    """Whether this run goes into the record of its project, unless it runs for gates or runs no test.

    Raises:
        pytest.UsageError: the configuration says neither yes nor no.
    """
    try:
        asked = config.getini(RECORDED)
    except (TypeError, ValueError) as error:
        import pytest

        raise pytest.UsageError(f"{RECORDED}: {error}") from None
    return bool(asked) and CHILD not in os.environ and not any(getattr(config.option, one, None) for one in IDLE)


def _add_requirements(parser: pytest.Parser) -> None:
    parser.getgroup("vltair").addoption(
        REQUIREMENT,
        dest="vltair_requirement",
        action="append",
        metavar="IDS",
        default=None,
        help="Run only tests that name one of these requirements: ids or patterns such as CE-*, with commas between.",
    )
    what = "A file with the ids of all requirements, one a line or the column id of CSV, to tell what has no test."
    parser.addini(REQUIREMENT_LIST, what, default=None)


def foreign(args: Iterable[object]) -> list[str]:
    """`args` without what belongs to this plugin: its options with their values, and the `-p` that loads it."""
    words = list(map(str, args))
    kept: list[str] = []
    at = 0
    while at < len(words):
        if words[at] in OPTIONS or words[at : at + 2] in LOADING:
            at += 2
        elif words[at].partition("=")[0] in OPTIONS or [words[at]] in LOADING or words[at] == CONTEXTS:
            at += 1
        else:
            kept.append(words[at])
            at += 1
    return kept
