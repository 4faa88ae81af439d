"""Means: by what this machine can vary factors with the judged interpreter; each is asked for once, by using it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from gates.builtin.diagnosis.factors import FACTORS
from gates.process import child, lending
from gates.process.completed import Completed

PATIENCE = 60.0
AS_PLAIN = ("--map-user=1000", "--map-group=1000")
AS_ROOT = ("--map-root-user",)

QUESTION = """
import importlib.util, json, os, sys
def there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except Exception:
        return False
print(json.dumps({
    "machine": there("time_machine"), "xdist": there("xdist"), "pytest": there("pytest"),
    "library": os.path.dirname(os.__file__),
    "uid": os.getuid() if hasattr(os, "getuid") else -1, "cpus": os.cpu_count() or 1,
}))
"""
SET_LOCALE = "import locale; locale.setlocale(locale.LC_ALL, '')"
MADE = frozenset({"de_DE.UTF-8", "tr_TR.UTF-8", "en_US.ISO-8859-1"})
"""Locales that are compiled where the machine has them not, a second of CPU each. What others have is had with these:
other words, signs, order and letters; these are varied where they are there."""
TRAVEL = "import time, time_machine; \nwith time_machine.travel(981173106, tick=False): print(int(time.time()))"

RULES = {
    "UTC": "UTC0",
    "America/Los_Angeles": "PST8PDT,M3.2.0,M11.1.0",
    "Asia/Kolkata": "IST-5:30",
    "Europe/Berlin": "CET-1CEST,M3.5.0,M10.5.0/3",
    "Pacific/Auckland": "NZST-12NZDT,M9.5.0,M4.1.0/3",
    "America/St_Johns": "NST3:30NDT,M3.2.0,M11.1.0",
    "Pacific/Kiritimati": "<+14>-14",
    "Asia/Tokyo": "JST-9",
    "America/New_York": "EST5EDT,M3.2.0,M11.1.0",
    "Pacific/Apia": "<+13>-13",
    "Australia/Lord_Howe": "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
    "Pacific/Pago_Pago": "SST11",
    "Asia/Kathmandu": "<+0545>-5:45",
}
"""Zones as POSIX writes them, for machines without a database of them."""


class Means:
    """What can be had. `place` is a folder for what has to be made; `install` installs time-machine.

    All answers are kept.
    """

    def __init__(self, python: Path, environ: Mapping[str, str], place: Path, install: str) -> None:
        self.python = python
        self.install = install
        self.environ = dict(environ)
        self.place = place
        self._lock = threading.RLock()
        self._locales: dict[str, str | None] = {}

    def values(self, factor: str) -> tuple[str, ...]:
        """The values of a factor that can be had, likeliest first."""
        if factor in self.unavailable:
            return ()
        asked = FACTORS[factor].values
        fits: Callable[[str], bool] | None = {"locale": self.has_locale, "user": self.has_user}.get(factor)
        return tuple(value for value in asked if fits is None or fits(value))

    @cached_property
    def unavailable(self) -> Mapping[str, str]:
        """Factors that cannot be varied at all, with the reason."""
        missing = {}
        if os.name != "posix":
            missing["timezone"] = "this system has no way to set the zone of a process"
            missing["umask"] = "this system has no umask"
        if self.machine is None:
            missing["clock"] = f"time-machine is not installed beside the tests: {self.install}"
        if not any(self.has_user(value) for value in FACTORS["user"].values):
            missing["user"] = "this machine gives no user name spaces (unshare --user)"
        if not any(self.has_locale(value) for value in FACTORS["locale"].values):
            missing["locale"] = "this machine has no other locale"
        return missing

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What the judged interpreter says of itself."""
        ended = self._run([str(self.python), "-P", "-c", QUESTION], self.environ)
        try:
            found = json.loads(ended.text.splitlines()[-1])
        except (ValueError, IndexError):
            found = {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def xdist(self) -> bool:
        """Whether the judged interpreter has pytest-xdist."""
        return bool(self.facts.get("xdist"))

    @cached_property
    def machine(self) -> tuple[str, ...] | None:
        """The folders that PYTHONPATH needs for time-machine; None where it cannot be had."""
        with self._lock:
            if self.facts.get("machine") and self._travels(()):
                return ()
            folder = self.place / "time-machine"
            if folder.exists() or lending.time_machine(folder):
                return (str(folder),) if self._travels((str(folder),)) else None
            return None

    def zone(self, name: str) -> tuple[str, str]:
        """What TZ is set to for a zone, and the method where it is not by name."""
        if name == "UTC" or name not in RULES or self._zones:
            return name, ""
        return RULES[name], "POSIX rule"

    @cached_property
    def _zones(self) -> bool:
        folders = ("/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo")
        return any((Path(one) / "America/Los_Angeles").is_file() for one in folders)

    def has_locale(self, name: str) -> bool:
        """Whether a process can have this locale, and it is worth what it takes."""
        return name == "ASCII" or (self.locale(name) is not None if name in MADE else self._sets({"LC_ALL": name}))

    def locale(self, name: str) -> str | None:
        """The folder that LOCPATH is set to for a locale, "" where it needs none; None where it cannot be had."""
        with self._lock:
            if name not in self._locales:
                self._locales[name] = self._found(name)
            return self._locales[name]

    def _found(self, name: str) -> str | None:
        if self._sets({"LC_ALL": name}):
            return ""
        tool = shutil.which("localedef", path=self.environ.get("PATH"))
        source, _, charset = name.partition(".")
        if tool is None or not charset:
            return None
        folder = self.place / "locales"
        folder.mkdir(exist_ok=True)
        # It warns, with code 1, of much that does no harm.
        self._run([tool, "-c", "-i", source, "-f", charset, str(folder / name)], self.environ)
        return str(folder) if self._sets({"LC_ALL": name, "LOCPATH": str(folder)}) else None

    def _sets(self, variables: Mapping[str, str]) -> bool:
        env = {**self.environ, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", **variables}
        return self._run([str(self.python), "-I", "-S", "-c", SET_LOCALE], env).status == "OK"

    def has_user(self, value: str) -> bool:
        """Whether a process can be this user, who is not the one that runs it."""
        return value != self._own_user and (value != "own" and self._spaces)

    def entering(self, value: str) -> tuple[str, ...]:
        """The command that makes a process see itself as this user."""
        if value not in ("plain", "root") or value == self._own_user:
            return ()
        return ("unshare", "--user", *(AS_ROOT if value == "root" else AS_PLAIN), "--")

    @cached_property
    def _own_user(self) -> str:
        return "root" if self.facts.get("uid") == 0 else "plain"

    @cached_property
    def _spaces(self) -> bool:
        if not sys.platform.startswith("linux"):
            return False
        wanted = "root" if self._own_user == "plain" else "plain"
        say = [str(self.python), "-I", "-S", "-c", "import os; print(os.getuid())"]
        ended = self._run([*self.entering(wanted), *say], self.environ)
        return ended.text.split() == ["0" if wanted == "root" else "1000"]

    def bound(self, cpus: str) -> tuple[str, ...]:
        """The command that keeps a process on that many processors, where the machine has more."""
        have = self.facts.get("cpus", 1)
        if not re.fullmatch(r"\d+", cpus) or int(cpus) >= have or shutil.which("taskset") is None:
            return ()
        try:
            own = sorted(os.sched_getaffinity(0))
        except (AttributeError, OSError):
            return ()
        return ("taskset", "-c", ",".join(map(str, own[: int(cpus)])))

    def _travels(self, folders: Sequence[str]) -> bool:
        env = {**self.environ, "PYTHONPATH": os.pathsep.join(folders)} if folders else self.environ
        return self._run([str(self.python), "-P", "-c", TRAVEL], env).text.split() == ["981173106"]

    def _run(self, argv: Sequence[str], env: Mapping[str, str]) -> Completed:
        return child.run(argv, cwd=self.place, env=env, limits=child.Limits(wall=PATIENCE))
