"""Circumstances keep a build in its folders, and are gone after it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from gates.builtin.built.artifact import Artifact
from gates.builtin.repro.circumstances.child.fence import Fence
from gates.builtin.repro.facts import FactorName
from gates.model.reason import Reason
from support import circumstances

pytestmark = [
    pytest.mark.xdist_group("circumstances"),
    pytest.mark.skipif(os.name != "posix", reason="the backend of these tests asks POSIX"),
]

HOOK = """
import os, shutil, subprocess, sys, tempfile, time, zipfile

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "telling-1-py3-none-any.whl"
{body}
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as archive:
        archive.writestr(zipfile.ZipInfo("seen.json"), "{{}}")
    return name
"""


def backend(body: str) -> str:
    """A backend that does what `body` says before it builds."""
    return HOOK.format(body="".join(f"    {line}\n" for line in body.splitlines()))


OUTSIDE: Mapping[str, str] = {
    "a file": "open(TARGET + '/new', 'w').close()",
    "a file by descriptor": "os.close(os.open(TARGET + '/new', os.O_CREAT | os.O_WRONLY))",
    "a folder": "os.mkdir(TARGET + '/new')",
    "removed": "os.remove(TARGET + '/there')",
    "removed from a folder": "shutil.rmtree(TARGET)",
    "renamed away": "os.rename(TARGET + '/there', 'mine')",
    "renamed to": "os.rename('setup.txt', TARGET + '/new')",
    "permission bits": "os.chmod(TARGET + '/there', 0o600)",
    "times": "os.utime(TARGET + '/there', (1, 1))",
    "a link": "os.symlink('setup.txt', TARGET + '/new')",
    "through a link": "os.symlink(TARGET, 'link')\nopen('link/new', 'w').close()",
    "through a link to a file": "os.symlink(TARGET + '/there', 'link')\nopen('link', 'w').close()",
    "up": "open(os.path.relpath(TARGET) + '/new', 'w').close()",
}


@pytest.mark.parametrize("means", ["auto", "in-process"])
@pytest.mark.parametrize("body", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_writing_outside_is_refused_and_told(tmp_path: Path, body: str, means: str) -> None:
    target = (tmp_path / "elsewhere").resolve()
    target.mkdir()
    (target / "there").write_text("kept")
    before = [(path.name, path.stat().st_mode, path.stat().st_mtime_ns) for path in target.iterdir()]
    root = circumstances.project(tmp_path / "project", backend(f"TARGET = {str(target)!r}\n{body}"))
    with circumstances.workshop(root, means=means) as workshop:
        made = workshop.build("wheel", {})
    assert isinstance(made.outcome, Reason)
    assert made.outside
    assert all(place.startswith(str(target)) for place in made.outside)
    assert [(path.name, path.stat().st_mode, path.stat().st_mtime_ns) for path in target.iterdir()] == before


INSIDE: Mapping[str, str] = {
    "the source": "open('new', 'w').close()\nos.makedirs('build/lib')\nshutil.rmtree('build')",
    "temporary": "with tempfile.TemporaryDirectory() as place:\n    open(place + '/new', 'w').close()",
    "home": "os.makedirs(os.path.expanduser('~/.cache/tool'))",
    "nowhere": "open(os.devnull, 'w').close()",
    "reading": "open(sys.executable, 'rb').close()",
    "a module": "open('fresh.py', 'w').close()\nsys.path.insert(0, os.getcwd())\nimport fresh",
}


@pytest.mark.parametrize("body", INSIDE.values(), ids=INSIDE.keys())
def test_writing_inside_is_not(tmp_path: Path, body: str) -> None:
    root = circumstances.project(tmp_path / "project", backend(body))
    with circumstances.workshop(root) as workshop:
        every: tuple[dict[FactorName, int], ...] = ({}, {"listing": 1, "owner": 1})
        for chosen in every:
            made = workshop.build("wheel", chosen)
            assert isinstance(made.outcome, Artifact), made.outcome
            assert made.outside == ()


def test_a_refusal_that_the_backend_swallows_is_told_all_the_same(tmp_path: Path) -> None:
    body = f"try:\n    open({str(tmp_path / 'new')!r}, 'w')\nexcept OSError:\n    pass"
    with circumstances.workshop(circumstances.project(tmp_path / "project", backend(body))) as workshop:
        made = workshop.build("wheel", {})
    assert isinstance(made.outcome, Artifact)
    assert made.outside == (str((tmp_path / "new").resolve()),)


def test_bytecode_of_the_standard_library_is_refused_without_a_word(tmp_path: Path) -> None:
    fence = Fence([str(tmp_path)], str(tmp_path / "refused"))
    with pytest.raises(PermissionError):
        fence.hook("open", ("/usr/lib/python3/__pycache__/os.pyc", "w", os.O_WRONLY | os.O_CREAT))
    fence.hook("open", (f"{os.path.realpath(sys.prefix)}/lib/__pycache__/a.pyc", "w", os.O_WRONLY))
    fence.hook("open", ("/usr/lib/python3/os.py", "r", os.O_RDONLY))
    fence.hook("open", (3, "w", os.O_WRONLY))
    fence.hook("os.remove", (str(tmp_path / "a"), -1))
    assert (tmp_path / "refused").read_bytes() == b""
    with pytest.raises(PermissionError):
        fence.hook("os.mkdir", ("/somewhere", 0o777, -1))
    assert (tmp_path / "refused").read_bytes() == b"/somewhere\0"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="descriptors of folders are looked up in /proc")
def test_a_path_in_a_folder_that_is_open_is_resolved(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    fence = Fence([str(tmp_path / "mine")], str(tmp_path / "refused"))
    for name, allowed in (("mine", True), (".", False)):
        folder = os.open(tmp_path / name, os.O_RDONLY)
        try:
            if allowed:
                fence.hook("os.remove", ("file", folder))
                continue
            with pytest.raises(PermissionError):
                fence.hook("os.remove", ("file", folder))
        finally:
            os.close(folder)
    fence.hook("os.remove", ("file", 987_654))


def test_the_project_and_this_process_stay_as_they_are(tmp_path: Path) -> None:
    root = circumstances.project(tmp_path / "project", git=True)
    before = {path: (path.lstat().st_mode, path.lstat().st_mtime_ns) for path in [root, *root.rglob("*")]}
    mask, environ, cpus = os.umask(0o022), dict(os.environ), os.cpu_count()
    os.umask(mask)
    with circumstances.workshop(root) as workshop:
        workshop.build("sdist", dict.fromkeys(("path", "umask", "modes", "owner", "listing", "cpus", "mtimes"), 1))
        assert [place.name for place in tmp_path.iterdir() if place != root] != []
    assert {path: (path.lstat().st_mode, path.lstat().st_mtime_ns) for path in [root, *root.rglob("*")]} == before
    held = os.umask(mask)
    assert (held, dict(os.environ), os.cpu_count()) == (mask, environ, cpus)
    assert list(root.parent.rglob("trees")) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="libfaketime shares memory there")
def test_no_shared_memory_is_left(tmp_path: Path) -> None:
    root = circumstances.project(tmp_path / "project")
    with circumstances.workshop(root) as workshop:
        before = set(Path("/dev/shm").glob("faketime*"))
        told = circumstances.told(workshop.build("sdist", {"listing": 1, "owner": 1}))
    left = {path for path in set(Path("/dev/shm").glob("faketime*")) - before if path.stat().st_uid == os.getuid()}
    assert [path.name for path in left] == []
    assert "FAKETIME_SHARED" not in told["always"][1]


CLEAN = """
import subprocess
said = subprocess.run(["git", "diff-index", "--quiet", "HEAD"])
dirty = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True).stdout
assert said.returncode == 0 and dirty == "", (said.returncode, dirty)
"""


@pytest.mark.parametrize("chosen", [{}, {"modes": 1, "mtimes": 1, "owner": 1}, {"modes": 2, "mtimes": 2, "listing": 1}])
def test_the_copy_is_clean_for_git(tmp_path: Path, chosen: dict[FactorName, int]) -> None:
    root = circumstances.project(tmp_path / "project", backend(f"sys.dont_write_bytecode = True\n{CLEAN}"), git=True)
    (root / ".gitignore").write_text("__pycache__\n")
    circumstances.commit(root)
    with circumstances.workshop(root) as workshop:
        made = workshop.build("wheel", chosen)
    assert isinstance(made.outcome, Artifact), made.outcome


SLEEPING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from support import circumstances
with circumstances.workshop(Path(sys.argv[1])) as workshop:
    workshop.build("wheel", {"listing": 1, "owner": 1})
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the table of mounts")
@pytest.mark.parametrize(("how", "seconds"), [(signal.SIGINT, 120), (signal.SIGKILL, 3)])
def test_an_interrupted_build_leaves_no_mount_and_no_process(tmp_path: Path, how: signal.Signals, seconds: int) -> None:
    body = f"open('running', 'w').close()\nimport threading\nthreading.Event().wait({seconds})"
    root = circumstances.project(tmp_path / "project", backend(body))
    support = str(Path(circumstances.__file__).parent.parent)
    running = subprocess.Popen([sys.executable, "-c", SLEEPING, str(root), "-", support], cwd=tmp_path)
    assert _soon(lambda: list(tmp_path.rglob("running")) != [])
    running.send_signal(how)
    running.wait(60)
    assert str(tmp_path) not in Path("/proc/self/mounts").read_text()
    if how == signal.SIGINT:
        assert not _processes(tmp_path)
        assert list(tmp_path.rglob("vltair-*-*/w")) == []
    # Nobody can clean up after SIGKILL: what runs comes to its own end, and the mount with it.
    assert _soon(lambda: not _processes(tmp_path))


def _soon(happened: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while not happened() and time.monotonic() < until:
        time.sleep(0.05)
    return happened()


def _processes(place: Path) -> list[str]:
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(command.read_bytes().decode(errors="replace"))
    return [one for one in found if str(place) in one]
