"""The identity of a job is given to what signs, and to nothing before it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support import action_jobs

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are written for bash")

TELLS = """\
import os, pathlib, sys
held = "ACTIONS_ID_TOKEN_REQUEST_TOKEN" in os.environ
with open(os.environ["TOLD"], "a") as file:
    print(sys.argv[1] if sys.argv[0].endswith("__main__.py") else "import", held, file=file)
for word in sys.argv:
    if word.startswith("--output"):
        pathlib.Path(word.rpartition("=")[2]).write_text("{}")
"""


def test_only_what_signs_is_given_the_identity(tmp_path: Path) -> None:
    """What reads the environment for the SBOM starts code of every dependency."""
    gates = tmp_path / "impostor/gates"
    (gates / "render").mkdir(parents=True)
    (gates / "__init__.py").write_text('__version__ = "9.9"\n', "utf-8")
    (gates / "__main__.py").write_text(TELLS, "utf-8")
    (gates / "render/__init__.py").write_text("", "utf-8")
    (gates / "render/formats.py").write_text(f"{TELLS}\ndef names():\n    return ()\n", "utf-8")
    (tmp_path / "checkout/dist").mkdir(parents=True)
    identity = {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t", "ACTIONS_ID_TOKEN_REQUEST_URL": "https://example.com"}
    env = {"PYTHONPATH": str(gates.parent), "TOLD": str(tmp_path / "told"), **identity}
    job = action_jobs.job(tmp_path / "checkout", tmp_path / "runner", env=env)
    job.action(action_jobs.ROOT, {"install": "false", "command": "provenance"})
    assert job.status == "success", job.text
    said = (tmp_path / "told").read_text("utf-8").splitlines()
    assert said == ["import False", "sbom False", "provenance True"]
