"""Kinds: every kind of leak that the plugin knows, where its probe is, and which of them a run looks for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from pytest_vltair.settings import Given, nearest

if TYPE_CHECKING:
    from pytest_vltair.leaks.probe import Probe, State
    from pytest_vltair.settings import Settings


class Kind:
    """A kind of leak: its probe as `module:Class` of this package, made without arguments or, with `config`, of it.

    `cheap`: it costs a test a microsecond or so, and listens to none of Python's own events. `between`: who may change
    it between two tests: `nobody`, `plugins` other than pytest's own, or `anybody`. Then it is asked before a test too,
    and not only after it.
    """

    def __init__(self, where: str, *, cheap: bool = True, between: str = "plugins", config: bool = False) -> None:
        self.where = where
        self.cheap = cheap
        self.between = between
        self.config = config


PROBES = {
    "random": Kind("generators:Generators", between="nobody", config=True),
    "timezone": Kind("process:TimeZone"),
    "environment": Kind("environment:Environment"),
    "locale": Kind("process:Locale"),
    "directory": Kind("process:Directory"),
    "umask": Kind("process:Umask"),
    "signals": Kind("signals:Signals"),
    "import-path": Kind("imports:ImportPath"),
    "modules": Kind("imports:Modules", between="nobody"),
    "warnings": Kind("libraries:WarningFilters", between="anybody"),
    "logging": Kind("logs:Logs", between="nobody"),
    "decimal": Kind("libraries:Decimals"),
    "socket-timeout": Kind("libraries:SocketTimeout"),
    "loop-policy": Kind("libraries:LoopPolicy"),
    "threads": Kind("threads:Threads"),
    "children": Kind("children:Children", cheap=False),
    "descriptors": Kind("descriptors:Descriptors", cheap=False),
    "state": Kind("state:State", cheap=False, between="nobody", config=True),
    "files": Kind("files:Files", cheap=False, between="nobody", config=True),
}
"""By the name of the kind, in the order in which they are looked at; they are put back in reverse.

The environment comes after the time zone: TZ is put back first, and `tzset` reads it.
"""

GROUPS = ("all", "cheap")


def chosen(given: Given | None) -> list[str]:
    """The kinds that `vltair_leaks_kinds` names: all, cheap, or names; all of them where it is not given.

    Raises:
        pytest.UsageError: it names one that there is not.
    """
    if given is None:
        return list(PROBES)
    named: set[str] = set()
    for word in given.text.replace(",", " ").split():
        if word == "all":
            named.update(PROBES)
        elif word == "cheap":
            named.update(name for name, kind in PROBES.items() if kind.cheap)
        elif word in PROBES:
            named.add(word)
        else:
            given.wrong(f"names no kind of leak: {word}{nearest(word, (*PROBES, *GROUPS))}")
    return [name for name in PROBES if name in named]


def probes(config: pytest.Config, settings: Settings) -> Iterator[tuple[Probe, str]]:
    """The probes of a run, those of third parties last, each with who may change what it sees between two tests.

    Raises:
        pytest.UsageError: a setting is wrong, or a third party's kind is one that there is already.
    """
    seeded = settings["seed"] is not None
    for name in chosen(settings["leaks-kinds"]):
        yield made(name, config, seeded=seeded), PROBES[name].between
    for found in config.hook.pytest_vltair_leak_probes(config=config):
        for probe in found:
            if probe.kind in PROBES:
                raise pytest.UsageError(f"{type(probe).__qualname__}: there is a kind {probe.kind!r} of leak already")
            yield probe, "anybody"


class Impossible:
    """A probe of a kind that cannot happen in this run; it sees nothing, and is never asked for more than that."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def look(self) -> State:
        """Nothing."""
        return {}

    def signs(self, known: State) -> tuple[()]:
        """None that needs to be read."""
        del known
        return ()

    def changed(self, known: State) -> bool:
        """Never."""
        return bool(known)

    def same(self, key: object, before: object, after: object) -> bool:
        """Always."""
        del key, before, after
        return True

    def describe(self, key: object, before: object, after: object) -> str:
        """What the kind is called."""
        del key, before, after
        return self.kind

    def restore(self, key: object, before: object, after: object) -> bool:
        """Nothing is to be put back."""
        del key, before, after
        return True


def made(name: str, config: object, *, seeded: bool) -> Probe:
    """The probe of a kind; where each test is `seeded`, whatever it draws repeats, and none draws without a seed."""
    if seeded and name == "random":
        return Impossible(name)
    module, _, maker = PROBES[name].where.partition(":")
    kind: Any = getattr(import_module(f"pytest_vltair.leaks.{module}"), maker)
    probe: Probe = kind(config) if PROBES[name].config else kind()
    return probe
