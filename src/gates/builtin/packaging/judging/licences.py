"""Licences: whether expression, classifiers and files say the same, and whether the files are shipped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from gates.builtin.packaging.facts import Licence, Metadata, PackagingEvidence, Packed
from gates.builtin.packaging.licensing import at
from gates.builtin.packaging.rules import LICENCE_DISAGREES, LICENCE_FILE_MISSING, LICENCE_INVALID
from gates.model.finding import Finding, finding

CLASSIFIERS: Mapping[str, frozenset[str]] = {
    "Apache Software License": frozenset({"Apache-2.0", "Apache-1.1", "Apache-1.0"}),
    "BSD License": frozenset({
        "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause", "0BSD", "BSD-2-Clause-Patent",
        "BSD-3-Clause-Clear", "BSD-3-Clause-LBNL", "BSD-Source-Code",
    }),
    "GNU Affero General Public License v3": frozenset({"AGPL-3.0"}),
    "GNU Affero General Public License v3 or later (AGPLv3+)": frozenset({"AGPL-3.0"}),
    "GNU General Public License v2 (GPLv2)": frozenset({"GPL-2.0"}),
    "GNU General Public License v2 or later (GPLv2+)": frozenset({"GPL-2.0"}),
    "GNU General Public License v3 (GPLv3)": frozenset({"GPL-3.0"}),
    "GNU General Public License v3 or later (GPLv3+)": frozenset({"GPL-3.0"}),
    "GNU Lesser General Public License v3 (LGPLv3)": frozenset({"LGPL-3.0"}),
    "GNU Lesser General Public License v3 or later (LGPLv3+)": frozenset({"LGPL-3.0"}),
    "ISC License (ISCL)": frozenset({"ISC"}),
    "MIT License": frozenset({"MIT", "MIT-0", "MIT-CMU", "X11", "MIT-Modern-Variant", "MIT-Khronos-old", "MITNFA"}),
    "MIT No Attribution License (MIT-0)": frozenset({"MIT-0"}),
    "Academic Free License (AFL)": frozenset({"AFL-1.1", "AFL-1.2", "AFL-2.0", "AFL-2.1", "AFL-3.0"}),
    "Artistic License": frozenset({"Artistic-1.0", "Artistic-1.0-Perl", "Artistic-1.0-cl8", "Artistic-2.0"}),
    "Blue Oak Model License (BlueOak-1.0.0)": frozenset({"BlueOak-1.0.0"}),
    "Boost Software License 1.0 (BSL-1.0)": frozenset({"BSL-1.0"}),
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": frozenset({"CC0-1.0"}),
    "CMU License (MIT-CMU)": frozenset({"MIT-CMU"}),
    "Eclipse Public License 1.0 (EPL-1.0)": frozenset({"EPL-1.0"}),
    "Eclipse Public License 2.0 (EPL-2.0)": frozenset({"EPL-2.0"}),
    "European Union Public Licence 1.1 (EUPL 1.1)": frozenset({"EUPL-1.1"}),
    "European Union Public Licence 1.2 (EUPL 1.2)": frozenset({"EUPL-1.2"}),
    "GNU General Public License (GPL)": frozenset({"GPL-1.0", "GPL-2.0", "GPL-3.0"}),
    "GNU Lesser General Public License v2 (LGPLv2)": frozenset({"LGPL-2.0", "LGPL-2.1"}),
    "GNU Lesser General Public License v2 or later (LGPLv2+)": frozenset({"LGPL-2.0", "LGPL-2.1"}),
    "GNU Library or Lesser General Public License (LGPL)": frozenset({"LGPL-2.0", "LGPL-2.1", "LGPL-3.0"}),
    "Historical Permission Notice and Disclaimer (HPND)": frozenset({"HPND", "MIT-CMU"}),
    "Mozilla Public License 1.1 (MPL 1.1)": frozenset({"MPL-1.1"}),
    "Other/Proprietary License": frozenset(),
    "PostgreSQL License": frozenset({"PostgreSQL"}),
    "Universal Permissive License (UPL)": frozenset({"UPL-1.0"}),
    "Zope Public License": frozenset({"ZPL-1.1", "ZPL-2.0", "ZPL-2.1"}),
    "zlib/libpng License": frozenset({"Zlib", "Libpng", "libpng-2.0", "zlib-acknowledgement"}),
    "Mozilla Public License 2.0 (MPL 2.0)": frozenset({"MPL-2.0", "MPL-2.0-no-copyleft-exception"}),
    "Python Software Foundation License": frozenset({"PSF-2.0", "Python-2.0", "Python-2.0.1", "CNRI-Python"}),
    "The Unlicense (Unlicense)": frozenset({"Unlicense"}),
    "Zero-Clause BSD (0BSD)": frozenset({"0BSD"}),
}  # fmt: skip
"""What the last part of a `License :: OSI Approved ::` classifier may mean, where it names one licence."""

KNOWN = frozenset({
    "0BSD", "AGPL-3.0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "GPL-2.0", "GPL-3.0", "ISC", "LGPL-2.1",
    "LGPL-3.0", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Unlicense",
})  # fmt: skip
"""Licences whose text is recognised; of another one no text can be said to be a different licence's."""

MAIN = re.compile(r"(?:.*/)?(?:LICEN[CS]E|COPYING)(?:\.(?:txt|md|rst))?", re.IGNORECASE)
"""The file that is read first; `LICENSE-THIRD-PARTY` and the like are of what is bundled."""

GNU = re.compile(r"(?:A|L)?GPL-\d\.\d\+?", re.IGNORECASE)
SUFFIX = re.compile(r"(?:-only|-or-later|\+)\Z")
OPERATOR = re.compile(r"\s+(?:AND|OR)\s+|[()]", re.IGNORECASE)
BESIDES = re.compile(r"\s+WITH\s+", re.IGNORECASE)


def findings(evidence: PackagingEvidence) -> Iterator[Finding]:
    """Expressions that are not valid, statements that disagree, and files that are not shipped."""
    held = {one.kind: one.metadata for one in evidence.artifacts.items}
    metadata = held.get("wheel") or held.get("sdist")
    expressions = {one.expression for one in held.values() if one.expression}
    for expression in sorted(expressions):
        if not _valid(expression):
            message = f"the licence expression {expression!r} is not valid: an identifier or an operator is not SPDX's"
            yield finding(LICENCE_INVALID, message, subject=expression)
        for name in _deprecated(expression):
            message = f"SPDX has deprecated the identifier {name}; write {name.removesuffix('+')}-only or -or-later"
            found = finding(LICENCE_INVALID, message, subject=name)
            yield msgspec.structs.replace(found, severity="warning")
    if len(expressions) > 1:
        shown = " and ".join(sorted(expressions))
        yield finding(LICENCE_DISAGREES, f"wheel and source distribution say different licences: {shown}")
    if metadata is not None:
        yield from _disagreements(metadata, [one for one in evidence.licences.items if MAIN.fullmatch(one.path)])
    yield from _files(evidence)
    for one in evidence.artifacts.items:
        yield from _promised(one)


def identifiers(expression: str) -> frozenset[str]:
    """The licences that an expression names, GPL and the like without `-only` and `-or-later`."""
    parts = (BESIDES.split(part)[0].strip() for part in OPERATOR.split(expression))
    return frozenset(SUFFIX.sub("", part) for part in parts if part)


def _disagreements(metadata: Metadata, files: list[Licence]) -> Iterator[Finding]:
    declared = _declared(metadata)
    texts = {name for one in files for name in one.names.items}
    classified = {name: CLASSIFIERS[name] for one in metadata.classifiers.items if (name := _last(one)) in CLASSIFIERS}
    for name, meant in sorted(classified.items()):
        own = not meant and any(one.startswith("LicenseRef-") for one in declared)
        if declared and not own and not meant & declared:
            shown = " and ".join(sorted(declared))
            message = f"the licence is {shown}, and the classifier says {name}"
            yield finding(LICENCE_DISAGREES, message, subject=name)
    meant_at_all = declared or frozenset().union(*classified.values())
    if texts and meant_at_all and not texts & meant_at_all and (not declared or declared <= KNOWN):
        shown = " and ".join(sorted(declared) or sorted(classified))
        paths = [one.path for one in files if one.names.items]
        message = (
            f"the text of {' and '.join(paths)} is that of {' and '.join(sorted(texts))}, and the licence is {shown}"
        )
        yield finding(LICENCE_DISAGREES, message, path=paths[0], line=1, subject=paths[0])


def _files(evidence: PackagingEvidence) -> Iterator[Finding]:
    for one in evidence.patterns.items:
        if not one.matches:
            message = f"`license-files` names {one.glob!r}, which matches no file"
            yield finding(LICENCE_FILE_MISSING, message, path="pyproject.toml", line=one.line, subject=one.glob)
    kinds = {one.kind for one in evidence.artifacts.items}
    for file in evidence.licences.items:
        lacking = [
            words
            for kind, words, there in (
                ("wheel", "the wheel", file.in_wheel), ("sdist", "the source distribution", file.in_sdist)
            )
            if kind in kinds and not there
        ]  # fmt: skip
        if lacking:
            message = f"{file.path} is not in {' and not in '.join(lacking)}"
            yield finding(LICENCE_FILE_MISSING, message, path=file.path, subject=file.path)


def _promised(one: Packed) -> Iterator[Finding]:
    """Licence files that the metadata names (`License-File`) and the artifact has not; an index refuses it."""
    held = [member.name for member in one.members.items]
    for path in one.metadata.license_files.items:
        if not any(at(one.kind, name, path) for name in held):
            message = f"the metadata of {one.name} names the licence file {path}, which is not in it"
            yield finding(LICENCE_FILE_MISSING, message, subject=path)


def _declared(metadata: Metadata) -> frozenset[str]:
    """The licences of the expression, or of the older free text where that is one."""
    written = metadata.expression or metadata.license
    return identifiers(written) if len(written) < 100 and _valid(written) else frozenset()


def _last(classifier: str) -> str:
    parts = [part.strip() for part in classifier.split("::")]
    return parts[-1] if parts[0] == "License" and len(parts) > 1 else ""


def _deprecated(expression: str) -> list[str]:
    """The identifiers of the GNU licences without `-only` and `-or-later` (SPDX list 3.0), which PEP 639 lets pass."""
    parts = (BESIDES.split(part)[0].strip() for part in OPERATOR.split(expression))
    return sorted({part for part in parts if GNU.fullmatch(part)})


@lru_cache(maxsize=256)
def _valid(expression: str) -> bool:
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        canonicalize_license_expression(expression)
    except (InvalidLicenseExpression, ValueError):
        return False
    return True
