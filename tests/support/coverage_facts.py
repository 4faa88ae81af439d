"""Coverage facts: evidence of the gate `coverage`, made up file by file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gates.builtin.coverage import lines
from gates.builtin.coverage.facts import (
    Branch,
    Changed,
    CoverageEvidence,
    File,
    Function,
    Lane,
    Limit,
    Near,
    Patch,
    Subject,
)
from gates.model.evidence import counted

Ways = Mapping[int, tuple[int, Sequence[str]]]


def file(
    path: str = "src/a.py",
    can: Iterable[int] = range(1, 11),
    ran: Iterable[int] = range(1, 11),
    *,
    ways: Ways | None = None,
    functions: Sequence[tuple[str, int, int]] = (),
    pragmas: int = 0,
) -> File:
    """A file of which the lines `can` can run and `ran` did; `ways` by line: how many, and those never taken."""
    held, did = lines.of(can), lines.of(ran)
    branches = [
        Branch(line=line, total=total, missing=counted(missing)) for line, (total, missing) in (ways or {}).items()
    ]
    return File(
        path=path,
        sha256="0" * 64,
        statements=held.bit_count(),
        lines=lines.encoded(held),
        executed=did.bit_count(),
        ran=lines.encoded(did),
        excluded="0",
        pragmas=pragmas,
        ways=sum(one.total for one in branches),
        branches=counted(branches),
        functions=counted(Function(name=name, first=first, last=last) for name, first, last in functions),
    )


def changed(
    path: str = "src/a.py",
    touched: Iterable[int] = (),
    *,
    measured: bool = True,
    omitted: str | None = None,
    near: Mapping[str, Sequence[str]] | None = None,
) -> Changed:
    """A changed file of which these statements were touched."""
    held = lines.of(touched)
    return Changed(
        path=path,
        old=None,
        status="modified",
        measured=measured,
        omitted=omitted,
        count=held.bit_count(),
        lines=lines.encoded(held),
        statements=held.bit_count(),
        touched=lines.encoded(held),
        near=counted(Near(function=name, tests=counted(tests)) for name, tests in (near or {}).items()),
    )


def subject(module: str, path: str | None, ran: Iterable[int], minimum: float = 95.0, tests: int = 2) -> Subject:
    """What tests say they cover."""
    held = lines.of(ran)
    return Subject(
        module=module,
        minimum=minimum,
        path=path,
        tests=counted(f"tests/test_a.py::test_{number}" for number in range(tests)),
        executed=held.bit_count(),
        ran=lines.encoded(held),
    )


def evidence(
    *files: File,
    patch: Sequence[Changed] | None = None,
    limit: float | None = None,
    subjects: Sequence[Subject] = (),
    lanes: Sequence[Lane] = (),
    **wished: Any,
) -> CoverageEvidence:
    """Evidence over these files; without a `patch` there is no base."""
    base = [] if patch is None else [Patch(base="1" * 40, files=counted(patch))]
    limits = [] if limit is None else [Limit(percent=limit, place="pyproject.toml:12")]
    held: dict[str, Any] = {
        "schema_version": 1,
        "source": "tests",
        "version": "7.17.3",
        "arcs": True,
        "counted": False,
        "contexts": True,
        "baselined": False,
        "failed": 0,
        "mapped": counted(()),
        "no_base": "HEAD is the first commit" if patch is None else "",
        **wished,
    }
    return CoverageEvidence(
        limits=counted(limits),
        files=counted(files or (file(),)),
        patch=counted(base),
        subjects=counted(subjects),
        lanes=counted(lanes),
        **held,
    )
