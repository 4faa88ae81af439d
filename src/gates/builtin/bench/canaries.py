"""Canaries."""

from __future__ import annotations

CANARIES = ()
