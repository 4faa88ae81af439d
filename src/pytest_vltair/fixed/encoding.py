"""Encoding: what text files are opened with where the code does not say; Python decides it when it starts."""

from __future__ import annotations

import codecs
import locale
import sys

import pytest

from pytest_vltair.settings import Given, Settings

_getencoding = locale.getencoding


class Encoding:
    """Demands an encoding; it is not changed, but follows the locale unless Python was started in its UTF-8 mode."""

    name = "encoding"

    def __init__(self, given: Given, _settings: Settings) -> None:
        self._given = given
        try:
            self.demanded = codecs.lookup(given.text).name
        except LookupError:
            given.wrong("is no encoding that Python knows: write one such as utf-8")

    def apply(self, _config: pytest.Config) -> None:
        """Check it.

        Raises:
            pytest.UsageError: text files are opened with another.
        """
        found = self.shown()
        if found != self.demanded:
            fix = "set PYTHONUTF8=1" if self.demanded == "utf-8" else "start Python with PYTHONUTF8=0"
            self._given.wrong(
                f"is not what text files are opened with here, which is {found}: {fix}, or choose a locale that has it"
            )

    def restore(self) -> None:
        """Nothing: nothing was changed."""

    def shown(self) -> str:
        """The encoding that `open` takes now."""
        return codecs.lookup("utf-8" if sys.flags.utf8_mode else _getencoding()).name
