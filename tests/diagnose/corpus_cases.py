"""The labelled corpus of flaky tests: small projects, and of each flaky test what makes it flip.

A case is one TOML file that holds its project as text, so that nothing of it is collected, linted or typed with this
repository. A line that reads the factor ends in `# site` (or `# site NAME`); `write` takes these marks off, so that
whoever judges the project finds no answers in it, and every line keeps its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

CORPUS = Path(__file__).parent / "corpus"
MARK = re.compile(r"\s*# site(?: (?P<name>[\w-]+))?$")

FACTORS = (
    "repeat",
    "order",
    "parallel",
    "hashseed",
    "rngseed",
    "timezone",
    "locale",
    "clock",
    "network",
    "directory",
    "umask",
    "environment",
    "user",
    "listing",
    "cpus",
    "optimize",
    "load",
)

Kind = Literal[
    "victim", "brittle", "non-idempotent", "environment", "random", "time", "concurrency", "external", "unattributed"
]
Outcome = Literal["passed", "failed", "error", "skipped", "missing", "crashed", "hang"]


class Circumstances(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One value for every factor; what is not named is as in every other run."""

    order: tuple[str, ...] = ()  # node ids or files, run as they stand here; none: the test alone
    repeat: int = 1
    parallel: int = 0  # workers of xdist
    hashseed: int = 0
    rngseed: int = 0  # -1: not seeded at all
    timezone: str = "UTC"
    locale: str = "C.UTF-8"  # "ASCII" too
    clock: str = ""  # an instant in UTC at which the run starts; none: the machine's own
    network: Literal["", "on", "off"] = ""  # loopback is kept in all of them
    directory: str = "project"  # the name of the checkout; ".." is another folder to start from
    umask: str = "022"
    environment: dict[str, str] = {}
    user: Literal["", "root", "plain"] = ""
    listing: Literal["", "forward", "reverse"] = ""
    cpus: int = 0
    optimize: int = 0
    load: Literal["", "background", "foreground"] = ""  # whose steps are late


class Label(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A flaky test, and all that a right diagnosis says of it."""

    nodeid: str
    factors: tuple[str, ...]  # a pair is one name: clock+timezone
    kind: Kind
    passes: tuple[Circumstances, ...]
    fails: tuple[Circumstances, ...]
    culprits: tuple[str, ...] = ()
    polluters: tuple[str, ...] = ()  # of a brittle one: who breaks it again after its culprits
    sites: tuple[str, ...] = ()  # a file with one mark, or file#NAME
    outcome: Outcome = "failed"  # what comes instead of a pass; a skip is no failure, and stable if that is told
    within: int = 1  # runs until a test of chance has done both
    undecided: bool = False  # to say that it cannot be decided is right as well


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project with its flaky tests."""

    summary: str
    files: dict[str, str]
    test: tuple[Label, ...] = ()
    pitfalls: tuple[int, ...] = ()
    spoiled: tuple[str, ...] = ()  # of a stable one: perturbing these breaks it, though no real circumstance would


class Site(NamedTuple):
    """A place in the project as it is written."""

    path: str
    line: int


def marked(case: Case) -> dict[str, list[Site]]:
    """The places of every mark, by file and by file#NAME."""
    found: dict[str, list[Site]] = {}
    for path, text in case.files.items():
        for number, line in enumerate(text.splitlines(), 1):
            if mark := MARK.search(line):
                found.setdefault(f"{path}#{mark['name']}" if mark["name"] else path, []).append(Site(path, number))
    return found


def sites(case: Case, label: Label) -> list[Site]:
    """The lines that read the factor."""
    places = marked(case)
    return [site for name in label.sites for site in places[name]]


def write(case: Case, root: Path) -> Path:
    """The project of a case in a folder, without its marks."""
    files = {"pytest.ini": "[pytest]\n", **case.files}
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = [MARK.sub("", line) for line in text.splitlines()]
        target.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return root


@cache
def flaky() -> dict[str, Case]:
    """Every case with a flaky test, by name."""
    return dict(read(CORPUS))


@cache
def stable() -> dict[str, Case]:
    """Every project of tests that no factor makes flip, by name."""
    return dict(read(CORPUS / "stable"))


def read(folder: Path) -> Iterator[tuple[str, Case]]:
    """The cases of a folder."""
    for path in sorted(folder.glob("*.toml")):
        yield path.stem, msgspec.toml.decode(path.read_bytes(), type=Case)
