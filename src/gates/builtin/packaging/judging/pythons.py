"""Pythons: whether `requires-python`, classifiers, tags and the judged Python agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from gates.builtin.packaging.facts import PackagingEvidence, Packed
from gates.builtin.packaging.rules import PYTHONS_DISAGREE
from gates.model.finding import Finding, finding

CLASSIFIER = re.compile(r"Programming Language :: Python :: (?P<major>[23])\.(?P<minor>\d+)")
MAJOR = re.compile(r"Programming Language :: Python :: (?P<major>[23])(?P<only> :: Only)?")
COMPILED = (".so", ".pyd", ".dylib", ".dll")
MINORS = 40
"""Minor and micro versions that are tried: more than there will be for long."""


def findings(evidence: PackagingEvidence) -> Iterator[Finding]:
    """Disagreements in the metadata of the wheel (else of the source distribution)."""
    held = {one.kind: one for one in evidence.artifacts.items}
    chosen = held.get("wheel") or held.get("sdist")
    if chosen is None:
        return
    line = evidence.pythons.line
    for message, subject in (*_classified(chosen), *_major(chosen), *_judged(chosen, evidence.pythons.judged)):
        path = None if line is None else "pyproject.toml"
        yield finding(PYTHONS_DISAGREE, message, path=path, line=line, subject=subject)
    yield from _tagged(chosen)


def _classified(one: Packed) -> Iterator[tuple[str, str]]:
    written = one.metadata.requires_python
    found = (CLASSIFIER.fullmatch(text) for text in one.metadata.classifiers.items)
    listed = sorted({(int(match["major"]), int(match["minor"])) for match in found if match})
    wanted = _specifiers(written)
    if wanted is None or not written or not listed:
        return
    for major, minor in listed:
        if not _allows(wanted, major, minor):
            yield (
                f"a classifier names Python {major}.{minor}, which `requires-python` {written!r} rules out",
                f"{major}.{minor}",
            )
    oldest = _oldest(wanted, {major for major, _ in listed})
    if oldest is not None and oldest not in listed:
        shown = f"{oldest[0]}.{oldest[1]}"
        yield f"`requires-python` {written!r} begins with Python {shown}, for which there is no classifier", shown


def _major(one: Packed) -> Iterator[tuple[str, str]]:
    """What classifiers say of Python 2 and 3 as a whole."""
    written = one.metadata.requires_python
    wanted = _specifiers(written)
    if wanted is None or not written:
        return
    for match in filter(None, (MAJOR.fullmatch(text) for text in one.metadata.classifiers.items)):
        major, other = (2, 3) if match["major"] == "2" else (3, 2)
        if not _any(wanted, major):
            yield f"a classifier names Python {major}, which `requires-python` {written!r} rules out", f"{major}"
        elif match["only"] and _any(wanted, other):
            yield (
                f"a classifier says Python {major} only, and `requires-python` {written!r} lets {other} in",
                f"{other}",
            )


def _judged(one: Packed, judged: str) -> Iterator[tuple[str, str]]:
    wanted = _specifiers(one.metadata.requires_python)
    if wanted is None:
        yield f"`requires-python` {one.metadata.requires_python!r} is no version specifier", "requires-python"
    elif judged and not wanted.contains(judged, prereleases=True):
        yield (
            f"the judged Python is {judged}, which `requires-python` {one.metadata.requires_python!r} rules out",
            judged,
        )


def _tagged(one: Packed) -> Iterator[Finding]:
    compiled = [member.name for member in one.members.items if member.name.endswith(COMPILED)]
    if one.kind == "wheel" and compiled and any(tag.endswith("-any") for tag in one.tags.items):
        message = f"{one.name} is tagged for every platform and holds compiled code: {compiled[0]}"
        yield finding(PYTHONS_DISAGREE, message, subject=compiled[0])
    wanted = _specifiers(one.metadata.requires_python)
    older = [tag for tag in one.tags.items if tag.startswith("py2")]
    if older and wanted is not None and not _any(wanted, 2):
        written = one.metadata.requires_python
        message = f"{one.name} is tagged {older[0]} for Python 2, which `requires-python` {written!r} rules out"
        yield finding(PYTHONS_DISAGREE, message, subject=older[0])


def _specifiers(written: str) -> SpecifierSet | None:
    try:
        return SpecifierSet(written)
    except InvalidSpecifier:
        return None


def _allows(wanted: SpecifierSet, major: int, minor: int) -> bool:
    return any(wanted.contains(f"{major}.{minor}.{micro}", prereleases=True) for micro in range(MINORS))


def _any(wanted: SpecifierSet, major: int) -> bool:
    minors = (7,) if major == 2 else range(MINORS)
    return any(_allows(wanted, major, minor) for minor in minors)


def _oldest(wanted: SpecifierSet, majors: set[int]) -> tuple[int, int] | None:
    """The first Python that is let in, of the major versions that are listed; None without a lower bound."""
    if not any(one.operator in {">=", ">", "~=", "=="} for one in wanted):
        return None
    every: Sequence[tuple[int, int]] = [(2, 7), *((3, minor) for minor in range(MINORS))]
    return next((one for one in every if one[0] in majors and _allows(wanted, *one)), None)
