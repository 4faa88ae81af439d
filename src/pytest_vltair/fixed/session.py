"""Session: the factors of one run, applied before anything of the project is imported, and put back in reverse."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from shlex import quote
from typing import TYPE_CHECKING, Any

import pytest

from pytest_vltair.hooks import Hooks
from pytest_vltair.options import KEYS
from pytest_vltair.settings import OVERRIDE, Given, Settings

if TYPE_CHECKING:
    from pytest_vltair.fixed.factor import Factor

EARLY = (
    ("hash-seed", "hashseed:HashSeed"),
    ("environment", "environment:Environment"),
    ("home", "home:Home"),
    ("timezone", "timezone:TimeZone"),
    ("locale", "locales:Locale"),
    ("encoding", "encoding:Encoding"),
    ("umask", "umask:Umask"),
    ("recursion-limit", "recursion:RecursionLimit"),
    ("seed", "seed:Seed"),
    ("entropy", "entropy:Entropy"),
    ("hypothesis", "hypothesis:Hypothesis"),
    ("clock", "clock:Clock"),
    ("network", "network:Network"),
    ("order", "order:Order"),
)
"""Applied before the first conftest is read, in this order: by the name of the key, and where the factor is."""

LATE = (
    ("directory", "directory:Directory"),
    ("columns", "terminal:Columns"),
    ("colour", "terminal:Colour"),
)
"""Applied when pytest has set up its own terminal, and before it collects."""


class Fixing:
    """Holds the factors of one run, from the first conftest to the end."""

    def __init__(self, settings: Settings) -> None:
        """Make the factors.

        Raises:
            pytest.UsageError: a setting is wrong.
        """
        self.settings = settings
        self._early = _made(settings, EARLY)
        self._late = _made(settings, LATE)
        self._applied: list[Factor] = []

    @property
    def factors(self) -> list[Factor]:
        """Every factor of the run, in the order of application."""
        return [*self._early, *self._late]

    def begin(self, config: pytest.Config) -> None:
        """Apply what must be in force before the project's own code; all is put back when `config` is done with.

        Raises:
            pytest.UsageError: a factor cannot be had; then nothing is left changed.
        """
        config.add_cleanup(self.restore)
        self._apply(self._early, config)

    def settle(self, config: pytest.Config) -> None:
        """Apply the rest, and let the factors see each test.

        Raises:
            pytest.UsageError: a factor cannot be had; then nothing is left changed.
        """
        self._apply(self._late, config)
        for factor in self.factors:
            hooks = getattr(factor, "hooks", None)
            if hooks is not None:
                config.pluginmanager.register(Hooks(hooks), f"vltair-{factor.name}")

    def restore(self) -> None:
        """Put everything back, last applied first, each of them whatever becomes of the others."""
        applied, self._applied = self._applied, []
        with ExitStack() as stack:
            for factor in applied:
                stack.callback(factor.restore)

    def account(self) -> dict[str, dict[str, str]]:
        """What is demanded and where, and what this process shows now, by factor."""
        given = self.settings.given
        return {
            one.name: {"demanded": one.demanded, "place": given[one.name].place, "shown": one.shown()}
            for one in self.factors
        }

    def header(self) -> str:
        """The values, and the command that repeats the run."""
        values = ", ".join(_stated(one) for one in self.factors)
        return f"vltair: {self.settings.mode}: {values}; repeat with: {self._command()}"

    def _apply(self, factors: list[Factor], config: pytest.Config) -> None:
        try:
            for factor in factors:
                self._applied.append(factor)
                factor.apply(config)
        except BaseException:
            self.restore()
            raise

    def _command(self) -> str:
        """What to start pytest with: variables that no option stands for, and options that no file brings."""
        variables = [f"{name}={value}" for one in self.factors for name, value in getattr(one, "variables", {}).items()]
        mode = [] if self.settings.mode == "off" else [f"--vltair={self.settings.mode}"]
        return " ".join([*variables, "pytest", *mode, *self._options()])

    def _options(self) -> Iterator[str]:
        seeds = {one.name: one.demanded for one in self.factors if one.name == "seed"}
        for key in KEYS:
            given = self.settings[key.name]
            if key.name in seeds:  # a seed that was drawn is in no file
                yield f"{key.option}={seeds[key.name]}"
            elif given is not None and given.place == key.option:
                yield f"{key.option}={quote(given.text)}"
            elif given is not None and given.place == OVERRIDE:
                yield f"{OVERRIDE} {_quoted(key.ini, given)}"


def _stated(factor: Factor) -> str:
    note = getattr(factor, "note", "")
    return f"{factor.name} {factor.demanded}" + (f" ({note})" if note else "")


def _quoted(ini: str, given: Given) -> str:
    """An ini value for a shell, on one line also where it has several."""
    if len(given.lines) < 2:
        return quote(f"{ini}={given.text}")
    lines = "\\n".join(given.lines).replace("'", "\\'")
    return f"$'{ini}={lines}'"


def _made(settings: Settings, table: tuple[tuple[str, str], ...]) -> list[Factor]:
    made: list[Factor] = []
    for name, where in table:
        given = settings[name]
        if given is not None:
            module, _, kind = where.partition(":")
            maker: Any = getattr(import_module(f"pytest_vltair.fixed.{module}"), kind)
            made.append(maker(given, settings))
    return made
