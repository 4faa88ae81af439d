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
    """Paths of the files that have to be shipped as licences."""
    globs = patterns_of(project)
    if globs is not None:
        # Without any glob everything would match.
        return list(project.tree.matching(globs)) if globs else []
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
    """Whether an artifact of the kind has the text, or a file of this name among its licences."""
    digest, name = sha256(data), posixpath.basename(path)
    for one in artifacts:
        for member in one.packed.members.items if one.packed.kind == kind else ():
            named = posixpath.basename(member.name) == name and (kind == "sdist" or ".dist-info/" in member.name)
            if member.sha256 == digest or named:
                return True
    return False
