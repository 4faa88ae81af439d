"""Settings: what the keys of the plugin come to, out of command line, configuration and mode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NoReturn

import pytest

from pytest_vltair.options import KEYS, MODES, Key

KEEP = "keep"

OVERRIDE = "-o"
"""The place of an ini value that was given on the command line."""


class Given:
    """One setting: its text, where it was given (`pytest.ini:3`, `--vltair-seed`, `vltair = fix`), and its lines."""

    def __init__(self, name: str, text: str, place: str, lines: tuple[str, ...] = ()) -> None:
        self.name = name
        self.text = text
        self.place = place
        self.lines = lines

    def wrong(self, why: str) -> NoReturn:
        """End the run over this setting; `why` continues the sentence that names it.

        Raises:
            pytest.UsageError: always.
        """
        raise pytest.UsageError(f"{self.place}: {self.name} = {self.text!r} {why}")

    def choice(self, *names: str) -> str:
        """The text, which is one of `names`.

        Raises:
            pytest.UsageError: it is none of them.
        """
        if self.text not in names:
            self.wrong(f"is none of {', '.join(names)}{nearest(self.text, names)}")
        return self.text


class Settings:
    """The mode, and every setting that is to be applied, by the name of its key."""

    def __init__(self, mode: str, given: Mapping[str, Given]) -> None:
        self.mode = mode
        self.given = given

    def __getitem__(self, name: str) -> Given | None:
        """The setting of that key, None where things stay as they are."""
        return self.given.get(name)


def resolve(config: pytest.Config) -> Settings:
    """The settings of a run: command line over configuration over what the mode brings.

    Works from `pytest_load_initial_conftests` on, when the command line is only half read.

    Raises:
        pytest.UsageError: the mode is none that there is.
    """
    mode = _mode(config)
    if mode == "off":
        return Settings("off", {})
    given: dict[str, Given] = {}
    for key in KEYS:
        found = _asked(config, key)
        if found is None and mode in {"fix", "guard"}:
            default = "report" if key.name == "leaks" and mode == "guard" else key.fixed
            found = None if default is None else Given(key.ini, default, f"vltair = {mode}")
        if found is not None and found.text != KEEP:
            given[key.name] = found
    return Settings(mode or "off", given)


def nearest(text: str, names: Iterable[str]) -> str:
    """`: did you mean "fix"?`, or nothing where no name is near."""
    import difflib

    found = difflib.get_close_matches(text, list(names), 1)
    return f': did you mean "{found[0]}"?' if found else ""


def _mode(config: pytest.Config) -> str:
    option = _option(config, "vltair")
    text = option if option is not None else str(config.getini("vltair") or "")
    place = "--vltair" if option is not None else _place(config, "vltair")
    return Given("vltair", text, place).choice(*MODES) if text else ""


def _asked(config: pytest.Config, key: Key) -> Given | None:
    option = _option(config, key.ini) if key.flag else None
    if option is not None:
        return Given(key.ini, option, key.option)
    value = config.getini(key.ini)
    if not value:
        return None
    lines = tuple(map(str, value)) if isinstance(value, list) else ()
    return Given(key.ini, " ".join(lines) if key.lines else str(value).strip(), _place(config, key.ini), lines)


def _option(config: pytest.Config, name: str) -> str | None:
    value = getattr(config.known_args_namespace, name, None)
    return getattr(config.option, name, None) if value is None else value


def _place(config: pytest.Config, name: str) -> str:
    """The file and line of an ini key; `-o` where it was given so."""
    path = config.inipath
    overrides = getattr(config.known_args_namespace, "override_ini", None) or ()
    if path is None or any(one.partition("=")[0] == name for one in overrides):
        return OVERRIDE
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for number, line in enumerate(lines, 1):
        if line.partition("=")[0].strip().strip("\"'") == name:
            return f"{path.name}:{number}"
    return OVERRIDE
