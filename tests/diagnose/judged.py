"""How right a diagnosis of the corpus is: its document, held against the labels of a case."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from diagnose.corpus_cases import Case, Label, sites

Question = Literal["factor", "kind", "culprits", "line"]
LATER = 10.0  # seconds to end well
QUESTIONS: tuple[Question, ...] = ("factor", "kind", "culprits", "line")


class Answer(NamedTuple):
    """What a tool said of a project, and what it took."""

    document: Mapping[str, Any] | None
    status: int | None  # none: it did not end in time
    errors: str
    cpu: float
    wall: float


class Miss(NamedTuple):
    """A question that was answered wrongly."""

    nodeid: str
    question: str
    expected: str
    got: str
    reason: str  # as the tool gives it

    def __str__(self) -> str:
        return f"{self.nodeid}: {self.question}: expected {self.expected}, got {self.got}\n      {self.reason}"


def answer(argv: Sequence[str], folder: Path, limit: float) -> Answer:
    """What a command prints on a project, as JSON, and the processor's time of it and of all that it started."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
        )
        status, cpu = _ended(child, began + limit)
        output.seek(0)
        errors.seek(0)
        try:
            document = json.loads(output.read())
        except ValueError:
            document = None
        said = errors.read().decode(errors="replace")
    return Answer(document, status, said, cpu, time.perf_counter() - began)


def _ended(child: subprocess.Popen[bytes], until: float) -> tuple[int | None, float]:
    """The exit status of a process, none if its time was up, and its processor time with that of its children."""
    late = False
    while True:
        pid, status, used = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return None if late else child.returncode, used.ru_utime + used.ru_stime
        if time.perf_counter() > until + LATER:
            os.killpg(child.pid, signal.SIGKILL)
        elif not late and time.perf_counter() > until:
            late = True
            child.terminate()  # what it has started in groups of their own, only it can end
        time.sleep(0.02)


def misses(case: Case, document: Mapping[str, Any] | None, asked: Sequence[str] = ()) -> list[Miss]:
    """What is wrong in a document: of the labels of a case (those asked for, or all), and of bystanders."""
    told = {str(test["nodeid"]): test for test in (document or {}).get("tests", ())}
    labels = {label.nodeid: label for label in case.test}
    found = [miss for name, label in labels.items() if not asked or name in asked for miss in of(case, label, told)]
    for name, test in told.items():
        if name not in labels and test["stable"] is not True:
            got = "undecided" if test["stable"] is None else f"accused of {_names(test)}"
            found.append(Miss(name, "bystander", "stable", got, str(test.get("reason", ""))))
    return found


def of(case: Case, label: Label, told: Mapping[str, Mapping[str, Any]]) -> Iterator[Miss]:
    """What is wrong about one label."""
    test = told.get(label.nodeid)
    if test is None:
        yield Miss(label.nodeid, "factor", _expected(label), "nothing: not in the document", "")
        return
    if test["stable"] is None and (label.undecided or label.kind == "unattributed"):
        return
    reason = str(test.get("reason", ""))
    if test["stable"] is True and label.outcome == "skipped" and "it was skipped" in reason:
        return
    factors = [str(factor["name"]) for factor in test.get("factors", ())]
    wrong = set(label.factors) - set(factors) if label.factors else set(factors)
    if test["stable"] is not False or wrong:
        yield Miss(label.nodeid, "factor", _expected(label), _names(test), reason)
    if test.get("kind") != label.kind:
        yield Miss(label.nodeid, "kind", label.kind, str(test.get("kind")), reason)
    blamed = (*label.culprits, *label.polluters)
    if set(blamed) != set(test.get("culprits", ())):
        yield Miss(label.nodeid, "culprits", _listed(blamed), _listed(test.get("culprits", ())), reason)
    wanted = {(site.path, site.line) for site in sites(case, label)}
    named = {(str(site["path"]), int(site["line"])) for site in test.get("sites", ())}
    if not wanted <= named:
        shown = [_listed(f"{path}:{line}" for path, line in sorted(some)) for some in (wanted, named)]
        yield Miss(label.nodeid, "line", shown[0], shown[1], reason)


def beside(label: Label, document: Mapping[str, Any] | None) -> list[str]:
    """Factors that a document names of a flaky test and that its label does not have."""
    tests = [test for test in (document or {}).get("tests", ()) if test["nodeid"] == label.nodeid]
    named = [str(factor["name"]) for test in tests for factor in test.get("factors", ())]
    return [name for name in named if name not in label.factors] if label.factors else []


def _expected(label: Label) -> str:
    return _listed(label.factors) or "none by name"


def _names(test: Mapping[str, Any]) -> str:
    if test["stable"] is not False:
        return "stable" if test["stable"] else "undecided"
    return _listed(str(factor["name"]) for factor in test.get("factors", ())) or "no factor"


def _listed(names: Any) -> str:
    return ", ".join(names) or "none"
