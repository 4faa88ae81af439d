"""A project whose backend writes all that it sees of the world into what it builds, and a workshop for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gates.builtin.built.artifact import Artifact
from gates.builtin.built.environment import Environment
from gates.builtin.built.system import System
from gates.builtin.repro.circumstances.workshop import Made, Workshop
from gates.builtin.repro.facts import FactorName
from gates.builtin.repro.gate import ReproGate
from gates.project import workspace
from gates.testing.run import context

EPOCH = 1_600_000_000

BACKEND = '''
"""A backend that tells what it sees, by as many ways as there are."""
import datetime, getpass, glob, json, locale, multiprocessing, os, pathlib, pwd, grp, shutil, sys, time, zipfile
import platform, socket, tempfile


def seen():
    probe = os.stat("pyproject.toml")
    entry = next(one for one in os.scandir(".") if one.name == "pyproject.toml")
    os.makedirs("made", exist_ok=True)
    leftover = os.path.exists("made/left")
    with open("made/left", "w") as stream:
        stream.write("x")
    written = os.lstat("made/left")
    held = locale.setlocale(locale.LC_ALL, "")
    for folder, _, _ in os.walk("data"):
        first = os.listdir(folder)
        break
    mask = os.umask(0)
    os.umask(mask)
    return {
        "path": [os.getcwd(), str(pathlib.Path().absolute()), tempfile.gettempdir(), sys.executable, sys.prefix,
                 sys.argv[0], os.environ["PATH"], sys.path],
        "umask": [mask, written.st_mode & 0o777],
        "modes": [probe.st_mode, entry.stat().st_mode, os.stat(".").st_mode, os.stat("data/run.sh").st_mode],
        "owner": [os.getuid(), os.geteuid(), os.getgid(), os.getegid(), probe.st_uid, probe.st_gid, written.st_uid,
                  entry.stat().st_uid, pathlib.Path("setup.txt").stat().st_gid,
                  pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name],
        "timezone": [time.strftime("%z"), time.timezone, datetime.datetime.fromtimestamp(0).hour,
                     datetime.datetime.now().astimezone().utcoffset().seconds, os.environ["TZ"]],
        "locale": [held, locale.getpreferredencoding(False), sys.getfilesystemencoding(), os.environ["LC_ALL"]],
        "hashseed": [hash("a"), list({"alpha", "beta", "gamma", "delta", "epsilon", "zeta"})],
        "clock": [time.time_ns(), datetime.datetime.now(datetime.timezone.utc).isoformat(), int(time.time()),
                  written.st_mtime_ns, int(os.stat("made").st_mtime), os.stat("made").st_ctime_ns, time.gmtime()[:6],
                  probe.st_ctime_ns],
        "mtimes": [probe.st_mtime_ns, probe.st_mtime, os.stat("data").st_mtime, entry.stat().st_mtime_ns],
        "listing": [[os.fsencode(name).hex() for name in names] for names in (
                        first, [one.name for one in os.scandir("data")], glob.glob("data/*"),
                        [one.name for one in pathlib.Path("data").iterdir()], next(os.walk("data"))[2])],
        "user": [os.environ["USER"], os.environ["LOGNAME"], getpass.getuser(), os.path.expanduser("~"),
                 str(pathlib.Path.home()), os.listdir(os.path.expanduser("~")), pwd.getpwuid(os.getuid()).pw_dir,
                 socket.gethostname(), platform.node(), os.uname().nodename, os.uname()[1]],
        "cpus": [os.cpu_count(), multiprocessing.cpu_count(), len(os.sched_getaffinity(0))],
        "rebuild": [leftover],
        "always": [os.environ["SOURCE_DATE_EPOCH"], sorted(set(os.environ) - {"VLTAIR_CHILD_TOKEN"}),
                   os.environ.get("FROM_THE_SHELL")],
    }


def write(folder, name):
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        archive.writestr(zipfile.ZipInfo("seen.json"), json.dumps(seen()))
    return name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return write(wheel_directory, "telling-1-py3-none-any.whl")


def build_sdist(sdist_directory, config_settings=None):
    return write(sdist_directory, "telling-1.tar.gz")
'''


def project(root: Path, backend: str = BACKEND, *, git: bool = False) -> Path:
    """A project below the new folder `root`, in a repository of its own where wanted."""
    (root / "backend").mkdir(parents=True)
    (root / "backend" / "telling.py").write_text(backend)
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "telling"\nbackend-path = ["backend"]\n'
        '[project]\nname = "telling"\nversion = "1"\n'
    )
    (root / "setup.txt").touch()
    (root / "data").mkdir()
    for name in ("run.sh", "b.txt", "a.txt", "Z.txt", "é.txt", "d.txt"):
        (root / "data" / name).write_text(name)
    (root / "data" / "run.sh").chmod(0o755)
    if git:
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        commit(root)
    return root


def commit(root: Path) -> None:
    """Commit all that is there."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    for words in (["add", "-A"], [*identity, "commit", "-qm", "all"]):
        subprocess.run(["git", *words], cwd=root, check=True)


TELLING = System(requires=(), backend="telling", backend_path=("backend",))


@contextmanager
def workshop(
    root: Path,
    *,
    python: Path | None = None,
    system: System = TELLING,
    environ: Mapping[str, str] | None = None,
    **settings: Any,
) -> Iterator[Workshop]:
    """A workshop for the project at `root`, whose folder is removed at the end."""
    asked = context(root, ReproGate(), environ=environ, **settings)
    program = python or Path(sys.executable)
    environment = Environment(python=program, folder=program.parent.parent, packages=())
    with workspace.folder(asked.scratch) as place:
        yield Workshop(asked, environment, system, EPOCH, place)


def able() -> dict[FactorName, bool]:
    """Whether this machine has the stronger means of each factor that has one, found out without the product."""
    linux = sys.platform.startswith("linux")
    return {
        "clock": linux and _runs("faketime", "2001-02-03 04:05:06", "true"),
        "owner": linux and _runs("unshare", "-U", "--map-user=4711", "--map-group=4712", "true"),
        "listing": linux
        and shutil.which("disorderfs") is not None
        and os.access("/dev/fuse", os.R_OK | os.W_OK)
        and _runs("unshare", "-m", "true"),
    }


def _runs(*command: str) -> bool:
    return shutil.which(command[0]) is not None and subprocess.run(command, check=False).returncode == 0


def told(made: Made) -> dict[str, Any]:
    """What the backend of a build told.

    Raises:
        AssertionError: there is no artifact.
    """
    assert isinstance(made.outcome, Artifact), made.outcome
    with zipfile.ZipFile(made.outcome.path) as archive:
        found: dict[str, Any] = json.loads(archive.read("seen.json"))
    return found
