"""Bad input: whatever a build does, it is one sentence or the right verdict, and nothing of the user's is touched."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.repro.circumstances.child import lock
from gates.builtin.repro.collect import collect
from gates.builtin.repro.facts import ReproEvidence
from gates.builtin.repro.gate import ReproGate
from gates.model.evidence import Refusal
from gates.testing.run import context

pytestmark = [
    pytest.mark.xdist_group("circumstances"),
    pytest.mark.skipif(os.name != "posix", reason="the backend of these tests asks POSIX"),
]

BACKEND = """
import os, shutil, subprocess, sys, time, zipfile

def packed(folder, name, member="x"):
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        archive.writestr(zipfile.ZipInfo(member), "x")

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "bad-1-py3-none-any.whl"
{body}
    return name
"""
GOOD = "packed(folder, name)"

CHILD = """\
code = "open(" + repr(os.path.relpath(TARGET)) + ", chr(119))"
subprocess.run([sys.executable, "-c", code], check=True)
packed(folder, name)
"""

REFUSED: Mapping[str, tuple[str, Mapping[str, Any], str, str]] = {
    "hangs": ("time.sleep(1000)", {"build_timeout": 2.0}, "timeout", "did not come to an end within 2 seconds"),
    "fills the disk": (
        f"open('big', 'wb').truncate(1 << 24)\n{GOOD}",
        {"disk": 8},
        "output_limit",
        "wrote more than the 8 MiB",
    ),
    "two wheels": (f"{GOOD}\npacked(folder, 'b' + name)", {}, "unparsable_output", "left two wheels"),
    "no wheel": ("pass", {}, "evidence_missing", "left no file of this name"),
    "no answer": ("os._exit(0)", {}, "unparsable_output", "gave no answer"),
    "killed": ("os.kill(os.getpid(), 9)", {}, "tool_killed", "SIGKILL"),
    "escapes": ("packed(folder, name, '../../x')", {}, "evidence_corrupt", "is not safe to read"),
    "no archive": ("open(os.path.join(folder, name), 'w').write('x')", {}, "evidence_corrupt", "is not safe to read"),
    "writes outside": (f"open(TARGET, 'w').write('x')\n{GOOD}", {}, "tool_crashed", "target.txt elsewhere"),
    "writes outside by a child": (
        CHILD,
        {},
        "tool_crashed",
        "build_wheel failed",
    ),
    "writes into the project": (
        f"open(PROJECT + '/new', 'w').close()\n{GOOD}",
        {},
        "tool_crashed",
        "new of the project",
    ),
}

BORNE: Mapping[str, str] = {
    "prints": f"for _ in range(8): os.write(1, b'x' * (1 << 20))\n{GOOD}",
    "leaves a process": f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n{GOOD}",
    "shuts a folder": f"os.makedirs('shut', exist_ok=True)\nos.chmod('shut', 0)\n{GOOD}",
    "leaves a long path": f"os.makedirs('/'.join(['d' * 50] * 40), exist_ok=True)\n{GOOD}",
}


def project(root: Path, body: str) -> Path:
    """A project whose backend does what `body` says."""
    (root / "backend").mkdir(parents=True)
    (root / "backend" / "bad.py").write_text(BACKEND.format(body=textwrap.indent(body, "    ")))
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "bad"\nbackend-path = ["backend"]\n'
    )
    return root


def state(root: Path) -> list[tuple[str, int, int, bytes]]:
    """Names, modes, times and bytes of all files."""
    return [
        (str(path.relative_to(root)), path.lstat().st_mode, path.lstat().st_mtime_ns, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    ]


def judged(root: Path, body: str, **settings: Any) -> ReproEvidence | Refusal:
    """What the gate says of such a project; the project, the umask and the variables are as they were."""
    made = project(root, body)
    asked = context(made, ReproGate(), artifacts=("wheel",), source_date_epoch=1_700_000_000, **settings)
    mask = os.umask(0o022)
    os.umask(mask)
    before = (state(made), dict(os.environ))
    found = collect(asked)
    after = os.umask(mask)
    os.umask(mask)
    assert (state(made), dict(os.environ), after) == (*before, mask)
    assert list(asked.scratch.glob("*")) == []
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_judged_is_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    body, settings, code, words = REFUSED[name]
    if name == "writes outside by a child" and not _locks():
        pytest.skip("Landlock is not there, and the fence is in one process only")
    root, target = tmp_path / "a project é", tmp_path / "target.txt"
    target.write_text("kept")
    body = f"TARGET, PROJECT = {str(target)!r}, {str(root)!r}\n{body}"
    found = judged(root, body, **settings)
    assert isinstance(found, Refusal)
    assert (found.reason.code, words in found.reason.message) == (code, True), found.reason
    assert found.reason.fix
    assert "\n" not in found.reason.message
    assert str(tmp_path) not in found.reason.message
    assert target.read_text() == "kept"


@pytest.mark.parametrize("name", BORNE)
def test_what_can_be_judged_is(tmp_path: Path, name: str) -> None:
    found = judged(tmp_path / "project", BORNE[name])
    assert isinstance(found, ReproEvidence), found
    assert (found.differences.items, found.broken.items) == ((), ())


def _locks() -> bool:
    """Whether a child can be locked in here, tried in a process of its own."""
    if not sys.platform.startswith("linux"):
        return False
    child = os.fork()
    if child == 0:
        os._exit(0 if lock.close(["/dev"]) else 1)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(not _locks(), reason="Landlock is not there")
@pytest.mark.parametrize(
    "act", ["open(place + '/new', 'w')", "os.remove(place + '/there')", "os.mkdir(place + '/new')"]
)
def test_a_lock_holds_for_this_process_and_leaves_its_own_folders_open(tmp_path: Path, act: str) -> None:
    import subprocess

    for name in ("mine", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "there").touch()
    code = (
        "import os, sys\nsys.path[:0] = sys.argv[1:2]\nfrom child import lock\nassert lock.close([sys.argv[2]])\n"
        f"place = sys.argv[2]\n{act}\nplace = sys.argv[3]\n"
        f"try:\n    {act}\nexcept PermissionError:\n    print('refused')"
    )
    where = str(Path(lock.__file__).parent.parent)
    argv = [sys.executable, "-c", code, where, str(tmp_path / "mine"), str(tmp_path / "other")]
    assert subprocess.run(argv, check=True, capture_output=True, text=True).stdout == "refused\n"
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["there"]
