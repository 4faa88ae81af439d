"""Every reason has a sentence and advice."""

from __future__ import annotations

from typing import get_args

from gates.model.advice import ADVICE
from gates.model.reason import REASONS, ReasonCode


def test_every_reason_is_explained() -> None:
    codes = sorted(get_args(ReasonCode))
    assert sorted(REASONS) == codes
    assert sorted(ADVICE) == codes
