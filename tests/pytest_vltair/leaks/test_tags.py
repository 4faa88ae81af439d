"""Tags of dicts: each change is seen, and where Python keeps none nothing is relied on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from pytest_vltair.leaks import tags
from pytest_vltair.leaks.imports import Modules

KEPT = sys.implementation.name == "cpython" and sys.version_info < tags.LAST


@pytest.mark.skipif(not KEPT, reason="this Python keeps no tags")
@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.update(a=object()),
        lambda one: one.update(b=object()),
        lambda one: one.pop("a"),
        lambda one: one.clear(),
        lambda one: one.__setitem__("a", object()),
    ],
)
def test_each_change_is_seen(change: Callable[[dict[str, object]], Any]) -> None:
    one: dict[str, object] = {"a": object()}
    read = tags.reader(one)
    assert read is not None
    before = read()
    assert (one["a"], read())[1] == before
    change(one)
    assert read() != before


def test_without_tags_modules_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "LAST", (3, 0))
    assert tags.reader({}) is None
    probe = Modules()
    known = probe.look()
    (sign,) = probe.signs(known) or ()
    assert sign.read() == sign.expected
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "json", None)
        assert sign.read() != sign.expected


def test_a_tag_that_does_not_follow_is_not_relied_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "_holds", lambda of: False)
    assert tags.reader({}) is None


def test_a_module_that_is_replaced_is_seen() -> None:
    probe = Modules()
    known = probe.look()
    (sign,) = probe.signs(known) or ()
    assert sign.read() == sign.expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "json", None)
        assert sign.read() != sign.expected
        assert probe.changed(known)
        assert probe.signs(known) is None or not KEPT
