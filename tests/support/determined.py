"""Projects judged by the gates `tests` and `determinism` through the engine, with the real pytest."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gates.builtin.determinism.gate import DeterminismGate
from gates.builtin.tests.gate import TestsGate
from gates.model.evidence import Facts
from gates.model.report import GateReport
from gates.testing import project, run

INI = """\
[pytest]
testpaths = tests
addopts = {addopts}
{keys}
"""
KEYS = "vltair = fix"
NO_LEAKS = "[determinism]\nleaks = false\n"


@dataclass(frozen=True)
class Seen:
    """What the gate said, and its evidence."""

    report: GateReport
    facts: Facts | None

    @property
    def rules(self) -> list[str]:
        """Codes of the findings."""
        return [one.rule for one in self.report.findings]

    @property
    def messages(self) -> list[str]:
        """What the findings say."""
        return [one.message for one in self.report.findings]


def judged(
    root: Path,
    files: Mapping[str, str],
    *,
    addopts: str = "",
    keys: str = KEYS,
    settings: str = NO_LEAKS,
    environ: Mapping[str, str] | None = None,
    plugins: str = "",
) -> Seen:
    """What `determinism` says of a suite; `plugins` are modules that pytest loads, for it loads none by itself."""
    ini = INI.format(addopts=addopts, keys=keys)
    project.write(root, {"pytest.ini": ini, "gates.toml": settings, **files})
    temporary = root.parent / "pytest"
    temporary.mkdir(exist_ok=True)
    around = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_DEBUG_TEMPROOT": str(temporary),
        "HOME": os.environ.get("HOME", str(root)),
        **({"PYTEST_PLUGINS": plugins} if plugins else {}),
        **(environ or {}),
    }
    judgement = run.judged(
        root, TestsGate, DeterminismGate, named=("determinism",), environ=around, python=sys.executable
    )
    report = next(one for one in judgement.report.gates if one.name == "determinism")
    return Seen(report, judgement.evidence.get("determinism"))
