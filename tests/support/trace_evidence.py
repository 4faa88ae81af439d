"""Trace evidence by hand: items, tests and what joins them, with what a test does not say filled in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from gates.builtin.trace.consistency import sealed
from gates.builtin.trace.facts import (
    Annotated,
    Command,
    Document,
    Evidenced,
    Executed,
    FileRef,
    Item,
    Link,
    LinkKind,
    Place,
    Ran,
    Remark,
    State,
    Status,
    TraceEvidence,
)
from gates.model.evidence import counted

TRACKER = "docs/tasks.md"


def digest(text: str) -> str:
    """The SHA-256 of a text in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def command(
    text: str,
    line: int = 2,
    *,
    state: State | None = "resolved",
    tests: Iterable[str] = (),
    missing: Iterable[tuple[str, str]] = (),
) -> Command:
    """A Validation command as written, and what it came to."""
    return Command(command=text, line=line, state=state, tests=counted(tests), missing=counted(missing))


def file(token: str, line: int = 2, *, exists: bool | None = True, planned: bool = False) -> FileRef:
    """A file that an item names; it leads to itself where it is there."""
    return FileRef(token=token, line=line, exists=exists, paths=counted([token] if exists else []), planned=planned)


def link(kind: LinkKind, target: str, line: int = 2) -> Link:
    """What an item says of another one."""
    return Link(kind=kind, target=target, line=line)


def item(
    id: str = "AB-1",  # noqa: A002 - the name of the field
    *,
    status: Status | None = "open",
    line: int = 1,
    path: str = TRACKER,
    validation: Iterable[Command] = (),
    files: Iterable[FileRef] = (),
    links: Iterable[Link] = (),
    acceptance: Iterable[str] = (),
    others: Iterable[Place] = (),
    dates: Iterable[tuple[str, int]] = (),
    **more: Any,
) -> Item:
    """An item of the tracker; `more` are fields of it."""
    plain: dict[str, Any] = {
        "derived": False,
        "title": f"what {id} is about",
        "status_raw": status or "frobnicated",
        "status_line": line,
        "reader": "tasks",
        "section": "Tasks",
        "severity": "",
        "category": "",
        "level": "task",
        "digest": digest(id),
    }
    return Item(
        id=id,
        status=status,
        place=Place(path=path, line=line),
        others=counted(others),
        acceptance=counted(acceptance),
        validation=counted(validation),
        files=counted(files),
        links=counted(links),
        dates=counted(dates),
        **{**plain, **more},
    )


def ran(
    id: str = "tests/test_ab.py::test_one",  # noqa: A002 - the name of the field
    outcome: str | None = "passed",
    *requirements: str,
    by: str = "marker",
    line: int | None = 3,
    changed: bool = False,
    exists: bool | None = True,
    source: str = "the gate tests",
) -> Ran:
    """A test that exists; `changed`: its source is not the one that the run had."""
    return Ran(
        id=id,
        exists=exists,
        outcome=outcome,
        source=source if outcome is not None else "",
        path=id.partition("::")[0],
        line=line,
        requirements=counted((one, by) for one in requirements),
        digest=digest(id),
        recorded=digest("another one" if changed else id),
    )


def annotated(target: str, path: str = "src/ab.py", line: int = 1) -> Annotated:
    """A comment in the code that names an item."""
    return Annotated(target=target, path=path, line=line)


def executed(item: str, path: str = "src/ab.py", lines: int = 3) -> Executed:
    """A file that the tests of an item ran."""
    return Executed(item=item, path=path, lines=lines)


def remark(code: str, line: int = 1, message: str = "it is odd", *, path: str = TRACKER, subject: str = "") -> Remark:
    """Something in a document that a rule may object to."""
    return Remark(code=code, path=path, line=line, message=message, subject=subject)


def evidenced(source: str = "the gate tests", *, stale: str = "", at: str = "", tests: int = 1) -> Evidenced:
    """Where outcomes are from."""
    return Evidenced(source=source, sha256=digest(source), at=at, commit="1f2e3d4c5b6a", stale=stale, tests=tests)


def documents(items: Iterable[Item]) -> list[Document]:
    """The documents that these items are in, each with what its readers found."""
    found: dict[str, dict[str, int]] = {}
    levels: Mapping[str, str] = {}
    for one in items:
        levels = {**levels, one.place.path: one.level}
        readers = found.setdefault(one.place.path, {})
        readers[one.reader] = readers.get(one.reader, 0) + 1
    return [
        Document(path=path, sha256=digest(path), level=levels[path], found=counted(sorted(readers.items())))
        for path, readers in sorted(found.items())
    ]


def evidence(*items: Item, **more: Any) -> TraceEvidence:
    """Sealed evidence of these items; lists among `more` need not be counted."""
    plain: dict[str, Any] = {
        "schema_version": 1,
        "documents": documents(items),
        "remarks": (),
        "collected": True,
        "uncollected": "",
        "tests": (),
        "code": (),
        "executed": (),
        "evidenced": [evidenced()] if more.get("tests") else (),
        "changed": (),
        "outdated": (),
        "base": (),
        "notes": (),
    }
    held = {**plain, **more}
    for name, value in held.items():
        if isinstance(value, tuple | list):
            held[name] = counted(value)
    return sealed(TraceEvidence(items=counted(items), seal="", **held))
