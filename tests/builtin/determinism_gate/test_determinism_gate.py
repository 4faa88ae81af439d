"""What the gate says of itself, and what it refuses before a run or over shards; no suite is run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from gates.builtin.determinism import canaries, collect, screen
from gates.builtin.determinism.facts import DeterminismEvidence
from gates.builtin.determinism.gate import DeterminismGate
from gates.builtin.determinism.settings import DeterminismSettings
from gates.builtin.suite import running
from gates.config import tool_settings
from gates.model.canary import Planted
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.model.tested import TestsEvidence
from gates.project import facts
from gates.testing import project
from support import suites

A, B = "tests/test_a.py::test_a", "tests/test_b.py::test_b"


class Foreign:
    """As much of a project as the gate asks for where there are no tests."""

    layout = SimpleNamespace(tests=())


def test_without_tests_and_without_pytest_it_does_not_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    project: Any = Foreign()
    for configured, code in ((None, "does_not_apply"), ("pytest.ini", "not_configured")):
        monkeypatch.setattr(tool_settings, "pytest_configured", lambda _, found=configured: found)
        reason = DeterminismGate().applies(project, DeterminismSettings()).reason
        assert reason is not None
        assert reason.code == code


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("leak:environment", "This is one of the kind `environment`."),
        ("leak:enviroment", 'pytest_vltair has no kind `enviroment` by itself: did you mean "environment"?'),
        ("leak:shop", "pytest_vltair has no kind `shop` by itself. A plugin may have brought it."),
        ("leak", None),
        ("ruff:F401", None),
    ],
)
def test_a_kind_of_leak_is_explained(asked: str, said: str | None) -> None:
    context: Any = None
    found = DeterminismGate().explain(asked, context)
    assert (found is None) == (said is None)
    if found is not None and said is not None:
        assert said in found
        assert "\n\nFix: " in found


def test_only_a_screen_plans_a_run() -> None:
    gate = DeterminismGate()
    project: Any = None
    assert list(gate.plan(project, DeterminismSettings())) == []
    ((*argv,),) = gate.plan(project, DeterminismSettings(screen="reverse"))
    assert argv[:4] == ["python", "-P", "-m", "pytest"]
    assert "--vltair-order=reversed" in argv
    assert argv[-1] == "--vltair-record=$SCRATCH/reversed.jsonl"


def evidence(folder: Path, test: str, shard: str) -> TestsEvidence:
    lines = suites.lines([test], *suites.phases(test), held=suites.fixed(), first=suites.begin(shard=shard))
    return suites.evidence(lines, folder)


def collected(tests: TestsEvidence, **context: Any) -> DeterminismEvidence | Refusal:
    asked: Any = SimpleNamespace(
        **{"shard": None, "settings": DeterminismSettings(), "needs": {"tests": tests}, **context}
    )
    return collect.collect(asked)


def test_a_shard_is_not_screened(tmp_path: Path) -> None:
    settings = DeterminismSettings(screen="reverse")
    found = collected(evidence(tmp_path, A, "1/2"), shard=SimpleNamespace(), settings=settings)
    assert isinstance(found, Refusal)
    assert found.reason.code == "not_configured"
    assert "this is a shard of one" in found.reason.message


def test_shards_of_two_versions_of_the_recording_are_no_whole(tmp_path: Path) -> None:
    one, two = collected(evidence(tmp_path, A, "1/2")), collected(evidence(tmp_path, B, "2/2"))
    assert isinstance(one, DeterminismEvidence)
    assert isinstance(two, DeterminismEvidence)
    assert isinstance(DeterminismGate().merge([one, two]), DeterminismEvidence)
    found = DeterminismGate().merge([one, msgspec.structs.replace(two, schema_version=1)])
    assert isinstance(found, Refusal)
    assert found.reason.code == "evidence_foreign"
    assert "different versions" in found.reason.message


def test_a_screen_needs_a_python_with_pytest_and_the_plugin() -> None:
    reason = Reason(code="tool_missing", message="no Python was found", fix="install one")
    settings = SimpleNamespace(args=(), env={})
    tests: Any = None
    context: Any = SimpleNamespace(python=Refusal(reason), needed={"tests": settings})
    assert screen.run(context, tests) == Refusal(reason)
    asked: list[str] = []

    def tool(name: str, *, module: str, judged: bool) -> object:
        asked.append(name)
        assert judged
        return Refusal(reason) if module == "pytest_vltair" else SimpleNamespace()

    context = SimpleNamespace(python=SimpleNamespace(), needed={"tests": settings}, tool=tool)
    assert screen.run(context, tests) == Refusal(reason)
    assert asked == ["pytest", "pytest-vltair"]


@pytest.mark.parametrize("status", [2, 3])
def test_a_reversed_run_that_was_cut_short_is_no_screen(
    status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = {"order": SimpleNamespace(shown="reversed")}
    run: Any = SimpleNamespace(
        fixed=[SimpleNamespace(factors=order)], collect_errors=(), end=SimpleNamespace(exitstatus=status)
    )
    monkeypatch.setattr(running, "recorded", lambda *_: run)
    completed: Any = SimpleNamespace(status="OK")
    context: Any = SimpleNamespace(project=SimpleNamespace(root=tmp_path))
    python: Any = None
    found = screen._ended(completed, tmp_path / "record.jsonl", python, context, ())
    assert isinstance(found, Refusal)
    assert found.reason.code == "evidence_incomplete"
    assert found.reason.message == f"the reversed run was cut short: pytest ended with exit status {status}"


def test_a_run_whose_order_is_neither_reversed_nor_a_plugin_s_is_undecided() -> None:
    run: Any = SimpleNamespace(fixed=[SimpleNamespace(factors={"order": SimpleNamespace(shown="fixed")})])
    found = screen._disorder(run)
    assert found is not None
    assert found.reason.code == "tool_config_invalid"
    assert found.reason.message.endswith("was 'fixed'")


@pytest.mark.parametrize("recorded", [False, True])
def test_a_time_out_before_any_test_began_is_told_as_that_of_the_reversed_run(recorded: bool, tmp_path: Path) -> None:
    recording = tmp_path / "record.jsonl"
    if recorded:
        recording.write_bytes(b"")
    completed: Any = SimpleNamespace(status="TIMEOUT", reason="3 s")
    context: Any = SimpleNamespace(project=SimpleNamespace(root=tmp_path))
    python: Any = SimpleNamespace(path=tmp_path / "python")
    found = screen._ended(completed, recording, python, context, ())
    assert isinstance(found, Refusal)
    assert found.reason.code == "timeout"
    assert found.reason.message.startswith("in the reversed run, pytest was not done in time")


def planted(root: Path, files: dict[str, str], rule: str) -> Planted | Reason:
    project.write(root, {"pytest.ini": "[pytest]\ntestpaths = tests\n", **files})
    tests = SimpleNamespace(args=(), env={})
    context: Any = SimpleNamespace(project=facts.find(root), needed={"tests": tests}, environ={})
    return next(one for one in canaries.CANARIES if one.rule == rule).plant(context)


def test_a_canary_finds_its_place_beside_a_test_or_says_that_there_is_none(tmp_path: Path) -> None:
    found = planted(tmp_path / "a", {"tests/test_a.py": "def test_a():\n    pass\n"}, "DET003")
    assert isinstance(found, Planted)
    assert found.path == "tests/test_gates_canary_det003.py"
    lines = (tmp_path / "a" / found.path).read_text().splitlines()
    assert lines[(found.line or 0) - 1].startswith("def test_")
    nowhere = planted(tmp_path / "b", {"a.py": ""}, "DET003")
    assert isinstance(nowhere, Reason)
    assert nowhere.message == "no test file was found beside which a canary would be collected"


def test_a_conftest_that_has_the_name_already_is_not_written_over(tmp_path: Path) -> None:
    held = "gates_canary_zone = 1\n"
    found = planted(tmp_path, {"tests/test_a.py": "def test_a():\n    pass\n", "tests/conftest.py": held}, "DET002")
    assert isinstance(found, Reason)
    assert found.message.startswith("tests/conftest.py has a gates_canary_zone of its own")
    assert (tmp_path / "tests" / "conftest.py").read_text() == held
