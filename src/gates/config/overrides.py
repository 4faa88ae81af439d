"""Overrides: settings from the environment and the command line, which go before the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from gates.errors import ConfigError, GatesError, UsageError, nearest

PREFIX = "GATES_"
VARIABLES: Mapping[str, tuple[str, Literal["names", "text", "count", "switch"]]] = {
    "GATES_SELECT": ("select", "names"),
    "GATES_IGNORE": ("ignore", "names"),
    "GATES_PYTHON": ("python", "text"),
    "GATES_JOBS": ("jobs", "count"),
    "GATES_BASE": ("base", "text"),
    "GATES_OUTPUT_FORMAT": ("output_format", "text"),
    "GATES_OFFLINE": ("offline", "switch"),
}
"""Environment variables and the keys that they set: names are separated by commas, a switch is 1 or 0 (or true,
false, yes, no, on, off), and an empty variable is an unset one."""

ALSO_READ = ("GATES_HIDE",)
_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class Override(msgspec.Struct, frozen=True):
    """A value that goes before the file's, and where it comes from: `GATES_JOBS` or `--jobs`."""

    value: Any
    origin: str

    def error(self, message: str) -> GatesError:
        """An error about this value."""
        kind = UsageError if self.origin.startswith("--") else ConfigError
        return kind(f"{self.origin}: {message}")


def merged(environ: Mapping[str, str], flags: Mapping[str, Any]) -> dict[str, Override]:
    """What the environment and the command line set, by key with underscores; a flag goes before a variable.

    A flag that is None was not given; of those that configuration knows nothing of, nothing is said.

    Raises:
        ConfigError: a variable has a value of the wrong type, or a name that is nearly one of `VARIABLES`.
        UsageError: a flag has a value of the wrong type.
    """
    _refuse_near_misses(environ)
    found = {}
    for variable, (key, kind) in VARIABLES.items():
        if environ.get(variable, "").strip():
            found[key] = _read(Override(environ[variable].strip(), variable), kind)
    for key, kind in VARIABLES.values():
        if flags.get(key) is not None:
            found[key] = _read(Override(flags[key], f"--{key.replace('_', '-')}"), kind)
    return found


def names(value: str | Iterable[str]) -> tuple[str, ...]:
    """Names out of `"lint, types"`, or out of several of the kind."""
    parts = [value] if isinstance(value, str) else list(value)
    return tuple(name.strip() for part in parts for name in part.split(",") if name.strip())


def _read(given: Override, kind: str) -> Override:
    value = given.value
    if kind == "names":
        return Override(names(value), given.origin)
    if kind == "switch" and not isinstance(value, bool):
        if value.lower() not in _SWITCH:
            raise given.error(f"must be 1 or 0, not {value!r}")
        return Override(_SWITCH[value.lower()], given.origin)
    if kind == "count":
        number = int(value) if str(value).isascii() and str(value).isdigit() and len(str(value)) < 10 else 0
        if number < 1:
            raise given.error(f"must be a whole number of at least 1, not {value!r}")
        return Override(number, given.origin)
    return given


def _refuse_near_misses(environ: Mapping[str, str]) -> None:
    known = {name.removeprefix(PREFIX): name for name in (*VARIABLES, *ALSO_READ)}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in known.values():
            continue
        close = nearest(name.removeprefix(PREFIX), known, likeness=0.8)
        if close:
            raise ConfigError(f"environment variable {name} is unknown; did you mean {known[close]!r}?")
