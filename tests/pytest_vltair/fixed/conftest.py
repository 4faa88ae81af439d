"""A locale of its own for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.factors import compile_locale


@pytest.fixture(scope="session")
def _locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locales")
    compile_locale(folder, "tr_TR.UTF-8")
    compile_locale(folder, "tr_TR.ISO-8859-9")
    return folder


@pytest.fixture
def turkish(_locales: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are `tr_TR.UTF-8` and `tr_TR.ISO-8859-9`, whatever this machine has."""
    monkeypatch.setenv("LOCPATH", str(_locales))
