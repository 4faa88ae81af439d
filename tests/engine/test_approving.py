"""Flags that let findings through: how they are written, and what they may name."""

from __future__ import annotations

import pytest

from gates.engine.approving import parse
from gates.errors import UsageError
from gates.model.approval import shown
from gates.plugins.manager import registry

RULES = registry(third_party=False).rules


def test_a_subject_may_have_colons_and_blanks() -> None:
    assert parse(["POL002:select: lint", "limit-lowered:*"], RULES) == (
        ("POL002", "select: lint"),
        ("limit-lowered", "*"),
    )


@pytest.mark.parametrize("flag", ["POL001", "POL001:", ":x", "LNT001:a.py", "lint:x", "POL999:x"])
def test_what_is_no_approval_is_refused(flag: str) -> None:
    with pytest.raises(UsageError, match=f"^--approve '{flag}': "):
        parse([flag], RULES)


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (80, "80"), (80.5, "80.5"), ("a", "a"), (None, "nothing")]
)
def test_values_are_written_in_one_way(value: bool | float | str | None, text: str) -> None:
    assert shown(value) == text
