"""Ledger: many quantities added up, with an account of it for whoever wants to follow."""

import json
from collections.abc import Iterator, Sequence

from measures.quantity import Quantity
from measures.text import parse

PAGE = 50
"""Lines that are added up between two entries of the account."""


def total(lines: Sequence[str], symbol: str, account: list[str] | None = None) -> Quantity:
    """The sum of quantities as people write them; `account` gets an entry of JSON for each page."""
    found = Quantity(0, symbol)
    for number, page in enumerate(_pages(lines), 1):
        for line in page:
            found += parse(line)
        if account is not None:
            account.append(json.dumps({"page": number, "lines": len(page), "sum": found.value}))
    return found


def _pages(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    return (lines[start : start + PAGE] for start in range(0, len(lines), PAGE))
