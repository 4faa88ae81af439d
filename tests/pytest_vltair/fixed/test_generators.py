"""Generators: seeded together, put back together, and what cannot be seeded is said."""

from __future__ import annotations

import sys
from random import Random
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from pytest_vltair.fixed import generators
from pytest_vltair.fixed.generators import Generators
from pytest_vltair.fixed.libraries import Generator, shared


def kept(one: Random) -> Generator:
    return shared(one)


def unkept(seeds: list[int]) -> Generator:
    return Generator(seeds.append)


def hook(*impls: Any) -> Any:
    return SimpleNamespace(get_hookimpls=lambda: impls)


def broken(number: int) -> None:
    raise OSError(f"no {number}")


def test_what_is_taken_up_later_has_the_seed_in_force() -> None:
    held, first, second = Generators(), Random(), Random()
    held.add("first", kept(first))
    held.seed(7)
    held.add("second", kept(second))
    assert second.random() == first.random() == Random(7).random()


def test_one_that_cannot_say_where_it_stood_is_seeded_again() -> None:
    held, one, seeds = Generators(), Random(), list[int]()
    held.add("kept", kept(one))
    held.add("unkept", unkept(seeds))
    asked: list[int] = []
    held._hook = hook(SimpleNamespace(function=asked.append, argnames=("seed",), plugin_name="theirs"))
    held.seed(7)
    drawn, saved = one.random(), held.save()
    later = one.random()
    held.seed(8)
    held.load(saved)
    assert (one.random(), seeds, asked) == (later, [7, 8, 7], [7, 8, 7])
    assert drawn != later


def test_what_was_never_seeded_is_not_when_it_is_put_back() -> None:
    held, seeds = Generators(), list[int]()
    held.add("unkept", unkept(seeds))
    saved = held.save()
    held.seed(7)
    held.load(saved)
    assert seeds == [7]


def test_others_draw_aside_and_change_nothing() -> None:
    held, one, seeds, late = Generators(), Random(), list[int](), Random()
    held.add("kept", kept(one))
    held.add("unkept", unkept(seeds))
    held.seed(7)
    saved = held.aside(9)
    assert one.random() == Random(9).random()
    held.add("late", kept(late))
    assert late.random() == Random(9).random()
    held.back(saved)
    assert one.random() == late.random() == Random(7).random()
    assert seeds == [7]


def test_what_is_taken_up_aside_before_any_seed_goes_on_as_it_is() -> None:
    held, late = Generators(), Random()
    saved = held.aside(9)
    held.add("late", kept(late))
    held.back(saved)
    assert late.random() == Random(9).random()


@pytest.mark.parametrize(
    ("testing", "raised"), [(True, pytest.fail.Exception), (False, pytest.UsageError)], ids=["test", "before"]
)
def test_one_that_cannot_be_seeded_is_said(testing: bool, raised: type[BaseException]) -> None:
    held = Generators()
    held.testing = testing
    held.add("brittle", Generator(broken))
    with pytest.raises(raised, match="vltair_seed: brittle cannot be seeded: OSError: no 7"):
        held.seed(7)
    with pytest.raises(raised, match="vltair_seed: late cannot be seeded: OSError: no 7"):
        held.add("late", Generator(broken))


def test_a_plugin_that_cannot_seed_is_named() -> None:
    held = Generators()
    held._hook = hook(SimpleNamespace(function=broken, argnames=("seed",), plugin_name="theirs"))
    with pytest.raises(pytest.UsageError, match="what plugin theirs seeds cannot be seeded: OSError: no 7"):
        held.seed(7)


def test_an_older_release_without_a_generator_is_passed_over() -> None:
    held = Generators()
    held.learn("faker.generator", ModuleType("faker.generator"))
    held.seed(7)
    assert held.save().states == {}


def test_a_stand_in_that_a_test_put_there_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ModuleType("faker.generator")
    vars(found)["random"] = Random()
    monkeypatch.setitem(sys.modules, "faker.generator", found)
    held = Generators()
    try:
        held.start(hook())
        assert "random" in held.save().states
        assert "faker.generator" not in held.save().states
    finally:
        held.stop()


def test_numbers_that_follow_no_seed_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Generators()
    try:
        saved = held.start(hook())
        assert held.follow(1)
        monkeypatch.setattr(generators, "_random", SimpleNamespace(random=lambda: 0.5))
        assert not held.follow(1)
        held.load(saved)
    finally:
        held.stop()
