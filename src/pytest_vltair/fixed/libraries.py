"""Libraries: where each one keeps the generator that it shares with everybody, and how that is seeded and kept.

One entry per library. It is made of the module that the project imported itself, and takes hold of what it needs then:
tests patch modules.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

_reseed = Random.seed
_state = Random.getstate
_put = Random.setstate


class Generator:
    """A generator: how it is seeded with 32 bits, and how its state is kept; without `save` it is seeded anew."""

    __slots__ = ("load", "save", "seed")

    def __init__(
        self,
        seed: Callable[[int], object],
        save: Callable[[], Any] | None = None,
        load: Callable[[Any], object] | None = None,
    ) -> None:
        self.seed = seed
        self.save = save
        self.load = load


def shared(*generators: Random) -> Generator:
    """Objects of `random.Random` that a library draws from."""

    def seed(number: int) -> None:
        for one in generators:
            _reseed(one, number)

    def save() -> list[Any]:
        return list(map(_state, generators))

    def load(states: list[Any]) -> None:
        for one, state in zip(generators, states, strict=True):
            _put(one, state)

    return Generator(seed, save, load)


def _random(module: Any) -> Generator:
    one: Any = module.random.__self__
    # The half that is written in C: what Python adds to it for numbers is the next line.
    seed_core = super(Random, one).seed

    def seed(number: int) -> None:
        seed_core(number)
        one.gauss_next = None

    return Generator(seed, lambda: _state(one), lambda state: _put(one, state))


def _numpy(module: Any) -> Generator:
    return Generator(module.seed, module.get_state, module.set_state)


def _torch(module: Any) -> Generator:
    get, put, cuda = module.get_rng_state, module.set_rng_state, module.cuda

    def save() -> tuple[Any, Any]:
        return get(), cuda.get_rng_state_all() if cuda.is_initialized() else None

    def load(state: tuple[Any, Any]) -> None:
        put(state[0])
        if state[1] is not None:
            cuda.set_rng_state_all(state[1])

    return Generator(module.manual_seed, save, load)


def _tensorflow(module: Any) -> Generator:
    return Generator(module.random.set_seed)


def _faker(module: Any) -> Generator:
    return shared(module.random)


def _factory_boy(module: Any) -> Generator:
    one = module.randgen
    own = shared(one)

    def seed(number: int) -> None:
        own.seed(number)
        one.state_set = True  # as its own `reseed_random` leaves it

    return Generator(seed, own.save, own.load)


def _mimesis(module: Any) -> Generator:
    own = shared(module.random)

    def seed(number: int) -> None:
        own.seed(number)
        module.global_seed = number

    def save() -> tuple[Any, Any]:
        return own.save and own.save(), module.global_seed

    def load(state: tuple[Any, Any]) -> None:
        _ = own.load and own.load(state[0])
        module.global_seed = state[1]

    return Generator(seed, save, load)


def _model_bakery(module: Any) -> Generator:
    return shared(module.baker_random)


def _polyfactory(module: Any) -> Generator:
    factory = module.BaseFactory
    of_faker = getattr(sys.modules.get("faker.generator"), "random", None)

    def generators() -> list[Random]:
        # Looked up each time: `seed_random` gives the factory others. The one that faker shares is faker's: whoever
        # has drawn from it goes on, also where polyfactory is imported only then.
        own = [factory.__random__, *(one.random for one in factory.__faker__.factories)]
        return [one for one in own if one is not of_faker]

    def seed(number: int) -> None:
        for one in generators():
            _reseed(one, number)

    def save() -> list[tuple[Random, Any]]:
        return [(one, _state(one)) for one in generators()]

    def load(states: list[tuple[Random, Any]]) -> None:
        for one, state in states:
            _put(one, state)

    return Generator(seed, save, load)


LIBRARIES: Mapping[str, Callable[[Any], Generator]] = {
    "random": _random,
    "numpy.random": _numpy,
    "torch": _torch,
    "tensorflow": _tensorflow,
    "faker.generator": _faker,
    "factory.random": _factory_boy,
    "mimesis.random": _mimesis,
    "model_bakery.random_gen": _model_bakery,
    "polyfactory.factories.base": _polyfactory,
}
"""By the module that must have been imported for the generator to be there."""
