"""Machine: what figures depend on beside the code, as far as the platform tells it."""

from __future__ import annotations

import json
import math
import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.builtin.bench.facts import Machine
from gates.model.evidence import Refusal, encode, refuse, sha256
from gates.process import failure
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.interpreter import Interpreter

PROC, CONTROL_GROUPS = Path("/proc"), Path("/sys/fs/cgroup")

SYSCTL = ("/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string")

ASK = (
    "import json, platform as p;"
    "print(json.dumps([p.python_implementation(), p.python_version(), list(p.python_build()), p.python_compiler()]))"
)
"""What the judged Python is asked; `isolated`, so that no module of the project answers."""

WORDS: Mapping[str, str] = {
    "system": "the system",
    "arch": "the architecture",
    "cpu": "the processor",
    "cores": "the number of cores",
    "python": "the interpreter",
    "distributions": "the set of packages",
}
"""What each field of `Machine` is called."""


def here(context: Context[Any], python: Interpreter) -> Machine | Refusal:
    """This machine with the judged interpreter and what is installed there, the project itself left out."""
    build = _build(context, python)
    if isinstance(build, Refusal):
        return build
    own = canonical(context.project.name)
    others = {name: version for name, version in python.distributions.items() if name != own}
    return Machine(
        system=platform.system(),
        arch=platform.machine(),
        cpu=processor(context),
        cores=cores(),
        python=build,
        distributions=sha256(encode(others))[:16],
    )


def told(said: Mapping[str, str], reader: Machine) -> Machine:
    """The machine that a file of results tells of; what it does not say, or less exactly, is as on its reader's."""
    fields = {name: getattr(reader, name) for name in Machine.__struct_fields__}
    fields |= {name: word for name, word in said.items() if not _agree(word, str(fields[name]))}
    return Machine(**fields)


def differences(one: Machine, other: Machine) -> tuple[str, ...]:
    """Clauses that say what two machines differ in, the processor and the interpreter with their names."""
    found = []
    for name, what in WORDS.items():
        there, now = getattr(one, name), getattr(other, name)
        if there != now:
            found.append(f"{what} differs" if name == "distributions" else f"{what} is {there} there and {now} here")
    return tuple(found)


def cores() -> int:
    """How many cores this process may use: by its affinity, and by the quota of its control group."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([usable, *(math.ceil(quota) for quota in _quotas(PROC, CONTROL_GROUPS))]))


def processor(context: Context[Any]) -> str:
    """The model of the processor, as the system names it."""
    with suppress(OSError):
        if models := list(_models((PROC / "cpuinfo").read_text("utf-8", "replace"))):
            return " + ".join(dict.fromkeys(models))
    if sys.platform == "darwin":
        run = context.run(SYSCTL, timeout=60.0)
        if run.code == 0 and run.text.strip():
            return run.text.strip()
    return _registered() or platform.processor() or platform.machine()


def _registered() -> str:
    """The model that Windows has in its registry, "" elsewhere."""
    if sys.platform == "win32":
        import winreg

        place = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
        with suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
            return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
    return ""


def _agree(said: str, known: str) -> bool:
    """Whether a word says the same as one that may be more exact (`CPython 3.12.1` and its build)."""
    said, known = (" ".join(word.split()) for word in (said, known))
    return known == said or known.startswith(f"{said} ")


def _build(context: Context[Any], python: Interpreter) -> str | Refusal:
    run = context.run([str(python.path), "-I", "-c", ASK], timeout=60.0)
    stopped = failure.stopped(run, "the judged Python", "bench")
    if stopped is not None:
        return Refusal(stopped)
    try:
        name, version, build, compiler = json.loads(run.text)
        return " ".join(f"{name} {version} ({', '.join(build)}) [{compiler}]".split())
    except (ValueError, TypeError):
        message = f"the judged Python does not say which one it is: {failure.last_words(run)}"
        return refuse("interpreter_missing", message, f"{python.path} -I -c 'import platform'")


def _models(text: str) -> Iterator[str]:
    """The model of each processor of /proc/cpuinfo; those of ARM have numbers in place of a name."""
    for block in text.split("\n\n"):
        facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in block.splitlines())}
        if "model name" in facts and "CPU part" not in facts:
            yield " ".join(facts["model name"].split())
        elif "CPU part" in facts:
            named = [facts.get(key, "?") for key in ("CPU implementer", "CPU part", "CPU variant", "CPU revision")]
            yield "ARM " + "/".join(named)


def _quotas(proc: Path, mounted: Path) -> Iterator[float]:
    """How many cores the control group of this process, and each above it, may use (cgroups v2 and v1)."""
    with suppress(OSError):
        for line in (proc / "self/cgroup").read_text("utf-8", "replace").splitlines():
            _, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            if controllers and "cpu" not in controllers.split(","):
                continue
            folder = mounted / "cpu" if controllers else mounted
            parts = [part for part in path.split("/") if part not in {"", ".."}]
            for depth in range(len(parts) + 1):
                yield from _quota(folder.joinpath(*parts[:depth]))


def _quota(group: Path) -> Iterator[float]:
    with suppress(OSError, ValueError):
        if match := re.fullmatch(r"(\d+) (\d+)", (group / "cpu.max").read_text("ascii").strip()):
            yield int(match[1]) / int(match[2])
    with suppress(OSError, ValueError):
        quota, period = (int((group / f"cpu.cfs_{name}_us").read_text("ascii")) for name in ("quota", "period"))
        if quota > 0:
            yield quota / period
