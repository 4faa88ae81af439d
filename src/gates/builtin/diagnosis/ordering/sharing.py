"""Sharing: the state that culprits left, where the child saw it."""

from __future__ import annotations

import msgspec

from gates.builtin.diagnosis.ordering.inquiry import Inquiry, Question

WATCH = "state"
MOST = 3


def shared(inquiry: Inquiry, question: Question) -> str:
    """What the tests before this one left changed, in words; empty where nothing was seen."""
    ran = inquiry.run(msgspec.structs.replace(question, watch=(WATCH,)))[0]
    told = (left.what for left in ran.states if left.nodeid in question.after)
    whats = tuple(dict.fromkeys(told))
    more = f" and {len(whats) - MOST} more" if len(whats) > MOST else ""
    return ", ".join(whats[:MOST]) + more
