"""What tests of several gates build with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from support.environments import Made


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """What builds projects of a backend, by its name."""
    with ExitStack() as stack:
        yield Made(tmp_path_factory, stack)
