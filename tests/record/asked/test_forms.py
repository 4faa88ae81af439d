"""Forms of answers: a command and a program are told the same things by the same names."""

from __future__ import annotations

from typing import get_args

import msgspec

from gates.record.asked.answers import Alike, Answer, Execution, Pattern
from gates.record.asked.documents import AnyAnswer
from gates.record.mcp.tools import TOOLS, Failing


def names(kind: type[msgspec.Struct]) -> set[str]:
    return {field.name for field in msgspec.structs.fields(kind)}


def test_whoever_asks_is_told_what_else_is_to_be_known_in_one_place() -> None:
    kinds = (*get_args(AnyAnswer), *(tool.answers for tool in TOOLS.values()))
    assert len(kinds) == len({kind.__name__ for kind in kinds})
    assert all(issubclass(kind, Answer) for kind in kinds)


def test_failures_that_look_alike_are_told_by_the_same_names() -> None:
    assert names(Pattern) & names(Failing) == names(Alike)
    assert names(Failing) - names(Alike) <= names(Execution)
