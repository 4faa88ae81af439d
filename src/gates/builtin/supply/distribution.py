"""Distribution: one thing that a project depends on, with all that its source tells of it."""

from __future__ import annotations

from typing import Literal

from gates.model.evidence import Counted, counted
from gates.model.tested import Fact

Origin = Literal["index", "editable", "local", "vcs", "url"]
"""Where it comes from: a package index, a folder or file of this machine, a repository, or one address.

`editable` is a folder that is imported in place; `local` a folder or file that was copied from.
"""


class Licence(Fact, frozen=True, kw_only=True):
    """What metadata says of the licence: the SPDX expression (PEP 639), the older free text, and the classifiers."""

    expression: str
    text: str
    classifiers: Counted[str]


class Artifact(Fact, frozen=True, kw_only=True):
    """One file of a distribution that a lock names: `hashes` are `sha256:…`, the algorithm in small letters.

    `url` is "" where the lock only has its name.
    """

    name: str
    url: str
    hashes: Counted[str]


class Requirement(Fact, frozen=True, kw_only=True):
    """What is asked for: the canonical name, extras, the version specifier, and the marker as they are written.

    `group` is the dependency group that asks, "" for the distribution itself; `version` is the one that a lock chose,
    "" where it did not say.
    """

    name: str
    extras: Counted[str]
    specifier: str
    marker: str
    group: str
    version: str


class Distribution(Fact, frozen=True, kw_only=True):
    """One distribution. `name` is canonical (PEP 503), `version` is "" where nothing pins one.

    `url` is where it comes from other than an index, without credentials, "" for an index. `artifacts` are the files
    that a lock names. `record` is the SHA-256 of the installed RECORD, or of all installed files where there is none
    (`hashed` says which), "" of what is not installed; `tags` are those of the installed wheel. `known` is whether the
    source says what it requires. `marker` is the condition under which the source has it. `supplier` and `author` are
    the maintainer (else the author) and the author of its metadata. `path` and `line` are where it is written down,
    None for an environment.
    """

    name: str
    version: str
    origin: Origin
    url: str
    artifacts: Counted[Artifact]
    record: str
    hashed: Literal["", "RECORD", "files"]
    tags: Counted[str]
    requires: Counted[Requirement]
    known: bool
    marker: str
    groups: Counted[str]
    licence: Licence
    supplier: str
    author: str
    summary: str
    path: str | None
    line: int | None

    @property
    def key(self) -> str:
        """`name==version`, which names it within its source."""
        return f"{self.name}=={self.version}" if self.version else self.name

    @property
    def hashes(self) -> frozenset[str]:
        """The hashes of all its files, as `sha256:…`."""
        return frozenset(one for artifact in self.artifacts.items for one in artifact.hashes.items)


NO_LICENCE = Licence(expression="", text="", classifiers=counted(()))


def locked(  # noqa: PLR0913 - the fields of a lock's entry
    name: str,
    version: str,
    *,
    path: str,
    line: int | None,
    origin: Origin = "index",
    url: str = "",
    artifacts: tuple[Artifact, ...] = (),
    requires: tuple[Requirement, ...] = (),
    known: bool = True,
    marker: str = "",
    groups: tuple[str, ...] = (),
    summary: str = "",
) -> Distribution:
    """A distribution as a lock file tells it, which knows nothing of metadata and of what is installed."""
    return Distribution(
        name=name,
        version=version,
        origin=origin,
        url=url,
        artifacts=counted(artifacts),
        record="",
        hashed="",
        tags=counted(()),
        requires=counted(requires),
        known=known,
        marker=marker,
        groups=counted(groups),
        licence=NO_LICENCE,
        supplier="",
        author="",
        summary=summary,
        path=path,
        line=line,
    )
