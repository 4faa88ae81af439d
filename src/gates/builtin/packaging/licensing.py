"""Licensing: the licence files of the tree, and which licences their texts are."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gates.builtin.packaging.facts import Licence, Pattern
from gates.config.positions import positions
from gates.model.evidence import counted, sha256
from gates.project.documents import table, text_of

if TYPE_CHECKING:
    from gates.builtin.packaging.reading import Opened
    from gates.project.facts import Project

USUAL = re.compile(r"(?:LICEN[CS]E|COPYING)(?:[-._].*)?", re.IGNORECASE)
"""The names that every backend takes for a licence where the project names none."""

CODE = (".py", ".pyi", ".toml", ".json", ".yml", ".yaml", ".cfg", ".spdx")
LIMIT = 1024 * 1024

TEXTS: Mapping[str, Sequence[str]] = {
    "0BSD": ("permission to use, copy, modify, and/or distribute this software", "without fee is hereby granted."),
    "AGPL-3.0": ("gnu affero general public license version 3, 19 november 2007",),
    "Apache-2.0": ("apache license version 2.0, january 2004",),
    "BSD-2-Clause": ("redistribution and use in source and binary forms, with or without modification, are permitted",),
    "BSD-3-Clause": ("redistribution and use in source and binary forms, with or without modification, are permitted",
                     "may be used to endorse or promote products derived from this software"),
    "GPL-2.0": ("gnu general public license version 2, june 1991",),
    "GPL-3.0": ("gnu general public license version 3, 29 june 2007",),
    "ISC": ("distribute this software for any purpose with or without fee is hereby granted, provided that",
            "copyright notice and this permission notice appear in all copies"),
    "LGPL-2.1": ("gnu lesser general public license version 2.1, february 1999",),
    "LGPL-3.0": ("gnu lesser general public license version 3, 29 june 2007",),
    "MIT": ("permission is hereby granted, free of charge, to any person obtaining a copy",
            "the above copyright notice and this permission notice shall be included in all copies"),
    "MIT-0": ("permission is hereby granted, free of charge, to any person obtaining a copy",
              "permit persons to whom the software is furnished to do so. the software is provided"),
    "MPL-2.0": ("mozilla public license version 2.0 1. definitions",),
    "PSF-2.0": ("python software foundation license version 2",),
    "Unlicense": ("this is free and unencumbered software released into the public domain",),
}  # fmt: skip
"""Phrases by which the text of a licence is known (https://spdx.org/licenses/), in lower case with single blanks."""


def identified(text: str) -> tuple[str, ...]:
    """The well-known licences that the text holds, sorted; GPL and the like without `only` and `or-later`."""
    plain = " ".join(re.sub(r"[*#_>`=]+", " ", text).lower().split())
    found = {name for name, phrases in TEXTS.items() if all(phrase in plain for phrase in phrases)}
    if "BSD-3-Clause" in found:
        found.discard("BSD-2-Clause")
    return tuple(sorted(found))


def files(project: Project, artifacts: Iterable[Opened]) -> Iterator[Licence]:
    """The licence files of the tree: those that the project names, else those that are named as one at its root."""
    opened = list(artifacts)
    for path in wanted(project):
        try:
            data = (project.root / path).read_bytes()
        except OSError:
            continue
        text = data[:LIMIT].decode("utf-8", "replace")
        yield Licence(
            path=path,
            names=counted(identified(text)),
            in_wheel=_holds(opened, "wheel", path, data),
            in_sdist=_holds(opened, "sdist", path, data),
        )


def patterns(project: Project) -> Iterator[Pattern]:
    """The entries of `license-files` under [project], where it is the list of PEP 639."""
    text = text_of(project.root, "pyproject.toml") or ""
    try:
        lines = positions(text)
    except ValueError:
        lines = {}
    for index, glob in enumerate(patterns_of(project) or ()):
        key = ("project", "license-files", index)
        yield Pattern(glob=glob, line=lines.get(key, lines.get(key[:2])), matches=len(project.tree.matching((glob,))))


def wanted(project: Project) -> list[str]:
    """Paths of the files that have to be shipped as licences; an empty `license-files` takes none of them back."""
    globs = patterns_of(project)
    if globs:
        return list(project.tree.matching(globs))
    named = table(project.pyproject, "project", "license").get("file")
    if isinstance(named, str):
        path = posixpath.normpath(named)
        return [path] if path in project.tree.files else []
    return [one for one in project.tree.files if USUAL.fullmatch(one) and not one.lower().endswith(CODE)]


def patterns_of(project: Project) -> tuple[str, ...] | None:
    """The globs of `license-files` under [project]; None where it is not there."""
    listed = table(project.pyproject, "project").get("license-files")
    if not isinstance(listed, list | tuple):
        return None
    return tuple(one for one in listed if isinstance(one, str))


def _holds(artifacts: Iterable[Opened], kind: str, path: str, data: bytes) -> bool:
    """Whether an artifact of the kind has the text, or a file at the place of this one."""
    digest = sha256(data)
    return any(
        member.sha256 == digest or at(kind, member.name, path)
        for one in artifacts
        if one.packed.kind == kind
        for member in one.packed.members.items
    )


def at(kind: str, name: str, path: str) -> bool:
    """Whether the member `name` is where an artifact of the kind has the licence file `path` of the tree.

    Below `.dist-info/licenses` with its folders (PEP 639), in `.dist-info` without them (what backends did before).
    """
    if kind == "sdist":
        return name in {path, posixpath.basename(path)}
    folder, _, rest = name.partition("/")
    base = posixpath.basename(path)
    return folder.endswith(".dist-info") and rest in {f"licenses/{path}", f"licenses/{base}", base}
