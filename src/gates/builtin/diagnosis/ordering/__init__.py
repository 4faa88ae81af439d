"""Ordering: what a flip by order, by repetition or by parallel runs comes from."""

from __future__ import annotations

from gates.builtin.diagnosis.ordering.flips import explain
from gates.builtin.diagnosis.ordering.meeting import met
from gates.builtin.diagnosis.ordering.repeated import repeated
from gates.builtin.diagnosis.ordering.spoiled import spoiled

__all__ = ["explain", "met", "repeated", "spoiled"]
