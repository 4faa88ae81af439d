"""What a record allows to be said of a run's determinism; pure, so every case is made up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.builtin.determinism import collect
from gates.builtin.determinism.facts import DeterminismEvidence, Ended, Screen, Screened
from gates.builtin.determinism.gate import DeterminismGate
from gates.builtin.determinism.settings import FACTORS, KINDS, DeterminismSettings
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import Refusal, counted
from gates.model.finding import Finding
from gates.testing import law
from pytest_vltair.fixed.session import EARLY, LATE
from pytest_vltair.leaks.kinds import PROBES
from support import suites

A, B, C = (f"tests/test_a.py::test_{name}" for name in "abc")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
COMMAND = "python -m pytest --vltair-order=reversed"
Lines = Sequence[dict[str, Any]]
Maker = Callable[..., DeterminismEvidence]


class Needing:
    """As much of a context as a collection without a run of its own uses."""

    shard = None
    settings = DeterminismSettings()

    def __init__(self, tests: Any) -> None:
        self.needs = {"tests": tests}


def made(folder: Path, *between: dict[str, Any], held: Lines = (), selected: Sequence[str] = (A, B)) -> Any:
    lines = suites.lines(list(selected), *between, held=held or suites.fixed())
    context: Any = Needing(suites.evidence(lines, folder))
    return collect.collect(context)


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    def evidence(*between: dict[str, Any], held: Lines = (), **wished: Any) -> DeterminismEvidence:
        phases = between or (*suites.phases(A), *suites.phases(B))
        found = made(tmp_path, *phases, held=held, **wished)
        assert isinstance(found, DeterminismEvidence)
        return found

    return evidence


def screened(evidence: DeterminismEvidence, *, done: bool = True, **ended: Ended) -> DeterminismEvidence:
    """The evidence with a reversed run, in which tests ended as before or as is said by the last letter of a name."""
    before: dict[str, Any] = {one.id: one.outcome for one in evidence.tests.items} if done else {}
    before |= {f"tests/test_a.py::test_{name}": how for name, how in ended.items()}
    tests = [Screened(id=name, ended=how) for name, how in sorted(before.items())]
    run = Screen(order="reverse", command=COMMAND, done=done, tests=counted(tests))
    return msgspec.structs.replace(evidence, screen=run)


def decided(evidence: DeterminismEvidence, **keys: Any) -> Decision:
    return DeterminismGate().decide(evidence, DeterminismSettings(**keys), NOW)


def only(decision: Decision) -> Finding:
    assert len(decision.findings) == 1, decision.findings
    return decision.findings[0]


def rules(decision: Decision) -> list[str]:
    return [one.rule for one in decision.findings]


def rerun(test: str, **changed: Any) -> list[dict[str, Any]]:
    return [*suites.phases(test, "rerun", **changed), *suites.phases(test)]


def test_a_run_that_held_everything_passes_over_its_tests(make: Maker) -> None:
    decision = decided(make(*suites.phases(A), *suites.phases(B, None, setup="skipped")))
    assert verdict_of(decision) == "passed"
    assert str(decision.denominator) == "1 test"
    assert {one.name: one.value for one in decision.measures} == {
        "determinism.processes": 1,
        "determinism.leaks": 0,
        "determinism.flaky": 0,
    }


@pytest.mark.requirement("GAT-6")
def test_nothing_fixed_is_one_finding_with_the_line_to_add(make: Maker) -> None:
    decision = decided(make(held=suites.NOT_FIXED))
    assert verdict_of(decision) == "failed"
    found = only(decision)
    assert (found.rule, found.subject) == ("DET001", "vltair")
    assert found.message == (
        "nothing is held still in pytest (seed, timezone, locale, hash-seed, leaks):"
        ' set `vltair = "guard"` in pytest\'s configuration'
    )
    only_leaks = only(decided(make(held=suites.NOT_FIXED), require=())).message
    assert only_leaks.startswith("nothing is held still in pytest (leaks): ")


def test_without_leaks_it_is_enough_to_fix(make: Maker) -> None:
    found = only(decided(make(held=suites.NOT_FIXED), leaks=False))
    assert found.message.endswith('set `vltair = "fix"` in pytest\'s configuration')


def test_a_factor_and_a_kind_that_there_are_not(make: Maker) -> None:
    found = only(decided(make(), require=("seed", "locales")))
    assert found.message == (
        "`require` in [tool.gates.determinism] names 'locales', which is nothing that can be held: did you mean"
        ' "locale"?'
    )
    assert only(decided(make(), kinds=("enviroment",))).message.endswith(': did you mean "environment"?')


def test_the_factors_are_those_of_the_plugin() -> None:
    assert tuple(sorted(name for name, _ in (*EARLY, *LATE))) == FACTORS


def test_nothing_demanded_is_nothing_to_miss(make: Maker) -> None:
    assert verdict_of(decided(make(held=suites.NOT_FIXED), require=(), leaks=False)) == "passed"


def test_one_factor_that_is_kept_free_is_named_with_its_key(make: Maker) -> None:
    some = {name: value for name, value in suites.FACTORS.items() if name != "hash-seed"}
    found = only(decided(make(held=suites.fixed(began=some))))
    assert found.message == (
        "hash-seed was not held in pytest: give `vltair_hash_seed` a value in pytest's configuration, or take its"
        " `keep` out"
    )


def test_a_worker_that_held_less_than_the_others_is_named(make: Maker) -> None:
    some = {name: value for name, value in suites.FACTORS.items() if name != "seed"}
    decision = decided(make(held=[*suites.fixed(), *suites.fixed("gw0"), *suites.fixed("gw1", began=some)]))
    assert only(decision).message.startswith("seed was not held in gw1: ")


@pytest.mark.parametrize("shown", ["random", "", "-1", "1e3"])
def test_a_hash_seed_must_be_a_number(make: Maker, shown: str) -> None:
    held = suites.fixed(began={**suites.FACTORS, "hash-seed": shown})
    for line in held:
        line["factors"]["hash-seed"]["demanded"] = shown
    found = only(decided(make(held=held)))
    assert found.message == "hash-seed is random in pytest: start pytest with PYTHONHASHSEED=0"
    assert verdict_of(decided(make(held=held), require=("seed",))) == "passed"


def test_leaks_that_nobody_looked_for(make: Maker) -> None:
    assert only(decided(make(held=suites.fixed(leaks="off")))).subject == "leaks"
    off = suites.fixed(leaks="off")
    assert 'take `vltair_leaks = "off"` out of pytest' in only(decided(make(held=off))).message
    none = [{**line, "kinds": []} for line in suites.fixed()]
    assert only(decided(make(held=none))).subject == "leaks"


def test_a_kind_of_leak_that_nobody_looked_for(make: Maker) -> None:
    most = [{**line, "kinds": [one for one in line["kinds"] if one != "umask"]} for line in suites.fixed("gw1")]
    held = [*suites.fixed(), *suites.fixed("gw0"), *most]
    found = only(decided(make(held=held)))
    assert (found.rule, found.subject) == ("DET001", "leaks:umask")
    assert found.message.startswith("leaks of the kind umask were not looked for in gw1: ")
    assert verdict_of(decided(make(held=held), kinds=("files",))) == "passed"
    assert verdict_of(decided(make(held=held), leaks=False)) == "passed"


def test_the_kinds_are_those_of_the_plugin() -> None:
    assert tuple(sorted(PROBES)) == KINDS


def test_a_leak_that_the_configuration_allows(make: Maker) -> None:
    held = [{**line, "allowed": ["environment: LANG", "umask"]} for line in suites.fixed()]
    decision = decided(make(held=held), allow=("umask",))
    found = only(decision)
    assert (found.rule, found.subject) == ("DET001", "leaks")
    assert found.message.startswith("leaks may be left behind that pytest's configuration allows: 'environment: LANG'")
    assert verdict_of(decided(make(held=held), allow=("umask", "environment: LANG"))) == "passed"
    assert verdict_of(decided(make(held=held), leaks=False)) == "passed"


@pytest.mark.parametrize("when", ["began", "ended"])
def test_another_value_than_was_demanded(make: Maker, when: str) -> None:
    other = {**suites.FACTORS, "timezone": "Asia/Tokyo"}
    ends = (suites.FACTORS, other) if when == "ended" else (other, suites.FACTORS)
    worker = suites.fixed("gw1", began=ends[0], ended=ends[1])
    found = only(decided(make(held=[*suites.fixed(), *suites.fixed("gw0"), *worker])))
    assert (found.rule, found.subject, found.path) == ("DET002", "timezone", None)
    moment = "at its end" if when == "ended" else "before it collected"
    assert found.message == (f"timezone was to be 'UTC' (vltair = guard), and gw1 showed 'Asia/Tokyo' {moment}")


def test_an_order_that_a_plugin_changed_says_what_to_do(make: Maker) -> None:
    held = suites.fixed(ended={**suites.FACTORS, "order": "changed by randomly"})
    for line in held:
        line["factors"]["order"] = {"demanded": "fixed", "place": "vltair = guard", "shown": "changed by randomly"}
    assert only(decided(make(held=held))).message.endswith(
        'have that plugin leave the order alone, or set `vltair_order = "keep"`'
    )


def test_a_factor_that_nobody_requires_must_be_in_force_too(make: Maker) -> None:
    held = suites.fixed(began={**suites.FACTORS, "umask": "022"}, ended={**suites.FACTORS, "umask": "077"})
    for line in held:
        line["factors"]["umask"]["demanded"] = "022"
    assert rules(decided(make(held=held))) == ["DET002"]


@pytest.mark.requirement("GAT-6")
def test_leaks_are_one_finding_for_each_test_and_kind(make: Maker) -> None:
    between = [
        *suites.phases(A),
        suites.leaked(A, what="X is set"),
        suites.leaked(A, what="Y is set"),
        suites.leaked(A, "directory", "it is /tmp"),
        *suites.phases(B),
        {**suites.leaked(B, what="Z is set"), "by": "session fixture db", "restored": False},
    ]
    evidence = make(*between)
    decision = decided(evidence)
    assert [(one.rule, one.tool_rule, one.subject, one.path, one.line) for one in decision.findings] == [
        ("DET003", "leak:directory", A, "tests/test_a.py", 3),
        ("DET003", "leak:environment", A, "tests/test_a.py", 3),
        ("DET003", "leak:environment", B, "tests/test_a.py", 3),
    ]
    assert [one.message for one in decision.findings] == [
        f"{A} left behind: directory: it is /tmp",
        f"{A} left behind: environment: X is set, Y is set",
        f"{B} (session fixture db) left behind: environment: Z is set; it could not be put back",
    ]
    assert verdict_of(decided(evidence, leaks=False)) == "passed"


@pytest.mark.requirement("GAT-6")
def test_a_test_that_passed_only_on_a_rerun_is_flaky(make: Maker) -> None:
    found = only(decided(make(*rerun(A), *suites.phases(B))))
    assert (found.rule, found.path, found.line, found.subject) == ("DET004", "tests/test_a.py", 3, A)
    assert found.message == f"{A} failed once, and passed only when it was run again: why"


def test_several_tries(make: Maker) -> None:
    found = only(decided(make(*suites.phases(A, "rerun"), *rerun(A), *suites.phases(B))))
    assert found.message.startswith(f"{A} failed 2 times, ")


def test_a_plugin_that_keeps_the_failed_call_to_itself_is_seen_by_its_set_ups(make: Maker) -> None:
    silent = suites.phases(A, None)
    found = only(decided(make(*silent, *suites.phases(A), *suites.phases(B))))
    assert (found.rule, found.message) == (
        "DET004",
        f"{A} failed once, and passed only when it was run again: no message",
    )


def test_a_test_that_never_passed_is_not_flaky(make: Maker) -> None:
    assert rules(decided(make(*suites.phases(A, "rerun"), *suites.phases(A, "failed"), *suites.phases(B)))) == []


def test_the_same_outcomes_in_the_reversed_order(make: Maker) -> None:
    decision = decided(screened(make()), screen="reverse")
    assert (verdict_of(decision), decision.denominator.count) == ("passed", 2)


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ("failed", "failed"),
        ("error", "errored"),
        ("skipped", "was skipped"),
        ("flaky", "passed only when it was run again"),
        ("hung", "hung"),
        ("crashed", "took its process down"),
        ("unfinished", "has no outcome"),
        ("missing", "was missing"),
        ("xfailed", "failed as expected"),
        ("xpassed", "passed unexpectedly"),
    ],
)
def test_every_other_end_in_the_reversed_order_is_a_finding(make: Maker, ended: Ended, said: str) -> None:
    found = only(decided(screened(make(), b=ended), screen="reverse"))
    assert (found.rule, found.path, found.line, found.subject) == ("DET005", "tests/test_a.py", 3, B)
    assert found.message == f"{B} passed, and {said} in the reversed order: {COMMAND}"


def test_a_test_that_is_only_in_the_reversed_run(make: Maker) -> None:
    found = only(decided(screened(make(), c="passed"), screen="reverse"))
    assert (found.subject, found.path) == (C, "tests/test_a.py")
    assert found.message.startswith(f"{C} was missing, and passed in the reversed order")


def test_parameters_that_are_others_in_each_run_are_one_finding(make: Maker) -> None:
    old, new = f"{A}[1.5]", f"{A}[2.5]"
    evidence = make(*suites.phases(old), *suites.phases(B), selected=(old, B))
    tests = [Screened(id=old, ended="missing"), Screened(id=new, ended="passed"), Screened(id=B, ended="passed")]
    run = Screen(order="reverse", command=COMMAND, done=True, tests=counted(tests))
    found = only(decided(msgspec.structs.replace(evidence, screen=run), screen="reverse"))
    assert (found.rule, found.subject, found.path) == ("DET005", A, "tests/test_a.py")
    assert found.message == f"{A} has other parameters in each run, [1.5] and then [2.5]: give them `ids` that stay"


def test_a_flaky_test_is_not_blamed_on_the_order(make: Maker) -> None:
    decision = decided(screened(make(*rerun(A), *suites.phases(B)), a="passed"), screen="reverse")
    assert rules(decision) == ["DET004"]


def test_a_hang_is_a_flip_and_what_did_not_get_its_turn_is_none(make: Maker) -> None:
    decision = decided(screened(make(), done=False, b="hung"), screen="reverse")
    assert [(one.rule, one.subject) for one in decision.findings] == [("DET005", B)]
    assert decision.reason is not None
    assert decision.reason.code == "timeout"


def cut(evidence: DeterminismEvidence, **changed: Any) -> DeterminismEvidence:
    return msgspec.structs.replace(evidence, **changed)


@pytest.mark.parametrize(
    ("spoil", "code", "says"),
    [
        (lambda one: cut(one, processes=counted(())), "evidence_incomplete", "what any of its processes held"),
        (lambda one: cut(one, crashes=1), "evidence_incomplete", "a process went down"),
        (lambda one: cut(one, selected=3), "evidence_incomplete", "3 tests were selected, and 2 have an outcome"),
        (lambda one: cut(one, executed=3), "evidence_corrupt", "says 3 tests ran"),
        (lambda one: cut(one, tests=counted(one.tests.items[:1]), selected=1, executed=1), "evidence_corrupt", "left"),
        (lambda one: cut(one, executed=0, tests=counted(()), selected=0), "evidence_corrupt", "left behind by a test"),
    ],
)
def test_what_the_record_does_not_tell_is_undecided(make: Maker, spoil: Any, code: str, says: str) -> None:
    evidence = spoil(make(*suites.phases(A), *suites.phases(B), suites.leaked(B)))
    decision = decided(evidence)
    assert decision.reason is not None
    assert decision.reason.code == code
    assert says in decision.reason.message


def test_no_test_ran(make: Maker) -> None:
    decision = decided(make(*suites.phases(A, None, setup="skipped"), *suites.phases(B, None, setup="skipped")))
    assert decision.reason is not None
    assert (verdict_of(decision), decision.reason.code) == ("undecided", "nothing_examined")


def test_a_screen_that_was_asked_for_and_is_not_there(make: Maker) -> None:
    decision = decided(make(), screen="reverse")
    assert decision.reason is not None
    assert (verdict_of(decision), decision.reason.code) == ("undecided", "evidence_missing")


def test_a_screen_that_forgot_a_test(make: Maker) -> None:
    evidence = screened(make())
    assert evidence.screen is not None
    less = msgspec.structs.replace(evidence.screen, tests=counted(evidence.screen.tests.items[:1]))
    decision = decided(cut(evidence, screen=less), screen="reverse")
    assert (verdict_of(decision), decision.reason and decision.reason.code) == ("undecided", "evidence_corrupt")


def part(folder: Path, test: str, shard: str) -> DeterminismEvidence:
    lines = suites.lines(
        [test], *suites.phases(test), suites.leaked(test), held=suites.fixed(), first=suites.begin(shard=shard)
    )
    context: Any = Needing(suites.evidence(lines, folder))
    found = collect.collect(context)
    assert isinstance(found, DeterminismEvidence)
    return found


def test_shards_are_merged(tmp_path: Path) -> None:
    merged = DeterminismGate().merge([part(tmp_path, B, "2/2"), part(tmp_path, A, "1/2")])
    assert isinstance(merged, DeterminismEvidence)
    assert (merged.selected, merged.executed, merged.processes.count) == (2, 2, 2)
    assert [one.test for one in merged.leaks.items] == [A, B]
    assert [one.subject for one in decided(merged).findings] == [A, B]


@pytest.mark.parametrize(
    ("shards", "code"),
    [
        ([], "evidence_missing"),
        ([(A, "1/2")], "evidence_missing"),
        ([(A, "1/2"), (B, "1/2")], "evidence_missing"),
        ([(A, "1/2"), (B, "2/3")], "evidence_missing"),
        ([(A, "1/2"), (A, "2/2")], "evidence_foreign"),
    ],
)
def test_shards_that_are_no_whole_are_refused(tmp_path: Path, shards: list[tuple[str, str]], code: str) -> None:
    found = DeterminismGate().merge([part(tmp_path, test, shard) for test, shard in shards])
    assert isinstance(found, Refusal)
    assert found.reason.code == code


def lanes(folder: Path, **held: Lines) -> DeterminismEvidence:
    """Lanes in which the tests passed, each with what its processes held."""
    found = DeterminismGate().join({name: one_lane(folder, processes) for name, processes in held.items()})
    assert isinstance(found, DeterminismEvidence), found
    return msgspec.json.decode(msgspec.json.encode(found), type=DeterminismEvidence)


def one_lane(folder: Path, held: Lines) -> DeterminismEvidence:
    found = made(folder, *suites.phases(A), *suites.phases(B), held=held)
    assert isinstance(found, DeterminismEvidence)
    return found


def test_every_lane_must_hold_by_itself(tmp_path: Path) -> None:
    good = lanes(tmp_path, linux=suites.fixed(), windows=suites.fixed())
    decision = decided(good)
    assert (verdict_of(decision), decision.denominator.count, decision.findings) == ("passed", 4, ())
    assert law.breaches(DeterminismGate(), good, DeterminismSettings()) == []
    other = suites.fixed(ended={**suites.FACTORS, "timezone": "Asia/Tokyo"})
    decision = decided(lanes(tmp_path, linux=suites.fixed(), windows=other))
    assert [one.subject for one in decision.findings] == ["timezone"]
    assert decision.findings[0].message.endswith("(in lane windows)")


def test_a_lane_in_which_nothing_was_held_is_named(tmp_path: Path) -> None:
    decision = decided(lanes(tmp_path, linux=suites.fixed(), windows=suites.NOT_FIXED))
    assert [(one.rule, one.subject) for one in decision.findings] == [("DET001", "vltair")]
    assert {one.name: one.value for one in decision.measures}["determinism.windows.processes"] == 1


def test_lanes_that_are_no_whole_runs_are_refused(tmp_path: Path) -> None:
    gate = DeterminismGate()
    whole = one_lane(tmp_path, suites.fixed())
    older = msgspec.structs.replace(whole, schema_version=0)
    for given_lanes, code in (
        ({}, "evidence_missing"),
        ({"linux": part(tmp_path, A, "1/2")}, "evidence_incomplete"),
        ({"linux": lanes(tmp_path, linux=suites.fixed())}, "evidence_incomplete"),
        ({"linux": whole, "windows": older}, "evidence_foreign"),
    ):
        found = gate.join(given_lanes)
        assert isinstance(found, Refusal)
        assert found.reason.code == code


PHASES = st.sampled_from(
    [
        suites.phases(A),
        suites.phases(A, "failed"),
        suites.phases(A, None, setup="skipped"),
        rerun(A),
        [*suites.phases(A), suites.leaked(A), suites.leaked(A, "umask", "it was 022 and is 077")],
    ]
)
HELD = st.sampled_from(
    [
        suites.fixed(),
        suites.NOT_FIXED,
        suites.fixed(leaks="off"),
        [*suites.fixed(), *suites.fixed("gw0", ended={**suites.FACTORS, "locale": "C"})],
        [{**line, "kinds": line["kinds"][1:], "allowed": ["umask", "files: a"]} for line in suites.fixed()],
    ]
)
FLIPS: Any = st.none() | st.fixed_dictionaries(
    {"done": st.booleans()}, optional={name: st.sampled_from(["passed", "failed", "hung", "missing"]) for name in "abc"}
)


@pytest.mark.requirement("VRD-3")
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(PHASES, HELD, FLIPS, st.sampled_from(["off", "reverse"]))
def test_losing_evidence_never_makes_it_better(
    tmp_path: Path, phases: Lines, held: Lines, flips: Any, screen: Any
) -> None:
    evidence = made(tmp_path, *phases, *suites.phases(B), held=held)
    evidence = evidence if flips is None else screened(evidence, **flips)
    assert law.breaches(DeterminismGate(), evidence, DeterminismSettings(screen=screen)) == []
