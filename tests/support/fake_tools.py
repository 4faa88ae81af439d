"""Tools that are not what they seem: the public ones."""

from gates.testing.tool import Swapped

__all__ = ["Swapped"]
