"""Surroundings: what the parent puts in the environment of a process, turned in a process that has begun, for one call.

For a whole process the parent does it, which is more: other programs and what was read at the start see it too.
"""

from __future__ import annotations

import _locale
import os
import shlex
import time

from .switch import Switch

ASCII = "ASCII"


def variables(value: str) -> dict[str, str | None]:
    """The variables that shell words set, and those that they take away (None)."""
    found: dict[str, str | None] = {}
    for word in shlex.split(value):
        name, given, text = word.partition("=")
        found.update({name: text} if given else {name.removeprefix("-"): None})
    return found


class Environment(Switch):
    """Variables of the environment."""

    def wanted(self) -> dict[str, str | None]:
        """The variables that the asked value changes."""
        return variables(self.asked)

    def apply(self) -> None:
        """Set them, and take away those that are to go."""
        if self.on:
            return
        super().apply()
        self._kept = {name: os.environ.get(name) for name in self.wanted()}
        self._put(self.wanted())

    def remove(self) -> None:
        """Put back those that nobody else has changed meanwhile."""
        if not self.on:
            return
        super().remove()
        wanted = self.wanted()
        self._put({name: text for name, text in self._kept.items() if os.environ.get(name) == wanted[name]})

    def _put(self, found: dict[str, str | None]) -> None:
        for name, text in found.items():
            if text is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = text


class Timezone(Environment):
    """The zone of local time: the variable TZ, and what C keeps of it."""

    def wanted(self) -> dict[str, str | None]:
        """The variable."""
        return {"TZ": self.asked}

    def _put(self, found: dict[str, str | None]) -> None:
        super()._put(found)
        if hasattr(time, "tzset"):
            time.tzset()


class Locale(Environment):
    """The variable LC_ALL, and the category of letters, which alone a process of Python begins with."""

    def wanted(self) -> dict[str, str | None]:
        """The variable."""
        return {"LC_ALL": "C" if self.asked == ASCII else self.asked}

    def apply(self) -> None:
        """Set both."""
        if self.on:
            return
        super().apply()
        self._before = _set(_locale.LC_ALL, None), _set(_locale.LC_CTYPE, None)
        _set(_locale.LC_CTYPE, self.wanted()["LC_ALL"])
        self._during = _set(_locale.LC_ALL, None)

    def remove(self) -> None:
        """Put both back; a locale that the call itself has set stays."""
        if not self.on:
            return
        super().remove()
        if _set(_locale.LC_ALL, None) == self._during:
            _set(_locale.LC_CTYPE, self._before[1])


def _set(category: int, name: str | None) -> str | None:
    try:
        return _locale.setlocale(category, name)
    except _locale.Error:  # type: ignore[attr-defined]
        return None
