"""Requirements: what a build asks for, and what pip, or uv where there is no pip, installed for it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.built import answer
from gates.builtin.built.package import Package
from gates.model.reason import Reason
from gates.process import installing
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.child import Completed
    from gates.process.interpreter import Interpreter


VARIABLES: Mapping[str, str] = {
    **installing.VARIABLES,
    "UV_SYSTEM_PYTHON": "0",
    # What a user sets for other installations; pip takes an empty variable for none.
    **dict.fromkeys(
        (
            "PIP_DRY_RUN", "PIP_EDITABLE", "PIP_IGNORE_INSTALLED", "PIP_LOG", "PIP_NO_DEPS", "PIP_PREFIX", "PIP_PYTHON",
            "PIP_REPORT", "PIP_REQUIREMENT", "PIP_REQUIRE_VIRTUALENV", "PIP_ROOT", "PIP_TARGET", "PYTHONHOME",
        ),
        "",
    ),
}  # fmt: skip

UNREACHABLE = re.compile(
    r"(?i)failed to establish a new connection|name or service not known|temporary failure in name resolution|"
    r"network is unreachable|connection (refused|reset|timed out)|connecttimeout|max retries exceeded|"
    r"read timed out|proxyerror|error sending request|dns error|failed to fetch|"
    r"network (connectivity )?(is|was) disabled"
)
"""What pip and uv print where an index did not answer."""


class Installer(msgspec.Struct, frozen=True, kw_only=True):
    """What fills one environment, whose Python is `program`; `place` is a folder for what pip reads and writes."""

    context: Context[Any]
    python: Interpreter
    program: Path
    place: Path
    pins: Mapping[str, str]

    def install(self, wanted: Sequence[str]) -> tuple[Package, ...] | Reason:
        """What was installed for the requirements `wanted`, which may be none; else why it could not be."""
        if not wanted:
            return ()
        report = self.place / "report.json"
        report.unlink(missing_ok=True)
        ended = self.context.run(self._words(wanted, report), env=self._variables(), cwd=self.place)
        if ended.status != "OK":
            return self._failed(ended, wanted)
        return read(report)

    def _words(self, wanted: Sequence[str], report: Path) -> tuple[str, ...]:
        constraints = self.place / "constraints.txt"
        lines = (f"{name}=={version}\n" for name, version in sorted(self.pins.items()))
        constraints.write_text("".join(lines), "utf-8")
        # A file: a requirement that begins with a dash would be an option on a command line.
        requirements = self.place / "requirements.txt"
        requirements.write_text("".join(f"{one}\n" for one in wanted), "utf-8")
        what = ("--constraint", str(constraints), "--requirement", str(requirements))
        pip = self.pip()
        if pip is None:
            offline = ("--offline",) if self.context.offline else ()
            return ("uv", "pip", "install", "--python", str(self.program), *offline, *what)
        # Byte code of all that is never imported would cost more than the build.
        own = ("--no-compile", "--no-warn-script-location", "--report", str(report))
        return (pip, "-m", "pip", "--python", str(self.program), "install", "--quiet", *own, *what)

    def pip(self) -> str | None:
        """The Python whose pip installs: the one that runs gates, else the judged one."""
        from importlib.util import find_spec

        if find_spec("pip") is not None:
            return sys.executable
        return str(self.python.path) if "pip" in self.python.distributions else None

    def _variables(self) -> Mapping[str, str]:
        if self.context.offline:
            return {**VARIABLES, "PIP_RETRIES": "0"}
        return VARIABLES

    def _failed(self, ended: Completed, wanted: Sequence[str]) -> Reason:
        from gates.process.failure import stopped

        what = "what the build requires cannot be installed"
        listed = answer.told(self.context, ", ".join(wanted))
        fix = f"python -m build, and mend what pip says of {listed}"
        if ended.status == "NOT_INSTALLED":
            message = f"{what}: it takes pip or uv, and there is neither"
            return Reason(code="tool_missing", message=message, fix="python -m ensurepip")
        told = None if ended.status == "FAILED" else stopped(ended, "the installation", "repro")
        if told is not None:
            return told
        said = f"{ended.text}\n{ended.errors}"
        error = answer.told(self.context, installing.error_of(said))
        if self.context.offline or UNREACHABLE.search(said):
            tail = "run without --offline, or name a folder of wheels by PIP_FIND_LINKS and set PIP_NO_INDEX=1"
            return Reason(code="network_unavailable", message=f"{what} without the network: {error}", fix=tail)
        return Reason(code="tool_crashed", message=f"{what}: {error}", fix=fix)


def read(report: Path) -> tuple[Package, ...]:
    """The distributions in pip's installation report; none where it wrote none."""
    try:
        held = msgspec.json.decode(report.read_bytes(), type=_Report)
    except (OSError, msgspec.MsgspecError):
        return ()
    return tuple(
        Package(
            name=canonical(one.metadata.name),
            version=one.metadata.version,
            sha256=one.download_info.archive_info.hashes.get("sha256", ""),
        )
        for one in held.install
    )


def named(returned: Any) -> tuple[str, ...] | None:
    """The requirements that a hook returned, or None where that is no list of them."""
    from packaging.requirements import InvalidRequirement, Requirement

    if not isinstance(returned, list) or not all(isinstance(one, str) for one in returned):
        return None
    try:
        return tuple(str(Requirement(one)) for one in returned)
    except InvalidRequirement:
        return None


def unmet(wanted: Sequence[str], installed: Mapping[str, str]) -> tuple[str, ...]:
    """The requirements that `installed` (canonical names and versions) may not meet; to ask pip costs half a second."""
    from packaging.requirements import Requirement

    def is_met(one: Requirement) -> bool:
        version = installed.get(canonical(one.name))
        plain = not (one.extras or one.marker or one.url)
        return plain and version is not None and one.specifier.contains(version, prereleases=True)

    return tuple(one for one in wanted if not is_met(Requirement(one)))


class _Archive(msgspec.Struct):
    hashes: dict[str, str] = msgspec.field(default_factory=dict)


class _Download(msgspec.Struct):
    archive_info: _Archive = msgspec.field(default_factory=_Archive)


class _Metadata(msgspec.Struct):
    name: str
    version: str


class _Install(msgspec.Struct):
    metadata: _Metadata
    download_info: _Download = msgspec.field(default_factory=_Download)


class _Report(msgspec.Struct):
    install: list[_Install]
