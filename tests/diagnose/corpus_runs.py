"""Runs of the corpus in plain pytest processes, each in a fresh copy of its project."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import msgspec

from diagnose.corpus_cases import Case, Circumstances, Outcome, write

PIN = Path(__file__).with_name("corpus_pin.py")
LIMIT = 120.0
HANG = 8.0
AS_ROOT = "--map-root-user"
AS_PLAIN = ("--map-user=1000", "--map-group=1000")


class MissingError(Exception):
    """This machine cannot make the circumstances; says what it has not."""


def outcome_of(case: Case, nodeid: str, here: Circumstances, place: Path, limit: float = LIMIT) -> Outcome:
    """What becomes of a test in these circumstances; the worst, where it runs more than once."""
    return outcomes(case, here.order or (nodeid,), here, place, limit).get(nodeid, "missing")


def outcomes(
    case: Case, arguments: Sequence[str], here: Circumstances, place: Path, limit: float = LIMIT
) -> dict[str, Outcome]:
    """What becomes of each test that pytest collects from the arguments."""
    if absent := sorted(need for need in needs(here) if not has(need)):
        raise MissingError(f"this machine has no {' and no '.join(absent)}")
    shutil.rmtree(place, ignore_errors=True)
    outside = here.directory == ".."
    root = write(case, place / ("project" if outside else here.directory))
    for name in ("home", "tmp", "elsewhere", "pin"):
        (place / name).mkdir()
    shutil.copy(PIN, place / "pin")
    argv = [*wrapped(here), sys.executable, *["-O"] * here.optimize, "-m", "pytest", "-q", "--rootdir", str(root)]
    argv += ["-p", "no:cacheprovider", "-p", "no:randomly", "-p", "corpus_pin"]
    argv += ["-p", "xdist", "-n", str(here.parallel)] if here.parallel else []
    argv += [str(root / argument) if outside else argument for argument in arguments]
    with (place / "output").open("wb") as output:
        child = subprocess.Popen(
            argv,
            cwd=place / "elsewhere" if outside else root,
            env=environment(here, place),
            umask=int(here.umask, 8),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        child.wait(limit)
        return noted(place, "crashed")
    except subprocess.TimeoutExpired:
        return noted(place, "hang")
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def noted(place: Path, unfinished: Outcome) -> dict[str, Outcome]:
    """What the run wrote down; a test that began and has no end got the outcome given."""
    found: dict[str, Outcome] = {}
    ended: set[str] = set()
    notes = place / "notes"
    for line in notes.read_text(encoding="utf-8").splitlines() if notes.exists() else ():
        note = json.loads(line)
        nodeid, outcome = note["nodeid"], note["outcome"]
        if outcome == "begun":
            ended.discard(nodeid)
            found.setdefault(nodeid, "passed")
        elif outcome != "passed" and found[nodeid] == "passed":
            found[nodeid] = outcome
        if note.get("when") == "teardown":
            ended.add(nodeid)
    return {nodeid: outcome if nodeid in ended else unfinished for nodeid, outcome in found.items()}


def environment(here: Circumstances, place: Path) -> dict[str, str]:
    """An environment of which every variable is given."""
    made = {
        "PATH": os.environ["PATH"],
        "HOME": str(place / "home"),
        "TMPDIR": str(place / "tmp"),
        "PYTHONPATH": str(place / "pin"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONHASHSEED": str(here.hashseed),
        "TZ": here.timezone,
        "LC_ALL": "C" if here.locale == "ASCII" else here.locale,
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "CORPUS_ASKED": json.dumps(msgspec.to_builtins(here)),
        "CORPUS_NOTES": str(place / "notes"),
    }
    return made | here.environment


def wrapped(here: Circumstances) -> list[str]:
    """What the run is started through."""
    if "userns" not in needs(here):
        return []
    return ["unshare", "--user", *([AS_ROOT] if here.user == "root" else AS_PLAIN)]


def needs(here: Circumstances) -> frozenset[str]:
    """What a machine must have for these circumstances beside Python and pytest."""
    asked = {
        "time_machine": bool(here.clock),
        "xdist": here.parallel > 0,
        f"locale {here.locale}": here.locale not in ("ASCII", "C.UTF-8"),
        "userns": bool(here.user) and (here.user == "root") != (os.geteuid() == 0),
    }
    return frozenset(name for name, needed in asked.items() if needed)


@cache
def has(need: str) -> bool:
    """Whether this machine has it."""
    if need.startswith("locale "):
        check = "import locale; locale.setlocale(locale.LC_ALL, '')"
        return works([sys.executable, "-c", check], {"LC_ALL": need.removeprefix("locale ")})
    if need == "userns":
        return works(["unshare", "--user", *AS_PLAIN, "true"], {})
    return find_spec(need) is not None


def works(argv: list[str], variables: dict[str, str]) -> bool:
    """Whether a command can be started, and ends well."""
    try:
        return subprocess.run(argv, check=False, env=os.environ | variables, capture_output=True).returncode == 0
    except OSError:
        return False
