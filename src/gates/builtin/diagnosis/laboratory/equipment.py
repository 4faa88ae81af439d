"""Equipment: what all trials of a laboratory share, and the environment that it makes for one of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.laboratory import surroundings
from gates.builtin.diagnosis.laboratory.command import Suite
from gates.builtin.diagnosis.laboratory.imports import Imports
from gates.builtin.diagnosis.laboratory.means import Means

FOLDER = "project"


class Equipment(msgspec.Struct, frozen=True, kw_only=True):
    """What all trials share: the interpreter, the suite, the neutral environment, the folder of the child's package."""

    python: Path
    root: Path
    suite: Suite
    environ: Mapping[str, str]
    home: str | None
    pythonpath: str
    package: Path
    imports: Imports
    means: Means

    @property
    def folder(self) -> str:
        """What the folder of a checkout is called in the base: as the project's own, which its tests may go by."""
        return self.root.name or FOLDER

    @property
    def bytecode(self) -> Path:
        """The folder in which optimised runs keep what they compiled."""
        return self.package.with_name("bytecode")

    @property
    def compiled(self) -> Path:
        """The folder in which all runs keep what they compiled of the project."""
        return self.package.with_name("compiled")

    def environment(self, work: Path, checkout: Path, settings: Mapping[str, str], lines: bool) -> dict[str, str]:
        """All variables of a run whose own folders are in `work`; those of the base where single `lines` are turned."""
        around = {} if lines else settings
        value = {name: around.get(name, factor.base) for name, factor in FACTORS.items()}
        env = {**self.environ, **surroundings.private(work, self.home)}
        zone, _ = self.means.zone(value["timezone"])
        env |= {
            "PYTHONHASHSEED": value["hashseed"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
            "TZ": zone,
            "LC_ALL": "C" if value["locale"] == "ASCII" else value["locale"],
        }
        if locales := self.means.locale(settings.get("locale", value["locale"])):
            env["LOCPATH"] = locales
        if value["optimize"] != "0":
            env["PYTHONOPTIMIZE"] = value["optimize"]
            # Nobody has installed packages compiled for it: each run would compile all that it imports.
            del env["PYTHONDONTWRITEBYTECODE"]
            env["PYTHONPYCACHEPREFIX"] = str(self.bytecode)
        before = [str(self.package), *((self.means.machine or ()) if "clock" in settings else ())]
        env["PYTHONPATH"] = self.imports.path(checkout, before, self.root, self.pythonpath)
        return surroundings.changed(env, value["environment"])
