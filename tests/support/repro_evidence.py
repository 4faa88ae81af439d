"""Evidence of the gate `repro` to change from: a project with a wheel and an sdist that are the same everywhere."""

from __future__ import annotations

import hashlib
from typing import Any

from msgspec.structs import replace

from gates.builtin.built.artifact import KINDS
from gates.builtin.built.package import Package
from gates.builtin.repro.consistency import seal
from gates.builtin.repro.facts import (
    FACTORS,
    ROUNDS,
    UNEXPLAINED,
    Broken,
    Build,
    Difference,
    Expected,
    Factor,
    Published,
    Recorded,
    ReproEvidence,
    Toolchain,
)
from gates.model.evidence import counted

NAMES = {"sdist": "demo-1.0.tar.gz", "wheel": "demo-1.0-py3-none-any.whl"}
HATCHLING = Package(name="hatchling", version="1.27.0", sha256="a" * 64)
PACKAGING = Package(name="packaging", version="25.0", sha256="")
TOOLS = Toolchain(
    python="cpython 3.12.4",
    zlib="1.3.1",
    platform="linux-x86_64",
    backend="hatchling.build",
    packages=counted((HATCHLING, PACKAGING)),
)


def digest(text: str) -> str:
    """A SHA-256 that belongs to a word."""
    return hashlib.sha256(text.encode()).hexdigest()


def build(kind: Any, round_: Any = "reference", **changes: Any) -> Build:
    """One build; its hash is that of its kind unless it is changed."""
    made = Build(round=round_, kind=kind, name=NAMES[kind], sha256=digest(kind), size=1000, problem="")
    return replace(made, **changes)


def factor(name: Any, reason: str = "") -> Factor:
    """One factor, varied unless there is a reason why not."""
    return Factor(
        name=name,
        varied=not reason,
        method="" if reason else "in-process",
        values=counted(() if reason else ("a", "b", "c")),
        reason=reason,
    )


def difference(member: str, attribute: Any, factor: str, **changes: Any) -> Difference:
    """One difference of the wheel."""
    made = Difference(
        kind="wheel", member=member, attribute=attribute, factor=factor, before="0644", after="0600", excerpt=""
    )
    return replace(made, **changes)


def evidence(**changes: Any) -> ReproEvidence:
    """Wheel and sdist, each the same in the builds of all rounds, under all factors."""
    made = ReproEvidence(
        schema_version=1,
        epoch=1_600_000_000,
        epoch_from="commit",
        backend_line=counted((3,)),
        sources=digest("sources"),
        toolchain=TOOLS,
        kinds=counted(KINDS),
        factors=counted(factor(name) for name in FACTORS),
        builds=counted(build(kind, name) for kind in KINDS for name in ROUNDS),
        differences=counted(()),
        broken=counted(()),
        drifted=counted(()),
        singles=0,
        record=counted(()),
        seal="",
        published=counted(()),
        notes=counted(()),
    )
    held = {name: counted(value) if isinstance(value, (tuple, list)) else value for name, value in changes.items()}
    made = replace(made, **held)
    return replace(made, seal=seal(made.sources, made.epoch, made.toolchain, made.record.items))


def recorded(**changes: Any) -> Recorded:
    """The record of `evidence()`."""
    made = Recorded(
        path="gates-baseline/repro.json",
        sources=digest("sources"),
        epoch=1_600_000_000,
        toolchain=TOOLS,
        expected=counted(Expected(kind=kind, name=NAMES[kind], sha256=digest(kind)) for kind in KINDS),
    )
    return replace(made, **changes)


def published(verdict: Any, *rows: Difference, **changes: Any) -> Published:
    """A published wheel beside its rebuild."""
    made = Published(
        source="demo==1.0",
        name=NAMES["wheel"],
        kind="wheel",
        sha256=digest("published"),
        rebuilt=digest("published" if verdict == "bit-equal" else "wheel"),
        generator="hatchling 1.18.0",
        epoch=1_600_000_000,
        verdict=verdict,
        differences=counted(rows),
    )
    return replace(made, **changes)


def differing() -> ReproEvidence:
    """A wheel whose modes follow the umask, whose data follows the hash seed, and whose build fails in one locale."""
    members = ("demo/__init__.py", "demo/core.py", "demo/data.json", "demo/more.py", "demo-1.0.dist-info/WHEEL")
    excerpt = '--- before\n+++ after\n@@ -1 +1 @@\n-["a", "b"]\n+["b", "a"]\n'
    return evidence(
        builds=[
            *(build("sdist", name) for name in ROUNDS),
            build("wheel"),
            build("wheel", "varied", sha256=digest("varied")),
            build("wheel", "other", name="", sha256="", size=0, problem="the backend raised UnicodeEncodeError"),
            *(build("wheel", name, sha256=digest("varied")) for name in ROUNDS[3:]),
        ],
        differences=[
            *(difference(name, "mode", "umask") for name in members),
            difference("demo/data.json", "content", "hashseed", before="12 bytes", after="12 bytes", excerpt=excerpt),
            difference("demo-1.0.dist-info/RECORD", "RECORD", "hashseed", before="2 lines", after="2 lines"),
            difference("demo/stamp.txt", "content", "random", before="16 bytes", after="16 bytes"),
        ],
        broken=[Broken(kind="wheel", factor="locale", message="UnicodeEncodeError: 'ascii' codec can't encode")],
        factors=[factor(name, "user namespaces are not allowed here" if name == "owner" else "") for name in FACTORS],
        notes=["owner is excused and was not varied"],
        record=[
            recorded(toolchain=replace(TOOLS, packages=counted((replace(HATCHLING, version="1.26.0"), PACKAGING))))
        ],
        published=[
            published("content-equal", difference("demo/core.py", "mtime", UNEXPLAINED, before="1", after="2")),
            published("bit-equal", name=NAMES["sdist"], kind="sdist", generator=""),
        ],
        singles=7,
    )


def hostile() -> ReproEvidence:
    """A wheel whose members, messages and texts hold what acts on terminals, in Markdown and on GitHub's runner."""
    name = "demo/\x1b[31m`evil`|<b>\u202e::error::\n.py"
    return evidence(
        kinds=["wheel"],
        builds=[build("wheel"), build("wheel", "varied", sha256=digest("x"), name="d|`e`\x07.whl")],
        differences=[
            difference(
                name, "content", "hashseed", before="::warning::a", after="##[error]", excerpt="```\n\x1b]0;x\x07\n"
            ),
        ],
        broken=[Broken(kind="wheel", factor="locale", message="::error::x\n\x1b[2J```")],
        notes=["##[group]\x1b[31mnote"],
        singles=1,
    )
