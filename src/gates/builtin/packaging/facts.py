"""Facts: what is in the artifacts of a release, and what tools and trials said of them."""

from __future__ import annotations

from typing import Literal

from gates.builtin.built.artifact import Kind
from gates.model.evidence import Counted, Sealed
from gates.model.reason import Reason
from gates.model.tested import Fact

MemberKind = Literal["file", "folder", "link", "hardlink", "other"]
What = Literal["install", "import", "script"]


class Member(Fact, frozen=True, kw_only=True):
    """One member of an artifact; `target` is where a link leads, `key` whether there is a private key inside.

    A file has a `target` where it is the content of a link of the tree that leads out of the project.
    """

    name: str
    kind: MemberKind
    target: str
    sha256: str
    key: bool


class Metadata(Fact, frozen=True, kw_only=True):
    """What METADATA or PKG-INFO of an artifact says; `expression` is the licence in SPDX's words, "" without one."""

    name: str
    version: str
    requires_python: str
    classifiers: Counted[str]
    expression: str
    license: str
    license_files: Counted[str]


class Packed(Fact, frozen=True, kw_only=True):
    """One artifact; `tags` are those in the file WHEEL, none of a source distribution.

    `unrecorded` are the names of files of which a wheel's RECORD does not say what is there.
    `escaping` are the names of members that lie or lead outside of the folder into which it is unpacked.
    """

    kind: Kind
    name: str
    sha256: str
    metadata: Metadata
    tags: Counted[str]
    members: Counted[Member]
    escaping: Counted[str]
    unrecorded: Counted[str]


class Changed(Fact, frozen=True, kw_only=True):
    """One member of the wheel that is not the same when the wheel is built from the source distribution."""

    member: str
    how: Literal["missing", "added", "content", "kind"]


class Complaint(Fact, frozen=True, kw_only=True):
    """One thing that `tool` said: its own code, of which file of the project or which artifact, in which line.

    `tool` is "gates" where none says it. `mild` is set where the project did not choose that check and many projects
    mean what it finds.
    """

    tool: Literal["twine", "check-wheel-contents", "validate-pyproject", "gates"]
    code: str
    message: str
    path: str | None
    line: int | None
    subject: str
    mild: bool


class Licence(Fact, frozen=True, kw_only=True):
    """A licence file of the tree: which licences its text is, in SPDX's words, and which artifacts have its text."""

    path: str
    names: Counted[str]
    in_wheel: bool
    in_sdist: bool


class Pattern(Fact, frozen=True, kw_only=True):
    """One entry of `license-files`, its line in pyproject.toml, and how many files it matches."""

    glob: str
    line: int | None
    matches: int


class Said(Fact, frozen=True, kw_only=True):
    """A version, who says it (`the file name of the wheel`), and in which line of which file of the project.

    Of several tags at HEAD one has to agree.
    """

    who: str
    tag: bool
    version: str
    path: str | None
    line: int | None


class Logged(Fact, frozen=True, kw_only=True):
    """The changelog: whether it has an entry for the version, or something that is not released, and its first line.

    `path` is "" where there is none; `asked` is whether a setting names one. `waits` is whether the entry itself says
    that it is not released; `day` is its date in ISO's form, "" without one.
    """

    path: str
    asked: bool
    entry: bool
    pending: bool
    waits: bool
    day: str
    line: int | None


class Pythons(Fact, frozen=True, kw_only=True):
    """The Python that is judged, and the line of `requires-python` in pyproject.toml."""

    judged: str
    line: int | None


class Tried(Fact, frozen=True, kw_only=True):
    """One trial of the installed wheel: its installation, the import of a module, or a console script.

    `name` is the module, the script, or the file name of the wheel; `message` is one clause of what went wrong, ""
    where it passed.
    """

    what: What
    name: str
    passed: bool
    message: str


class PackagingEvidence(Sealed, frozen=True, kw_only=True):
    """All of it; `again` is the file name of the wheel that was built from the source distribution.

    `smoked` is whether the wheel was to be tried; `undecided` are reasons why a part is missing. `seal` is the digest
    of all the rest: a version or a name that lost its end is another one, and might agree with the others.
    """

    artifacts: Counted[Packed]
    again: str
    changed: Counted[Changed]
    complaints: Counted[Complaint]
    patterns: Counted[Pattern]
    licences: Counted[Licence]
    versions: Counted[Said]
    changelog: Logged
    pythons: Pythons
    smoked: bool
    tried: Counted[Tried]
    notes: Counted[str]
    undecided: Counted[Reason]
