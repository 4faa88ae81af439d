"""Plan: what the child is told, the variables and the command line of its process, and what it reports."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.repro.circumstances import values
from gates.builtin.repro.circumstances.means import FAKED, entering, mounted
from gates.builtin.repro.facts import FACTORS, FactorName

if TYPE_CHECKING:
    from gates.builtin.built.hooks import Command
    from gates.builtin.repro.circumstances.means import Means

KEPT = (
    "PATH", "HOME", "TMPDIR", "TEMP", "TMP", "USER", "LOGNAME", "USERNAME", "USERPROFILE", "LANG", "LC_ALL", "TZ",
    "SOURCE_DATE_EPOCH", "PYTHONHASHSEED", "PYTHONCOERCECLOCALE", "PYTHONUTF8", "LD_PRELOAD", "FAKETIME", *FAKED,
    "VLTAIR_CHILD_TOKEN", "_PYPROJECT_HOOKS_*", "PYTHONNOUSERSITE", "PEP517_*",
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROGRAMDATA", "PROGRAMFILES*",
    "CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "SDKROOT", "MACOSX_DEPLOYMENT_TARGET",
    "SETUPTOOLS_SCM_*", "PBR_*", "HATCH_*", "PDM_BUILD_*", "POETRY_DYNAMIC_VERSIONING_*",
)  # fmt: skip
"""Variables of a build: what is set here, what a system cannot do without, and what tells a backend a version or a
compiler. All others, those of a CI service and of the user's shell, are taken out."""

GRACE = 120
"""Seconds after the end of its time limit at which nothing can be written by a build any more."""

ORDERED = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf")
SHUFFLED = ("golf", "delta", "charlie", "foxtrot", "alpha", "echo", "bravo")
"""The files of the folder on which the child tries how folders are listed, and their order in the third value."""


class Rooms(msgspec.Struct, frozen=True, kw_only=True):
    """Folders and files of one build.

    `top` is where the copy is or is mounted, `prefix` the project's folder in it, `below` the copy under a mount.
    `environment` leads to the environment that builds.
    """

    top: Path
    prefix: str
    below: Path | None
    out: Path
    environment: Path
    home: Path
    temporary: Path
    probes: Path
    child: Path
    report: Path
    refused: Path
    marker: Path
    plan: Path

    @property
    def source(self) -> Path:
        """The project's folder, as the build sees it."""
        return self.top / self.prefix


def write(rooms: Rooms, means: Means, chosen: Mapping[FactorName, int], epoch: int, since: float, until: float) -> None:
    """Write the plan of a build whose factors have the values `chosen`; files of `since` to `until` are its own."""
    owner = values.OWNERS[chosen["owner"]]
    told: dict[str, Any] = {
        "variables": KEPT,
        "umask": values.UMASKS[chosen["umask"]],
        "clock": {
            "means": means.clock,
            "folder": means.machine,
            "now": values.clock(epoch, chosen["clock"]),
        },
        "since": since,
        "until": until + GRACE,
        "owner": None if owner is None else {**msgspec.structs.asdict(owner), "patched": not means.spaces},
        "listing": values.LISTINGS[chosen["listing"]],
        "orders": {"sorted": ORDERED, "reversed": ORDERED[::-1], "shuffled": SHUFFLED},
        "mounted": rooms.below is not None,
        "user": values.USERS[chosen["user"]],
        "machine": values.MACHINES[chosen["user"]],
        "cpus": values.CPUS[chosen["cpus"]],
        "pinned": chosen["cpus"] == 1,
        "writable": [str(one) for one in (rooms.top, rooms.out, rooms.home, rooms.temporary)],
        "file": str(_probe(rooms)),
        "folder": str(rooms.probes),
        "marker": str(rooms.marker),
        "report": str(rooms.report),
        "refused": str(rooms.refused),
    }
    rooms.plan.write_bytes(msgspec.json.encode(told))


def variables(
    rooms: Rooms, means: Means, chosen: Mapping[FactorName, int], epoch: int, environ: Mapping[str, str]
) -> Mapping[str, str]:
    """The variables of a build over those of the run, whose own for Python and for a session are made empty."""
    user = values.USERS[chosen["user"]]
    emptied = {name: "" for name in environ if name.startswith(("PYTHON", "LC_")) or name in ("LANGUAGE", "CI")}
    return {
        **emptied,
        **means.clock_variables(values.clock(epoch, chosen["clock"])),
        **values.locale(chosen["locale"], means.foreign),
        **dict.fromkeys(("USER", "LOGNAME", "USERNAME"), user),
        **dict.fromkeys(("HOME", "USERPROFILE"), str(rooms.home)),
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(rooms.temporary)),
        "TZ": values.ZONES[chosen["timezone"]],
        "PYTHONHASHSEED": values.HASH_SEEDS[chosen["hashseed"]],
        "SOURCE_DATE_EPOCH": str(epoch),
    }


def command(
    plain: Command, rooms: Rooms, means: Means, chosen: Mapping[FactorName, int], env: Mapping[str, str]
) -> Command:
    """The command of a hook, started by the child under `chosen`."""
    from gates.builtin.built.hooks import Command

    script = next(place for place, word in enumerate(plain.argv) if word.endswith(".py"))
    interpreter, rest = plain.argv[:script], plain.argv[script:]
    programs = rooms.environment / Path(interpreter[0]).parent.name
    path = os.pathsep.join((str(programs), *plain.env.get("PATH", "").split(os.pathsep)[1:]))
    python = programs / Path(interpreter[0]).name
    argv = (str(python), *interpreter[1:], str(rooms.child / "boot.py"), str(rooms.plan), *rest)
    if means.spaces:
        argv = (*_entering(chosen["owner"], rooms.below is not None), *argv)
    if rooms.below is not None:
        launch = mounted(means.mounting, means.disorderfs, python, rooms.child, rooms.below, rooms.top, rooms.source)
        argv = (*launch, *argv)
    # The source itself is not there before the mount.
    cwd = plain.cwd if rooms.below is None else rooms.top
    return Command(argv=argv, cwd=cwd, env={**plain.env, "PATH": path, **env})


def _entering(owner: int, under_mount: bool) -> tuple[str, ...]:
    """The command that gives a process the owner of this value; one that a mount made root here is made itself."""
    if owner == 0 and under_mount and os.getuid() != 0:
        return ("unshare", "-U", f"--map-user={os.getuid()}", f"--map-group={os.getgid()}", "--")
    return entering(owner)


def _probe(rooms: Rooms) -> Path:
    """A file of the source whose modes and times are looked at; the folder itself where there is none."""
    where = rooms.source if rooms.below is None else rooms.below / rooms.prefix
    names = sorted(entry.name for entry in where.iterdir() if entry.is_file() and not entry.is_symlink())
    wanted = [name for name in ("pyproject.toml", "setup.cfg", "setup.py") if name in names]
    return rooms.source / (wanted or names or ["."])[0]


def seen(rooms: Rooms) -> Mapping[FactorName, str]:
    """What the child saw of each factor; nothing where it did not come so far."""
    try:
        found = msgspec.json.decode(rooms.report.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}
    return {name: found[name] for name in FACTORS if name in found}


def refused(rooms: Rooms) -> tuple[str, ...]:
    """The places outside that the build tried to write to, each once, sorted."""
    try:
        found = rooms.refused.read_bytes()
    except OSError:
        return ()
    return tuple(sorted({os.fsdecode(one) for one in found.split(b"\0") if one}))
