"""Logs: what a test changed of the configuration of logging."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Self, cast

from pytest_vltair.leaks.values import MISSING, Held, Sign, change, cut, shown

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State

_DEFAULTS = {"level": logging.NOTSET, "propagate": True, "disabled": False}
_LISTS = ("handlers", "filters")
_NAMES = {*_DEFAULTS, *_LISTS}
_values = attrgetter(*_DEFAULTS, *_LISTS)


class Part(tuple[str, str, int | None]):  # noqa: SLOT001 - no slot of a tuple can hold anything
    """A value of a logger that is not as loggers are made; of the manager, `disable`.

    With an identity, a handler or filter, by the name of its list; its value is the object itself.
    """

    logger: str
    name: str
    identity: int | None

    def __new__(cls, logger: str, name: str, identity: int | None = None) -> Self:
        """Made by hand: to generate a NamedTuple takes longer than to import this whole module."""
        made = super().__new__(cls, (logger, name, identity))
        made.logger, made.name, made.identity = logger, name, identity
        return made

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
        state: dict[Hashable, Any] = {Part("logging.disable", "disable"): self._manager.disable}
        for logger in self._all():
            for name, default in _DEFAULTS.items():
                value = getattr(logger, name)
                if value != default:
                    state[Part(logger.name, name)] = value
            for where in _LISTS:
                state.update((Part(logger.name, where, id(one)), one) for one in getattr(logger, where))
        return state

    def changed(self, known: State) -> bool:
        """Whether any of it differs, or there is another logger."""
        if known is not self._for:
            if self.look() != known:  # what was prepared must be of the known state, not of the one of now
                return True
            self._for, self._prepared = known, self._kept()
            return False
        return self._quick() != self._prepared

    def signs(self, known: State) -> Sequence[Sign | Held] | None:
        """All of it; the attributes of loggers at once, where nobody's own type keeps them elsewhere."""
        if self.changed(known):
            return None
        things = [_attributes(one) for one in (self._manager, *self._loggers)]
        if "_disable" in things[0] and all(one.keys() >= _NAMES for one in things[1:]):
            return [Held(one, {name: _kept(name, value) for name, value in one.items()}) for one in things]
        manager, registered, loggers = self._manager, self._registry.values(), self._loggers
        return [Sign(lambda: (manager.disable, list(registered), list(map(_values, loggers))), self._prepared)]

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether the values are equal; a handler that does nothing is attached by right."""
        if cast("Part", key).identity is None:
            return before is after or bool(before == after)
        return _is_null(before, after)

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """`root gained a handler: <...>`, `level of app was DEBUG and is INFO`."""
        part = cast("Part", key)
        if part.identity is not None:
            one, verb = (after, "gained") if before is MISSING else (before, "lost")
            return f"logger {cut(part.logger)} {verb} a {part.name[:-1]}: {shown(one)}"
        name = part.logger if part.name == "disable" else f"{part.name} of logger {part.logger}"
        return change(name, _value(part, before), _value(part, after))

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Set the value, attach or detach."""
        part = cast("Part", key)
        if part.identity is not None:
            entries: list[Any] = getattr(self._named(part.logger), part.name)
            if before is MISSING:
                entries[:] = [one for one in entries if one is not after]
            else:
                entries.append(before)
            return True
        value = _DEFAULTS[part.name] if before is MISSING else before
        if part.name == "disable":
            logging.disable(value)
        elif part.name == "level":
            self._named(part.logger).setLevel(value)
        else:
            setattr(self._named(part.logger), part.name, value)
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


def _attributes(one: object) -> dict[str, Any]:
    return getattr(one, "__dict__", {})


def _kept(name: str, value: Any) -> Any:
    """An attribute as it will stay; what a logger remembers of levels is nothing that anybody set."""
    return value if name == "_cache" or type(value) not in {list, dict} else value.copy()


def _value(key: Part, value: Any) -> Any:
    value = _DEFAULTS[key.name] if value is MISSING else value
    return logging.getLevelName(value) if key.name in {"level", "disable"} else value


def _is_null(before: Any, after: Any) -> bool:
    return (before is MISSING and type(after) is logging.NullHandler) or (
        after is MISSING and type(before) is logging.NullHandler
    )
