"""The fixtures of the plugin; each brings its module along only when a test asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import random


@pytest.fixture
def vltair_seed(request: pytest.FixtureRequest) -> int:
    """The seed of this test: 32 bits made from the run's seed and the test's name, or what its marker says."""
    from pytest_vltair.fixed import seed

    return seed.of_item(request.node)


@pytest.fixture
def vltair_rng(vltair_seed: int) -> random.Random:
    """A generator of this test's own, seeded with `vltair_seed`."""
    import random

    return random.Random(vltair_seed)  # noqa: S311 - a repeatable one is the point


@pytest.fixture
def vltair_np_rng(vltair_seed: int) -> Any:
    """A `numpy.random.Generator` of this test's own, seeded with `vltair_seed`; skips where there is no numpy."""
    return pytest.importorskip("numpy").random.default_rng(vltair_seed)


@pytest.fixture
def vltair_clock(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A clock to set: `move_to`, `shift`, `freeze`, `tick`; real time goes on from the test's start until it is set."""
    from pytest_vltair.fixed import clock

    with clock.control(request) as control:
        yield control


@pytest.fixture
def vltair_timezone() -> Iterator[Callable[[str], None]]:
    """Sets the time zone for the rest of the test: `vltair_timezone("Asia/Kathmandu")`."""
    from pytest_vltair.fixed import timezone

    with timezone.control() as control:
        yield control


@pytest.fixture
def vltair_locale() -> Iterator[Callable[[str], None]]:
    """Sets the locale for the rest of the test: `vltair_locale("tr_TR.UTF-8")`."""
    from pytest_vltair.fixed import locales

    with locales.control() as control:
        yield control


@pytest.fixture
def vltair_coverage(request: pytest.FixtureRequest) -> Callable[[str], AbstractContextManager[Any]]:
    """Measures how much of a module runs in a block; called with its name it is the context, `percent` at its end."""
    pytest.importorskip("coverage")
    from pytest_vltair import covering

    start = request.config.invocation_params.dir
    return lambda module: covering.covered(module, request.node.nodeid, start)
