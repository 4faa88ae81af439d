"""Coverage of a large project judged from data, beside `coverage report` on the same data in the same run.

    python benchmarks/coverage_gate.py [--files 5000] [--lines 1000] [--rounds 1] [--quick]

The project is made up: functions, conditions, loops, tries and with statements, some of which never ran. The data is
written by coverage.py's own CoverageData. Cold means that no source was parsed before, kept that all were. Printed are
seconds by the wall and of CPU, the peak memory of the largest process and of all together, and what each takes of the
time of `coverage report`. `--quick`: 60 files.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

JUDGE = """\
import sys
from pathlib import Path
from gates.builtin.coverage import figures, measuring, parsing
from gates.builtin.coverage.gate import CoverageGate
from gates.builtin.coverage.readers import reading
from gates.testing.run import context

root = Path(sys.argv[1])
asked = context(root, CoverageGate())
recorded = reading.read(root / ".coverage", contexts=False)
places = {path: Path(path).relative_to(root).as_posix() for path in recorded.files}
parses = parsing.parse(asked, sorted(places.values()))
files = measuring.files(recorded, parses, places)
total = figures.total(files, counted=True)
print(len(files), parses.fresh, f"{100 * total.covered / total.of:.6f}")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    files = 60 if given.quick else given.files
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "project"
        made(root, files, given.lines)
        print(f"{files:,} files of {given.lines:,} lines, {os.cpu_count()} cores", flush=True)
        report = [sys.executable, "-m", "coverage", "report", "--format=total", "--precision=6"]
        judge = [sys.executable, "-c", JUDGE, str(root)]
        for _ in range(given.rounds):
            shutil.rmtree(root / ".gates", ignore_errors=True)
            theirs = measured("coverage report", report, root, None)
            measured("gates, cold", judge, root, theirs)
            measured("gates, parses kept", judge, root, theirs)


def measured(name: str, argv: list[str], root: Path, against: float | None) -> float:
    """Seconds of one run, printed with its memory."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(argv, cwd=root, stdout=subprocess.PIPE, text=True)
    peaks = [0, 0]
    ended = threading.Event()
    watcher = threading.Thread(target=watch, args=(psutil.Process(process.pid), peaks, ended))
    watcher.start()
    said, _ = process.communicate()
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    ended.set()
    watcher.join()
    share = "" if against is None else f", {seconds / against:.2f} of it"
    memory = f"{peaks[0] >> 20:,} MiB in one process, {peaks[1] >> 20:,} in all"
    print(f"{name:20} {seconds:8.1f} s{share}, {cpu:.1f} s of CPU; {memory}: {said.strip()}", flush=True)
    return seconds


def watch(process: psutil.Process, peaks: list[int], ended: threading.Event) -> None:
    """Keep the most memory that one process took, and all that were there at a time."""
    while not ended.wait(0.05):
        held = []
        try:
            every = [process, *process.children(recursive=True)]
        except psutil.Error:
            return
        for one in every:
            try:
                held.append(one.memory_info().rss)
            except psutil.Error:
                continue
        peaks[0] = max([peaks[0], *held])
        peaks[1] = max(peaks[1], sum(held))


def made(root: Path, files: int, lines: int) -> None:
    """A project and its data; 25 sources are measured, the others are like one of them but for a constant."""
    root.mkdir()
    (root / ".coveragerc").write_text("[run]\nbranch = true\n[report]\nexclude_also = if TYPE_CHECKING:\n", "utf-8")
    (root / "pyproject.toml").write_text('[project]\nname = "large"\nversion = "1"\n', "utf-8")
    names = [f"package{number // 100:03}/module{number:05}.py" for number in range(files)]
    kinds = [source(random.Random(number), lines) for number in range(25)]
    for number, name in enumerate(names):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(kinds[number % 25].replace("CONSTANT", str(number)), "utf-8")
    told = {"root": str(root), "names": names}
    (root.parent / "told.json").write_text(json.dumps(told), "utf-8")
    # In a process of its own, which gives its memory back.
    subprocess.run([sys.executable, "-c", DATA, str(root.parent / "told.json")], cwd=root, check=True)


DATA = """\
import json, runpy, sys
from pathlib import Path
import coverage

told = json.loads(Path(sys.argv[1]).read_text())
root = Path(told["root"])
kinds = []
for name in told["names"][:25]:
    measurer = coverage.Coverage(data_file=None, branch=True, include=[str(root / name)])
    measurer.start()
    found = runpy.run_path(str(root / name))
    for key, one in list(found.items()):
        if key.startswith("function"):
            try:
                one(range(3), 1)
            except ValueError:
                pass
    measurer.stop()
    kinds.append(measurer.get_data().arcs(str(root / name)))
data = coverage.CoverageData(str(root / ".coverage"))
for start in range(0, len(told["names"]), 100):
    names = told["names"][start:start + 100]
    data.add_arcs({str(root / name): kinds[(start + at) % 25] for at, name in enumerate(names)})
data.write()
"""


def source(rolls: random.Random, lines: int) -> str:
    """A module of about so many lines."""
    found = ['"""A module."""', "from __future__ import annotations", "import contextlib", "", "LIMIT = CONSTANT", ""]
    while len(found) < lines - 30:
        found.extend(function(rolls, len(found)))
    found.extend(f"# {number}" for number in range(len(found), lines))
    return "\n".join(found) + "\n"


def function(rolls: random.Random, number: int) -> Iterator[str]:
    """A function with a docstring and some statements of each kind."""
    pragma = "  # pragma: no cover" if rolls.random() < 0.03 else ""
    yield f"def function{number}(items, flag=None, *, text='{number}'):{pragma}"
    yield f'    """Return what is left of `items` after {number} steps."""'
    yield "    found = []"
    for step in range(rolls.randint(2, 5)):
        kind = rolls.choice(("if", "for", "try", "with", "call", "while"))
        yield from BODIES[kind].format(step=step, value=rolls.randint(0, 5)).splitlines()
    yield "    return found"
    yield ""
    yield ""


BODIES = {
    "if": """\
    if flag == {value}:
        found.append({step})
    elif not items and text:
        found.extend(
            [one for one in items if one],
        )
    else:
        found = [*found, LIMIT]""",
    "for": """\
    for number, item in enumerate(items):
        # Every other one.
        if number % 2 == 0 and item is not None:
            continue
        if item == {value}:
            break
        found.append({{"number": number, "item": item, "text": text.upper()}})""",
    "try": """\
    try:
        value = int(text) + {value}
        if value < 0:
            raise ValueError(f"{{value}} is below zero")
    except (TypeError, KeyError) as error:
        found.append(str(error))
        raise
    finally:
        found.append({step})""",
    "with": """\
    with contextlib.suppress(KeyError):
        if flag:
            found.append(dict(
                first=flag,
                second={value},
            ))""",
    "call": """\
    result = sorted(
        (str(one) for one in items),
        key=lambda one: (len(one), one),
    )
    assert result is not None, "nothing is left"
    found += result""",
    "while": """\
    left = {value}
    while left > 0:
        left -= 1
        if left == 2:
            found.append(left)""",
}


if __name__ == "__main__":
    main()
