"""Quantities: numbers with units, which add up and compare only within one dimension."""

from dataclasses import dataclass

from measures.units import UNITS, Unit


@dataclass(frozen=True)
class Quantity:
    """A number of units."""

    value: float
    symbol: str

    @property
    def unit(self) -> Unit:
        """The unit behind the symbol."""
        if self.symbol not in UNITS:
            raise ValueError(f"there is no unit {self.symbol!r}")
        return UNITS[self.symbol]

    def to(self, symbol: str) -> "Quantity":
        """The same quantity in another unit."""
        other = Quantity(1, symbol).unit
        if other.dimension != self.unit.dimension:
            raise ValueError(f"{self.unit.dimension} is no {other.dimension}")
        return Quantity(self.value * self.unit.factor / other.factor, symbol)

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.value + other.to(self.symbol).value, self.symbol)

    def __lt__(self, other: "Quantity") -> bool:
        return self.value < other.to(self.symbol).value

    def __str__(self) -> str:
        return f"{self.value:g} {self.symbol}"
