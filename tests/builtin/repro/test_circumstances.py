"""Circumstances: each factor changes what a backend sees of it, and nothing else, by every means that there is."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.built.artifact import KINDS, Artifact
from gates.builtin.repro.circumstances.workshop import Made, Workshop
from gates.builtin.repro.facts import FACTORS, FactorName
from support import circumstances

pytestmark = [
    pytest.mark.xdist_group("circumstances"),
    pytest.mark.skipif(os.name != "posix", reason="the backend of these tests asks POSIX"),
]

CASES = [(name, value) for name in FACTORS for value in (1, 2) if (name, value) != ("rebuild", 2)]

STRONGER: Mapping[FactorName, str] = {"clock": "faketime", "owner": "user namespace", "listing": "disorderfs"}


class Bench:
    """A workshop with its reference, which is built when it is first asked for."""

    def __init__(self, workshop: Workshop) -> None:
        """Build nothing yet."""
        self.workshop = workshop
        self.reference = workshop.build("sdist", {})


@pytest.fixture(scope="module", params=["auto", "in-process"])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    root = circumstances.project(tmp_path_factory.mktemp("telling") / "project")
    with circumstances.workshop(root, environ={"FROM_THE_SHELL": "1", "CI": "true"}, means=request.param) as workshop:
        yield Bench(workshop)


@pytest.mark.parametrize(("name", "value"), CASES)
def test_a_factor_changes_what_is_seen_of_it_and_nothing_else(bench: Bench, name: FactorName, value: int) -> None:
    made = bench.workshop.build("sdist", {name: value})
    before, after = circumstances.told(bench.reference), circumstances.told(made)
    assert {one for one in before if after[one] != before[one]} == {name}
    assert {one for one in FACTORS if made.seen[one] != bench.reference.seen[one]} == {name}
    assert made.outside == ()


def _differ(first: dict[str, Any], second: dict[str, Any], name: str) -> bool:
    return all(a != b for a, b in zip(first[name], second[name], strict=True))


@pytest.mark.parametrize("name", ["umask", "modes", "timezone", "hashseed", "clock", "mtimes", "cpus"])
def test_every_way_of_looking_shows_the_factor(bench: Bench, name: FactorName) -> None:
    values = [bench.reference, *(bench.workshop.build("sdist", {name: value}) for value in (1, 2))]
    told = [circumstances.told(one) for one in values]
    assert _differ(told[0], told[1], name)
    assert _differ(told[0], told[2], name)
    assert _differ(told[1], told[2], name)


def test_the_same_circumstances_give_the_same_bytes(bench: Bench) -> None:
    second = bench.workshop.build("sdist", {})
    assert isinstance(second.outcome, Artifact)
    assert isinstance(bench.reference.outcome, Artifact)
    assert second.outcome.sha256 == bench.reference.outcome.sha256
    assert second.outcome.path != bench.reference.outcome.path


def test_the_environment_is_pinned(bench: Bench) -> None:
    epoch, names, *_, shell = circumstances.told(bench.reference)["always"]
    assert epoch == str(circumstances.EPOCH)
    assert "CI" not in names
    assert shell is None


@pytest.fixture(scope="module")
def rounds(bench: Bench) -> dict[str, tuple[Made, ...]]:
    every: dict[str, dict[FactorName, int]] = {
        name: {factor: value for factor in FACTORS if factor != "rebuild"}
        for name, value in (("reference", 0), ("varied", 1), ("other", 2))
    }
    made = {name: tuple(bench.workshop.build(kind, chosen) for kind in KINDS) for name, chosen in every.items()}
    made["again"] = tuple(
        bench.workshop.build(kind, every["varied"], again=first)
        for kind, first in zip(KINDS, made["varied"], strict=True)
    )
    return made


def test_all_factors_are_varied(bench: Bench, rounds: dict[str, tuple[Made, ...]]) -> None:
    found = {one.name: one for one in bench.workshop.factors(rounds)}
    assert {name: one.reason for name, one in found.items() if not one.varied} == {}
    shown: dict[FactorName, tuple[str, ...]] = {
        "path": ("3 folders",),
        "umask": ("022", "077", "002"),
        "modes": ("0644 0755", "0600 0700", "0664 0775"),
        "clock": ("reference", "+400.2 days", "-367.3 days"),
        "cpus": ("4 4 4", "1 1 1", "3 3 3"),
    }
    assert {name: found[name].values.items for name in shown} == shown
    assert found["rebuild"].values.items == ("first", "second")


def test_methods_are_those_that_were_used(bench: Bench, rounds: dict[str, tuple[Made, ...]]) -> None:
    found = {one.name: one.method for one in bench.workshop.factors(rounds)}
    if bench.workshop._context.settings.means == "in-process":
        assert found["clock"] == "in-process: time-machine"
        assert found["owner"] == "in-process: patched numbers"
        assert found["listing"] == "in-process: patched listing"
        return
    able = circumstances.able()
    assert {name: STRONGER[name] in found[name] for name in able} == able
    if not all(able.values()):
        pytest.skip(f"this machine lacks {', '.join(STRONGER[name] for name, there in able.items() if not there)}")


def test_values_name_no_place_of_this_machine(
    bench: Bench, rounds: dict[str, tuple[Made, ...]], tmp_path: Path
) -> None:
    shown = repr(bench.workshop.factors(rounds))
    assert str(tmp_path.anchor + tmp_path.parts[1]) not in shown


def test_a_second_build_finds_the_tree_of_the_first(bench: Bench) -> None:
    first = bench.workshop.build("sdist", {"path": 1})
    second = bench.workshop.build("wheel", {"path": 1}, again=first)
    assert circumstances.told(first)["rebuild"] == [False]
    assert circumstances.told(second)["rebuild"] == [True]
    assert circumstances.told(second)["path"] == circumstances.told(first)["path"]
    assert (second.tree, second.seen["rebuild"]) == (first.tree, "second")


def test_a_tree_that_is_gone_is_made_again(bench: Bench) -> None:
    first = bench.workshop.build("sdist", {})
    for _ in range(9):
        bench.workshop.build("sdist", {})
    assert not first.tree.exists()
    assert circumstances.told(bench.workshop.build("sdist", {}, again=first))["rebuild"] == [True]
