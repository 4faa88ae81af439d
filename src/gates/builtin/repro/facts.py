"""Facts: what was built under which circumstances, what differs, and what makes it differ."""

from __future__ import annotations

from typing import Literal

from gates.builtin.built.artifact import Kind
from gates.builtin.built.package import Package
from gates.model.evidence import Counted, Facts
from gates.model.tested import Fact

FactorName = Literal[
    "path", "umask", "modes", "owner", "timezone", "locale", "hashseed", "clock", "mtimes", "listing", "user", "cpus",
    "rebuild",
]  # fmt: skip
"""What is varied between builds.

`path`: the absolute path of the source. `umask`: that of the build. `modes`: permission bits of the checkout. `owner`:
user and group of the source and of the build. `timezone`, `locale`, `hashseed`: the variables. `clock`: the time, days
apart. `mtimes`: modification times of the checkout. `listing`: the order in which folders are listed. `user`: name and
home of the user. `cpus`: how many processors there are. `rebuild`: a second build in the same tree.
"""

FACTORS: tuple[FactorName, ...] = (
    "path", "umask", "modes", "owner", "timezone", "locale", "hashseed", "clock", "mtimes", "listing", "user", "cpus",
    "rebuild",
)  # fmt: skip

RANDOM = "random"
"""What stands for a factor where a build under the very same circumstances differs too."""

UNEXPLAINED = "unexplained"
"""What stands for a factor where no build that was tried shows the difference again."""

Attribute = Literal[
    "member", "order", "mtime", "mode", "owner", "type", "link", "content", "METADATA", "RECORD", "generator",
    "header", "compressed", "gzip-mtime", "gzip-header", "pax", "name",
]  # fmt: skip
"""What of a member, or of the archive itself, differs.

`member`: only one archive has it. `order`: its place. `METADATA`, `RECORD`: the content of that file (PKG-INFO is
METADATA). `generator`: only the line `Generator` of WHEEL. `header`: other fields of its header (system, flags, extra).
`compressed`: its compressed bytes, and nothing else. `gzip-mtime`, `gzip-header`: bytes of the gzip header. `pax`:
extended headers of a tar. `name`: the file name of the artifact.
"""

Round = Literal["reference", "varied", "other", "again", "after", "mixed-1", "mixed-2", "mixed-3", "mixed-4"]
ROUNDS: tuple[Round, ...] = (
    "reference", "varied", "other", "again", "after", "mixed-1", "mixed-2", "mixed-3", "mixed-4",
)  # fmt: skip
"""`varied` has every factor at its second value, `other` at its third; `again` is in the tree of `varied`, and `after`
in one in which only the other artifact was built, both under the circumstances of `varied`. The mixed rounds
have some factors as the reference has them, so that no two can hide each other, and each a hash seed of its own."""


class Factor(Fact, frozen=True, kw_only=True):
    """One factor: the means by which it was varied (`faketime`, `in-process: time-machine`) and the values shown.

    `values` are those that the build's own process saw, of the rounds in their order. `reason` says why it was not
    varied, "" where it was.
    """

    name: FactorName
    varied: bool
    method: str
    values: Counted[str]
    reason: str


class Build(Fact, frozen=True, kw_only=True):
    """One build of a round: the name, SHA-256 and size of what it made, or the `problem` (a sentence) without one."""

    round: Round
    kind: Kind
    name: str
    sha256: str
    size: int
    problem: str


class Difference(Fact, frozen=True, kw_only=True):
    """One attribute of one member that a factor changes: `before` in the reference, `after` with the factor alone.

    `member` is a path in the archive (`a.zip!/b` inside of a nested one), "" for the archive itself. `excerpt` is a
    short unified diff of a text, "" elsewhere. `factor` is one of `FACTORS`, several joined by `+` that act only
    together, `RANDOM` or `UNEXPLAINED`.
    """

    kind: Kind
    member: str
    attribute: Attribute
    factor: str
    before: str
    after: str
    excerpt: str


class Broken(Fact, frozen=True, kw_only=True):
    """A factor under which the build fails that succeeds without it; `message` is what the backend said."""

    kind: Kind
    factor: str
    message: str


class Toolchain(Fact, frozen=True, kw_only=True):
    """What made the bytes: interpreter, zlib, the backend and all that it was built with."""

    python: str
    zlib: str
    platform: str
    backend: str
    packages: Counted[Package]


class Expected(Fact, frozen=True, kw_only=True):
    """What the committed record says of one artifact: its name and SHA-256."""

    kind: Kind
    name: str
    sha256: str


class Recorded(Fact, frozen=True, kw_only=True):
    """The committed record: of which sources (their digest) and toolchain, and which hashes it expects."""

    path: str
    sources: str
    epoch: int
    toolchain: Toolchain
    expected: Counted[Expected]


class Published(Fact, frozen=True, kw_only=True):
    """A published artifact beside a rebuild with the backend that it names.

    `verdict`: `bit-equal`, `content-equal` (only attributes differ), `different`. `generator` is the line of its WHEEL
    file, "" for a source distribution without one. Factors of its differences are `UNEXPLAINED`: nobody knows under
    which circumstances it was made.
    """

    source: str
    name: str
    kind: Kind
    sha256: str
    rebuilt: str
    generator: str
    epoch: int
    verdict: Literal["bit-equal", "content-equal", "different"]
    differences: Counted[Difference]


class ReproEvidence(Facts, frozen=True, kw_only=True):
    """All builds, the factors, what differs, and what it was compared with.

    `sources` is the digest over the tree. `drifted` are packages whose version changed while it was built. `singles`
    is how many builds the search took. `record` and `published` are empty where there are none. `seal` is the digest
    over all that says whether the record can be compared: a record that lost a part of it would be of other sources.
    """

    schema_version: int
    epoch: int
    epoch_from: str
    backend_line: Counted[int]
    sources: str
    toolchain: Toolchain
    kinds: Counted[Kind]
    factors: Counted[Factor]
    builds: Counted[Build]
    differences: Counted[Difference]
    broken: Counted[Broken]
    drifted: Counted[str]
    singles: int
    record: Counted[Recorded]
    seal: str
    published: Counted[Published]
    notes: Counted[str]
