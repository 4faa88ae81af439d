"""The corpus is what it says: its labels name what exists, and each of them is true in plain pytest processes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import msgspec
import pytest

from diagnose.corpus_cases import FACTORS, Case, Circumstances, Kind, Label, flaky, marked, sites, stable
from diagnose.corpus_runs import HANG, LIMIT, MissingError, outcome_of, outcomes

ROUNDS = 3
OF_THE_TOOL = {14}  # what a verdict may promise shows in no project
KINDS: dict[str, set[Kind]] = {
    **{factor: {"environment"} for factor in FACTORS},
    "repeat": {"non-idempotent"},
    "order": {"victim", "brittle"},
    "parallel": {"concurrency"},
    "hashseed": {"random"},
    "rngseed": {"random"},
    "clock": {"time"},
    "network": {"external"},
    "load": {"concurrency"},
}
TURNS = [
    *({"repeat": times} for times in (2, 3)),
    {"parallel": 2},
    *({"hashseed": seed} for seed in (1, 2, 3, 4, 7)),
    *({"rngseed": seed} for seed in (-1, 1, 5, 28)),
    *(
        {"timezone": zone}
        for zone in ("America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Kiritimati", "Europe/Berlin")
    ),
    *(
        {"locale": name}
        for name in ("ASCII", "en_US.ISO-8859-1", "de_DE.UTF-8", "tr_TR.UTF-8", "fr_FR.UTF-8", "en_US.UTF-8")
    ),
    *(
        {"clock": f"{day}:00+00:00"}
        for day in ("2001-01-01T00:00", "2024-02-29T12:00", "2025-03-31T23:30", "2027-12-31T12:00", "2101-06-01T12:00")
    ),
    *({"network": state} for state in ("on", "off")),
    *({"directory": name} for name in ("..", "other", "my project")),
    *({"umask": mask} for mask in ("000", "002", "077")),
    *(
        {"environment": {name: value}}
        for name, value in {
            "COLUMNS": "40",
            "NO_COLOR": "1",
            "FORCE_COLOR": "1",
            "TERM": "dumb",
            "HOME": "/nonexistent",
            "CI": "true",
            "https_proxy": "http://127.0.0.1:9",
        }.items()
    ),
    *({"user": user} for user in ("root", "plain")),
    *({"listing": way} for way in ("forward", "reverse")),
    *({"cpus": number} for number in (1, 4)),
    *({"optimize": level} for level in (1, 2)),
    *({"load": side} for side in ("background", "foreground")),
    {"timezone": "Europe/Berlin", "clock": "2025-03-29T12:00:00+00:00"},
]
EVERY = [
    (f"{name}:{label.nodeid.partition('::')[2]}", case, label) for name, case in flaky().items() for label in case.test
]
LABELS = [pytest.param(case, label, id=name) for name, case, label in EVERY]
BLAMING = [pytest.param(case, label, id=name) for name, case, label in EVERY if label.culprits]


def functions(case: Case) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The tests of a project as its text names them."""
    for path, text in case.files.items():
        if not path.rpartition("/")[2].startswith("test_"):
            continue
        for node in ast.parse(text).body:
            inner = node.body if isinstance(node, ast.ClassDef) else [node]
            within = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
            for each in inner:
                if isinstance(each, ast.FunctionDef) and each.name.startswith("test_"):
                    yield f"{path}::{within}{each.name}", each


def times(function: ast.FunctionDef) -> int:
    """How many tests a function is, by the lists that it is parametrised with."""
    count = 1
    for mark in function.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("parametrize"):
            assert isinstance(mark.args[1], ast.List)
            count *= len(mark.args[1].elts)
    return count


def differing(one: Circumstances, other: Circumstances) -> frozenset[str]:
    """The factors in which two circumstances are not the same."""
    left, right = msgspec.to_builtins(one), msgspec.to_builtins(other)
    return frozenset(name for name in left if left[name] != right[name])


def parts(label: Label) -> list[frozenset[str]]:
    return [frozenset(factor.split("+")) for factor in label.factors]


def test_sixty_flaky_tests_and_two_hundred_stable_ones() -> None:
    assert sum(len(case.test) for case in flaky().values()) >= 60
    assert sum(times(function) for case in stable().values() for _, function in functions(case)) >= 200
    assert all(case.test for case in flaky().values())
    assert not any(case.test for case in stable().values())


def test_every_factor_has_several_cases_and_there_are_pairs() -> None:
    named = Counter(factor for case in flaky().values() for label in case.test for factor in label.factors)
    assert {factor for factor in FACTORS if named[factor] < 2} == set()
    assert sum("+" in factor for factor in named) >= 4


def test_every_pitfall_that_a_project_can_hold_is_there() -> None:
    held = set(chain.from_iterable(case.pitfalls for case in (*flaky().values(), *stable().values())))
    assert held == set(range(1, 15)) - OF_THE_TOOL


def test_no_two_stable_projects_share_a_file() -> None:
    paths = Counter(path for case in stable().values() for path in case.files)
    assert [path for path, count in paths.items() if count > 1] == []


@pytest.mark.parametrize(("case", "label"), LABELS)
def test_a_label_names_what_exists(case: Case, label: Label) -> None:
    known = {name for name, _ in functions(case)}
    orders = chain.from_iterable(here.order for here in (*label.passes, *label.fails))
    assert {name.partition("[")[0] for name in (label.nodeid, *label.culprits, *label.polluters)} <= known
    assert all(name in known or name in case.files or f"{name}::" in "\n".join(known) for name in orders)
    assert label.nodeid not in label.culprits
    assert sites(case, label)
    assert all(len(marked(case)[name]) == 1 for name in label.sites)


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in flaky().items()])
def test_every_mark_is_of_a_label(case: Case) -> None:
    assert set(marked(case)) == set(chain.from_iterable(label.sites for label in case.test))


@pytest.mark.parametrize(("case", "label"), LABELS)
def test_only_the_factor_makes_the_difference(case: Case, label: Label) -> None:
    named = frozenset().union(*parts(label))
    assert not named or label.kind in set().union(*(KINDS[factor] for factor in named))
    assert ("order" in named) == (label.kind in ("victim", "brittle"))
    for group in parts(label):
        assert sorted(group & set(FACTORS)) == sorted(group)
        assert "+".join(sorted(group)) in label.factors
    if label.within > 1:
        assert label.passes == label.fails
        return
    moved: set[frozenset[str]] = set()
    for failing in label.fails:
        differences = {differing(failing, passing) for passing in label.passes}
        found = [group for group in parts(label) if group in differences]
        assert found
        assert all(len(one) == 1 or {frozenset({factor}) for factor in one} <= differences for one in found)
        moved.update(found)
    assert moved == set(parts(label))


def run(case: Case, label: Label, here: Circumstances, place: Path) -> str:
    try:
        return outcome_of(case, label.nodeid, here, place, HANG if label.outcome == "hang" else LIMIT)
    except MissingError as why:
        pytest.skip(str(why))


@pytest.mark.slow
@pytest.mark.parametrize(("case", "label"), LABELS)
def test_a_label_is_true(case: Case, label: Label, tmp_path: Path) -> None:
    """It passes, fails, and passes again with the factor put back, every time; a test of chance does both some time."""
    if label.within > 1:
        seen = {run(case, label, label.passes[0], tmp_path / "run") for _ in range(label.within)}
        assert seen == {"passed", label.outcome}
        return
    for _ in range(ROUNDS):
        assert [run(case, label, here, tmp_path / "run") for here in label.passes] == ["passed"] * len(label.passes)
        assert {run(case, label, here, tmp_path / "run") for here in label.fails} == {label.outcome}


@pytest.mark.slow
@pytest.mark.parametrize(("case", "label"), BLAMING)
def test_the_culprits_are_those(case: Case, label: Label, tmp_path: Path) -> None:
    """All of them before it do it, and without any one of them it is not done."""

    def after(*culprits: str) -> str:
        order = (*culprits, label.nodeid)
        return run(case, label, msgspec.structs.replace(label.fails[0], order=order), tmp_path / "run")

    done, undone = ("passed", label.outcome) if label.kind == "brittle" else (label.outcome, "passed")
    assert after(*label.culprits) == done
    for spared in label.culprits:
        assert after(*(culprit for culprit in label.culprits if culprit != spared)) == undone
    if label.polluters:
        assert after(*label.culprits, *label.polluters) == undone


@pytest.mark.slow
@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in flaky().items()])
def test_what_has_no_label_is_stable(case: Case, tmp_path: Path) -> None:
    """In the circumstances of its neighbours too, so that it must not be accused with them."""
    labelled = {label.nodeid.partition("[")[0] for label in case.test}
    others = tuple(name for name, _ in functions(case) if name not in labelled)
    for here in {str(here): here for label in case.test for here in (*label.passes, *label.fails)}.values():
        again = msgspec.structs.replace(here, order=others, repeat=1)
        try:
            found = outcomes(case, others, again, tmp_path / "run") if others else {}
        except MissingError as why:
            pytest.skip(str(why))
        assert found == dict.fromkeys(others, "passed")


@pytest.mark.slow
@pytest.mark.parametrize("turned", [{}, *TURNS], ids=lambda turned: "-".join(map(str, turned.values())) or "base")
@pytest.mark.parametrize("way", ["as they stand", "reversed"])
def test_stable_ones_pass_whatever_is_turned(turned: dict[str, object], way: str, tmp_path: Path) -> None:
    here = msgspec.convert(turned, Circumstances)
    kept = [case for case in stable().values() if not set(case.spoiled) & set(turned)]
    whole = Case(summary="all of them", files=dict(chain.from_iterable(case.files.items() for case in kept)))
    names = [path for path in whole.files if path.startswith("test_")]
    try:
        found = outcomes(whole, names[::-1] if way == "reversed" else names, here, tmp_path / "run")
    except MissingError as why:
        pytest.skip(str(why))
    assert len(found) >= 200 - 20 * len(set(turned) & {"clock"})
    assert {name: outcome for name, outcome in found.items() if outcome != "passed"} == {}
