"""Holding: what one process held still, and what its tests left behind, as fields of lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pytest_vltair.reports import cut

LEAKS = "_vltair_leaks"
"""The attribute of teardown reports by which the leak guard names what a test left behind."""


def account(config: pytest.Config, when: str) -> dict[str, object]:
    """The fields of a `fixed` line at the `start` or the `end` of a run, all but its worker."""
    from pytest_vltair.hooks import FIXING, LEAK_KINDS

    fixing = config.stash.get(FIXING, None)
    if fixing is None:
        return {"when": when, "mode": "off", "leaks": "off", "kinds": [], "allowed": [], "factors": {}}
    leaks, allow = fixing.settings["leaks"], fixing.settings["leaks-allow"]
    kinds: tuple[str, ...] = config.stash.get(LEAK_KINDS, ())
    return {
        "when": when,
        "mode": fixing.settings.mode,
        "leaks": "off" if leaks is None else leaks.text,
        "kinds": sorted(kinds),
        "allowed": [] if allow is None or not kinds else sorted({one.strip() for one in allow.lines or (allow.text,)}),
        "factors": fixing.account(),
    }


def left(report: pytest.TestReport) -> Iterator[dict[str, object]]:
    """The fields of a `leak` line for each thing that a test left behind, all but its name."""
    held = report.__dict__
    for one in held[LEAKS]:
        yield _fields(one, held.get("worker_id"))


def left_late(config: pytest.Config) -> Iterator[tuple[str, dict[str, object]]]:
    """The test after which something was found when the session ended, and the fields of a `leak` line for it."""
    from pytest_vltair.hooks import LEFT_LATE

    for one in config.stash.get(LEFT_LATE, []):
        yield one.test, _fields(one.leak, one.worker)


def _fields(leak: Mapping[str, Any], worker: str | None) -> dict[str, object]:
    return {
        "kind": str(leak["kind"]),
        "what": cut(str(leak["what"])),
        "by": str(leak["by"]),
        "restored": bool(leak["restored"]),
        "worker": worker,
    }
