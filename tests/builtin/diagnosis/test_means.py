"""Means: what is made where the machine has it not."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.laboratory.means import MADE, Means

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="LOCPATH is of the GNU C library")


def test_only_locales_that_differ_in_their_own_way_are_compiled(tmp_path: Path) -> None:
    tools, none, said = tmp_path / "tools", tmp_path / "none", tmp_path / "said"
    tools.mkdir()
    none.mkdir()
    tool = tools / "localedef"
    tool.write_text(f'#!/bin/sh\nfor last; do :; done\nbasename "$last" >> {said}\n', encoding="utf-8")
    tool.chmod(0o755)
    environ = {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "LOCPATH": str(none)}
    means = Means(Path(sys.executable), environ, tmp_path, "")
    assert means.values("locale") == ("ASCII",)
    assert set(said.read_text(encoding="utf-8").split()) == set(MADE) < set(FACTORS["locale"].values)
    assert means.locale("fr_FR.UTF-8") is None
    assert said.read_text(encoding="utf-8").split()[-1] == "fr_FR.UTF-8", "who asks for it by name has it made"
