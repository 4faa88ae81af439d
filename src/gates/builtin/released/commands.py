"""Commands: what `gates release check` asks."""

from gates.builtin.released.checking import Wish, check
from gates.builtin.released.folder import read

__all__ = ["Wish", "check", "read"]
