"""What `gates diagnose` costs, as a multiple of a run of the suite and of a test.

    python benchmarks/diagnose_cost.py [--tests 1000] [--rounds 3] [--flaky NAME …] [--jobs N]

A suite of stable tests in a few files, some with fixtures, of 1 to 2 ms each; once as it is, and once for each kind of
flaky test with that one more. Beside it, in turns: `python -m pytest` of the same suite, and of the flaky test alone,
in the environment in which a trial has it (nothing written, no cache). CPU is that of the whole process tree; each
figure is the least of its rounds. The budgets: 12 runs of the stable suite, and 25 runs of the flaky test alone for
all that it adds, with two runs of half the suite for each step of the search for a culprit.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import timing

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from diagnose.judged import Answer, answer

FILES = 8
SUITE_BUDGET = 12.0
TEST_BUDGET = 25.0
LIMIT = 3600.0
PLAIN = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
HEAD = """
import time

import pytest


@pytest.fixture
def numbers(tmp_path):
    return list(range(100))


@pytest.fixture(scope="module")
def words():
    return {"one": 1, "two": 2}


def spent(milliseconds):
    until = time.perf_counter() + milliseconds / 1000
    while time.perf_counter() < until:
        sum(range(50))
"""
BODIES = (
    "def test_{n}():\n    spent(1)\n    assert {n} + 1 == 1 + {n}\n",
    "def test_{n}(numbers):\n    spent(1)\n    assert sum(numbers) == 4950\n",
    "def test_{n}(words):\n    spent(2)\n    assert words['two'] == 2\n",
    "class Test{n}:\n    def test_{n}(self, words, numbers):\n        spent(1.5)\n        assert len(numbers) == 100\n",
)
FLAKY = {
    "timezone": "import time\n\n\ndef test_odd():\n    assert time.localtime(0).tm_hour == 0\n",
    "hashseed": "def test_odd():\n    assert hash('a') % 2 == hash('c') % 2\n",
    "clock": "import time\n\n\ndef test_odd():\n    assert time.gmtime().tm_year < 2035\n",
    "environment": "import shutil\n\n\ndef test_odd():\n    assert shutil.get_terminal_size().columns == 80\n",
    "umask": (
        "import os\n\n\ndef test_odd(tmp_path):\n    (tmp_path / 'a').touch()\n"
        "    assert os.stat(tmp_path / 'a').st_mode & 0o77 == 0o44\n"
    ),
    "repeat": "SEEN = []\n\n\ndef test_odd():\n    SEEN.append(1)\n    assert SEEN == [1]\n",
    "order": "import json\n\n\ndef test_odd():\n    assert not hasattr(json, 'touched')\n",
    "fails": "import time\n\n\ndef test_odd():\n    assert time.gmtime().tm_year < 2024\n",
}
POLLUTER = "\n\ndef test_touches():\n    import json\n    json.touched = True\n"


class Figure(NamedTuple):
    """The least of some rounds."""

    cpu: float
    wall: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--flaky", nargs="*", default=[*FLAKY], choices=[*FLAKY])
    parser.add_argument("--jobs", type=int)
    given = parser.parse_args()
    own = timing.gates("diagnose", "--output-format", "json", *(("--jobs", str(given.jobs)) if given.jobs else ()))
    with tempfile.TemporaryDirectory(prefix="diagnose-cost-") as folder:
        root = suite(Path(folder).resolve() / "stable", given.tests)
        base, stable = paired(PLAIN, own, root, given.rounds)
        print(f"{given.tests} stable tests: {row(base)} for pytest, {row(stable)} for gates diagnose:", end=" ")
        print(f"{stable.cpu / base.cpu:.1f} x CPU, {stable.wall / base.wall:.1f} x wall (budget {SUITE_BUDGET:.0f} x)")
        for kind in given.flaky:
            root = suite(Path(folder).resolve() / kind, given.tests, kind)
            alone, found = paired([*PLAIN, "test_suite_9.py::test_odd"], own, root, given.rounds)
            cpu, wall = found.cpu - stable.cpu, found.wall - stable.wall
            steps = math.ceil(math.log2(given.tests)) if kind == "order" else 0
            budget = TEST_BUDGET + steps * base.cpu / alone.cpu
            print(f"one of {kind} more: {cpu:.1f} s of CPU, {wall:.1f} s; alone {row(alone)}:", end=" ")
            print(f"{cpu / alone.cpu:.1f} x CPU, {wall / alone.wall:.1f} x wall (budget {budget:.0f} x)", flush=True)


def suite(root: Path, tests: int, kind: str = "") -> Path:
    """A project of stable tests, and of one flaky one."""
    root.mkdir()
    (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    for number in range(FILES):
        mine = range(number, tests, FILES)
        text = HEAD + "".join("\n\n" + BODIES[n % len(BODIES)].format(n=n) for n in mine)
        text += POLLUTER if kind == "order" and number == FILES // 2 else ""
        (root / f"test_suite_{number}.py").write_text(text, encoding="utf-8")
    if kind:
        (root / "test_suite_9.py").write_text(FLAKY[kind], encoding="utf-8")
    return root


def paired(one: list[str], other: list[str], root: Path, rounds: int) -> tuple[Figure, Figure]:
    """What two commands take, in turns."""
    figures = [(answer(one, root, LIMIT), checked(answer(other, root, LIMIT), root)) for _ in range(rounds)]
    first, second = zip(*figures, strict=True)
    return least(first), least(second)


def checked(given: Answer, root: Path) -> Answer:
    """The answer, if it is the one that belongs to the suite; what was not found costs nothing worth telling."""
    found = [test for test in (given.document or {}).get("tests", ()) if test["stable"] is not True]
    named = sorted({factor["name"] for test in found for factor in test["factors"]})
    kind = {"stable": [], "fails": ["clock"]}.get(root.name, [root.name])
    if given.document is None or not set(kind) <= set(named) or len(found) > len(kind):
        said = given.errors.strip().splitlines()[-1:] if given.document is None else found[:2]
        print(f"  (no right answer of {root.name}: {named} of {len(found)} tests; {said})")
    print(f"  {root.name}: {(given.document or {}).get('runs')} runs of the suite,", end=" ")
    print(f"{(given.document or {}).get('trials')} trials in all", flush=True)
    return given


def least(answers: tuple[Answer, ...]) -> Figure:
    """The least of each."""
    return Figure(min(one.cpu for one in answers), min(one.wall for one in answers))


def row(figure: Figure) -> str:
    """CPU and wall."""
    return f"{figure.cpu:.2f} s CPU and {figure.wall:.2f} s"


if __name__ == "__main__":
    main()
