"""Libraries: each entry seeds and keeps the generator that its library shares; the libraries are made up here."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_vltair.fixed.libraries import LIBRARIES

Made = tuple[Any, Callable[[], object]]


def numpy() -> Made:
    one = Random(0)
    return SimpleNamespace(seed=one.seed, get_state=one.getstate, set_state=one.setstate), one.random


def torch(*, cuda: bool = False) -> Made:
    one, card = Random(0), Random(0)

    def manual_seed(number: int) -> None:
        one.seed(number)
        card.seed(number + 1)

    cards = SimpleNamespace(
        is_initialized=lambda: cuda,
        get_rng_state_all=card.getstate,
        set_rng_state_all=card.setstate,
    )
    module = SimpleNamespace(
        manual_seed=manual_seed, get_rng_state=one.getstate, set_rng_state=one.setstate, cuda=cards
    )
    return module, lambda: (one.random(), card.random() if cuda else None)


def torch_on_a_card() -> Made:
    return torch(cuda=True)


def faker() -> Made:
    one = Random(0)
    return SimpleNamespace(random=one), one.random


def factory_boy() -> Made:
    one = Random(0)
    return SimpleNamespace(randgen=one), one.random


def mimesis() -> Made:
    module = SimpleNamespace(random=Random(0), global_seed=None)
    return module, lambda: (module.random.random(), module.global_seed)


def model_bakery() -> Made:
    one = Random(0)
    return SimpleNamespace(baker_random=one), one.random


def polyfactory() -> Made:
    inner = SimpleNamespace(factories=[SimpleNamespace(random=Random(0))])
    base = SimpleNamespace(__random__=Random(0), __faker__=inner)
    return SimpleNamespace(BaseFactory=base), lambda: (base.__random__.random(), inner.factories[0].random.random())


KEPT: dict[str, tuple[str, Callable[[], Made]]] = {
    "random": ("random", lambda: (random, random.random)),
    "numpy": ("numpy.random", numpy),
    "torch": ("torch", torch),
    "torch on a card": ("torch", torch_on_a_card),
    "faker": ("faker.generator", faker),
    "factory_boy": ("factory.random", factory_boy),
    "mimesis": ("mimesis.random", mimesis),
    "model_bakery": ("model_bakery.random_gen", model_bakery),
    "polyfactory": ("polyfactory.factories.base", polyfactory),
}


@pytest.mark.parametrize("library", KEPT)
def test_a_seed_repeats_and_a_kept_state_goes_on(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "faker.generator", raising=False)
    name, make = KEPT[library]
    module, draw = make()
    generator = LIBRARIES[name](module)
    assert generator.save is not None
    assert generator.load is not None
    began = generator.save()
    generator.seed(7)
    first, kept = [draw(), draw()], generator.save()
    later = [draw(), draw()]
    generator.seed(8)
    assert [draw(), draw()] != first
    generator.seed(7)
    assert [draw(), draw()] == first
    generator.load(kept)
    assert [draw(), draw()] == later
    generator.load(began)


def test_a_state_of_before_the_card_was_used_leaves_the_card_alone() -> None:
    module, _ = torch()
    generator = LIBRARIES["torch"](module)
    assert generator.save is not None
    assert generator.load is not None
    kept = generator.save()
    module.cuda.set_rng_state_all = lambda _: pytest.fail("there was no card")
    generator.load(kept)


def test_a_seed_drops_the_spare_number_of_gauss() -> None:
    generator = LIBRARIES["random"](random)
    assert generator.save is not None
    assert generator.load is not None
    kept = generator.save()
    generator.seed(1)
    expected = random.gauss(0, 1)
    generator.seed(1)  # half of a pair is left over now
    assert random.gauss(0, 1) == expected
    generator.load(kept)


def test_tensorflow_is_seeded_anew_for_want_of_a_state() -> None:
    seeds: list[int] = []
    generator = LIBRARIES["tensorflow"](SimpleNamespace(random=SimpleNamespace(set_seed=seeds.append)))
    generator.seed(5)
    assert (seeds, generator.save, generator.load) == ([5], None, None)


def test_factory_boy_believes_that_it_was_seeded_by_its_own_function() -> None:
    one = Random(0)
    LIBRARIES["factory.random"](SimpleNamespace(randgen=one)).seed(3)
    assert vars(one)["state_set"] is True


def test_what_polyfactory_shares_with_faker_is_faker_s(monkeypatch: pytest.MonkeyPatch) -> None:
    module, _ = polyfactory()
    inner = module.BaseFactory.__faker__.factories[0]
    monkeypatch.setitem(sys.modules, "faker.generator", SimpleNamespace(random=inner.random))
    generator = LIBRARIES["polyfactory.factories.base"](module)
    before = inner.random.getstate()
    generator.seed(7)
    assert inner.random.getstate() == before
    assert module.BaseFactory.__random__.random() == Random(7).random()


def test_polyfactory_is_asked_each_time_for_what_it_draws_from() -> None:
    module, _ = polyfactory()
    generator = LIBRARIES["polyfactory.factories.base"](module)
    module.BaseFactory.__random__ = fresh = Random(1)
    generator.seed(7)
    assert fresh.random() == Random(7).random()


def test_mimesis_knows_the_seed_that_new_providers_begin_with() -> None:
    module, _ = mimesis()
    generator = LIBRARIES["mimesis.random"](module)
    generator.seed(3)
    assert module.global_seed == 3
