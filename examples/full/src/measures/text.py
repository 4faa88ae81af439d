"""Text: quantities as people write them."""

import argparse
import re
from collections.abc import Sequence

from measures.quantity import Quantity

FORM = re.compile(r"\s*(?P<value>-?\d+(?:\.\d+)?)\s*(?P<symbol>[a-z]+)\s*")


def parse(text: str) -> Quantity:
    """The quantity in a text such as `3 km` or `1.5kg`."""
    found = FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no quantity: write a number and a unit")
    quantity = Quantity(float(found["value"]), found["symbol"])
    if quantity.unit.dimension == "mass" and quantity.value < 0:
        raise ValueError("no mass is less than nothing")
    return quantity


def main(words: Sequence[str] | None = None) -> None:
    """Print a quantity in another unit."""
    parser = argparse.ArgumentParser(prog="measures", description="Print a quantity in a unit.")
    parser.add_argument("quantity", type=parse, help="such as '3 km'")
    parser.add_argument("unit", help="such as m")
    given = parser.parse_args(words)
    print(f"{given.quantity.to(given.unit).value:g} {given.unit}")
