"""Environment: a fresh one of the judged interpreter, and the wheel in it with what it requires."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.built import environment
from gates.model.reason import Reason

if TYPE_CHECKING:
    from gates.builtin.packaging.settings import PackagingSettings
    from gates.model.gate import Context
    from gates.process.completed import Completed
    from gates.process.interpreter import Interpreter

PIP = dict.fromkeys(
    (
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_USER",
        "PIP_NO_DEPS",
        "PIP_REQUIRE_VIRTUALENV",
        "PIP_REQUIRE_HASHES",
        "PIP_PYTHON",
        "PIP_DRY_RUN",
        "PIP_IGNORE_INSTALLED",
        "PIP_IGNORE_REQUIRES_PYTHON",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONWARNINGS",
    ),
    "",
)
"""What would install something else or elsewhere; pip and Python take an empty variable for none."""

_NO_NETWORK = re.compile(
    r"Retrying \(|Max retries|HTTP error [45]\d\d|Could not fetch URL|connection error|SSLError|ProxyError|timed out",
    re.IGNORECASE,
)
_OF_WHEEL = ("requires a different Python", "is not a supported wheel")
_ABSENT = "No matching distribution found"


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """A virtual environment: its folder, its interpreter, and where its scripts are."""

    folder: Path
    python: Path
    scripts: Path

    def script(self, name: str) -> Path | None:
        """The installed script of that name, or None."""
        places = (self.scripts / f"{name}.exe", self.scripts / name)
        return next((one for one in places if one.is_file()), None)


def made(context: Context[PackagingSettings], python: Interpreter, folder: Path) -> Fresh | Reason:
    """An empty environment of the judged interpreter, without pip."""
    program = environment.empty(context, python, folder, timeout=context.settings.build_timeout)
    if isinstance(program, Path):
        return Fresh(folder=folder, python=program, scripts=program.parent)
    message = f"no fresh environment of Python {python.version} could be made to try the wheel in: {_said(program)}"
    return Reason(code="tool_crashed", message=message, fix="python -m venv --without-pip DIR")


def install(
    context: Context[PackagingSettings],
    python: Interpreter,
    fresh: Fresh,
    wheel: Path,
    cwd: Path,
    extras: Sequence[str] = (),
) -> str | Reason:
    """Why the wheel cannot be installed, in one clause; "" where it was; a reason where pip could not find that out.

    With `extras` what these require is installed too, in an environment that may have the wheel already.
    """
    pip = _pip(python)
    if pip is None:
        message = (
            "neither the judged environment nor that of gates has pip, which installs the wheel that is to be tried"
        )
        return Reason(code="tool_missing", message=message, fix=f"{python.path.name} -m ensurepip")
    argv = [str(pip), "-P", "-m", "pip", "--python", str(fresh.python), "install", "--quiet", "--no-input"]
    argv += ["--disable-pip-version-check", "--no-warn-script-location", "--retries", "2"]
    argv += ["--no-index"] if context.offline else []
    wanted = f"{wheel}[{','.join(extras)}]" if extras else str(wheel)
    done = context.run([*argv, wanted], cwd=cwd, env=PIP, timeout=context.settings.build_timeout)
    if done.status == "OK":
        return ""
    told = _errors(done)
    if done.status != "FAILED" or not told:
        code = "timeout" if done.status == "TIMEOUT" else "tool_crashed"
        message = f"pip could not say whether {wheel.name} can be installed: {_said(done)}"
        return Reason(code=code, message=message, fix=f"pip install {wheel.name}")  # type: ignore[arg-type]
    decided = next((line for line in told if any(text in line for text in _OF_WHEEL)), None)
    if decided is None and (_NO_NETWORK.search(done.errors) or (context.offline and _ABSENT in done.errors)):
        why = "gates is offline" if context.offline else told[0]
        message = f"what {wheel.name} requires could not be had from the index: {why}"
        return Reason(code="network_unavailable", message=message, fix="gates check packaging")
    said = decided or next((line for line in told if line.startswith(_ABSENT)), told[0])
    return said.replace(str(wheel), wheel.name)


def _pip(python: Interpreter) -> Path | None:
    """An interpreter with a pip that can install into another environment (22.3 and newer)."""
    found = re.match(r"(\d+)\.(\d+)", python.distributions.get("pip", ""))
    if found and (int(found[1]), int(found[2])) >= (22, 3):
        return python.path
    return Path(sys.executable) if importlib.util.find_spec("pip") is not None else None


def _errors(done: Completed) -> list[str]:
    rows = (row.strip() for row in (done.errors + "\n" + done.text).splitlines())
    # "Exception:" is the beginning of a traceback of pip's own.
    return [row.removeprefix("ERROR: ") for row in rows if row.startswith("ERROR: ") and row != "ERROR: Exception:"]


def _said(done: Completed) -> str:
    rows = [row.strip() for row in (done.errors or done.text).splitlines() if row.strip()]
    return rows[-1] if rows and done.status == "FAILED" else done.reason or done.status


def isolated(home: Path, fresh: Fresh, path: str) -> Mapping[str, str]:
    """Variables of a trial: an empty home, nothing of the user's Python, no terminal; `path` is that of the run."""
    import os

    places = {name: str(home) for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME")}
    nothing = dict.fromkeys(("PYTHONPATH", "PYTHONHOME", "PYTHONWARNINGS", "PYTHONBREAKPOINT", "XDG_DATA_HOME"), "")
    return {
        **places,
        **nothing,
        "XDG_CACHE_HOME": str(home),
        "PYTHONSAFEPATH": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "VIRTUAL_ENV": str(fresh.folder),
        "PATH": os.pathsep.join((str(fresh.scripts), path)),
        "TERM": "dumb",
        "COLUMNS": "80",
    }
