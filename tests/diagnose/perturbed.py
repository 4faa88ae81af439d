"""Processes in the circumstances of a trial: the child's own code in a folder by itself, and a script in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gates.builtin.diagnosis import factors
from support.trial_library import trial_library

BASE = {name: factor.base for name, factor in factors.FACTORS.items()}
VARIABLES = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
PRELUDE = """
import json, os, sys
from vltair_trial import circumstances
SPEC = json.loads(os.environ["PERTURBED"])
NOTES = []
if __name__ == "__main__":  # a child that is spawned imports this file again
    circumstances.begin(SPEC, NOTES.append)

def tell(**what):
    print("\\n" + json.dumps(what))
"""


def perturbed(
    folder: Path,
    script: str,
    settings: Mapping[str, str] | None = None,
    *,
    variables: Mapping[str, str] | None = None,
    at: Sequence[Any] = (),
    arguments: Sequence[str] = (),
    **more: Any,
) -> dict[str, Any]:
    """What a script tells that runs in a process with these settings: its last `tell(...)`."""
    place, root = trial_library(), folder / "project"
    root.mkdir(exist_ok=True)
    (folder / "notes").mkdir(exist_ok=True)
    spec = {
        "events": str(folder / "notes" / "events"),
        "root": str(root),
        "settings": dict(settings or {}),
        "base": BASE,
        "at": list(at),
        "writable": [str(root)],
        **more,
    }
    (root / "script.py").write_text(textwrap.dedent(script), encoding="utf-8")
    (folder / "run.py").write_text(PRELUDE + _RUN, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, *arguments, str(folder / "run.py")],
        cwd=root,
        env={**_inherited(), **VARIABLES, "PYTHONPATH": str(place), "PERTURBED": json.dumps(spec), **(variables or {})},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return json.loads(done.stdout.decode().strip().splitlines()[-1])  # type: ignore[no-any-return]


_RUN = """
path = os.path.join(SPEC["root"], "script.py")
with open(path, encoding="utf-8") as stream:
    code = compile(stream.read(), path, "exec")
exec(code, {"__name__": __name__, "tell": tell, "circumstances": circumstances, "NOTES": NOTES, "__file__": path})
"""


def _inherited() -> dict[str, str]:
    kept = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV", "COVERAGE_PROCESS_START", "COVERAGE_FILE")
    return {name: os.environ[name] for name in kept if name in os.environ}
