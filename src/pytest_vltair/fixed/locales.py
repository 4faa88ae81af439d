"""Locale: that of the process and its children, for a run, a test or the rest of a test."""

from __future__ import annotations

import locale
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from string import ascii_letters, digits
from typing import NoReturn

import pytest

from pytest_vltair.fixed.variables import Variables, environ
from pytest_vltair.settings import Given, Settings

_setlocale = locale.setlocale
_ALL, _CTYPE = locale.LC_ALL, locale.LC_CTYPE

_NEUTRAL = ("C", "POSIX", "C.UTF-8")
_CHARACTERS = ("UTF-8", ".UTF-8", "en_US.UTF-8")
"""What systems without a C.UTF-8 call its characters (macOS, Windows, an old glibc); the rest of it is C."""

_LETTERS = frozenset(f"{ascii_letters}{digits} ._@-")
_NOWHERE = "qq_QQ.UTF-8"
_LISTED = 8


class Locale:
    """Holds the process and its children at a locale."""

    name = "locale"

    def __init__(self, given: Given, _settings: Settings) -> None:
        self._given = given
        self.demanded = given.text
        self._held = _Held()

    def apply(self, _config: pytest.Config) -> None:
        """Set the locale.

        Raises:
            pytest.UsageError: it is not installed.
        """
        self._held.set(self.demanded, self._given.wrong)

    def restore(self) -> None:
        """Set the locale that was."""
        self._held.restore()

    def shown(self) -> str:
        """The locale, if the C library has it and children are told it; else what both show."""
        return self.demanded if self._held.holds() else f"{_setlocale(_ALL, None)} (LC_ALL={environ.get('LC_ALL')})"


@contextmanager
def during(mark: pytest.Mark) -> Iterator[None]:
    """Inside, the process has the locale that the marker names."""
    with control() as switch:
        switch(mark.args[0])
        yield


@contextmanager
def control() -> Iterator[Callable[[str], None]]:
    """Inside, what sets the locale; afterwards the locale is what it was before."""
    held = _Held()

    def switch(name: str) -> None:
        def fail(why: str) -> NoReturn:
            pytest.fail(f"vltair_locale: {name!r} {why}", pytrace=False)

        held.set(name, fail)

    try:
        yield switch
    finally:
        held.restore()


class _Held:
    """A locale that is set, and what was there before."""

    def __init__(self) -> None:
        self._before: str | None = None
        self._now = ""
        self._told: dict[str, str | None] = {}
        self._variables = Variables()

    def set(self, name: str, fail: Callable[[str], NoReturn]) -> None:
        """Set a locale; where it cannot be had nothing is changed, and `fail` is told why."""
        if not name or not set(name) <= _LETTERS:
            fail("names no locale: write one such as tr_TR.UTF-8")
        before = _setlocale(_ALL, None)
        told = _taken(name)
        if told is None:
            _setlocale(_ALL, before)
            fail(f"is not installed: {_remedy(name)}")
        if self._before is None:
            self._before = before
        self._now = _setlocale(_ALL, None)
        others = (one for one in environ if one.startswith("LC_") or one == "LANGUAGE")
        self._told = {**dict.fromkeys(others), **told}
        self._variables.change(self._told)

    def holds(self) -> bool:
        """Whether the C library has the locale that was set, and children are told it."""
        told = all(environ.get(name) == value for name, value in self._told.items())
        return told and _normal(_setlocale(_ALL, None)) == _normal(self._now)

    def restore(self) -> None:
        """Set the locale and the variables that were there before."""
        self._variables.restore()
        if self._before is not None:
            _setlocale(_ALL, self._before)


def _taken(name: str) -> dict[str, str | None] | None:
    """The variables that tell children the locale, which is in force now; None where it cannot be had."""
    if name not in _NEUTRAL and _installed(_NOWHERE):
        return None  # musl takes any name and does nothing
    if _installed(name):
        return {"LC_ALL": name, "LANG": name}
    if name != "C.UTF-8":
        return None
    _setlocale(_ALL, "C")
    for characters in _CHARACTERS:
        if _installed(characters, _CTYPE):
            return {"LC_ALL": None, "LC_CTYPE": characters, "LANG": "C"}
    return None


def _installed(name: str, category: int = _ALL) -> bool:
    """Whether a locale can be set, which it is then."""
    try:
        _setlocale(category, name)
    except locale.Error:
        return False
    return True


def _remedy(name: str) -> str:
    """What is installed, and how to come by the locale."""
    before = _setlocale(_ALL, None)
    if _installed(_NOWHERE):
        _setlocale(_ALL, before)
        return "the C library of this machine has no locales but C and C.UTF-8"
    names = _names()
    _setlocale(_ALL, before)
    language = name.partition("_")[0]
    names.sort(key=lambda one: (not one.startswith(f"{language}_"), one))
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    territory, _, characters = name.partition(".")
    return (
        f"this machine has {', '.join(names[:_LISTED])}{more}; choose one, or install it (glibc: the system's locale "
        f"definitions and `localedef -i {territory} -f {characters or 'UTF-8'} {name}`)"
    )


def _names() -> list[str]:
    """The names that can be set, of all that Python knows: there is no other list that every system has."""
    known = {one.partition(".")[0].partition("@")[0] for one in locale.locale_alias.values()}
    return [name for one in sorted(known) for name in (one, f"{one}.UTF-8") if _installed(name)]


def _normal(name: str) -> str:
    return name.lower().replace("utf-8", "utf8")
