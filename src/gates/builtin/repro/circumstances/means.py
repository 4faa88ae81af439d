"""Means: by what this machine can vary clock, owner and order of folders; each is tried by using it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from gates.builtin.repro.circumstances import values
from gates.process import lending

if TYPE_CHECKING:
    from gates.model.gate import Context

LIBRARIES = ("faketime/libfaketimeMT.so.1", "faketime/libfaketime.so.1")
FOLDERS = ("/usr/lib/*-linux-*", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64")

FAKED = {
    "FAKETIME_FMT": "%s",
    "NO_FAKE_STAT": "1",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "DONT_FAKE_MONOTONIC": "1",
    "FAKETIME_DISABLE_SHM": "1",
}
"""Settings of libfaketime: seconds on which it stands still; times of files and monotonic clocks are left alone."""

SAY = "import os, time; print(int(time.time()), os.getuid(), os.getgid())"
FORGET = "import os, sys; sys.path[:0] = sys.argv[1:]; import child.boot; child.boot.forget()"
"""What libfaketime shares would outlive the trial."""

TIME_MACHINE = "time-machine>=3.0"
PATIENCE = 60.0


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What is there.

    `clock` is None, or how the clock is set; `library` is libfaketime, `machine` the folder with time-machine, and
    `refused` whether the build was tried under faketime and failed.
    `spaces`: user name spaces work. `mounting` is the command that opens a name space for disorderfs, `disorderfs` its
    path. `foreign` is a locale beside C.
    """

    clock: Literal["faketime", "time-machine"] | None
    library: str
    machine: str
    spaces: bool
    mounting: tuple[str, ...]
    disorderfs: str
    foreign: str | None
    refused: bool = False

    def clock_variables(self, now: int) -> Mapping[str, str]:
        """The variables under which a process sees the moment `now`."""
        if self.clock != "faketime":
            return {"LD_PRELOAD": ""}
        return {**FAKED, "LD_PRELOAD": self.library, "FAKETIME": str(now)}


def find(context: Context[Any], python: Path, place: Path) -> Means:
    """What works here with the interpreter `python`; `place` is an empty folder for trials and for time-machine."""
    stronger = context.settings.means == "auto" and sys.platform.startswith("linux")
    unshare = shutil.which("unshare", path=_path(context)) if stronger else None
    library = _library(context, python, place) if stronger else ""
    spaces = unshare is not None and _spaces(context, python, place)
    mounting, disorderfs = _mounting(context, python, place, unshare, spaces)
    machine = "" if library else _machine(context, python, place)
    return Means(
        clock="faketime" if library else "time-machine" if machine else None,
        library=library,
        machine=machine,
        spaces=spaces,
        mounting=mounting,
        disorderfs=disorderfs,
        foreign=_foreign(context, place),
    )


def without_faketime(context: Context[Any], python: Path, place: Path, found: Means) -> Means | None:
    """The means for a build that faketime disturbs, None where the clock cannot be set otherwise.

    libfaketime 0.9.10 lets no process sleep while monotonic clocks are left alone, and only the build's own mends it.
    """
    machine = _machine(context, python, place) if found.clock == "faketime" else ""
    if not machine:
        return None
    return msgspec.structs.replace(found, clock="time-machine", library="", machine=machine, refused=True)


def _path(context: Context[Any]) -> str:
    return context.environ.get("PATH", os.defpath)


def entering(value: int) -> tuple[str, ...]:
    """The command that makes a process see itself as the owner `value`."""
    owner = values.OWNERS[value]
    if owner is None:
        return ()
    return ("unshare", "-U", f"--map-user={owner.uid}", f"--map-group={owner.gid}", "--")


def _said(context: Context[Any], argv: tuple[str, ...], place: Path, env: Mapping[str, str]) -> list[str]:
    completed = context.run(argv, cwd=place, env=env, timeout=PATIENCE)
    return completed.text.split() if completed.status == "OK" else []


def _library(context: Context[Any], python: Path, place: Path) -> str:
    """The libfaketime that works with `python`, "" where there is none."""
    then = 981_173_106
    for found in (str(path) for name in LIBRARIES for path in _found(name)):
        env = {**FAKED, "LD_PRELOAD": found, "FAKETIME": str(then)}
        argv = (str(python), "-I", "-S", "-c", f"{FORGET}; {SAY}", str(place.parent))
        if _said(context, argv, place, env)[:1] == [str(then)]:
            return found
    return ""


def _found(name: str) -> list[Path]:
    return [path for folder in FOLDERS for path in sorted(Path("/").glob(f"{folder[1:]}/{name}"))]


def _spaces(context: Context[Any], python: Path, place: Path) -> bool:
    owner = values.OWNERS[1]
    said = _said(context, (*entering(1), str(python), "-I", "-S", "-c", SAY), place, {})
    return owner is not None and said[1:] == [str(owner.uid), str(owner.gid)]


def _mounting(
    context: Context[Any], python: Path, place: Path, unshare: str | None, spaces: bool
) -> tuple[tuple[str, ...], str]:
    """How to open a name space for disorderfs, and its path; nothing where it cannot mount."""
    tool = shutil.which("disorderfs", path=_path(context))
    if unshare is None or tool is None or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return (), ""
    command: tuple[str, ...] = ("unshare", "-m", "--")
    if os.getuid() != 0:
        if not spaces:
            return (), ""
        command = ("unshare", "-U", "-r", "-m", "--")
    below, shown = place / "below", place / "shown"
    below.mkdir()
    shown.mkdir()
    for name in "abc":
        (below / name).touch()
    launch = mounted(command, tool, python, place.parent / "child", below, shown, shown)
    return (command, tool) if _said(context, (*launch, "ls", "-U"), place, {}) == ["c", "b", "a"] else ((), "")


def mounted(
    command: tuple[str, ...], tool: str, python: Path, child: Path, below: Path, shown: Path, folder: Path
) -> tuple[str, ...]:
    """The beginning of a command line that runs the rest in `folder`, where `shown` has what is `below` in reverse."""
    script = str(child / "mounted.py")
    return (*command, str(python), "-I", "-S", script, tool, str(below), str(shown), str(folder))


def _machine(context: Context[Any], python: Path, place: Path) -> str:
    """A folder with a time-machine that `python` can use and no backend takes for installed; "" where there is none.

    The one beside gates if its binary fits, else one from the index.
    """
    folder = place / "time-machine"
    if not (lending.time_machine(folder) and _travels(context, python, folder)):
        shutil.rmtree(folder, ignore_errors=True)
        if context.offline:
            return ""
        pip = (sys.executable, "-P", "-m", "pip", "--python", str(python), "install", "--quiet")
        options = ("--no-deps", "--no-compile", "--only-binary", ":all:", "--target", str(folder))
        context.run((*pip, *options, TIME_MACHINE), cwd=place, timeout=PATIENCE * 2)
        if not _travels(context, python, folder):
            return ""
    for record in folder.glob("*.dist-info"):
        shutil.rmtree(record)
    return str(folder)


def _travels(context: Context[Any], python: Path, folder: Path) -> bool:
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]; import child.clock, time;"
        " child.clock.start({'means': 'time-machine', 'folder': sys.argv[1], 'now': 981173106});"
        " print(int(time.time()))"
    )
    argv = (str(python), "-I", "-S", "-c", code, str(folder), str(folder.parent.parent))
    return _said(context, argv, folder.parent, {}) == ["981173106"]


def _foreign(context: Context[Any], place: Path) -> str | None:
    if shutil.which("locale", path=_path(context)) is None:
        return values.FOREIGN[-1].replace("utf8", "UTF-8") if sys.platform == "darwin" else None
    return values.foreign(_said(context, ("locale", "-a"), place, {}))
