"""Canaries: how to make each rule of the gate `repro` fire in any project that can be built."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.built.package import Package
from gates.builtin.built.system import PYPROJECT
from gates.builtin.built.wrapper import FOLDER
from gates.builtin.repro import planting
from gates.builtin.repro.planting import MEMBER
from gates.builtin.repro.rules import ATTRIBUTES, BREAKS, CONTAINER, CONTENT, DRIFTED, PUBLISHED, UNEXPECTED
from gates.model.canary import Canary, Planted
from gates.model.evidence import Refusal, counted
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.built.artifact import Kind
    from gates.builtin.built.environment import Environment
    from gates.builtin.built.system import System
    from gates.builtin.repro.facts import Toolchain
    from gates.builtin.repro.settings import ReproSettings
    from gates.model.gate import Context

STAMP = ("import time", "_added(path, time.ctime())")
ORDER = ("_added(path, ' '.join({str(number) for number in range(40)}))",)
MODES = ("mask = os.umask(0o022)", "os.umask(mask)", "_added(path, 'planted', 0o666 & ~mask)")
HEADER = (
    "import struct",
    "import time",
    "with open(path, 'r+b') as archive:",
    "    archive.seek(4)",
    "    archive.write(struct.pack('<L', int(time.time())))",
)
"""The time in a gzip header is its bytes 4 to 7 (RFC 1952, 2.3)."""
FAILING = (
    "mask = os.umask(0o022)",
    "os.umask(mask)",
    "if mask != 0o022:",
    "    raise RuntimeError('it does not build with this umask')",
)
MOST = 20
"""Builds that find the one factor under which it fails: some more than twice the logarithm of their number."""
OLDER = "0.0.1"
EPOCH = 1_600_000_000
NO_DIGEST = "0" * 64


def _spoiling(rule: Rule, title: str, kind: Kind, lines: Sequence[str], most_builds: int = 0) -> Canary:
    """Without a search the rule is the same, and only the factor is not named."""

    def plant(context: Context[ReproSettings]) -> Planted | Reason:
        return planting.spoil(context, kind, lines, most_builds)

    return _canary(rule, title, plant)


def _canary(rule: Rule, title: str, plant: Callable[[Context[ReproSettings]], Planted | Reason]) -> Canary:
    return Canary(rule=rule.code, title=title, plant=plant)


class _Site:
    """The project's own build environment, for what has to say how the project is built now."""

    def __init__(self, context: Context[ReproSettings], system: System, environment: Environment, place: Path) -> None:
        self.context = context
        self.system = system
        self.environment = environment
        self.place = place

    def planted(self, settings: Mapping[str, Any]) -> Planted:
        """Where the finding is: in the file that names the backend, if one does."""
        return Planted(path=None if self.system.line is None else PYPROJECT, settings=settings)


@contextmanager
def _site(context: Context[ReproSettings]) -> Iterator[_Site | Reason]:
    from gates.builtin.built import environment, source, system
    from gates.project import workspace

    python, built_by = context.python, system.of(context.project)
    if isinstance(python, Refusal):
        yield python.reason
        return
    if isinstance(built_by, Refusal):
        yield built_by.reason
        return
    with workspace.folder(context.scratch) as place:
        asked = source.write(context.project, place / "asked")
        options = context.settings.config_settings
        with environment.made(context, python, built_by, asked, kinds=("wheel",), config_settings=options) as made:
            yield made.reason if isinstance(made, Refusal) else _Site(context, built_by, made, place)


def _drifted(context: Context[ReproSettings]) -> Planted | Reason:
    """A record of these sources, made with an older version of all that they are built with."""
    return _recorded(context, OLDER)


def _unexpected(context: Context[ReproSettings]) -> Planted | Reason:
    """A record of these sources and this toolchain that expects another wheel."""
    return _recorded(context, None)


def _recorded(context: Context[ReproSettings], version: str | None) -> Planted | Reason:
    from gates.builtin.repro import collect, record, record_file, toolchain
    from gates.builtin.repro.facts import Expected, Recorded

    with _site(context) as site:
        if isinstance(site, Reason):
            return site
        made_with = toolchain.of(context, site.environment, site.system)
        if isinstance(made_with, Refusal):
            return made_with.reason
        if version is not None:
            made_with = _older(made_with, version)
        when = collect.epoch(context, EPOCH)
        if isinstance(when, Refusal):
            return when.reason
        name = context.settings.record
        held = Recorded(
            path=name,
            sources=record.sources(context.project, name),
            epoch=when.seconds,
            toolchain=made_with,
            expected=counted((Expected(kind="wheel", name="planted-0-py3-none-any.whl", sha256=NO_DIGEST),)),
        )
        place = context.project.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(record_file.encode(held))
        # Settings that a proof adds would be a change of the sources, of which the record is not.
        return site.planted({})


def _older(made_with: Toolchain, version: str) -> Toolchain:
    known = made_with.packages.items or (Package(name="gates-canary", version="", sha256=""),)
    packages = (msgspec.structs.replace(one, version=version, sha256="") for one in known)
    return msgspec.structs.replace(made_with, packages=counted(packages))


def _published(context: Context[ReproSettings]) -> Planted | Reason:
    """A wheel as it is built now, with a file more."""
    from gates.builtin.built import hooks, source

    with _site(context) as site:
        if isinstance(site, Reason):
            return site
        copy = source.write(context.project, site.place / "copy")
        out = context.project.root / FOLDER
        out.mkdir()
        options = context.settings.config_settings
        made = hooks.build(context, site.environment, site.system, copy, out, "wheel", config_settings=options)
        if isinstance(made, Reason):
            return made
        with zipfile.ZipFile(made.path, "a") as archive:
            archive.writestr(MEMBER, "planted")
        return site.planted({"artifacts": ["wheel"], "against": [f"{FOLDER}/{made.name}"]})


CANARIES = (
    _spoiling(CONTENT, "a wheel with the time of its build in a file", "wheel", STAMP),
    _spoiling(CONTENT, "a wheel with a set in the order of the hash seed", "wheel", ORDER),
    _spoiling(ATTRIBUTES, "a wheel with permission bits that follow the umask", "wheel", MODES),
    _spoiling(CONTAINER, "a source distribution with the time of its build in the gzip header", "sdist", HEADER),
    _canary(DRIFTED, "a record that was made with older versions", _drifted),
    _spoiling(BREAKS, "a build that fails with another umask", "wheel", FAILING, MOST),
    _canary(UNEXPECTED, "a record that expects another wheel", _unexpected),
    _canary(PUBLISHED, "a published wheel with a file more", _published),
)
