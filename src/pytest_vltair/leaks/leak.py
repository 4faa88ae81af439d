"""Leak: one thing left behind, as plain data that reports of tests and messages between processes carry."""

from __future__ import annotations

from typing import TypedDict


class Leak(TypedDict):
    """One thing left behind: by the `test` itself, or by a fixture that ended with it (`session fixture db`)."""

    kind: str
    what: str
    by: str
    restored: bool
