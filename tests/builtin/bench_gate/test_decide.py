"""Decide: what is red, what is undecided, what is said, and with which figures."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

import msgspec
import pytest

from gates.builtin.bench.decide import decide
from gates.builtin.bench.facts import BenchEvidence, Noise, Problem
from gates.builtin.bench.judging.tables import tables
from gates.builtin.bench.settings import BenchSettings
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted
from support import bench_evidence as made

PLAIN = made.settings()
A, B = made.benchmark("test_a"), made.benchmark("test_b")


def ruled(evidence: BenchEvidence, settings: BenchSettings = PLAIN) -> tuple[str, list[tuple[str, str]], Decision]:
    decision = decide(evidence, settings)
    return verdict_of(decision), [(one.rule, one.severity) for one in decision.findings], decision


def messages(decision: Decision) -> list[str]:
    return [one.message for one in decision.findings]


@pytest.mark.requirement("GAT-5")
def test_a_change_within_the_limit_passes_over_all_that_was_compared() -> None:
    verdict, findings, decision = ruled(made.evidence(A, made.benchmark("test_b", change=2)))
    assert (verdict, findings, str(decision.denominator)) == ("passed", [], "2 benchmarks")


def test_a_regression_says_its_interval_its_limit_and_both_times() -> None:
    slow = made.benchmark("test_slow[json]", change=12.3, noise=0, weather=0)
    verdict, findings, decision = ruled(made.evidence(A, slow))
    assert (verdict, findings) == ("failed", [("BEN001", "error")])
    assert messages(decision) == [
        "test_slow[json] takes 12.3 % longer (12.3 % to 12.3 %), limit 5 %: 1.00 ms at base, 1.12 ms at head"
    ]
    (found,) = decision.findings
    assert (found.path, found.line, found.subject) == ("tests/test_bench.py", 3, slow.id)


def test_a_benchmark_of_two_files_is_called_by_its_whole_id() -> None:
    slow = made.benchmark("tests/other.py::test_a", change=20)
    _, _, decision = ruled(made.evidence(A, slow))
    assert messages(decision)[0].startswith("tests/other.py::test_a takes ")


def test_a_figure_near_its_limit_has_digits_enough_to_tell_them_apart() -> None:
    slow = made.benchmark(change=5.004, noise=0, weather=0)
    _, _, decision = ruled(made.evidence(slow))
    assert "takes 5.004 % longer" in messages(decision)[0]


def test_an_improvement_is_no_finding_beside_base() -> None:
    verdict, findings, decision = ruled(made.evidence(made.benchmark(change=-20)))
    assert (verdict, findings) == ("passed", [])
    assert {one.name: one.value for one in decision.measures}["bench.improved"] == 1


def test_what_is_not_proved_is_red_where_proof_is_asked_for() -> None:
    near = made.evidence(made.benchmark(change=4, noise=0.02))
    assert ruled(near)[:2] == ("passed", [])
    verdict, findings, decision = ruled(near, made.settings(rule="prove"))
    assert (verdict, findings) == ("failed", [("BEN001", "error")])
    assert messages(decision)[0].startswith("it is not shown that test_a stays within its limit of 5 %: it takes ")
    _, _, decision = ruled(made.evidence(made.benchmark(change=20)), made.settings(rule="prove"))
    assert messages(decision)[0].startswith("test_a takes ")


@pytest.mark.requirement("GAT-5")
def test_a_noisy_machine_is_undecided_and_says_what_it_could_hold() -> None:
    noise = Noise(load=1.9, steal=0.032, mhz=counted([1200.0, 3100.0]), governor="powersave")
    noisy = made.benchmark("test_n", noise=0.2)
    verdict, findings, decision = ruled(made.evidence(A, noisy, noise=noise))
    assert (verdict, findings) == ("undecided", [("BEN007", "warning")])
    assert decision.reason is not None
    assert decision.reason.code == "too_noisy"
    said = decision.reason.message
    assert said.startswith("test_n: its change is known to ± ")
    assert "after 8 process pairs" in said
    assert "load 1.9 per core before the run, 3.2 % of CPU time stolen, clock 1,200 to 3,100 MHz, clock set by" in said
    least = float(said.partition("this machine could hold ")[2].partition(" %")[0])
    assert ruled(made.evidence(A, noisy), made.settings(limit=least))[0] == "passed"
    assert ruled(made.evidence(A, noisy), made.settings(limit=round(least - 0.1, 1)))[0] != "passed"


@pytest.mark.parametrize("rule", ["detect", "prove"])
def test_the_limit_that_can_be_held_is_one_by_which_it_is_conclusive(rule: str) -> None:
    held = (made.benchmark(change=4, noise=0.02), made.benchmark("test_n", noise=0.05), B)
    least = tables(made.evidence(*held), made.settings(rule=rule))["held"]
    assert ruled(made.evidence(*held), made.settings(rule=rule, limit=least))[0] == "passed"
    assert ruled(made.evidence(*held), made.settings(rule=rule, limit=least - 0.2))[0] != "passed"


def test_several_noisy_benchmarks_are_counted_and_the_widest_is_named() -> None:
    _, _, decision = ruled(made.evidence(made.benchmark(noise=0.1), made.benchmark("test_w", noise=0.4), B))
    assert decision.reason is not None
    assert decision.reason.message.startswith("2 of 3 benchmarks are not known well enough; the worst is test_w:")


def test_what_differs_from_itself_takes_the_verdict_from_everything() -> None:
    slow = made.benchmark("test_slow", change=12)
    verdict, findings, decision = ruled(made.evidence(made.benchmark(control=12), slow))
    assert verdict == "undecided"
    assert findings == [("BEN010", "warning"), ("BEN001", "warning")]
    assert decision.reason is not None
    assert decision.reason.code == "too_noisy"
    assert decision.reason.message.startswith("base takes 12.0 % longer ")
    assert "than itself in test_a (" in decision.reason.message
    assert {one.name: one.value for one in decision.measures}["bench.control.alarms"] == 1


def test_the_worst_of_several_alarms_is_named() -> None:
    alarms = (made.benchmark("test_c", control=-30), made.benchmark("test_d", control=12))
    _, findings, decision = ruled(made.evidence(A, *alarms))
    assert [rule for rule, _ in findings] == ["BEN010", "BEN010"]
    assert decision.reason is not None
    assert "less than itself in test_c" in decision.reason.message
    assert "; so do 1 more" in decision.reason.message


def test_without_any_control_nothing_is_decided() -> None:
    broken = made.problem("crashed", "control")
    sides = ("base", "head")
    alone = made.evidence(made.benchmark(problems=broken, sides=sides))
    verdict, findings, decision = ruled(alone)
    assert (verdict, findings) == ("undecided", [])
    assert decision.reason is not None
    assert "compared with itself in no benchmark" in decision.reason.message
    verdict, _, decision = ruled(made.evidence(B, made.benchmark(problems=broken, sides=sides)))
    assert verdict == "passed"
    assert "test_a has no control: base, run once more, took its process down: ValueError: no" in decision.notes


@pytest.mark.parametrize(
    ("problems", "rule", "severity", "said"),
    [
        (made.problem("errored", "head"), "BEN005", "error", "test_x raised at head: ValueError: no (pytest tests/"),
        (made.problem("errored", "head", "base"), "BEN005", "error", "test_x raised at base and at head: ValueError"),
        (made.problem("crashed", "head"), "BEN005", "error", "test_x took its process down at head: "),
        (made.problem("hung", "head"), "BEN005", "error", "test_x was not done in time at head: "),
        (made.problem("forked", "head"), "BEN005", "error", "test_x let a copy of its process go on at head: "),
        (made.problem("missing", "head"), "BEN005", "error", "test_x was collected and never reported at head: "),
        (made.problem("unlisted", "head"), "BEN005", "error", "test_x could not be collected at head: "),
        (made.problem("skipped", "head", "base"), "BEN004", "error", "test_x was skipped at base and at head: "),
        (made.problem("disabled", "head", message=""), "BEN004", "error", "test_x ran and was not timed at head"),
        (made.problem("idle", "head"), "BEN004", "error", "test_x asked for `benchmark` and never called it at head: "),
        (made.problem("new", "head"), "BEN006", "warning", "test_x can run only with what head has at head: "),
        (made.problem("new", "base"), "BEN006", "warning", "test_x has nothing to be compared with: it can run only"),
        (
            made.problem("unlisted", "base", "control", message="ImportError: no module\nmore"),
            "BEN006",
            "warning",
            "test_x has nothing to be compared with: it could not be collected at base: ImportError: no module",
        ),
        (
            [*made.problem("skipped", "head"), *made.problem("errored", "base")],
            "BEN004",
            "error",
            "test_x was skipped at head: ",
        ),
        (
            [*made.problem("new", "head"), *made.problem("hung", "head", message="60 s")],
            "BEN005",
            "error",
            "test_x was not done in time at head: 60 s",
        ),
    ],
)
def test_what_cannot_be_compared_is_one_sentence_and_the_rest_is_judged(
    problems: Sequence[Problem], rule: str, severity: str, said: str
) -> None:
    broken = made.benchmark("test_x", held=[], problems=problems, before=rule != "BEN006")
    verdict, findings, decision = ruled(made.evidence(A, broken))
    assert findings == [(rule, severity)]
    assert verdict == ("failed" if severity == "error" else "passed")
    assert messages(decision)[0].startswith(said)
    assert "\n" not in messages(decision)[0]
    assert decision.denominator.count == 1
    assert decision.reason is None


def test_what_base_has_and_cannot_run_any_more_escapes_nobody() -> None:
    broken = made.benchmark("test_x", held=[], problems=made.problem("unlisted", "base", "control"))
    verdict, findings, decision = ruled(made.evidence(A, broken))
    assert (verdict, findings) == ("failed", [("BEN006", "error")])
    assert "though base has it: what only head can import belongs into a file of its own" in messages(decision)[0]


def test_base_that_stops_half_way_is_no_new_benchmark() -> None:
    half = [*made.pairs(many=3), *made.pairs(many=5, sides=("head",))]
    half = [msgspec.structs.replace(one, pair=at) for at, one in enumerate(half)]
    broken = made.benchmark("test_x", held=half, problems=made.problem("hung", "base", "control", message=""))
    verdict, findings, decision = ruled(made.evidence(A, broken))
    assert (verdict, findings) == ("undecided", [("BEN007", "warning")])
    assert messages(decision) == [
        "test_x was not done in time at base, after 3 process pairs, so that nothing is known of it"
    ]
    assert decision.reason is not None
    assert decision.reason.code == "evidence_incomplete"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["test_parse_all"], "; test_parse_all appeared, which may be it under a new name"),
        (["test_other"], "; test_other appeared, which may be it under a new name"),
        (["test_zzz", "test_parsed"], "; test_parsed appeared, which may be it under a new name"),
        (["quite", "different"], ""),
        (["tests/moved.py::test_parse"], "; tests/moved.py::test_parse appeared, which may be it under a new name"),
        ([], ""),
    ],
)
def test_a_benchmark_that_left_is_red_and_what_is_like_it_is_named(names: list[str], said: str) -> None:
    left = made.benchmark("test_parse", held=[], problems=made.problem("left", "head", message=""))
    fresh = [
        made.benchmark(name, before=False, held=[], problems=made.problem("errored", "base", "control"))
        for name in names
    ]
    verdict, findings, decision = ruled(made.evidence(A, left, *fresh))
    assert verdict == "failed"
    assert findings[0] == ("BEN003", "error")
    name = "tests/test_bench.py::test_parse" if any("::" in one for one in names) else "test_parse"
    assert messages(decision)[0] == f"{name} was a benchmark and is not there any more{said}"


def test_leaving_the_directory_is_a_note_and_still_judged() -> None:
    moved = made.benchmark(problems=made.problem("moved", "head", message=""), change=20)
    verdict, findings, decision = ruled(made.evidence(moved))
    assert (verdict, findings) == ("failed", [("BEN001", "error")])
    assert "test_a left the current directory changed" in decision.notes


def test_where_nothing_could_be_compared_nothing_is_decided() -> None:
    new = made.benchmark(held=[], problems=made.problem("errored", "base"), before=False)
    for evidence, said in (
        (made.evidence(), "there is no benchmark"),
        (made.evidence(new), "1 benchmark found (tests/"),
    ):
        verdict, _, decision = ruled(evidence)
        assert verdict == "undecided"
        assert decision.reason is not None
        assert decision.reason.code == "nothing_examined"
        assert decision.reason.message.startswith(said)


def test_what_differs_and_what_else_ran_is_said() -> None:
    evidence = made.evidence(made.benchmark(limit=20), differing=counted(["numpy 2.1"]), notes=counted(["a note"]))
    _, _, decision = ruled(evidence)
    assert decision.notes == (
        "a note",
        "only one side requires numpy 2.1: what they cost is in the figures",
        "test_a is held to 20 %, and `limit` is 5 %, by its mark (tests/test_bench.py:3)",
        "the machine: load 0.4 per core before the run, 0.2 % of CPU time stolen",
    )
    silent = made.evidence(A, noise=Noise(load=None, steal=None, mhz=counted([]), governor=None))
    assert ruled(silent)[2].notes == ()
    governed = made.evidence(A, noise=Noise(load=None, steal=None, mhz=counted([]), governor="powersave"))
    assert ruled(governed)[2].notes == ("the machine: clock set by powersave",)


def test_measures_say_the_limit_and_where_it_stands() -> None:
    held = [A, made.benchmark("test_b", limit=2.5), made.benchmark("test_c")]
    settings = made.settings(limits=[{"glob": "test_c", "limit": 40}])
    _, _, decision = ruled(made.evidence(*held), settings)
    limits = {one.name: (one.limit, one.limit_from, one.unit) for one in decision.measures if one.limit is not None}
    assert limits == {
        "bench.test_a.change": (5.0, "setting:limit", "percent"),
        "bench.test_b.change": (2.5, "tests/test_bench.py:3", "percent"),
        "bench.test_c.change": (40.0, "setting:limits[0].limit", "percent"),
    }


def test_of_many_benchmarks_those_that_matter_have_measures_and_it_is_quick() -> None:
    names = [f"test_{at}" for at in range(500)]
    held = [made.benchmark(name, many=12, change=20 if name == "test_498" else 0) for name in names]
    evidence = made.evidence(*held)
    began = time.process_time()
    decision = decide(evidence, PLAIN)
    assert time.process_time() - began < 2
    shown = [one.name for one in decision.measures if one.name.endswith(".change")]
    assert len(shown) == 50
    assert "bench.test_498.change" in shown
    assert decision.denominator.count == 500


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = ("statistics", "fractions", "random", "difflib", "sqlite3", "subprocess", "xml", "asyncio")
    code = (
        "import sys; before = set(sys.modules); import gates.builtin.bench.decide;"
        f" print(sorted(set({heavy!r}) & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
