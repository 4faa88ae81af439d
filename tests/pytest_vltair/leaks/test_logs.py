"""Logs: which loggers are looked at."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from pytest_vltair.leaks.baseline import Baseline
from pytest_vltair.leaks.logs import Logs
from pytest_vltair.leaks.values import Held

NAME = "vltair_test.signs"
HANDLER = logging.StreamHandler()
CHANGES: dict[str, tuple[Callable[[logging.Logger], Any], Callable[[logging.Logger], Any]]] = {
    "level": (lambda one: one.setLevel(5), lambda one: one.setLevel(0)),
    "propagate": (lambda one: setattr(one, "propagate", False), lambda one: setattr(one, "propagate", True)),
    "disabled": (lambda one: setattr(one, "disabled", True), lambda one: setattr(one, "disabled", False)),
    "handlers": (lambda one: one.addHandler(HANDLER), lambda one: one.removeHandler(HANDLER)),
    "another list": (lambda one: setattr(one, "handlers", [HANDLER]), lambda one: setattr(one, "handlers", [])),
    "filters": (lambda one: one.filters.append(HANDLER), lambda one: one.filters.clear()),
    "disable": (lambda _one: logging.disable(7), lambda _one: logging.disable(0)),
}


class Elsewhere(logging.Logger):
    """Keeps whether it is disabled in another attribute."""

    @property
    def disabled(self) -> bool:
        return self.__dict__["_off"]  # type: ignore[no-any-return]

    @disabled.setter
    def disabled(self, value: bool) -> None:
        self.__dict__["_off"] = value


def test_a_logger_that_was_a_placeholder_is_looked_at() -> None:
    logging.getLogger("vltair_test.above.below")
    probe = Logs()
    known = probe.look()
    assert not probe.changed(known)
    logger = logging.getLogger("vltair_test.above")
    logger.setLevel(logging.DEBUG)
    try:
        assert probe.changed(known)
        assert {str(key) for key in probe.look().keys() - known.keys()} == {"vltair_test.above"}
    finally:
        logger.setLevel(logging.NOTSET)


@pytest.mark.parametrize("kind", [logging.Logger, Elsewhere])
@pytest.mark.parametrize(("change", "undo"), CHANGES.values(), ids=CHANGES)
def test_each_change_moves_it(
    monkeypatch: pytest.MonkeyPatch, kind: type[logging.Logger], change: Callable[..., Any], undo: Callable[..., Any]
) -> None:
    monkeypatch.setattr(logging.root.manager, "loggerDict", {})
    monkeypatch.setattr(logging.root.manager, "loggerClass", kind)
    logger = logging.getLogger(NAME)
    assert type(logger) is kind
    baseline = _taken()
    assert not baseline.moved()
    try:
        change(logger)
        assert baseline.moved() == baseline.watched
    finally:
        undo(logger)
    assert not baseline.moved()
    monkeypatch.setitem(logging.root.manager.loggerDict, f"{NAME}.new", logger)
    assert baseline.moved() == baseline.watched


def test_what_a_logger_remembers_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root.manager, "loggerDict", {})
    logger = logging.getLogger(NAME)
    logger.isEnabledFor(logging.INFO)
    baseline = _taken()
    signs = baseline.watched[0].signs or ()
    logger.isEnabledFor(logging.DEBUG)
    held = [one for one in signs if isinstance(one, Held)]
    assert len(held) == len(signs) > 1
    assert all(one.thing == one.alike for one in held)


def _taken() -> Baseline:
    baseline = Baseline([(Logs(), "nobody")])
    baseline.take()
    return baseline
