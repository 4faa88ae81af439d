"""Real proofs: what `gates prove` plants in projects that nobody here wrote, where, and what came of it.

    python benchmarks/real_proofs.py PROJECT...

Each PROJECT is a folder with its own `.venv`, in which its test dependencies and `pytest-vltair[lint,types]` are
installed. Prints the tables of docs/explanation/proofs.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="+", type=Path)
    folders = parser.parse_args().projects
    proofs = {folder.name: proof(folder.resolve()) for folder in folders}
    print("\n".join([*planted(proofs), "", *starved(proofs), "", *costs(proofs)]))


def proof(folder: Path) -> Any:
    """The report of `gates prove` in the project's own environment."""
    kept = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "CONDA_PREFIX"}}
    argv = [str(folder / ".venv/bin/python"), "-P", "-m", "gates", "prove", "--no-cache", "--output-format", "json"]
    done = subprocess.run(argv, cwd=folder, env=kept, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return json.loads(done.stdout)


def planted(proofs: dict[str, Any]) -> Iterator[str]:
    """A row per rule: what was planted, and in each project where it was red, or why it is not judged."""
    yield from _head("rule", "what is planted", *proofs)
    first: dict[str, Any] = {}
    for report in proofs.values():
        for gate in report["gates"]:
            for rule in gate["rules"]:
                if rule["title"] is not None or rule["rule"] not in first:
                    first[rule["rule"]] = rule
    for code, rule in first.items():
        cells = [_cell(report, code) for report in proofs.values()]
        yield _row(f"{code} {rule['name']}", (rule["title"] or "").replace("|", "\\|"), *cells)


def starved(proofs: dict[str, Any]) -> Iterator[str]:
    """A row per gate and thing that it was starved of."""
    yield from _head("gate", "starved of", *proofs)
    names: dict[tuple[str, str, str], None] = {}
    for report in proofs.values():
        for gate in report["gates"]:
            names |= {(gate["name"], one["of"], one["kind"]): None for one in gate["starved"]}
    for name, of, kind in names:
        cells = [_hungry(report, name, of, kind) for report in proofs.values()]
        what = f"its own evidence, {kind.partition(' ')[2]}" if of == name else of
        yield _row(name, what, *cells)


def costs(proofs: dict[str, Any]) -> Iterator[str]:
    """A row per project: verdict, rules, checks and cost."""
    yield from _head("project", "exit code", "rules proved", "checks", "time", "CPU, times an uncached check")
    for name, report in proofs.items():
        run = report["run"]
        count = sum(rule["verdict"] == "passed" for gate in report["gates"] for rule in gate["rules"])
        yield _row(name, report["exit_code"], count, run["checks"], f"{run['duration_s']:.0f} s", run["multiple"])


def _cell(report: Any, code: str) -> str:
    for gate in report["gates"]:
        for rule in gate["rules"]:
            if rule["rule"] == code and rule["verdict"] == "passed":
                place = rule["planted"]["path"]
                line = rule["planted"]["line"]
                return f"`{place}{f':{line}' if line else ''}`" if place else "red"
            if rule["rule"] == code:
                why = rule["reason"]["message"] if rule["reason"] else rule["seen"]
                return f"{rule['verdict'] or 'not judged'}: {why}"
    return "the gate is not green here"


def _hungry(report: Any, name: str, of: str, kind: str) -> str:
    for gate in report["gates"]:
        for one in gate["starved"]:
            if (gate["name"], one["of"], one["kind"]) == (name, of, kind):
                return str(one["seen"]) if one["verdict"] else f"cannot occur: {one['seen']}"
    return "the gate is not green here"


def _head(*cells: str) -> Iterator[str]:
    yield _row(*cells)
    yield "|---" * len(cells) + "|"


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


if __name__ == "__main__":
    main()
