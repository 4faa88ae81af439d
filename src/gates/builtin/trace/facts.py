"""Facts: what the documents say, which tests there are, how they ended, and what joins them."""

from __future__ import annotations

from typing import Literal

from gates.model.evidence import Counted, Facts
from gates.model.tested import Fact

Status = Literal["open", "partial", "in-progress", "done", "blocked", "cancelled"]

State = Literal["resolved", "missing", "not-a-test", "prose"]
"""What a Validation command came to: all tests that it names are there, one is not, it runs no tests, or it is text."""

LinkKind = Literal["mentions", "depends", "supersedes", "superseded-by", "contract", "parent"]


class Place(Fact, frozen=True, kw_only=True):
    """A line of a file, from 1."""

    path: str
    line: int


class Command(Fact, frozen=True, kw_only=True):
    """One Validation command: as written, and what it came to; `tests` are the node ids that it names and that exist.

    `missing` are the names that do not exist, each with the nearest that does ("" where nothing is near). `state` is
    None where nothing could be collected.
    """

    command: str
    line: int
    state: State | None
    tests: Counted[str]
    missing: Counted[tuple[str, str]]


class FileRef(Fact, frozen=True, kw_only=True):
    """A file that an item names: as written, whether it is there (None where nobody can know), and where it leads.

    `planned`: the text says that it is to be made (`(new)`).
    """

    token: str
    line: int
    exists: bool | None
    paths: Counted[str]
    planned: bool


class Link(Fact, frozen=True, kw_only=True):
    """What an item says of another one, by its id."""

    kind: LinkKind
    target: str
    line: int


class Item(Fact, frozen=True, kw_only=True):
    """A requirement, a task or a decision. The first place is where it is defined; `others` are the same id elsewhere.

    `id` is as written, or derived from the heading path and the title where none is written (`derived`). `status_raw`
    are the words as written, "" where there are none; `status` is None where they are no known status. `digest` is over
    all that the item says, white space and place apart. `level` is the one of the configuration that its document has.
    """

    id: str
    derived: bool
    title: str
    status: Status | None
    status_raw: str
    status_line: int
    place: Place
    others: Counted[Place]
    reader: str
    section: str
    severity: str
    category: str
    level: str
    acceptance: Counted[str]
    validation: Counted[Command]
    files: Counted[FileRef]
    links: Counted[Link]
    dates: Counted[tuple[str, int]]
    digest: str


class Remark(Fact, frozen=True, kw_only=True):
    """Something in a document that a rule may object to: `code` is the rule's, `subject` what a waiver names."""

    code: str
    path: str
    line: int
    message: str
    subject: str


class Document(Fact, frozen=True, kw_only=True):
    """A document that was read: its digest, the readers that found something in it, and how many items each found."""

    path: str
    sha256: str
    level: str
    found: Counted[tuple[str, int]]


class Ran(Fact, frozen=True, kw_only=True):
    """A test that exists, how it ended (None where only its existence is known), and the ids that it names itself.

    `exists`: pytest collected it; None where nobody can know. `source` is the evidence that its outcome is from. `by`
    says how it names them: `marker`, `docstring`, `name` or `junit`. `digest` is over the source of the test;
    `recorded` is that of the source as the run had it, "" where the run does not say.
    """

    id: str
    exists: bool | None
    outcome: str | None
    source: str
    path: str | None
    line: int | None
    requirements: Counted[tuple[str, str]]
    digest: str
    recorded: str


class Annotated(Fact, frozen=True, kw_only=True):
    """A comment in the code that names an item."""

    target: str
    path: str
    line: int


class Executed(Fact, frozen=True, kw_only=True):
    """A file of the product that the tests of an item ran, and how many lines of it."""

    item: str
    path: str
    lines: int


class Evidenced(Fact, frozen=True, kw_only=True):
    """Where outcomes are from: the tests run or a JUnit file, its digest and commit, and when it ran where it says so.

    `at` is ISO 8601, "" where it is not known; evidence may be used again, so that an age would be that of another day.
    `stale` is what tells against it, "" for nothing; `tests` is how many it has outcomes of.
    """

    source: str
    sha256: str
    at: str
    commit: str
    stale: str
    tests: int


class TraceEvidence(Facts, frozen=True, kw_only=True):
    """All documents with their items, all tests, and what joins them.

    `collected` says whether it is known which tests exist; `uncollected` is why not. `changed` are ids of items whose
    text differs from base, with what changed (`item`, `test`, `code`). `outdated` are ids of items that ask for
    something else than when an evidence was made, with its source. `seal` is the digest of all the rest.
    """

    schema_version: int
    documents: Counted[Document]
    items: Counted[Item]
    remarks: Counted[Remark]
    collected: bool
    uncollected: str
    tests: Counted[Ran]
    code: Counted[Annotated]
    executed: Counted[Executed]
    evidenced: Counted[Evidenced]
    changed: Counted[tuple[str, str]]
    outdated: Counted[tuple[str, str]]
    base: Counted[str]
    notes: Counted[str]
    seal: str
