"""`gates repro` on every project of the list, beside the truth that `repro_truth.py` found without it.

    python benchmarks/repro_corpus.py [--only NAME] [--kept DIR | --said DIR] [--markdown] [--check]

Right is an artifact whose verdict, factors and members are those of the truth: each factor and attribute with exactly
the members that it changes. The attribute's name is compared by what it means (a WHEEL, METADATA or RECORD that differs
is content, what tar keeps in a pax header is header), and so is a member of the archive as a whole. The exit code has
to fit the verdicts, no factor may be left out, and the project's tree has to be as it was. `--kept` keeps what was
printed, `--said` reads it instead of running anything, `--check` tries the comparison itself on a small made-up case.
Exits with 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import repro_projects
import timing
from repro_projects import Project
from repro_truth import KINDS, digest

TRUTH = Path(__file__).with_name("repro_truth.json")
CONTENT = {"record", "metadata", "wheel generator", "wheel", "generator", "bytes"}
HEADER = {"pax", "extra", "flags", "compression", "system"}
WHOLE = {"order", "name", "compressed bytes", "gzip mtime", "gzip header", "comment", "failed"}
Pairs = dict[tuple[str, str], set[str]]
"""Members by attribute and factor."""


class Row(NamedTuple):
    """One artifact: what is so, what was said of it, and what is wrong with that."""

    project: str
    backend: str
    kind: str
    truth: str
    said: str
    wrong: list[str]


class Said(NamedTuple):
    """What one run printed, its exit code, and whether the tree is as it was."""

    code: int
    printed: str
    untouched: bool


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME")
    parser.add_argument("--kept", type=Path, metavar="DIR")
    parser.add_argument("--said", type=Path, metavar="DIR")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    if given.check:
        check()
        return 0
    truths = json.loads(TRUTH.read_text("utf-8"))
    rows = []
    for project in repro_projects.listed(given.only):
        if project.name not in truths:
            raise SystemExit(f"No truth of {project.name} yet: run repro_truth.py {project.name}.")
        said = read(given.said / f"{project.name}.json") if given.said else ran(project)
        if given.kept:
            given.kept.mkdir(parents=True, exist_ok=True)
            (given.kept / f"{project.name}.json").write_text(json.dumps(said._asdict()), "utf-8")
        found = judged(project, truths[project.name], said)
        rows.extend(found)
        if not given.markdown:
            for row in found:
                print(_line(row), flush=True)
    if given.markdown:
        _table(rows)
    wrong = [row for row in rows if row.wrong]
    named = Counter(one.split(":")[0] for row in wrong for one in row.wrong)
    why = f" ({', '.join(f'{name}: {count}' for name, count in sorted(named.items()))})" if named else ""
    print(f"\n{len(rows) - len(wrong)} of {len(rows)} artifacts of {len(rows) // 2} projects right{why}")
    return 1 if wrong or not rows else 0


def ran(project: Project) -> Said:
    """Run the product on a fresh tree of the project."""
    with tempfile.TemporaryDirectory(prefix="repro-corpus-") as folder:
        tree = repro_projects.unpacked(repro_projects.fetched(project), Path(folder).resolve() / "origin")
        before = _state(tree)
        done = subprocess.run(
            timing.gates("repro", "--project", str(tree), "--output-format", "json"),
            env={**os.environ, "SOURCE_DATE_EPOCH": str(repro_projects.EPOCH)},
            capture_output=True,
            text=True,
            check=False,
        )
        if not done.stdout.strip():
            print(f"{project.name}: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return Said(done.returncode, done.stdout, _state(tree) == before)


def _state(tree: Path) -> str:
    """A digest of the names, modes, times and bytes of a tree, but for the product's own folder."""
    known = hashlib.sha256()
    for path in sorted(tree.rglob("*")):
        if ".gates" in path.relative_to(tree).parts:
            continue
        about = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        # A folder's time changes with the product's own folder in it.
        stamp = 0 if path.is_dir() else about.st_mtime_ns
        known.update(f"{path.relative_to(tree)} {about.st_mode} {stamp} {len(content)}\n".encode())
        known.update(content)
    return known.hexdigest()


def read(path: Path) -> Said:
    """What an earlier run kept."""
    return Said(**json.loads(path.read_text("utf-8")))


def judged(project: Project, truth: Mapping[str, Any], said: Said) -> list[Row]:
    """A row for each artifact; what is wrong with the run as a whole is in both."""
    try:
        told = json.loads(said.printed)
        artifacts = {one["kind"]: one for one in told["artifacts"]}
        left = told["factors"]["not_varied"]
    except (ValueError, KeyError, TypeError) as error:
        reason = [f"output: no such JSON ({error})"]
        return [
            Row(project.name, project.backend, kind, _is(truth["artifacts"][kind]), "nothing", reason) for kind in KINDS
        ]
    shared = [f"factors: {one['name']} was not varied ({one['reason']})" for one in left]
    expected = 0 if all(truth["artifacts"][kind]["identical"] for kind in KINDS) else 1
    if said.code != expected:
        shared.append(f"exit: {said.code} instead of {expected}")
    if not said.untouched:
        shared.append("tree: it was changed")
    rows = []
    for kind in KINDS:
        is_so = truth["artifacts"][kind]
        found = artifacts.get(kind)
        if found is None:
            wrong, told_of = [f"output: the artifact is missing{_reason(told)}"], "nothing"
        else:
            wrong, told_of = compared(is_so, found), _told(found)
        rows.append(Row(project.name, project.backend, kind, _is(is_so), told_of, [*shared, *wrong]))
    return rows


def compared(truth: Mapping[str, Any], told: Mapping[str, Any]) -> list[str]:
    """What is wrong with what was said of one artifact, as sentences that begin with the kind of error."""
    wrong = []
    if told["identical"] != truth["identical"]:
        wrong.append(f"verdict: {'identical' if told['identical'] else 'different'}")
    if told["name"] != truth["name"]:
        wrong.append(f"name: {told['name']} instead of {truth['name']}")
    expected = {(one["attribute"], one["factor"]): one for one in truth["differences"]}
    found = _pairs(told)
    factors = {factor for _, factor in expected}
    named = {factor for _, factor in found}
    wrong.extend(f"factor: {one} is missing" for one in sorted(factors - named))
    wrong.extend(f"factor: {one} is no cause" for one in sorted(named - factors))
    for attribute, factor in sorted(expected.keys() | found.keys()):
        row, members = expected.get((attribute, factor)), found.get((attribute, factor), set())
        if row is None:
            wrong.append(f"members: {attribute} does not follow {factor}, said of {_some(members)}")
        elif attribute not in WHOLE and digest(members) != row["digest"]:
            wrong.append(f"members: {attribute} by {factor}: {len(members)} instead of {row['members']}{_hint(row)}")
        elif attribute in WHOLE and not members:
            wrong.append(f"members: {attribute} by {factor} is missing")
    return wrong


def _pairs(told: Mapping[str, Any]) -> Pairs:
    """What was said, by attribute and factor in the words of the truth."""
    # A build that only fails under one factor is told apart from differences.
    found: Pairs = {("failed", str(one["factor"])): {""} for one in told.get("broken", ())}
    for one in told["differences"]:
        attribute = _attribute(str(one["attribute"]))
        member = "" if attribute in WHOLE else _rooted(str(one["member"]), told["name"])
        named = (
            one["factor"] if isinstance(one["factor"], list) else re.split(r",\s*|\s+and\s+|\s*\+\s*", one["factor"])
        )
        for factor in named:
            found.setdefault((attribute, factor), set()).add(member)
    return found


def _rooted(member: str, artifact: str) -> str:
    """A member's name in a source distribution, with the folder that all of them are in."""
    root = artifact.removesuffix(".tar.gz")
    if root == artifact or member.partition("/")[0] == root:
        return member
    return root if member in {"", "."} else f"{root}/{member}"


def _attribute(said: str) -> str:
    """The truth's word for an attribute."""
    word = said.lower().replace("_", " ").strip()
    if word.startswith("gzip"):
        return "gzip header" if any(one in word for one in ("os", "xfl", "flag", "name")) else "gzip mtime"
    if word == "member":
        return "presence"
    return "content" if word in CONTENT else "header" if word in HEADER else word


def _reason(told: Mapping[str, Any]) -> str:
    reason = told.get("reason")
    return f" ({reason['message']})" if isinstance(reason, dict) and "message" in reason else ""


def _is(truth: Mapping[str, Any]) -> str:
    return ", ".join(sorted({one["factor"] for one in truth["differences"]})) or "identical"


def _told(told: Mapping[str, Any]) -> str:
    factors = sorted({factor for _, factor in _pairs(told)})
    return "identical" if told["identical"] else ", ".join(factors) or "different"


def _some(members: set[str]) -> str:
    first = min(members)
    return first if len(members) == 1 else f"{first} and {len(members) - 1} more"


def _hint(row: Mapping[str, Any]) -> str:
    return f" (such as {row['samples'][0]})" if row["samples"] else ""


def _line(row: Row) -> str:
    first = f"{row.project:<24} {row.backend:<12} {row.kind:<6} {row.truth:<42} {row.said:<42} "
    return "\n    ".join([first + ("wrong" if row.wrong else "right"), *row.wrong])


def _table(rows: Sequence[Row]) -> None:
    print("| project | backend | artifact | truth | said | |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        verdict = "wrong: " + "; ".join(row.wrong) if row.wrong else "right"
        print(f"| {row.project} | {row.backend} | {row.kind} | {row.truth} | {row.said} | {verdict} |")


def check() -> None:
    """Try the comparison on a made-up artifact: what is right passes, and each way to be wrong is seen."""
    members = ["a-1.dist-info/WHEEL", "a.py"]
    truth: dict[str, Any] = {
        "name": "a-1.whl",
        "identical": False,
        "differences": [
            {
                "attribute": "mode",
                "factor": "umask",
                "by": ["077"],
                "members": 2,
                "samples": members,
                "digest": digest(set(members)),
            }
        ],
    }
    same = {"name": "a-1.whl", "identical": True, "differences": []}
    right: dict[str, Any] = {
        "kind": "wheel",
        "name": "a-1.whl",
        "identical": False,
        "sha256": ["0", "1"],
        "differences": [
            {"member": one, "attribute": "mode", "factor": "umask", "cause": "", "cure": ""} for one in members
        ],
    }
    other_factor = [{**one, "factor": "clock"} for one in right["differences"]]
    other_attribute = [{**one, "attribute": "mtime"} for one in right["differences"]]
    cases: list[tuple[Mapping[str, Any], Mapping[str, Any], set[str]]] = [
        (truth, right, set()),
        (same, same, set()),
        (same, right, {"verdict", "factor", "members"}),
        (truth, same, {"verdict", "factor", "members"}),
        (truth, {**right, "differences": right["differences"][:1]}, {"members"}),
        (truth, {**right, "differences": other_factor}, {"factor", "members"}),
        (truth, {**right, "differences": other_attribute}, {"members"}),
        (truth, {**right, "name": "b-1.whl"}, {"name"}),
    ]
    for number, (is_so, told, expected) in enumerate(cases):
        found = {one.split(":")[0] for one in compared(is_so, told)}
        if found != expected:
            raise SystemExit(f"Case {number}: {sorted(found)} instead of {sorted(expected)}.")
    printed = json.dumps({"artifacts": [right], "factors": {"varied": [], "not_varied": []}})
    project = Project("a", "1", "", "setuptools", "")
    truths = {"artifacts": {"wheel": truth, "sdist": same}}
    wheel, sdist = judged(project, truths, Said(1, printed, untouched=True))
    nothing = judged(project, truths, Said(3, "", untouched=True))
    if wheel.wrong or not sdist.wrong or not all(row.wrong for row in nothing):
        raise SystemExit("A missing artifact or no output passes.")
    print(f"The comparison is right in {len(cases) + 2} made-up cases.")


if __name__ == "__main__":
    sys.exit(main())
