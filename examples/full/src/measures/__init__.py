"""Lengths and masses with their units."""

from measures.quantity import Quantity
from measures.text import parse

__all__ = ["Quantity", "parse"]
