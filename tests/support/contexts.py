"""The real context of one gate over a project on disk, and what the gate makes of it: the public ones."""

from gates.testing.law import NOON as NOW
from gates.testing.run import Judged, context, judge

__all__ = ["NOW", "Judged", "context", "judge"]
