"""Language: categories of the locale that a program itself has put in force, for one line."""

from __future__ import annotations

import _locale

NAMES = ("LC_COLLATE", "LC_MONETARY", "LC_NUMERIC", "LC_TIME", "LC_MESSAGES")


class Categories:
    """Those that are in force and not the plain ones of C are the asked locale's."""

    def __init__(self, value: str) -> None:
        self._name = "C" if value == "ASCII" else value
        self._held: dict[int, tuple[str, str]] = {}

    def apply(self) -> None:
        """Set those that can be set."""
        for category in (getattr(_locale, name) for name in NAMES if hasattr(_locale, name)):
            before = _locale.setlocale(category, None)
            if before not in ("C", "POSIX"):
                try:
                    self._held[category] = before, _locale.setlocale(category, self._name)
                except _locale.Error:  # type: ignore[attr-defined]
                    continue

    def remove(self) -> None:
        """Put back those that still are as they were set here."""
        for category, (before, made) in self._held.items():
            if _locale.setlocale(category, None) == made:
                _locale.setlocale(category, before)
        self._held = {}
