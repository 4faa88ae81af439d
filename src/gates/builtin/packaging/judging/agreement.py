"""Agreement: whether file names, RECORD and WHEEL say of an artifact what is in it, and both artifacts the same."""

from __future__ import annotations

from collections.abc import Iterator

from gates.builtin.packaging.facts import PackagingEvidence, Packed
from gates.builtin.packaging.rules import METADATA_INVALID, PYTHONS_DISAGREE, WHEEL_CONTENTS
from gates.model.finding import Finding, finding

NAMED = 5


def findings(evidence: PackagingEvidence) -> Iterator[Finding]:
    """Names, tags and records that are not those of the artifact, and a `Requires-Python` of one artifact alone."""
    for one in evidence.artifacts.items:
        yield from _named(one)
        if one.kind == "wheel":
            yield from _tagged(one)
            yield from _recorded(one)
    said = {one.metadata.requires_python for one in evidence.artifacts.items if one.metadata.requires_python}
    if len(said) > 1 and not _alike(said):
        shown = " and ".join(repr(one) for one in sorted(said))
        message = f"wheel and source distribution say different `requires-python`: {shown}"
        yield finding(PYTHONS_DISAGREE, message, subject="requires-python")


def _alike(said: set[str]) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return len({SpecifierSet(one) for one in said}) == 1
    except InvalidSpecifier:
        return False


def _named(one: Packed) -> Iterator[Finding]:
    from packaging.utils import canonicalize_name

    stem = one.name.partition("-")[0] if one.kind == "wheel" else one.name.rpartition("-")[0]
    if canonicalize_name(stem) != canonicalize_name(one.metadata.name):
        message = f"the file name {one.name} is of {stem}, and its metadata of {one.metadata.name or 'no name'}"
        yield finding(METADATA_INVALID, message, subject=one.name)


def _tagged(one: Packed) -> Iterator[Finding]:
    from packaging.tags import parse_tag

    parts = one.name.removesuffix(".whl").split("-")
    if len(parts) < 5:
        return
    named = {str(tag) for tag in parse_tag("-".join(parts[-3:]))}
    held = {str(tag) for text in one.tags.items if text.count("-") == 2 for tag in parse_tag(text)}
    if named != held:
        shown = ", ".join(one.tags.items) or "nothing"
        message = f"the file name {one.name} and the tags in its WHEEL disagree: {shown}"
        yield finding(WHEEL_CONTENTS, message, subject=one.name)


def _recorded(one: Packed) -> Iterator[Finding]:
    names = one.unrecorded.items
    if names:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        message = f"RECORD of {one.name} does not say what is in the wheel: {', '.join(names[:NAMED])}{more}"
        yield finding(WHEEL_CONTENTS, message, subject=one.name)
