import json

import pytest

from measures import Quantity
from measures.ledger import PAGE, total


def test_the_sum_is_in_the_unit_that_was_asked_for() -> None:
    assert total(["1 km", "500 m"], "m") == Quantity(1500, "m")


@pytest.mark.requirement("MS-4")
def test_the_account_has_an_entry_for_each_page() -> None:
    account: list[str] = []
    assert total(["1 m"] * (PAGE + 1), "m", account) == Quantity(PAGE + 1, "m")
    assert [json.loads(entry) for entry in account] == [
        {"page": 1, "lines": PAGE, "sum": PAGE},
        {"page": 2, "lines": 1, "sum": PAGE + 1},
    ]
