"""Machines to judge one project on, which differ in all that a run should not depend on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OTHER_USER = ("unshare", "--user", "--map-user=1234", "--map-group=1234")
JUDGED = ("tests", "determinism")


@dataclass(frozen=True)
class Machine:
    """Where a suite is judged: a folder of its own, an environment without anything of this one, a user, a umask."""

    folder: Path
    variables: Mapping[str, str]
    umask: int
    prefix: Sequence[str] = ()
    backwards: bool = False

    def copy(self, project: Path) -> Path:
        """The project on this machine; `backwards` its files are written in the other order."""
        root = self.folder / "project"
        names = sorted((one.relative_to(project) for one in project.rglob("*")), reverse=self.backwards)
        for name in names:
            if (project / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(project / name, root / name)
            else:
                (root / name).mkdir(parents=True, exist_ok=True)
        return root

    def judge(self, project: Path) -> Judged:
        """What gates says there of the project."""
        root = self.copy(project)
        for name in ("home", "tmp", "numbers"):
            (self.folder / name).mkdir()
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "NUMBERS": str(self.folder / "numbers"),
            **self.variables,
        }
        check = ("check", "--select", ",".join(JUDGED), "--output-format", "json")
        done = subprocess.run(
            [*self.prefix, sys.executable, "-P", "-m", "gates", *check],
            cwd=root,
            env=environ,
            umask=self.umask,
            capture_output=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        drawn: dict[str, Any] = {}
        for part in (self.folder / "numbers").iterdir():
            drawn |= json.loads(part.read_text("utf-8"))
        return Judged(root, json.loads(done.stdout), drawn)


@dataclass(frozen=True)
class Judged:
    """The report, and what the tests drew."""

    root: Path
    report: Any
    drawn: Mapping[str, Any]

    @property
    def digests(self) -> dict[str, str]:
        """The digest of the evidence of each gate that reads the tests run."""
        return {one["name"]: one["evidence"]["sha256"] for one in self.report["gates"] if one["name"] in JUDGED}

    def facts(self, gate: str) -> Any:
        """The evidence of a gate."""
        return json.loads((self.root / ".gates/evidence" / f"{self.digests[gate]}.json").read_text("utf-8"))


def turkish() -> str:
    """The locale in which an `I` has another small letter, where it is installed."""
    known = (
        subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
        if shutil.which("locale")
        else None
    )
    return "tr_TR.UTF-8" if known is not None and "tr_TR.utf8" in known.stdout.split() else "C.UTF-8"


def another_user() -> Sequence[str]:
    """What starts a command as another user, who has none of root's rights; nothing where that cannot be had."""
    if shutil.which(OTHER_USER[0]) is None:
        return ()
    return OTHER_USER if subprocess.run([*OTHER_USER, "true"], capture_output=True, check=False).returncode == 0 else ()
