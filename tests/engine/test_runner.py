"""Gates side by side: each accounted for, whatever one of them does."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gates.engine import collection, session
from gates.engine.observer import Silent
from gates.model.decision import Decision, Verdict
from gates.model.evidence import Refusal
from gates.model.gate import Inputs, Shard
from gates.model.measure import Denominator
from support.sample_gates import Notes, hanging, made, raising, refusing
from support.sessions import judged, reasons, request, verdicts


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("fine\n", "utf-8")
    return tmp_path


def test_a_gate_that_finds_nothing_wrong_passes_over_its_files(root: Path) -> None:
    judgement = judged(root, Notes)
    (gate,) = judgement.report.gates
    assert (gate.verdict, str(gate.denominator), judgement.report.exit_code) == ("passed", "1 file", 0)
    assert gate.evidence is not None


@pytest.mark.requirement("VRD-1")
def test_a_gate_that_looked_at_nothing_is_undecided(root: Path) -> None:
    (root / "a.txt").unlink()
    judgement = judged(root, Notes)
    assert reasons(judgement) == {"notes": "nothing_examined"}
    assert judgement.report.exit_code == 3


@pytest.mark.requirement("VRD-6")
@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"collect": refusing}, "tool_missing"),
        ({"collect": raising}, "gate_crashed"),
        ({"decide": raising}, "gate_crashed"),
        ({"inputs": raising}, "gate_crashed"),
        ({"decide": lambda *_: None}, "gate_crashed"),
        ({"collect": lambda *_: {"not": "evidence"}}, "gate_crashed"),
    ],
)
def test_a_broken_gate_is_undecided_and_the_others_are_judged(root: Path, broken: dict[str, Any], code: str) -> None:
    judgement = judged(root, made("broken", **broken), Notes)
    assert verdicts(judgement) == {"broken": "undecided", "notes": "passed"}
    assert reasons(judgement) == {"broken": code}
    assert judgement.report.exit_code == 3


@pytest.mark.requirement("VRD-6")
def test_a_crash_is_one_sentence_and_a_log(root: Path) -> None:
    (gate,) = judged(root, made("broken", collect=raising)).report.gates
    assert gate.reason is not None
    assert gate.reason.message == "the gate broken raised RuntimeError: a bug in the gate"
    log = root / ".gates" / "crash" / "gate-broken.log"
    assert str(log.relative_to(root)).replace("\\", "/") in gate.reason.fix
    assert "with a second line" in log.read_text("utf-8")


@pytest.mark.requirement("VRD-9")
def test_a_reader_of_an_undecided_gate_is_undecided(root: Path) -> None:
    source = made("source", collect=refusing)
    judgement = judged(root, source, made("reader", needs=("source",)))
    assert reasons(judgement) == {"source": "tool_missing", "reader": "needed_gate_undecided"}


def test_a_reader_of_a_gate_that_examined_nothing_is_undecided(root: Path) -> None:
    empty = made("empty", decide=lambda *_: Decision(denominator=Denominator(count=0, unit="files")))
    judgement = judged(root, empty, made("reader", needs=("empty",)))
    assert reasons(judgement)["reader"] == "needed_gate_undecided"


@pytest.mark.requirement("VRD-9")
def test_evidence_of_a_failed_gate_is_used(root: Path) -> None:
    (root / "a.txt").write_text("TODO\n", "utf-8")
    seen: list[Any] = []

    def collect(self: Any, context: Any) -> Any:
        seen.append(context.needs["notes"].notes.items)
        return Notes.collect(self, context)

    judgement = judged(root, Notes, made("reader", needs=("notes",), collect=collect, decide=Notes.decide))
    assert verdicts(judgement)["notes"] == "failed"
    assert [one.line for one in seen[0]] == [1]


@pytest.mark.requirement("VRD-7")
def test_a_collect_that_hangs_is_ended_at_its_time(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.engine.runner.GRACE", 0.1)
    (root / "gates.toml").write_text("[slow]\ntimeout = 0.2\n", "utf-8")
    started = time.monotonic()
    judgement = judged(root, made("slow", collect=hanging(20)), Notes)
    assert reasons(judgement) == {"slow": "timeout"}
    assert verdicts(judgement)["notes"] == "passed"
    assert time.monotonic() - started < 15


@pytest.mark.requirement("VRD-7")
def test_a_child_of_a_gate_that_ran_out_of_time_is_ended(root: Path) -> None:
    (root / "gates.toml").write_text("[slow]\ntimeout = 0.5\n", "utf-8")
    statuses = []

    def collect(self: Any, context: Any) -> Any:
        done = context.run([sys.executable, "-c", "import time; time.sleep(60)"])
        statuses.append(done.status)
        return Notes.collect(self, context)

    judgement = judged(root, made("slow", collect=collect))
    assert statuses == ["TIMEOUT"]
    assert judgement.report.exit_code in {0, 3}


def test_exclusive_gates_run_alone(root: Path) -> None:
    lock, inside, overlaps = threading.Lock(), set[str](), list[set[str]]()
    met = threading.Event()

    def collect(self: Any, context: Any) -> Any:
        with lock:
            inside.add(self.name)
            overlaps.append(set(inside))
            if len(inside) > 1:
                met.set()
        if self.exclusive:
            time.sleep(0.05)
        else:
            met.wait(10)
        with lock:
            inside.discard(self.name)
        return Notes.collect(self, context)

    kinds = [made(f"g{number}", collect=collect, exclusive=number == 1) for number in range(4)]
    judged(root, *kinds, flags={"jobs": 4})
    assert {"g1"} in overlaps
    assert all(held == {"g1"} for held in overlaps if "g1" in held)
    assert any(len(held) > 1 for held in overlaps)


def test_what_took_long_or_was_never_measured_starts_first(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [0.0]
    monkeypatch.setattr(collection, "time", SimpleNamespace(monotonic=lambda: passed[0]))

    def lasting(seconds: float) -> Any:
        def collect(self: Any, context: Any) -> Any:
            passed[0] += seconds
            return Notes.collect(self, context)

        return collect

    kinds = [
        made("quick", collect=lasting(1.0)),
        made("long", collect=lasting(2.0)),
        made("longer", collect=lasting(3.0)),
    ]
    kinds.append(made("quicker"))
    first, second = Recorder(), Recorder()
    judged(root, *kinds, observer=first, flags={"jobs": 1})
    judged(root, *kinds[:3], made("new"), observer=second, flags={"jobs": 1}, use_cache=False)
    assert [told[1] for told in first.told if told[0] == "started"] == ["quicker", "longer", "long", "quick"]
    assert [told[1] for told in second.told if told[0] == "started"] == ["new", "longer", "long", "quick"]


def test_every_planned_gate_has_a_report(root: Path) -> None:
    kinds = [made(f"g{number}", **({"collect": raising} if number % 3 == 0 else {})) for number in range(9)]
    judgement = judged(root, *kinds, flags={"jobs": 3})
    assert [one.name for one in judgement.report.gates] == [f"g{number}" for number in range(9)]


class Recorder(Silent):
    """Notes what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    def started(self, gate: str) -> None:
        self.told.append(("started", gate))

    def progressed(self, gate: str, text: str) -> None:
        self.told.append(("progressed", gate, text))

    def collected(self, gate: str, seconds: float, *, cached: bool) -> None:
        self.told.append(("collected", gate, str(cached)))

    def decided(self, gate: str, verdict: Verdict) -> None:
        self.told.append(("decided", gate, verdict))


def test_an_observer_is_told_in_order(root: Path) -> None:
    def collect(self: Any, context: Any) -> Any:
        context.progress("reading")
        return Notes.collect(self, context)

    watching = Recorder()
    judged(root, made("one", collect=collect), observer=watching)
    assert watching.told == [
        ("started", "one"),
        ("progressed", "one", "reading"),
        ("collected", "one", "False"),
        ("decided", "one", "passed"),
    ]


def test_what_comes_from_the_cache_is_not_announced(root: Path) -> None:
    judged(root, Notes)
    watching = Recorder()
    judged(root, Notes, observer=watching)
    assert watching.told == [("collected", "notes", "True"), ("decided", "notes", "passed")]


def test_an_interrupt_ends_the_children_and_the_scratch(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()
    pids: list[int] = []
    scratch: list[Path] = []

    def collect(self: Any, context: Any) -> Any:
        scratch.append(context.scratch)
        file = context.scratch / "pid"
        code = f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
        threading.Thread(target=context.run, args=([sys.executable, "-c", code],), daemon=True).start()
        while not file.exists() or not file.read_text("utf-8"):
            time.sleep(0.01)
        pids.append(int(file.read_text("utf-8")))
        begun.set()
        time.sleep(5)

    def interrupted(self: Any) -> None:
        assert begun.wait(20)
        raise KeyboardInterrupt

    monkeypatch.setattr("gates.engine.runner.Runner._wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        session.judge(request(root, made("one", collect=collect)))
    assert not _alive(pids[0])
    assert not scratch[0].exists()


def _alive(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.requirement("PRC-9")
def test_a_tool_that_is_not_installed_is_a_refusal_with_a_fix(root: Path) -> None:
    answers: list[Any] = []

    def collect(self: Any, context: Any) -> Any:
        answers.append(context.tool("nosuchtool"))
        return answers[0]

    judgement = judged(root, made("one", collect=collect))
    assert isinstance(answers[0], Refusal)
    assert reasons(judgement) == {"one": "tool_missing"}


@pytest.mark.requirement("EVD-8")
def test_command_lines_are_reported_without_absolute_paths_and_processes(root: Path) -> None:
    def collect(self: Any, context: Any) -> Any:
        made = context.scratch / f"vltair-{os.getpid()}-2"
        context.run([sys.executable, "-c", "pass", str(context.scratch / "x"), str(made / "z"), str(root / "y")])
        return Notes.collect(self, context)

    (gate,) = judged(root, made("one", collect=collect)).report.gates
    assert gate.commands == (("python", "-c", "pass", "$SCRATCH/x", "$SCRATCH/2/z", "./y"),)


@pytest.mark.requirement("VRD-7")
def test_an_answer_after_the_time_limit_does_not_count(root: Path) -> None:
    (root / "gates.toml").write_text("[slow]\ntimeout = 0.1\n", "utf-8")
    assert reasons(judged(root, made("slow", collect=hanging(0.4)))) == {"slow": "timeout"}


def leaving(self: Any, *_args: Any) -> Any:
    """A method that takes itself for a script."""
    raise SystemExit(0)


@pytest.mark.parametrize("method", ["collect", "decide", "inputs"])
def test_a_gate_that_exits_is_undecided_at_once(root: Path, method: str) -> None:
    assert reasons(judged(root, made("leaving", **{method: leaving}))) == {"leaving": "gate_crashed"}


@pytest.mark.requirement("VRD-10")
@pytest.mark.parametrize("change", ["edit", "remove"])
def test_a_file_that_changes_after_its_gate_was_done_makes_it_undecided(root: Path, change: str) -> None:
    def collect(self: Any, context: Any) -> Any:
        if change == "edit":
            (root / "a.txt").write_text("TODO\n", "utf-8")
        else:
            (root / "a.txt").unlink()
        return Notes.collect(made("x")(), context)

    judgement = judged(
        root, Notes, made("later", needs=("notes",), collect=collect, inputs=lambda *_: Inputs(globs=()))
    )
    assert reasons(judgement)["notes"] == "evidence_stale"
    assert "a.txt" in str(judgement.report.gates[0].reason)


def test_a_file_that_is_new_changes_no_verdict(root: Path) -> None:
    def collect(self: Any, context: Any) -> Any:
        (root / "new.txt").write_text("TODO\n", "utf-8")
        return Notes.collect(self, context)

    later = made("later", needs=("notes",), collect=collect, inputs=lambda *_: Inputs(globs=("*.md",)))
    assert verdicts(judged(root, Notes, later)) == {"notes": "passed", "later": "passed"}


@pytest.mark.requirement("PRC-7")
def test_offline_is_held_by_a_network_that_is_not_there(root: Path) -> None:
    statuses = []

    def collect(self: Any, context: Any) -> Any:
        code = "import socket; socket.create_connection(('192.0.2.1', 9), 2)"
        statuses.append(context.run([sys.executable, "-c", code]))
        return Notes.collect(self, context)

    judged(root, made("one", collect=collect), offline=True)
    assert statuses[0].status in {"FAILED", "SANDBOX_DENIED"}
    assert b"timed out" not in statuses[0].stderr


def test_only_a_gate_that_can_merge_is_given_a_shard(root: Path) -> None:
    seen: dict[str, Any] = {}

    def collect(self: Any, context: Any) -> Any:
        seen[self.name] = context.shard
        return Notes.collect(self, context)

    kinds = [made("whole", collect=collect), made("parted", collect=collect, merge=lambda self, parts: parts[0])]
    judged(root, *kinds, shard=Shard(index=1, count=2))
    assert seen == {"whole": None, "parted": Shard(index=1, count=2)}
