"""Recorded runs and evidence of test suites, made up or truncated at will."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from gates.builtin.determinism.settings import KINDS
from gates.builtin.suite import by_hand
from gates.builtin.suite.options import PytestOptions
from gates.builtin.suite.record import RecordedRun, read
from gates.builtin.tests import summary
from gates.builtin.tests.gate import TestsGate
from gates.builtin.tests.settings import TestsSettings
from gates.engine.context import GateContext, World
from gates.engine.observer import Silent
from gates.engine.scratch import Scratch
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import Refusal, encode
from gates.model.gate import Shard
from gates.model.measure import Denominator
from gates.model.reason import Reason
from gates.model.recorded_run import SCHEMA_VERSION
from gates.model.tested import NOT_MEASURED, Coverage, TestsEvidence
from gates.process import interpreter
from gates.process.redact import redactor
from gates.project import facts

NO_OPTIONS = PytestOptions(words=(), ini={}, file=None)
ROOT = Path("/project")
JUDGED = by_hand.Judged(path=".venv/bin/python", editable=".venv/bin/python -m pip install --editable .")


def begin(**changed: Any) -> dict[str, Any]:
    """The first line of a recording."""
    line = {
        "event": "begin",
        "schema_version": SCHEMA_VERSION,
        "pytest": "9.2.0",
        "python": "3.12.1",
        "platform": "linux-x86_64",
        "args": [],
        "addopts": [],
        "rootdir": str(ROOT),
        "inipath": None,
        "plugins": [],
        "unknown_options": {},
        "tree": "tree-1",
        "environment": "environment-1",
        "settings": "settings-1",
        "commit": "c0ffee",
        "shard": None,
        "workers": 0,
        "keyword": "",
        "markexpr": "",
        "last_failed": False,
        "maxfail": 0,
        "invocation": ".",
        "started": "2026-01-01T00:00:00Z",
    }
    return line | changed


def phases(test: str, call: str | None = "passed", setup: str = "passed", **changed: Any) -> list[dict[str, Any]]:
    """The lines of one test; `call` None leaves the call out."""
    whens = [("setup", setup), *([] if call is None else [("call", call)]), ("teardown", "passed")]
    common = {
        "event": "phase",
        "nodeid": test,
        "duration": 0.01,
        "path": test.partition("::")[0],
        "line": 3,
        "wasxfail": False,
        "error": "",
        "stack": "",
        "markers": [],
        "requirements": [],
        "covers": [],
        "worker": None,
    }
    return [
        {**common, "when": when, "outcome": outcome, "message": "why" if outcome != "passed" else "", **changed}
        for when, outcome in whens
    ]


FACTORS = {"seed": "0", "timezone": "UTC", "locale": "C.UTF-8", "hash-seed": "0"}


def fixed(
    worker: str | None = None,
    mode: str = "guard",
    leaks: str = "report",
    began: Mapping[str, str] = FACTORS,
    ended: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """What a process held, at its start and at its end; `began` and `ended` are what it showed."""
    both = (("start", began), ("end", began if ended is None else ended))
    return [
        {
            "event": "fixed",
            "worker": worker,
            "when": when,
            "mode": mode,
            "leaks": leaks,
            "kinds": [] if leaks == "off" else list(KINDS),
            "allowed": [],
            "factors": {
                name: {"demanded": FACTORS.get(name, value), "place": f"vltair = {mode}", "shown": value}
                for name, value in shown.items()
            },
        }
        for when, shown in both
    ]


NOT_FIXED = fixed(mode="off", leaks="off", began={})


def leaked(test: str, kind: str = "environment", what: str = "TZ was not set and is 'UTC'") -> dict[str, Any]:
    """The line of one leak."""
    return {
        "event": "leak",
        "nodeid": test,
        "kind": kind,
        "what": what,
        "by": "test",
        "restored": True,
        "worker": None,
    }


def warned(message: str = "old", line: int = 7) -> dict[str, Any]:
    """The line of one warning."""
    return {
        "event": "warning",
        "nodeid": "",
        "when": "runtest",
        "category": "DeprecationWarning",
        "message": message,
        "path": "tests/test_a.py",
        "line": line,
    }


def lines(
    selected: list[str],
    *between: dict[str, Any],
    status: int = 0,
    first: dict[str, Any] | None = None,
    tree: str = "tree-1",
    held: Sequence[dict[str, Any]] = (),
    **collected: Any,
) -> list[dict[str, Any]]:
    """A whole recording whose counts agree; `held` is what its processes say of what they held."""
    fixed = held or NOT_FIXED
    chosen = {"event": "collected", "selected": selected, "deselected": [], "other_shards": [], "skipped_modules": []}
    chosen |= collected
    end = {
        "event": "end",
        "exitstatus": status,
        "selected": len(selected),
        "phases": sum(line["event"] == "phase" for line in between),
        "warnings": sum(line["event"] == "warning" for line in between),
        "fixed": len(fixed),
        "leaks": sum(line["event"] == "leak" for line in between),
        "tree": tree,
    }
    modules = {"event": "modules", "worker": None, "files": {"sample": "src/sample/__init__.py"}}
    return [first or begin(), chosen, *fixed, *between, modules, end]


def encoded(recorded: list[dict[str, Any]]) -> bytes:
    """The bytes of a recording."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in recorded)


def evidence(
    recorded: list[dict[str, Any]],
    folder: Path,
    *,
    ended_with: int | None = None,
    options: PytestOptions = NO_OPTIONS,
    coverage: Coverage = NOT_MEASURED,
    complaints: tuple[str, ...] = (),
    packages: tuple[str, ...] = ("sample",),
) -> TestsEvidence:
    """The evidence of a recording, read back from a file in `folder`."""
    path = folder / "made-up.jsonl"
    path.write_bytes(encoded(recorded))
    run = read(path, path.name, again="", match="", python="python")
    assert isinstance(run, RecordedRun), run
    return summary.evidence(
        run,
        root=ROOT,
        packages=packages,
        options=options,
        ended_with=run.end.exitstatus if ended_with is None else ended_with,
        coverage=coverage,
        complaints=complaints,
        judged=JUDGED,
        redact=str,
    )


def context(
    root: Path,
    scratch: Path,
    *,
    demanded: tuple[str, ...] = (),
    shard: Shard | None = None,
    environ: Mapping[str, str] | None = None,
    python: str | None = None,
    **settings: Any,
) -> GateContext:
    """The engine's own context of the gate `tests` for the project at `root`, with files in `scratch`."""
    # A folder of its own for pytest's temporary ones: runs side by side clear away each other's, and are warned of it.
    temporary = scratch / "pytest"
    temporary.mkdir(exist_ok=True)
    own = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_DEBUG_TEMPROOT": str(temporary)}
    around = {**os.environ, **own, **(environ or {})}
    chosen = interpreter.choose(root, flag=python, configured=None, environ=around, state=scratch / "state")
    world = World(
        project=facts.find(root),
        python=Refusal(chosen) if isinstance(chosen, Reason) else chosen,
        find_base=lambda: None,
        shard=shard,
        offline=True,
        environ=around,
        find_redactor=lambda: redactor(around),
        scratch=Scratch(scratch),
        revisions={},
        observer=Silent(),
    )
    return GateContext(
        gate="tests", settings=TestsSettings(**settings), world=world, demanded=frozenset(demanded), sharded=True
    )


@dataclass(frozen=True)
class Judged:
    """What became of a suite."""

    evidence: TestsEvidence | None
    decision: Decision
    unkept: str | None
    commands: tuple[tuple[str, ...], ...]

    @property
    def verdict(self) -> str:
        """The gate's verdict."""
        return verdict_of(self.decision)

    @property
    def rules(self) -> list[str]:
        """Codes of the findings."""
        return [one.rule for one in self.decision.findings]

    @property
    def code(self) -> str | None:
        """The code of the reason."""
        return None if self.decision.reason is None else self.decision.reason.code

    @property
    def message(self) -> str:
        """The sentence of the reason."""
        return "" if self.decision.reason is None else self.decision.reason.message


def judged(root: Path, scratch: Path, **wished: Any) -> Judged:
    """Run the suite of the project at `root` with the real pytest, and decide; a refusal becomes the reason."""
    around = context(root, scratch, **wished)
    gate = TestsGate()
    found = gate.collect(around)
    if isinstance(found, Refusal):
        decision = Decision(denominator=Denominator(count=0, unit="tests"), reason=found.reason)
        return Judged(None, decision, around.unkept, tuple(around.commands))
    kept = msgspec.json.decode(encode(found), type=TestsEvidence)
    decision = gate.decide(kept, around.settings, datetime(2026, 6, 1, tzinfo=UTC))
    return Judged(kept, decision, around.unkept, tuple(around.commands))
