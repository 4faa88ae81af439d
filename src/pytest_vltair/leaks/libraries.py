"""Libraries: settings of modules of the standard library, of which none is imported for this that pytest has not."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Hashable, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pytest_vltair.leaks.ordered import Ordered
from pytest_vltair.leaks.values import MISSING, Sign, change, shown

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State


class _Setting:
    """A probe of one value of a module, which is not there before the module is."""

    kind = ""
    key = ""
    module = ""

    def current(self, module: Any) -> Any:
        """The value, to be compared by `==`."""
        raise NotImplementedError

    def look(self) -> State:
        """The value, where the module has been imported."""
        module = sys.modules.get(self.module)
        return {} if module is None else {self.key: self.current(module)}

    def changed(self, known: State) -> bool:
        """Whether the value differs."""
        module = sys.modules.get(self.module)
        if module is None:
            return bool(known)
        return self.key not in known or bool(known[self.key] != self.current(module))

    def signs(self, known: State) -> Sequence[Sign] | None:
        """The value, or that the module has not been imported."""
        module = sys.modules.get(self.module)
        if module is None:
            return None if known else [Sign(partial(sys.modules.__contains__, self.module), expected=False)]
        if self.changed(known):
            return None
        return [self.sign(module)]

    def sign(self, module: Any) -> Sign:
        """What gives the same as long as the value is as it is now."""
        return Sign(partial(self.current, module), self.current(module))

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether the values are equal, or the module came with its own."""
        del key
        return bool(before == after)

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """What it was and what it is."""
        return change(str(key), before, after)


class SocketTimeout(_Setting):
    """`socket.setdefaulttimeout`."""

    kind = "socket-timeout"
    key = "the default timeout of sockets"
    module = "_socket"

    def current(self, module: Any) -> Any:
        """Seconds or None."""
        return module.getdefaulttimeout()

    def sign(self, module: Any) -> Sign:
        """The function itself."""
        return Sign(module.getdefaulttimeout, self.current(module))

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether it is as long."""
        return super().same(key, None if before is MISSING else before, None if after is MISSING else after)

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Set it."""
        del key, after
        sys.modules[self.module].setdefaulttimeout(None if before is MISSING else before)
        return True


class LoopPolicy(_Setting):
    """`asyncio.set_event_loop_policy`; that Python's own one is made when it is first asked for is no change."""

    kind = "loop-policy"
    key = "the policy of asyncio's event loops"
    module = "asyncio.events"

    def current(self, module: Any) -> Any:
        """The policy in force."""
        return module._event_loop_policy  # noqa: SLF001 - asking by its function makes one, and warns from 3.14 on

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether it is the same one, or both are Python's own."""
        del key
        return before is after or (_is_pythons(before) and _is_pythons(after))

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Set it."""
        del key, after
        vars(sys.modules[self.module])["_event_loop_policy"] = None if before is MISSING else before
        return True


def _is_pythons(policy: Any) -> bool:
    return (
        policy is None
        or policy is MISSING
        or type(policy).__module__ in {"asyncio.unix_events", "asyncio.windows_events"}
    )


class Decimals(_Setting):
    """The decimal context of the thread that runs the tests; its flags are results, not settings."""

    kind = "decimal"
    key = "the decimal context"
    module = "decimal"

    def current(self, module: Any) -> Any:
        """All but the flags."""
        return _settings(module.getcontext())

    def sign(self, module: Any) -> Sign:
        """All but the flags, in fewer steps."""
        get, values = module.getcontext, attrgetter(*_NAMES)
        kept = get().copy()

        def read(_kept: object = kept) -> object:  # what is expected has only a view of its traps
            return values(get())

        return Sign(read, values(kept))

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether the settings are equal; before the module was there they were those that it starts with."""
        del key
        module = sys.modules.get(self.module)
        if module is None:
            return True
        start = _settings(module.DefaultContext)
        return bool((start if before is MISSING else before) == (start if after is MISSING else after))

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """The settings that differ."""
        if before is MISSING:
            before = _settings(sys.modules[self.module].DefaultContext)
        changes = [
            change(f"{key}'s {name}", _named(was), _named(now))
            for name, was, now in zip(_NAMES, before, after, strict=True)
            if was != now
        ]
        return ", ".join(changes) or f"{key} is {shown(after)}"

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Set the settings in the context that is in force."""
        del key, after
        module = sys.modules[self.module]
        prec, rounding, e_min, e_max, capitals, clamp, traps = (
            _settings(module.DefaultContext) if before is MISSING else before
        )
        context = module.getcontext()
        context.prec, context.rounding, context.Emin, context.Emax = prec, rounding, e_min, e_max
        context.capitals, context.clamp = capitals, clamp
        for signal in context.traps:
            context.traps[signal] = signal in traps
        return True


class WarningFilters(Ordered):
    """`warnings.filters`, filter by filter.

    pytest puts the filters back after each test by itself, unless it is told not to (`-p no:warnings`); a test that
    relies on that is named all the same.
    """

    kind = "warnings"
    names = ("warnings.filters",)

    def __init__(self) -> None:
        super().__init__()
        self._of_context = getattr(warnings, "_get_filters", None)
        self._caught = warnings.catch_warnings

    def lists(self) -> tuple[list[Any], ...]:
        """The filters in force."""
        if self._of_context is None:
            return (warnings.filters,)  # type: ignore[return-value]
        return (self._of_context(),)  # from Python 3.14 on

    def touched(self) -> None:
        """Let Python forget what it remembers of the filters: entering and leaving does, and nothing else."""
        with self._caught():
            pass


_NAMES = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp", "traps")


def _named(value: Any) -> Any:
    """Traps by their names."""
    return " ".join(one.__name__ for one in value) if isinstance(value, tuple) else value


def _settings(context: Any) -> tuple[Any, ...]:
    parts = context.__reduce__()[1]
    return (*parts[:6], tuple(parts[7]))
