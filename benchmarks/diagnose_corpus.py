"""How right `gates diagnose` is on the labelled corpus of flaky and of stable tests, and what it takes.

    python benchmarks/diagnose_corpus.py [--only CASE …] [--ways whole,single,stable] [--jobs N] [--json PATH]

`whole`: each project of the corpus as a whole. `single`: each flaky test once more, named alone on the command line.
`stable`: the projects of which no test may be accused. Prints a row for each factor: flaky tests, and how many have the
right factor, kind, culprits and line; what is wrong of each other, with the reason that the tool gives; accusations of
tests that are no flaky ones; processor and wall time. With `--keep FOLDER` every document is left there.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import timing

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from diagnose.corpus_cases import Case, Label, flaky, stable, write
from diagnose.judged import QUESTIONS, Answer, Miss, answer, beside, misses

LIMIT = 1200.0
WAYS = ("whole", "single", "stable")


class Asked(NamedTuple):
    """A question to the tool: a project, and the tests that are named to it."""

    way: str
    name: str
    case: Case
    tests: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.way} {self.name}{''.join(f' {test}' for test in self.tests)}"


class Judged(NamedTuple):
    """An answer, and what is wrong with it."""

    asked: Asked
    answer: Answer
    missed: list[Miss]

    @property
    def labels(self) -> list[Label]:
        """The flaky tests that it was to find."""
        return [one for one in self.asked.case.test if not self.asked.tests or one.nodeid in self.asked.tests]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", metavar="CASE")
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--jobs", type=int, default=1, help="projects side by side, each with one run at a time")
    parser.add_argument("--json", type=Path, metavar="PATH")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    done = []
    with ThreadPoolExecutor(given.jobs) as pool:
        argv = timing.gates("diagnose", "--output-format", "json", *(("--jobs", "1") if given.jobs > 1 else ()))
        for one in pool.map(lambda asked: judge(argv, asked, given.keep), asked_of(given.ways.split(","), given.only)):
            done.append(one)
            print(told(one), flush=True)
    for way in WAYS:
        some = [one for one in done if one.asked.way == way]
        if some:
            print(f"\n{way}\n{table(some)}")
    if given.json:
        given.json.write_text(json.dumps([plain(one) for one in done], indent=1) + "\n", encoding="utf-8")


def asked_of(ways: Sequence[str], only: Sequence[str] | None) -> Iterator[Asked]:
    """What is asked of the tool."""
    for name, case in flaky().items():
        if only and name not in only:
            continue
        if "whole" in ways:
            yield Asked("whole", name, case)
        if "single" in ways:
            yield from (Asked("single", name, case, (label.nodeid,)) for label in case.test)
    if "stable" in ways:
        yield from (Asked("stable", name, case) for name, case in stable().items() if not only or name in only)


def judge(argv: list[str], asked: Asked, keep: Path | None) -> Judged:
    """The answer of the tool, judged."""
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        root = write(asked.case, Path(folder).resolve() / "project")
        given = answer([*argv, *asked.tests], root, LIMIT)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        name = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in str(asked))
        document = json.dumps(given.document, indent=1)
        (keep / f"{name}.json").write_text(f"{document}\n", encoding="utf-8")
        (keep / f"{name}.err").write_text(given.errors, encoding="utf-8")
    return Judged(asked, given, misses(asked.case, given.document, asked.tests))


def told(one: Judged) -> str:
    """A line for an answer, and two for each miss."""
    took = f"{one.answer.cpu:.1f} s of CPU, {one.answer.wall:.1f} s"
    mark = "MISS" if one.missed or one.answer.document is None else "ok  "
    lines = [f"{mark} {one.asked} ({took}, exit {one.answer.status})"]
    if one.answer.document is None:
        lines.append("    no document: " + "\n      ".join(one.answer.errors.strip().splitlines()[-3:]))
    lines += [f"    {miss}" for miss in one.missed]
    more = {label.nodeid: beside(label, one.answer.document) for label in one.labels}
    lines += [f"    {name}: also {', '.join(names)}" for name, names in more.items() if names]
    return "\n".join(lines)


def table(some: Sequence[Judged]) -> str:
    """A row for each factor, the sum, and the totals."""
    rows: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in some:
        for label in one.labels:
            wrong = {miss.question for miss in one.missed if miss.nodeid == label.nodeid}
            for row in (rows[" ".join(label.factors) or "(by chance)"], rows["all"]):
                row["tests"] += 1
                for question in QUESTIONS:
                    row[question] += question not in wrong and "factor" not in wrong
                row["all right"] += not wrong
                row["also others"] += bool(beside(label, one.answer.document))
    columns = ("tests", *QUESTIONS, "all right", "also others")
    lines = ["| factor | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    lines += [
        f"| {name} | " + " | ".join(str(rows[name][column]) for column in columns) + " |"
        for name in [*sorted(set(rows) - {"all"}), *(["all"] if rows else [])]
    ]
    tests = [test for one in some for test in (one.answer.document or {}).get("tests", ())]
    accused = [miss for one in some for miss in one.missed if miss.question == "bystander"]
    undecided = sum(miss.got == "undecided" for miss in accused)
    sums = (
        f"{len(some)} runs, {len(tests)} tests; accused wrongly: {len(accused) - undecided},"
        f" undecided bystanders: {undecided}; without a document: {sum(one.answer.document is None for one in some)}\n"
        f"CPU {sum(one.answer.cpu for one in some):.0f} s, wall {sum(one.answer.wall for one in some):.0f} s"
    )
    return "\n".join([*lines, "", sums])


def plain(one: Judged) -> dict[str, Any]:
    """An answer as JSON."""
    return {
        "way": one.asked.way,
        "case": one.asked.name,
        "tests": list(one.asked.tests),
        "status": one.answer.status,
        "cpu": round(one.answer.cpu, 2),
        "wall": round(one.answer.wall, 2),
        "missed": [miss._asdict() for miss in one.missed],
        "document": one.answer.document,
    }


if __name__ == "__main__":
    main()
