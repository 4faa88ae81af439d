"""A full disk, a folder that cannot be written to: one sentence, the verdict stands, and nothing written is lost."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gates.record.integrity import verifying
from support import healthy
from support.commands import environment, gates
from support.event_logs import closed, lines

TESTS = str(Path(__file__).parents[2])
GATE = """\
    from support.sample_gates import Notes
    from gates.plugins.hookspecs import hookimpl


    @hookimpl
    def gates_register():
        return [Notes]
    """

FILLING = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
sys.path.insert(0, {tests!r})
from support.event_logs import measure, opened

log = opened(Path({folder!r}), datetime.now(UTC))
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
count = 1
try:
    while True:
        log.write("measure", measure(count))
        count += 1
except OSError as error:
    print(count, log.path.name, error.errno)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
@pytest.mark.parametrize("size", [3000, 3001, 3117, 3300])
def test_an_event_that_finds_no_room_leaves_nothing_and_those_before_it_are_whole(tmp_path: Path, size: int) -> None:
    folder = tmp_path / "events"
    script = FILLING.format(tests=TESTS, folder=str(folder), size=size)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    acknowledged, name, _ = done.stdout.split()
    data = (folder / "open" / name).read_bytes()
    assert data.endswith(b"\n")
    assert len(data.splitlines()) == int(acknowledged) > 3
    found = verifying.verify(folder)
    assert (found.verdict, found.events) == ("passed", int(acknowledged))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one quick gate of its own, and a run in its record."""
    root = healthy.write(
        tmp_path / "project",
        **{
            "pyproject.toml": '[tool.gates]\nselect = ["notes"]\nplugins = ["my_gates"]\n',
            "my_gates.py": GATE,
            "a.txt": "fine\n",
        },
    )
    (root / ".gates").mkdir()
    return root


def mounting() -> bool:
    """Whether file systems can be mounted here, seen by the commands of this test alone."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "-o", "size=8k", "none", "/mnt"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


MOUNTING = pytest.mark.skipif(not mounting(), reason="nothing can be mounted here")


def check(root: Path, options: str, before: str = ":") -> subprocess.CompletedProcess[str]:
    """`gates check` where `.gates` is a file system with these options."""
    words = shlex.join([sys.executable, "-m", "gates", "check", "--no-cache"])
    script = f"mount -t tmpfs -o {options} none .gates && {before} && {words}"
    return alone(root, script)


def alone(root: Path, script: str) -> subprocess.CompletedProcess[str]:
    """A script of the shell whose file systems nobody else sees."""
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        cwd=root,
        env=environment({"PYTHONPATH": TESTS}),
        capture_output=True,
        text=True,
        check=False,
    )


def told(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What is said of the record."""
    assert "Traceback" not in done.stderr
    return [line for line in done.stderr.splitlines() if "record" in line]


@pytest.mark.requirement("REC-4")
@MOUNTING
@pytest.mark.parametrize("pages", [0, 1, 2, 3, 4])
def test_a_full_disk_is_one_sentence_and_changes_no_verdict(project: Path, pages: int) -> None:
    filled = f"head -c {(8 - pages) * 4096} /dev/zero > .gates/full"
    done = check(project, "size=32k", filled)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed: 2 gates" in done.stdout
    said = told(done)
    assert len(said) <= 1
    if pages == 0:
        assert said[0].startswith("gates: this run is not in the record: ")
        assert said[0].endswith("No space left on device")


@pytest.mark.requirement("REC-4")
@MOUNTING
def test_a_folder_that_cannot_be_written_to_is_one_sentence_and_changes_no_verdict(project: Path) -> None:
    done = check(project, "ro")
    assert done.returncode == 0, done.stdout + done.stderr
    (said,) = told(done)
    assert said == "gates: this run is not in the record: .gates/events: Read-only file system"


@pytest.mark.requirement("REC-4")
@pytest.mark.parametrize("name", [".gates/events", ".gates"])
def test_a_file_in_the_place_of_the_log_is_one_sentence_and_stays(project: Path, name: str) -> None:
    place = project / name
    if place.is_dir():
        shutil.rmtree(place)
    place.write_text("mine", "utf-8")
    done = gates("check", cwd=project, env={"PYTHONPATH": TESTS})
    assert done.code == 0, done.out + done.err
    assert done.err.count("gates: this run is not in the record: .gates/events: ") == 1
    assert place.read_text("utf-8") == "mine"


@MOUNTING
def test_what_cannot_be_written_is_not_signed_and_not_retired(project: Path) -> None:
    folder = project / ".gates" / "events"
    path = closed(folder, datetime(2020, 1, 1, tzinfo=UTC))
    assert gates("provenance", "key", "signing", cwd=project.parent).code == 0
    before = lines(folder / "heads.jsonl")
    for words, code in (
        (["runs", "checkpoint", "--key", "../signing.key"], 2),
        (["runs", "retire", "--older-than", "1d"], 3),
    ):
        command = shlex.join([sys.executable, "-m", "gates", *words])
        script = f"mount --bind .gates .gates && mount -o remount,bind,ro .gates && {command}"
        done = alone(project, script)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Read-only file system" in done.stderr
        assert "Traceback" not in done.stderr
    assert lines(folder / "heads.jsonl") == before
    assert path.exists()
    assert gates("runs", "verify", cwd=project, env={"PYTHONPATH": TESTS}).code == 0
