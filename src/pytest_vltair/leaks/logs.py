"""Logs: what a test changed of the configuration of logging."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from pytest_vltair.leaks.probe import MISSING, Sign, State
from pytest_vltair.leaks.wording import change, cut, shown

_DEFAULTS = {"level": logging.NOTSET, "propagate": True, "disabled": False}
_LISTS = ("handlers", "filters")
_values = attrgetter(*_DEFAULTS, *_LISTS)


class Setting(NamedTuple):
    """A value of a logger that is not as loggers are made; of the manager, `disable`."""

    logger: str
    name: str

    def __str__(self) -> str:
        return self.logger


class Attached(NamedTuple):
    """A handler or filter at a logger, told by its identity; its value is the object itself."""

    logger: str
    where: str
    identity: int

    def __str__(self) -> str:
        return self.logger


class Logs:
    """Level, propagation, handlers and filters of every logger, and `logging.disable`."""

    kind = "logging"

    def __init__(self) -> None:
        self._root = logging.root
        self._manager = logging.root.manager
        self._registry = self._manager.loggerDict
        self._registered: list[Any] = []
        self._loggers: list[logging.Logger] = [self._root]
        self._for: State = {}
        self._prepared: object = None

    def look(self) -> State:
        """Settings, handlers and filters of all loggers."""
        state: dict[Hashable, Any] = {Setting("logging.disable", "disable"): self._manager.disable}
        for logger in self._all():
            for name, default in _DEFAULTS.items():
                value = getattr(logger, name)
                if value != default:
                    state[Setting(logger.name, name)] = value
            for where in _LISTS:
                state.update((Attached(logger.name, where, id(one)), one) for one in getattr(logger, where))
        return state

    def changed(self, known: State) -> bool:
        """Whether any of it differs, or there is another logger."""
        if known is not self._for:
            if self.look() != known:  # what was prepared must be of the known state, not of the one of now
                return True
            self._for, self._prepared = known, self._kept()
            return False
        return self._quick() != self._prepared

    def signs(self, known: State) -> Sequence[Sign] | None:
        """All of it."""
        if self.changed(known):
            return None
        manager, registered, loggers = self._manager, self._registry.values(), self._loggers
        return [Sign(lambda: (manager.disable, list(registered), list(map(_values, loggers))), self._prepared)]

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether the values are equal; a handler that does nothing is attached by right."""
        return before is after or (isinstance(key, Setting) and bool(before == after)) or _is_null(before, after)

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """`root gained a handler: <...>`, `level of app was DEBUG and is INFO`."""
        if isinstance(key, Attached):
            one, verb = (after, "gained") if before is MISSING else (before, "lost")
            return f"logger {cut(key.logger)} {verb} a {key.where[:-1]}: {shown(one)}"
        assert isinstance(key, Setting)  # noqa: S101 - there are no other keys
        before, after = _value(key, before), _value(key, after)
        return change(
            "logging.disable" if key.name == "disable" else f"{key.name} of logger {key.logger}", before, after
        )

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Set the value, attach or detach."""
        if isinstance(key, Setting) and before is MISSING:
            before = _DEFAULTS[key.name]
        if isinstance(key, Attached):
            logger = self._named(key.logger)
            entries: list[Any] = getattr(logger, key.where)
            if before is MISSING:
                entries[:] = [one for one in entries if one is not after]
            else:
                entries.append(before)
        elif isinstance(key, Setting) and key.name == "disable":
            logging.disable(before)
        elif isinstance(key, Setting) and key.name == "level":
            self._named(key.logger).setLevel(before)
        elif isinstance(key, Setting):
            setattr(self._named(key.logger), key.name, before)
        return True

    def _quick(self) -> tuple[Any, ...]:
        """What there is now, in lists that loggers go on using."""
        return self._manager.disable, list(self._registry.values()), list(map(_values, self._loggers))

    def _kept(self) -> tuple[Any, ...]:
        """The same, in lists that stay as they are."""
        disable, registered, loggers = self._quick()
        count = len(_DEFAULTS)
        return disable, registered, [(*values[:count], *map(list, values[count:])) for values in loggers]

    def _all(self) -> Iterable[logging.Logger]:
        registered = list(self._registry.values())
        if registered != self._registered:  # a placeholder may have become a logger
            self._registered = registered
            self._loggers = [self._root, *(one for one in registered if isinstance(one, logging.Logger))]
        return self._loggers

    def _named(self, name: str) -> logging.Logger:
        return self._root if name == self._root.name else logging.getLogger(name)


def _value(key: Setting, value: Any) -> Any:
    value = _DEFAULTS[key.name] if value is MISSING else value
    return logging.getLevelName(value) if key.name in {"level", "disable"} else value


def _is_null(before: Any, after: Any) -> bool:
    return (before is MISSING and type(after) is logging.NullHandler) or (
        after is MISSING and type(before) is logging.NullHandler
    )
