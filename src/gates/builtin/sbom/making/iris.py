"""IRIs: jsonschema without the two seconds that it takes to make a grammar of addresses which nobody has asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

GRAMMAR = "rfc3987_syntax"


@contextmanager
def later() -> Iterator[None]:
    """While jsonschema is imported in it, the grammar is made at the first address that is not plain."""
    if GRAMMAR in sys.modules or not _there():
        yield
        return
    stand_in = ModuleType(GRAMMAR)
    stand_in.is_valid_syntax = is_valid  # type: ignore[attr-defined]
    sys.modules[GRAMMAR] = stand_in
    try:
        yield
    finally:
        if sys.modules.get(GRAMMAR) is stand_in:
            del sys.modules[GRAMMAR]


def _there() -> bool:
    from importlib.util import find_spec

    return find_spec(GRAMMAR) is not None


def is_valid(term: str, value: str) -> bool:
    """What the grammar says; a word of letters and digits is a reference to a neighbour by every grammar."""
    if term == "iri_reference" and value.isascii() and value.isalnum():
        return True
    from rfc3987_syntax import is_valid_syntax  # type: ignore[import-untyped]

    return bool(is_valid_syntax(term, value))
