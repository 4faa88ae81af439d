"""Process: what there is one of in a process: time zone, locale, current directory, umask."""

from __future__ import annotations

import _locale
import locale
import os
import time
from collections.abc import Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_vltair.leaks.values import Sign, change

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import State


class _One:
    """A probe of one value, under one key."""

    key = ""

    def same(self, key: Hashable, before: Any, after: Any) -> bool:
        """Whether the values are equal."""
        del key
        return bool(before == after)

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """What it was and what it is."""
        return change(str(key), before, after)


class TimeZone(_One):
    """The zone that `time.tzset` took from TZ last; the variable itself is of the environment."""

    kind = "timezone"
    key = "the time zone"

    def __init__(self) -> None:
        self._tzset = getattr(time, "tzset", None)

    def look(self) -> State:
        """Offset and names, as the time module has them."""
        return {self.key: (time.tzname, time.timezone, time.altzone)}

    def changed(self, known: State) -> bool:
        """Whether offset or names differ."""
        return bool(known[self.key] != (time.tzname, time.timezone, time.altzone))

    def signs(self, known: State) -> Sequence[Sign]:
        """The same."""
        return [Sign(lambda: (time.tzname, time.timezone, time.altzone), known[self.key])]

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """The names of the zones, and their offsets where the names are the same."""
        if before[0] == after[0]:
            return change(str(key), _offset(before), _offset(after))
        return change(str(key), "/".join(before[0]), "/".join(after[0]))

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Read TZ again, which was put back before this."""
        del key, before, after
        if self._tzset is None:
            return False
        self._tzset()
        return True


def _offset(zone: Any) -> str:
    return f"UTC{-zone[1] / 3600:+g} {zone[0][0]}"


class Locale(_One):
    """The locale of the process, all of its categories."""

    kind = "locale"
    key = "the locale"

    def __init__(self) -> None:
        self._setlocale = _locale.setlocale
        self._all = locale.LC_ALL

    def look(self) -> State:
        """As `setlocale` says it."""
        return {self.key: self._setlocale(self._all, None)}

    def changed(self, known: State) -> bool:
        """Whether any category differs."""
        return bool(known[self.key] != self._setlocale(self._all, None))

    def signs(self, known: State) -> Sequence[Sign]:
        """The same."""
        return [Sign(partial(self._setlocale, self._all, None), known[self.key])]

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """The categories that differ, where the system tells them apart."""
        if "=" not in f"{before}{after}":
            return change(str(key), before, after)
        was, now = _categories(before), _categories(after)
        names = [one for one in {**was, **now} if one and was.get(one, was.get("")) != now.get(one, now.get(""))]
        return ", ".join(change(one, was.get(one, was.get("")), now.get(one, now.get(""))) for one in names)

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Set every category."""
        del key, after
        try:
            self._setlocale(self._all, before)
        except locale.Error:
            return False
        return True


def _categories(said: str) -> dict[str, str]:
    """Locales by category; one for all of them by the empty name."""
    pairs = [one.partition("=") for one in said.split(";")]
    return {name: value for name, equals, value in pairs if equals} or {"": said}


class Directory(_One):
    """The current directory; None where it is gone."""

    kind = "directory"
    key = "the current directory"

    def __init__(self) -> None:
        self._getcwd = os.getcwd
        self._chdir = os.chdir

    def look(self) -> State:
        """Its path."""
        return {self.key: self._current()}

    def changed(self, known: State) -> bool:
        """Whether the path differs."""
        return bool(known[self.key] != self._current())

    def signs(self, known: State) -> Sequence[Sign] | None:
        """The path; it cannot be read where the directory is gone, which differs too."""
        return None if known[self.key] is None else [Sign(self._getcwd, known[self.key])]

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Go back there, where it still exists."""
        del key, after
        try:
            self._chdir(before)
        except (OSError, TypeError):
            return False
        return True

    def _current(self) -> str | None:
        try:
            return self._getcwd()
        except OSError:
            return None


class Umask(_One):
    """The umask; asked by setting the known one, so that it is never another for a moment."""

    kind = "umask"
    key = "the umask"

    def __init__(self) -> None:
        self._umask = os.umask
        self._known = self._umask(0o022)
        self._umask(self._known)

    def look(self) -> State:
        """The mask."""
        self._known = self._read(self._known)
        return {self.key: self._known}

    def changed(self, known: State) -> bool:
        """Whether it differs."""
        return bool(self._read(known[self.key]) != known[self.key])

    def signs(self, known: State) -> Sequence[Sign]:
        """The mask."""
        umask, expected = self._umask, known[self.key]

        def read() -> int:
            found = umask(expected)
            if found != expected:
                umask(found)
            return found

        return [Sign(read, expected)]

    def describe(self, key: Hashable, before: Any, after: Any) -> str:
        """In octal."""
        return f"{key} was {before:03o} and is {after:03o}"

    def restore(self, key: Hashable, before: Any, after: Any) -> bool:
        """Set it."""
        del key, after
        self._umask(before)
        return True

    def _read(self, expected: int) -> int:
        found = self._umask(expected)
        if found != expected:
            self._umask(found)
        return found
