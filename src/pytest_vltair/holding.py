"""Holding: what one process held still, and what its tests left behind, as fields of lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pytest_vltair.reports import cut

LEAKS = "_vltair_leaks"
"""The attribute of teardown reports by which the leak guard names what a test left behind."""


def account(config: pytest.Config, when: str) -> dict[str, object]:
    """The fields of a `fixed` line at the `start` or the `end` of a run, all but its worker."""
    from pytest_vltair.plugin import FIXING, LEAK_KINDS

    fixing = config.stash.get(FIXING, None)
    if fixing is None:
        return {"when": when, "mode": "off", "leaks": "off", "kinds": [], "factors": {}}
    leaks = fixing.settings["leaks"]
    kinds: tuple[str, ...] = config.stash.get(LEAK_KINDS, ())
    return {
        "when": when,
        "mode": fixing.settings.mode,
        "leaks": "off" if leaks is None else leaks.text,
        "kinds": sorted(kinds),
        "factors": fixing.account(),
    }


def left(report: pytest.TestReport) -> Iterator[dict[str, object]]:
    """The fields of a `leak` line for each thing that a test left behind, all but its name."""
    held = report.__dict__
    leaks: list[dict[str, Any]] = held[LEAKS]
    for one in leaks:
        yield {
            "kind": str(one["kind"]),
            "what": cut(str(one["what"])),
            "by": str(one["by"]),
            "restored": bool(one["restored"]),
            "worker": held.get("worker_id"),
        }
