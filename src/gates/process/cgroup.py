"""Control group: where Linux lets this user make one (cgroup v2), nothing that a child starts can leave its sight."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
OWN = Path("/proc/self/cgroup")


@dataclass(frozen=True)
class Cgroup:
    """One control group made for one child; `memory` says whether the kernel limits its memory."""

    path: Path
    memory: bool

    def add(self, pid: int) -> bool:
        """Move a process in; its later children are born inside. False where the kernel refuses."""
        return _write(self.path / "cgroup.procs", str(pid))

    def members(self) -> list[int]:
        """The processes inside, whatever session or environment they gave themselves."""
        try:
            return [int(word) for word in (self.path / "cgroup.procs").read_text().split()]
        except (OSError, ValueError):
            return []

    def kill(self) -> None:
        """End everything inside at once (Linux 5.14 and newer; elsewhere the members are ended one by one)."""
        _write(self.path / "cgroup.kill", "1")

    def out_of_memory(self) -> bool:
        """Whether the kernel ended a member because of the group's own limit."""
        try:
            lines = (self.path / "memory.events").read_text().splitlines()
        except OSError:
            return False
        return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)

    def remove(self, patience: float = 0.2) -> None:
        """Remove the group; the kernel lets go of dead members a moment after they died (`patience` in seconds)."""
        until = time.monotonic() + patience
        while True:
            try:
                self.path.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                if time.monotonic() > until:
                    return
                time.sleep(0.002)
            else:
                return


def create(name: str, memory: int | None) -> Cgroup | str:
    """A new control group beside this process, with `memory` bytes as its limit where it can be; or why not."""
    home = _home()
    if home is None:
        return "cgroup v2 is not mounted here"
    path = home / f"vltair-{name}"
    try:
        path.mkdir()
    except OSError as error:
        return f"no control group may be made here: {os.strerror(error.errno or 0)}"
    limited = memory is not None and _write(path / "memory.max", str(memory))
    if limited:
        _write(path / "memory.oom.group", "1")
        _write(path / "memory.swap.max", "0")
    return Cgroup(path, limited)


def _home() -> Path | None:
    """The directory of this process's own group in the unified hierarchy (cgroups(7), "/proc/pid/cgroup")."""
    with contextlib.suppress(OSError, ValueError, IndexError, StopIteration):
        mounts = MOUNTS.read_text().splitlines()
        mount = next(line.split()[4] for line in mounts if line.partition(" - ")[2].startswith("cgroup2 "))
        own = next(line[3:] for line in OWN.read_text().splitlines() if line.startswith("0::"))
        return Path(mount) / own.strip("/")
    return None


def _write(path: Path, text: str) -> bool:
    # No O_CREAT: a name that the kernel does not offer must not become a file; no reading: some are write-only.
    try:
        descriptor = os.open(path, os.O_WRONLY)
    except OSError:
        return False
    try:
        os.write(descriptor, text.encode("ascii"))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
