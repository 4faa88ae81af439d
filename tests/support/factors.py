"""Factors as a run makes them, and locales that this machine may not have."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from pytest_vltair.fixed.factor import Factor
from pytest_vltair.settings import Given, Settings

Made = TypeVar("Made", bound=Factor)


def make(kind: type[Made], text: str, **others: str) -> Made:
    """A factor of its setting, as pytest.ini:1 gives it."""
    given = {name: Given(f"vltair_{name}", value, "pytest.ini:2") for name, value in others.items()}
    maker = kind  # a protocol does not say how its classes are made
    return maker(Given(f"vltair_{kind.name.replace('-', '_')}", text, "pytest.ini:1"), Settings("fix", given))  # type: ignore[call-arg]


@contextmanager
def applied(factor: Made, config: pytest.Config) -> Iterator[Made]:
    """The factor in force."""
    try:
        factor.apply(config)
        yield factor
    finally:
        factor.restore()


def compile_locale(folder: Path, name: str) -> None:
    """Make a locale that is found with LOCPATH, or skip."""
    territory, _, characters = name.partition(".")
    if shutil.which("localedef") is None or not Path("/usr/share/i18n/locales", territory).exists():
        pytest.skip(f"{name} cannot be made: localedef or the definitions of locales are not installed")
    made = folder / f"{territory}.{characters.lower().replace('-', '')}"  # found by every way of writing the name
    argv = ["localedef", "-i", territory, "-f", characters, str(made)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if not made.is_dir():
        pytest.skip(f"{name} cannot be made: {done.stderr.strip()}")
