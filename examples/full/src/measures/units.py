"""The units that there are: a dimension, and how many base units one of them is."""

from typing import NamedTuple


class Unit(NamedTuple):
    """A unit of one dimension; `factor` is in metres or kilograms."""

    symbol: str
    name: str
    dimension: str
    factor: float


UNITS = {
    unit.symbol: unit
    for unit in (
        Unit("mm", "millimetre", "length", 0.001),
        Unit("m", "metre", "length", 1.0),
        Unit("km", "kilometre", "length", 1000.0),
        Unit("g", "gram", "mass", 0.001),
        Unit("kg", "kilogram", "mass", 1.0),
        Unit("t", "tonne", "mass", 1000.0),
    )
}
