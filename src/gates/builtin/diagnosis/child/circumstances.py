"""Circumstances: puts every factor of this process in force, for good or ready to be turned on around one call."""

# ruff: noqa: PTH120

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from .clock import Clock
from .cpus import Cpus
from .listing import Listing
from .load import Load
from .network import Network
from .rng import Rng, worker_number
from .seen import Observer
from .surroundings import Environment, Locale, Timezone
from .switch import Lines, Note, Switch
from .umask import Umask
from .writes import Writes

BASE = {
    "rngseed": "0", "clock": "now", "network": "off", "umask": "022", "listing": "sorted", "cpus": "own",
    "load": "none", "timezone": "UTC", "locale": "C.UTF-8", "environment": "",
}  # fmt: skip
OF_THE_PARENT = frozenset({"timezone", "locale", "environment"})
"""Factors that the parent has put in the environment of the whole process; here they are for one call only."""

SWITCHES: dict[str, Switch] = {}
"""Each factor that can be turned in this process; in its base state when off."""

FAILED: dict[str, str] = {}
"""Factors that could not be made here, with the reason."""

_STATE: dict[str, Any] = {}


def begin(spec: Mapping[str, Any], note: Note) -> None:
    """Put the base in force, and what was asked for; with lines in `at`, these are left to who watches them.

    To be called once, before the project's first line runs. `note` takes each event as a dictionary.
    """
    lines, settings = Lines(spec["root"]), spec.get("settings", {})
    worker = worker_number(os.environ.get("PYTEST_XDIST_WORKER")) or int(spec.get("part", 0))
    quiet = _STATE["writes"] = Writes([*spec.get("writable", ()), os.path.dirname(spec["events"])], lines, note)
    _STATE.update(lines=lines, spec=spec, worker=worker, quiet=quiet)
    for name, make in _makers(lines, note, worker).items():
        base = spec.get("base", {}).get(name, BASE[name])
        _attempt(name, lambda make=make, name=name, base=base: _put(name, make(base, settings.get(name))))  # type: ignore[misc]
    if not spec.get("at"):
        for name in SWITCHES.keys() & settings.keys() - OF_THE_PARENT:
            switch = SWITCHES[name]
            _attempt(name, switch.start if isinstance(switch, Rng) else switch.apply)
    _STATE["writes"].install()


def seen() -> dict[str, Any]:
    """What this process has of each factor; in a run with lines, what it has of a factor while that is turned on."""
    spec, writes, network = _STATE["spec"], _STATE["writes"], SWITCHES.get("network")
    writes.quiet = True
    if isinstance(network, Network):
        network.quiet = True
    try:
        found = Observer(spec, SWITCHES, _STATE["worker"]).all()
    finally:
        writes.quiet = False
        if isinstance(network, Network):
            network.quiet = False
    return {**found, "failed": dict(FAILED)}


def before_test(nodeid: str) -> None:
    """A test begins: what happens is its own, and what is seeded for each test is seeded."""
    _STATE["lines"].nodeid = nodeid
    for switch in SWITCHES.values():
        if isinstance(switch, Rng):
            switch.begin_test(nodeid)
        elif isinstance(switch, Load):
            switch.begin_test()


def after_test(nodeid: str) -> None:  # noqa: ARG001 - the pair of the above
    """A test has ended: what happens now is nobody's."""
    _STATE["lines"].nodeid = ""


def _makers(lines: Lines, note: Note, worker: int) -> dict[str, Callable[[str, str | None], Switch]]:
    return {
        "umask": Umask,
        "clock": Clock,
        "rngseed": lambda base, asked: Rng(base, asked, worker),
        "listing": Listing,
        "network": lambda base, asked: Network(base, asked, lines, note),
        "load": Load,
        "cpus": Cpus,
        "timezone": Timezone,
        "locale": Locale,
        "environment": Environment,
    }


def _put(name: str, switch: Switch) -> None:
    switch.install()
    SWITCHES[name] = switch


def _attempt(name: str, make: Callable[[], object]) -> None:
    """Make a factor; where it cannot be made the run goes on without it, and says so."""
    try:
        make()
    except Exception as error:  # noqa: BLE001 - whatever a platform or another plugin raises
        FAILED[name] = f"{type(error).__name__}: {error}"
