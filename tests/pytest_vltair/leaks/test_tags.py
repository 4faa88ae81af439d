"""Tags of dicts: each change is seen, and where Python keeps none nothing is relied on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from pytest_vltair.leaks import tags
from pytest_vltair.leaks.baseline import Baseline
from pytest_vltair.leaks.imports import LONG, Modules
from pytest_vltair.leaks.values import Sign

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


def test_a_python_that_keeps_none_has_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "LAST", (3, 0))
    assert tags.reader({}) is None


def test_a_tag_that_does_not_follow_is_not_relied_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "_holds", lambda of: False)
    assert tags.reader({}) is None


def test_in_a_short_run_modules_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    monkeypatch.setattr(tags, "reader", read.append)
    baseline = _watching(Modules())
    for _ in range(LONG - 1):
        assert baseline.moved() == []
    assert _sees_a_replaced_module(baseline)
    assert read == [sys.modules]  # by then the run is long


def test_in_a_long_run_the_tag_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    monkeypatch.setattr(tags, "reader", lambda one: lambda: read.append(len(one)))
    baseline = _watching(Modules())
    _read_often(baseline)
    before = len(read)
    assert baseline.moved() == []
    assert len(read) == before + 1


@pytest.mark.skipif(not KEPT, reason="this Python keeps no tags")
def test_the_tag_tells_of_a_module_that_is_replaced() -> None:
    baseline = _watching(Modules())
    _read_often(baseline)
    (sign,) = baseline.watched[0].signs or ()
    assert isinstance(sign, Sign)
    assert sign.read() == sign.expected
    assert _sees_a_replaced_module(baseline)
    assert sign.read() != sign.expected
    assert baseline.moved() == []  # it was put back: the tag is another, but the probe is asked then


def test_a_long_run_without_tags_goes_on_comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "reader", lambda one: None)
    baseline = _watching(Modules())
    _read_often(baseline)
    assert baseline.moved() == []
    assert _sees_a_replaced_module(baseline)


def _watching(probe: Modules) -> Baseline:
    baseline = Baseline([(probe, "nobody")])
    baseline.take()
    return baseline


def _read_often(baseline: Baseline) -> None:
    """Let a run prove to be long: what is imported for it is the one change."""
    for _ in range(LONG + 1):
        for one in baseline.moved():
            one.known = baseline.look(one)


def _sees_a_replaced_module(baseline: Baseline) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "json", None)
        return baseline.moved() == baseline.watched
