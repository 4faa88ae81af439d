"""The gate `trace` over made-up requirements with a test each, beside one regex pass over the same text and its peers.

    python benchmarks/trace_speed.py [--sizes 1000,10000,100000] [--rounds 3] [--quick] [--profile]
                                     [--peers FOLDER] [--openfasttrace FILE.jar]

Half of the documents hold a table, half a checkbox list with Acceptance and Validation; 500 requirements each. 200
tests are in a file, bear the marker, and have ended: the gate is handed what a recorded run came to, so that neither
pytest nor its collection is counted. One requirement in a thousand has no test, which has to be found. `collect` and
`decide` are timed in a process of their own, start-up and reading the run apart. `--peers` is the folder of an
environment's scripts with reqcov, rtmx and doorstop; each has the same requirements in its own form. Printed are
seconds of CPU and of the wall, the peak memory, the ratio to the regex pass, and by how much the CPU grows with size.
`--quick`: 1,000 and 10,000, one round. `--profile`: where the gate spends its time.
"""

from __future__ import annotations

import argparse
import csv
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

PER_DOCUMENT = 500
PER_FILE = 200
UNTESTED = 1000
LIMIT = 300.0
DOORSTOP_LIMIT = 1000

FLOOR = """\
import re, sys
from pathlib import Path

root = Path(sys.argv[1])
known, named = set(), set()
for path in root.glob("docs/*.md"):
    known.update(re.findall(r"^(?:\\| |- \\[.\\] )(REQ-\\d+)", path.read_text("utf-8"), re.MULTILINE))
for path in root.glob("tests/*.py"):
    named.update(re.findall(r"requirement\\(\\"(REQ-\\d+)", path.read_text("utf-8")))
print(f"{len(known)} items, {len(known - named)} without a test")
"""

JUDGE = """\
import sys, time
from datetime import datetime, UTC
from pathlib import Path

import msgspec

from gates.builtin.trace.gate import TraceGate
from gates.model.tested import TestsEvidence
from gates.testing.run import context

root = Path(sys.argv[1])
run = msgspec.json.decode((root / "run.json").read_bytes(), type=TestsEvidence)
gate = TraceGate()
asked = context(root, gate, documents=["docs/*.md"])
asked.needs = {"tests": run}
len(asked.project.tree.files)


def judged():
    began = time.process_time()
    evidence = gate.collect(asked)
    collected = time.process_time()
    if not isinstance(evidence, gate.Evidence):
        raise SystemExit(f"refused: {evidence.reason.message}")
    decision = gate.decide(evidence, asked.settings, datetime(2026, 1, 1, tzinfo=UTC))
    rules = sorted({one.rule for one in decision.findings})
    words = f"{evidence.items.count} items, {len(decision.findings)} findings {' '.join(rules)}"
    ended = time.process_time()
    return collected - began, ended - collected, words + (f" {decision.reason}" if decision.reason else "")


if "--profile" in sys.argv:
    import cProfile, pstats

    profile = cProfile.Profile()
    profile.runcall(judged)
    pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(25)
else:
    collect, decide, words = judged()
    print(f"{collect:.2f} s collect, {decide:.2f} s decide: {words}")
"""


Maker = Callable[[Path, int], Sequence[Sequence[str]]]


@dataclass(frozen=True)
class Figure:
    """Seconds of CPU and of the wall, MiB at the most, and the last line that was printed."""

    cpu: float
    wall: float
    peak: int
    said: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes", type=lambda text: [int(one) for one in text.split(",")], default=[1000, 10_000, 100_000]
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--openfasttrace", type=Path)
    given = parser.parse_args()
    makers = peers(given)
    rounds = 1 if given.quick else given.rounds
    sizes = [size for size in given.sizes if size <= 10_000] if given.quick else given.sizes
    before: dict[str, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            made(root, size)
            if given.profile:
                subprocess.run([sys.executable, "-c", JUDGE, str(root), "--profile"], check=True)
                continue
            print(f"{size:,} requirements", flush=True)
            before = compared(root, size, rounds, makers, before)


def compared(
    root: Path, size: int, rounds: int, makers: Mapping[str, Maker], before: Mapping[str, float]
) -> dict[str, float]:
    """Run everything on one size; the CPU seconds by name, of which `before` are those of the size before."""
    sides: dict[str, Sequence[Sequence[str]]] = {
        "one regex pass": [[sys.executable, "-c", FLOOR, str(root)]],
        "gates trace": [[sys.executable, "-c", JUDGE, str(root)]],
    }
    for name, make in makers.items():
        folder = root.parent / f"{root.name}-{name}"
        folder.mkdir()
        made_for = make(folder, size)
        if made_for:
            sides[name] = made_for
    found: dict[str, Figure] = {}
    for _ in range(rounds):
        for name, commands in sides.items():
            if name in found and found[name].said.startswith("killed"):
                continue
            cwd = root.parent / f"{root.name}-{name}"
            one = together([run(command, cwd if cwd.exists() else root) for command in commands])
            if name not in found or one.cpu < found[name].cpu:
                found[name] = one
    for name in sides:
        shutil.rmtree(root.parent / f"{root.name}-{name}", ignore_errors=True)
    floor = found["one regex pass"].cpu
    for name, one in found.items():
        slope = f", x{one.cpu / before[name]:.1f} of the size before" if name in before else ""
        print(
            f"  {name:15} {one.cpu:7.2f} s of CPU, {one.wall:7.2f} s, {one.peak:6,} MiB, "
            f"{one.cpu / floor:5.1f} regex passes{slope}: {one.said}",
            flush=True,
        )
    return {name: one.cpu for name, one in found.items()}


def run(argv: Sequence[str], cwd: Path) -> Figure:
    """One run, its children included; killed after five minutes."""
    began = time.perf_counter()
    process = psutil.Popen(argv, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak, ended = [0], threading.Event()
    watcher = threading.Thread(target=watch, args=(process, peak, ended))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    watcher.start()
    cut = threading.Timer(LIMIT, process.kill)
    cut.start()
    said, _ = process.communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cut.cancel()
    ended.set()
    watcher.join()
    wall = time.perf_counter() - began
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    words = (
        f"killed after {LIMIT:.0f} s" if wall >= LIMIT else f"exit {process.returncode}: {lines[-1] if lines else ''}"
    )
    return Figure(used, wall, peak[0] >> 20, words[:110])


def watch(process: psutil.Process, peak: list[int], ended: threading.Event) -> None:
    """Keep the most memory that the process took."""
    while not ended.wait(0.02):
        try:
            peak[0] = max(peak[0], process.memory_info().rss)
        except psutil.Error:
            return


def together(figures: Sequence[Figure]) -> Figure:
    """Several commands of one side as one."""
    return Figure(
        cpu=sum(one.cpu for one in figures),
        wall=sum(one.wall for one in figures),
        peak=max(one.peak for one in figures),
        said=next((one.said for one in figures if one.said.startswith("killed")), figures[-1].said),
    )


# What is judged


def name(number: int) -> str:
    return f"REQ-{number:06}"


def test(number: int) -> tuple[str, str]:
    """The file and the function of a requirement's test."""
    return f"tests/test_part{number // PER_FILE:04}.py", f"test_number_{number:06}"


def tested(size: int) -> Iterator[int]:
    return (number for number in range(size) if number % UNTESTED != UNTESTED - 1)


def sentence(number: int) -> str:
    return f"The component {number % 97} keeps the order of its {number % 31} queues when part {number} starts again"


def made(root: Path, size: int) -> None:
    """A project with documents, tests, and what a recorded run of the tests came to."""
    (root / "docs").mkdir()
    (root / "tests").mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "large"\nversion = "1"\n', "utf-8")
    for at, start in enumerate(range(0, size, PER_DOCUMENT)):
        numbers = range(start, min(start + PER_DOCUMENT, size))
        write = boxes if at % 2 else table
        (root / "docs" / f"part{at:04}.md").write_text(f"# Part {at}\n\n{write(numbers)}\n", "utf-8")
    files: dict[str, list[str]] = {}
    for number in tested(size):
        path, function = test(number)
        files.setdefault(path, ["import pytest\n"]).append(
            f'\n\n@pytest.mark.requirement("{name(number)}")\n'
            f"def {function}() -> None:\n    assert {number} + 1 > {number}\n"
        )
    for path, texts in files.items():
        (root / path).write_text("".join(texts), "utf-8")
    subprocess.run([sys.executable, "-c", RECORDED, str(root), str(size), str(PER_FILE), str(UNTESTED)], check=True)


def table(numbers: range) -> str:
    rows = (f"| {name(number)} | {sentence(number)} | Done | part {number % 7} |" for number in numbers)
    return "\n".join(["| ID | Requirement | Status | Notes |", "|---|---|---|---|", *rows])


def boxes(numbers: range) -> str:
    def box(number: int) -> str:
        path, function = test(number)
        return f"- [x] {name(number)}: {sentence(number)}\n  - Acceptance: nothing is lost in part {number}.\n" + (
            f"  - Validation: `pytest -q {path}::{function}`\n" if number % UNTESTED != UNTESTED - 1 else ""
        )

    return "".join(map(box, numbers))


RECORDED = """\
import sys
from pathlib import Path

import msgspec

from gates.model.evidence import counted
from gates.model.tested import NOT_MEASURED, Outcomes, Part, Result, TestsEvidence

root, size, per_file, untested = Path(sys.argv[1]), *map(int, sys.argv[2:])
none = counted(())
results = []
for number in range(size):
    if number % untested == untested - 1:
        continue
    path = f"tests/test_part{number // per_file:04}.py"
    results.append(
        Result(
            id=f"{path}::test_number_{number:06}", outcome="passed", reruns=0, message="", path=path,
            line=4 + number % per_file * 5, failures=none, markers=counted(["requirement"]),
            requirements=counted([f"REQ-{number:06}"]), covers=none,
        )
    )
part = Part(
    index=1, count=1, exit_status=0, ended_with=0, pytest="9", python="3", interpreter="python", editable="",
    platform="linux", tree="0" * 64, tree_after="0" * 64, environment="0" * 64, settings="0" * 64,
    selected=len(results), warnings=0, collection_errors=0, crashes=0, processes=1, leaks=0,
    outcomes=Outcomes(passed=len(results), failed=0, error=0, flaky=0, skipped=0, xfailed=0, xpassed=0),
    coverage=NOT_MEASURED,
)
run = TestsEvidence(
    schema_version=4, commit="", parts=counted([part]), selected=counted([one.id for one in results]),
    other_shards=none, deselected=none, restrictions=none, unknown_options=none, results=counted(results),
    collection_errors=none, skipped_modules=none,
    warnings=none, crashes=none, processes=none, leaks=none, packages=none, imported=none,
    complaints=none, lanes=none,
)
(root / "run.json").write_bytes(msgspec.json.encode(run))
"""


# Peers


def peers(given: argparse.Namespace) -> Mapping[str, Maker]:
    """What is there of the peers, by name: makes the input in a folder, and says how it is judged."""
    found: dict[str, Maker] = {}
    makers = {"reqcov": reqcov, "rtmx": rtmx, "doorstop": doorstop}
    for peer, make in makers.items():
        program = None if given.peers is None else shutil.which(peer, path=str(given.peers))
        if program is None:
            print(f"{peer}: not there, name a folder that has it with --peers")
        else:
            found[peer] = partial(make, program)
    if given.openfasttrace is None or shutil.which("java") is None:
        print("OpenFastTrace: not there, name its jar with --openfasttrace; it needs java")
    else:
        found["OpenFastTrace"] = partial(openfasttrace, str(given.openfasttrace.resolve()))
    return found


def tests_with(folder: Path, size: int, line: Callable[[int], str]) -> None:
    """Test files in which `line` stands before each function."""
    (folder / "tests").mkdir()
    files: dict[str, list[str]] = {}
    for number in tested(size):
        path, function = test(number)
        files.setdefault(path, ["import pytest\n"]).append(
            f"\n\n{line(number)}\ndef {function}() -> None:\n    assert {number} + 1 > {number}\n"
        )
    for path, texts in files.items():
        (folder / path).write_text("".join(texts), "utf-8")


def documents_with(folder: Path, size: int, text: Callable[[int], str]) -> None:
    """Documents of 500 requirements."""
    (folder / "docs").mkdir()
    for start in range(0, size, PER_DOCUMENT):
        held = "".join(text(number) for number in range(start, min(start + PER_DOCUMENT, size)))
        (folder / "docs" / f"part{start:06}.md").write_text(f"# Part {start}\n\n{held}", "utf-8")


def reqcov(program: str, folder: Path, size: int) -> Sequence[Sequence[str]]:
    documents_with(folder, size, lambda number: f"- {name(number)}: {sentence(number)}\n")
    tests_with(folder, size, lambda number: f"# @req {name(number)}")
    (folder / "reqcov.yml").write_text(
        "version: 1\nrequirements: [docs/**/*.md]\nsources: [src/**/*]\ntests: [tests/**/*]\njunit: [junit.xml]\n",
        "utf-8",
    )
    cases = "".join(
        f'<testcase classname="{test(number)[0][:-3].replace("/", ".")}" name="{test(number)[1]}" time="0.1"/>\n'
        for number in tested(size)
    )
    (folder / "junit.xml").write_text(f'<testsuites><testsuite name="all">{cases}</testsuite></testsuites>', "utf-8")
    return [[program, "check", "--no-report", "--quiet"]]


def rtmx(program: str, folder: Path, size: int) -> Sequence[Sequence[str]]:
    subprocess.run([program, "init"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    tests_with(folder, size, lambda number: f'@pytest.mark.req("{name(number)}")')
    place = folder / ".rtmx" / "database.csv"
    header = place.read_text("utf-8").splitlines()[0].split(",")
    with place.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, header, restval="")
        rows.writeheader()
        for number in range(size):
            path, function = test(number)
            rows.writerow(
                {
                    "req_id": name(number),
                    "category": "ALL",
                    "subcategory": "ALL",
                    "requirement_text": sentence(number),
                    "test_module": path,
                    "test_function": function,
                    "validation_method": "Unit Test",
                    "status": "COMPLETE",
                    "priority": "MEDIUM",
                    "phase": "1",
                }
            )
    return [[program, "from-tests", "--missing"], [program, "health"]]


def doorstop(program: str, folder: Path, size: int) -> Sequence[Sequence[str]]:
    """One file per requirement and one per test; of more than 1,000 it takes minutes."""
    if size > DOORSTOP_LIMIT:
        return []
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    for prefix, parent in (("REQ", ""), ("TST", "REQ")):
        held = folder / prefix.lower()
        held.mkdir()
        above = f"  parent: {parent}\n" if parent else ""
        settings = f"settings:\n  digits: 6\n{above}  prefix: {prefix}\n  sep: '-'\n"
        (held / ".doorstop.yml").write_text(settings, "utf-8")
        for number in range(size) if prefix == "REQ" else tested(size):
            links = f"links:\n- REQ-{number:06}\n" if parent else ""
            text = f"active: true\nlevel: 1.{number + 1}\nnormative: true\n{links}text: |\n  {sentence(number)}\n"
            (held / f"{prefix}-{number:06}.yml").write_text(text, "utf-8")
    return [[program]]


def openfasttrace(jar: str, folder: Path, size: int) -> Sequence[Sequence[str]]:
    documents_with(folder, size, lambda number: f"`req~r{number:06}~1`\n\n{sentence(number)}.\n\nNeeds: utest\n\n")
    tests_with(folder, size, lambda number: f"# [utest->req~r{number:06}~1]")
    return [["java", "-jar", jar, "trace", "-v", "failures", "docs", "tests"]]


if __name__ == "__main__":
    main()
