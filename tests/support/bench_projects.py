"""Bench projects: a repository of two commits and a real `gates check bench` over it, and what that leaves behind."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from gates.builtin.bench.facts import BenchEvidence
from gates.builtin.bench.gate import BenchGate
from gates.model.report import GateReport
from gates.testing import run
from support.repositories import git, make_repository

PYPROJECT = """
[project]
name = "product"
version = "1"

[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = "-p no:anyio -p no:rerunfailures -p no:time_machine"

[tool.gates.bench]
limit = 900.0
pairs = 3
most-pairs = 3
"""

PRODUCT = "def work(n=300):\n    return sum(range(n))\n"
BENCH = "import product\n\n\ndef test_{name}(benchmark):\n    benchmark(product.work)\n"

Files = Mapping[str, str | None]


@dataclass(frozen=True)
class Run:
    """One run: what was reported, and the evidence behind it, if there is any."""

    report: GateReport
    evidence: BenchEvidence | None
    notes: str

    @property
    def verdict(self) -> str:
        """The gate's verdict."""
        return self.report.verdict

    @property
    def reason(self) -> str:
        """Code and sentence of why the gate is undecided."""
        assert self.report.reason is not None, self.report
        return f"{self.report.reason.code}: {self.report.reason.message}"

    @property
    def findings(self) -> list[str]:
        """Rule and message of each finding."""
        return [f"{one.rule} {one.message}" for one in self.report.findings]

    @property
    def compared(self) -> list[str]:
        """The benchmarks that have three whole pairs of base, head and control, by the end of their names."""
        assert self.evidence is not None, self.report.reason
        return [
            one.id.rpartition("::")[2]
            for one in self.evidence.benchmarks.items
            if sum(bool(pair.base.count and pair.head.count and pair.control.count) for pair in one.pairs.items) == 3
        ]


def project(root: Path, head: Files, base: Files | None = None, more: str = "", **settings: str) -> Path:
    """A repository with the product and the benchmarks `test_one` and `test_two` in both commits.

    `base` is what the first commit has beside them, `head` what the second writes over; None removes. `settings` are
    lines of the gate's table, and `more` is what comes after them.
    """
    text = PYPROJECT + "".join(f"{name.replace('_', '-')} = {value}\n" for name, value in settings.items()) + more
    first: dict[str, str | bytes] = {
        "pyproject.toml": text,
        ".gitignore": ".gates/\n__pycache__/\n",
        "product.py": PRODUCT,
        "tests/test_work.py": BENCH.format(name="one") + BENCH.format(name="two").partition("\n\n\n")[2],
    }
    for name, content in (base or {}).items():
        if content is None:
            del first[name]
        else:
            first[name] = content
    make_repository(root, first)
    for name, content in head.items():
        path = root / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "head")
    return root


def check(root: Path, base: str = "HEAD~1", **wished: Any) -> Run:
    """What `gates check bench` says of the project at `root`, which must leave nothing behind."""
    temporary = root.parent / f"{root.name} temporary"
    temporary.mkdir(exist_ok=True)
    before, status = children(), git(root, "status", "--porcelain")
    with temporary_files_in(temporary):
        judgement = run.judged(root, BenchGate, named=("bench",), python=sys.executable, base=base, **wished)
    left = children() - before
    assert not left, [psutil.Process(one).cmdline() for one in left]
    assert not list(temporary.iterdir())
    assert len(git(root, "worktree", "list").splitlines()) == 1
    assert git(root, "status", "--porcelain") == status
    evidence = judgement.evidence.get("bench")
    assert evidence is None or isinstance(evidence, BenchEvidence)
    report = next(one for one in judgement.report.gates if one.name == "bench")
    decision = judgement.outcomes["bench"].decision
    return Run(report=report, evidence=evidence, notes=" | ".join(decision.notes if decision else ()))


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Have all temporary files and folders of this process made in `folder`."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def children() -> set[int]:
    """The living processes below this one."""
    found = psutil.Process().children(recursive=True)
    return {one.pid for one in found if one.is_running() and one.status() != psutil.STATUS_ZOMBIE}
