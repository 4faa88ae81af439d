"""Against: a rebuild beside what was published."""

from gates.builtin.repro.against.comparing import collect

__all__ = ["collect"]
