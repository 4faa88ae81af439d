import pytest

from measures.ledger import total

LINES = [f"{number} m" for number in range(500)]


@pytest.mark.vltair_bench
def test_plain() -> None:
    total(LINES, "m")


@pytest.mark.vltair_bench
def test_traced() -> None:
    total(LINES, "m", [])
