"""Both ways through `greet`."""

import pytest

from greeting import greet


def test_greets_by_name() -> None:
    assert greet(" Ada ") == "Hello, Ada!"


def test_refuses_nobody() -> None:
    with pytest.raises(ValueError, match="nobody"):
        greet(" ")
