"""pytest-flakedoctor and detect-test-pollution on the labelled corpus of flaky tests, with all the help they can use.

    python benchmarks/diagnose_peers.py --python VENV/bin/python --kept peers.json [--only CASE] [--table]

The interpreter given has pytest, pytest-flakedoctor and detect-test-pollution. flakedoctor gets each flaky test by its
node id, may have side effects and 600 s; of a victim it also gets the order in which it fails (as its
manual says: the first failure of the suite is diagnosed), and the better of its two answers counts. What detect-test-
pollution is told is the failing test and the ids of the failing order; it is only asked of tests that depend on order.
Answers are kept in a file as they come, and a later run goes on from there; `--table` only prints what is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from diagnose.corpus_cases import Case, Circumstances, Label, flaky, write

LIMIT = 1200.0
BUDGET = 600
AXES = {"time": "clock", "rng": "rngseed", "interleave": "load", "fs": "environment"}
ANSWERS = ("right", "one of a pair", "wrong", "says it does not know", "not found", "not asked")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--kept", type=Path, required=True)
    parser.add_argument("--only")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    kept: dict[str, Any] = json.loads(given.kept.read_text()) if given.kept.exists() else {}
    if not given.table:
        for name, case in flaky().items():
            for label in case.test if given.only in (None, name) else ():
                for tool, told in asked(given.python, name, case, label, kept):
                    kept[f"{tool} {name} {label.nodeid}"] = told
                    given.kept.write_text(json.dumps(kept, indent=1))
                    print(f"{tool:<13} {name} {label.nodeid}: {told['verdict']} ({told['seconds']:.0f} s)", flush=True)
    print(table(kept))


def asked(python: str, name: str, case: Case, label: Label, kept: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What each tool says of a test and was not asked before."""
    orders = [here for here in label.fails if here.order] if "order" in parts(label) else []
    if f"doctor {name} {label.nodeid}" not in kept:
        yield "doctor", doctor(python, case, [label.nodeid], Circumstances())
    if orders and label.kind == "victim" and f"doctor-order {name} {label.nodeid}" not in kept:
        yield "doctor-order", doctor(python, case, orders[0].order, orders[0])
    if orders and f"pollution {name} {label.nodeid}" not in kept:
        yield "pollution", pollution(python, case, label, orders[0])


def doctor(python: str, case: Case, arguments: Sequence[str], here: Circumstances) -> dict[str, Any]:
    """The answer of pytest-flakedoctor."""
    with tempfile.TemporaryDirectory(prefix="peer-") as folder:
        root, report = write(case, Path(folder) / "project"), Path(folder) / "report.json"
        options = ["--doctor", "--doctor-allow-side-effects", f"--doctor-budget={BUDGET}", f"--doctor-json={report}"]
        output, seconds = run([python, "-m", "pytest", "-p", "no:cacheprovider", *arguments, *options], root, here)
        written = report.read_text() if report.exists() else ""  # it is empty where the process was killed meanwhile
        answer = json.loads(written or '{"verdict": "no answer"}')
    texts = [str(answer.get(key, "")) for key in ("headline", "explanation", "repro")] if answer.get("claim") else []
    return {
        "verdict": answer["verdict"],
        "nodeid": answer.get("nodeid", ""),
        "headline": answer.get("headline", output[-300:]),
        "text": "\n".join(texts),
        "runs": answer.get("total_runs", 0),
        "seconds": seconds,
    }


def pollution(python: str, case: Case, label: Label, here: Circumstances) -> dict[str, Any]:
    """The answer of detect-test-pollution."""
    with tempfile.TemporaryDirectory(prefix="peer-") as folder:
        root, ids = write(case, Path(folder) / "project"), Path(folder) / "ids"
        listed, _ = run([python, "-m", "pytest", "--collect-only", "-q", *here.order], root, here)
        ids.write_text("".join(f"{line}\n" for line in listed.splitlines() if "::" in line))
        command = str(Path(python).with_name("detect-test-pollution"))  # started with -m it does not find itself
        output, seconds = run([command, "--failing-test", label.nodeid, "--testids-file", str(ids)], root, here)
    found = [line for line in output.splitlines() if "polluting test is" in line]
    last = (output.strip().splitlines() or ["no answer"])[-1]
    return {"verdict": "polluter" if found else last, "text": "\n".join(found), "seconds": seconds}


def run(argv: list[str], folder: Path, here: Circumstances) -> tuple[str, float]:
    """What a command printed, in the zone and with the variables of the circumstances, and how long it took."""
    began = time.perf_counter()
    surroundings = {key: text for key, text in os.environ.items() if not key.startswith(("PYTEST", "PYTHON"))}
    surroundings |= {"TZ": here.timezone, "LC_ALL": "C.UTF-8"} | here.environment
    surroundings |= {"PYTHONHASHSEED": str(here.hashseed)} if here.hashseed else {}
    child = subprocess.Popen(
        argv,
        cwd=folder,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = child.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        output = child.communicate()[0] + "\nno answer in time"
    return output, time.perf_counter() - began


def parts(label: Label) -> set[str]:
    """The factors of a label, pairs taken apart."""
    return {part for factor in label.factors for part in factor.split("+")}


def judged(label: Label, told: dict[str, Any]) -> tuple[str, bool]:
    """How good an answer of flakedoctor is, and whether it names every culprit."""
    verdict = str(told["verdict"])
    named = verdict.removeprefix("flaky-")
    if verdict in ("flaky-unattributed", "incomplete"):
        return "right" if label.kind == "unattributed" else "says it does not know", False
    if verdict in ("not-flaky", "no answer"):
        return "not found", False
    factor = AXES.get(named, named)
    if factor not in parts(label):
        return "wrong", False
    whole = any(factor == one for one in label.factors)
    return "right" if whole else "one of a pair", all(culprit in told["text"] for culprit in label.culprits)


def table(kept: dict[str, Any]) -> str:
    """Rows for each factor: tests, answers of flakedoctor, and culprits named by both of those that there are."""
    rows: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    seconds: dict[str, float] = defaultdict(float)
    for key, told in kept.items():
        seconds[key.split()[0]] += told["seconds"]
    for name, case in flaky().items():
        for label in case.test:
            row = rows[" ".join(label.factors) or "(by chance)"]
            row["tests"] += 1
            row["culprits"] += bool(label.culprits)
            keys = [f"{tool} {name} {label.nodeid}" for tool in ("doctor", "doctor-order")]
            answers = [judged(label, kept[key]) for key in keys if key in kept] or [("not asked", False)]
            best = min(answers, key=lambda answer: (ANSWERS.index(answer[0]), not answer[1]))
            row[best[0]] += 1
            row["named"] += best[1] and bool(label.culprits)
            said = str(kept.get(f"pollution {name} {label.nodeid}", {}).get("text", ""))
            row["pollution"] += bool(label.culprits) and all(culprit in said for culprit in label.culprits)
    columns = ("tests", *ANSWERS, "culprits", "named", "pollution")
    lines = ["| factor | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    rows["all"] = {column: sum(row[column] for row in rows.values()) for column in columns}
    lines += [f"| {factor} | " + " | ".join(str(row[one]) for one in columns) + " |" for factor, row in rows.items()]
    return "\n".join([*lines, "", *(f"{tool}: {spent:.0f} s of wall time" for tool, spent in seconds.items())])


if __name__ == "__main__":
    main()
