"""Machine and noise: what is read from this machine, and from files like those of other ones."""

from __future__ import annotations

import os
import platform
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from gates.builtin.bench import machine
from gates.builtin.bench.gate import BenchGate
from gates.builtin.bench.machine import differences, told
from gates.builtin.bench.noise import Watch
from gates.model.evidence import Refusal
from gates.process.completed import Completed
from support.bench_results import MACHINE
from support.contexts import context
from support.projects import write_project

X86 = """\
processor\t: 0
model name\t: Xeon  E5
cpu MHz\t\t: 2700.5

processor\t: 1
model name\t: Xeon  E5
cpu MHz\t\t: 1200.000
"""
ARM = """\
processor\t: 0
CPU implementer\t: 0x41
CPU variant\t: 0x0
CPU part\t: 0xd05
CPU revision\t: 1

processor\t: 1
CPU implementer\t: 0x41
CPU variant\t: 0x0
CPU part\t: 0xd0a
CPU revision\t: 1

Hardware\t: Board
"""


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def asked(tmp_path: Path) -> Any:
    return context(
        write_project(tmp_path / "project", {"pyproject.toml": '[project]\nname = "Some.Thing"\n'}), BenchGate()
    )


def test_this_machine(asked: Any) -> None:
    found = machine.here(asked, asked.python)
    assert not isinstance(found, Refusal), found
    assert (found.system, found.arch) == (platform.system(), platform.machine())
    name, version, build = platform.python_implementation(), platform.python_version(), platform.python_build()
    assert found.python == " ".join(f"{name} {version} ({', '.join(build)}) [{platform.python_compiler()}]".split())
    assert 1 <= found.cores <= (os.cpu_count() or 1)
    assert found.cpu
    assert found == machine.here(asked, asked.python)


def test_the_project_itself_is_no_part_of_the_machine(asked: Any) -> None:
    def digest(**installed: str) -> str:
        python = msgspec.structs.replace(asked.python)
        python.__dict__["distributions"] = {name.replace("_", "-"): version for name, version in installed.items()}
        found = machine.here(asked, python)
        assert not isinstance(found, Refusal)
        return found.distributions

    assert digest(numpy="1", some_thing="1") == digest(numpy="1", some_thing="2") == digest(numpy="1")
    assert digest(numpy="1") != digest(numpy="2")


@pytest.mark.parametrize("program", ["import sys; sys.exit('no luck')", "print('[1]')", "print('no')"])
def test_a_python_that_does_not_answer(program: str, asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ASK", program)
    found = machine.here(asked, asked.python)
    assert isinstance(found, Refusal)
    assert found.reason.code == "interpreter_missing"
    assert found.reason.message.startswith("the judged Python does not say which one it is: ")


def test_a_python_that_is_gone(asked: Any, tmp_path: Path) -> None:
    found = machine.here(asked, msgspec.structs.replace(asked.python, path=tmp_path / "none"))
    assert isinstance(found, Refusal)
    assert found.reason.code == "tool_missing"


@pytest.mark.parametrize(
    ("text", "cpu"), [(X86, "Xeon E5"), (ARM, "ARM 0x41/0xd05/0x0/1 + ARM 0x41/0xd0a/0x0/1"), ("", None)]
)
def test_processors(text: str, cpu: str | None, asked: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PROC", write(tmp_path / "proc", {"cpuinfo": text}))
    found = machine.here(asked, asked.python)
    assert not isinstance(found, Refusal)
    if cpu is None and sys.platform == "linux":
        cpu = platform.processor() or platform.machine()
    if cpu is not None:
        assert found.cpu == cpu


def test_processors_of_other_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Completed(argv=machine.SYSCTL, status="OK", code=0, reason="", stdout=b"Apple M9\n")
    told: list[Completed] = [said, replace(said, code=1, stdout=b"")]
    asked: Any = SimpleNamespace(run=lambda argv, **_: told.pop(0) if argv == machine.SYSCTL else None)
    monkeypatch.setattr(machine, "PROC", tmp_path)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert machine.processor(asked) == "Apple M9"
    assert machine.processor(asked) == (platform.processor() or platform.machine())
    values = {"ProcessorNameString": "Core i9  "}
    registry = SimpleNamespace(
        HKEY_LOCAL_MACHINE=None,
        OpenKey=lambda *_: nullcontext(values),
        QueryValueEx=lambda key, name: (key[name], 1),
    )
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(sys, "platform", "win32")
    assert machine.processor(asked) == "Core i9"


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"proc/self/cgroup": "0::/a/b\n", "groups/a/b/cpu.max": "max 100000\n"}, 8),
        ({"proc/self/cgroup": "0::/a/b\n", "groups/a/b/cpu.max": "150000 100000\n"}, 2),
        ({"proc/self/cgroup": "0::/a/b\n", "groups/a/cpu.max": "100000 100000\n", "groups/a/b/cpu.max": "max 1\n"}, 1),
        ({"proc/self/cgroup": "0::/../../x\n", "groups/cpu.max": "300000 100000\n"}, 3),
        (
            {
                "proc/self/cgroup": "5:memory:/m\n4:cpu,cpuacct:/d\n",
                "groups/cpu/d/cpu.cfs_quota_us": "50000\n",
                "groups/cpu/d/cpu.cfs_period_us": "100000\n",
            },
            1,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu:/\n",
                "groups/cpu/cpu.cfs_quota_us": "-1\n",
                "groups/cpu/cpu.cfs_period_us": "100000\n",
            },
            8,
        ),
        ({"proc/self/cgroup": "0::/\n", "groups/cpu.max": "a b\n"}, 8),
        ({}, 8),
    ],
)
def test_cores_by_quota(files: dict[str, str], cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, files)
    monkeypatch.setattr(machine, "PROC", tmp_path / "proc")
    monkeypatch.setattr(machine, "CONTROL_GROUPS", tmp_path / "groups")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert machine.cores() == cores
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert machine.cores() == 1


def test_what_a_file_says_of_its_machine_counts_where_it_differs() -> None:
    assert told({}, MACHINE) == MACHINE
    less = {"cpu": "a  processor", "python": "CPython 3.12.4", "system": "Linux"}
    assert told(less, MACHINE) == MACHINE
    other = told({"cpu": "another", "python": "CPython 3.12"}, MACHINE)
    assert differences(other, MACHINE) == (
        "the processor is another there and a processor here",
        f"the interpreter is CPython 3.12 there and {MACHINE.python} here",
    )


def test_differences_have_names() -> None:
    other = msgspec.structs.replace(MACHINE, cores=4, distributions="f")
    assert differences(other, MACHINE) == ("the number of cores is 4 there and 2 here", "the set of packages differs")
    assert differences(MACHINE, MACHINE) == ()


STAT = "cpu  {} 0 100 1000 0 0 0 {} 50 0\ncpu0 1 2 3\n"


def test_steal_is_the_share_between_two_readings(tmp_path: Path) -> None:
    proc = write(tmp_path / "proc", {"stat": STAT.format(100, 10)})
    watch = Watch(proc, tmp_path / "none")
    write(proc, {"stat": STAT.format(170, 40)})
    assert watch.ended().steal == 0.3
    write(proc, {"stat": STAT.format(170, 5)})
    assert watch.ended().steal == 0.0


@pytest.mark.parametrize(
    "text", [None, "", "cpu 1 2\n", "cpu a b c d e f g h i\n", "intr 1 2 3 4 5 6 7 8 9\n", STAT.format(1, 1)]
)
def test_steal_that_nobody_says(text: str | None, tmp_path: Path) -> None:
    proc = write(tmp_path / "proc", {} if text is None else {"stat": text})
    assert Watch(proc, tmp_path / "none").ended().steal is None


def test_clocks_of_cpuinfo_and_between(tmp_path: Path) -> None:
    proc = write(tmp_path / "proc", {"cpuinfo": X86})
    watch = Watch(proc, tmp_path / "none")
    write(proc, {"cpuinfo": "cpu MHz\t\t: 800.25\n"})
    watch.look()
    write(proc, {"cpuinfo": "cpu MHz\t\t: 0.000\n"})
    found = watch.ended()
    assert (found.mhz.items, found.governor) == ((800.2, 2700.5), None)


def test_clocks_and_governor_of_what_sets_them(tmp_path: Path) -> None:
    files = {
        "cpu0/cpufreq/scaling_cur_freq": "3600000\n",
        "cpu0/cpufreq/scaling_governor": "powersave\n",
        "cpu11/cpufreq/scaling_cur_freq": "800000\n",
        "cpu11/cpufreq/scaling_governor": "performance\n",
        "cpu12/cpufreq/scaling_cur_freq": "<unknown>\n",
    }
    found = Watch(write(tmp_path / "proc", {"cpuinfo": X86}), write(tmp_path / "cpu", files)).ended()
    assert (found.mhz.items, found.governor) == ((800.0, 3600.0), "performance + powersave")


def test_load_is_for_each_core_and_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    monkeypatch.setattr(os, "getloadavg", lambda: (2.0, 0.0, 0.0), raising=False)
    watch = Watch()
    monkeypatch.setattr(os, "getloadavg", lambda: (9.0, 0.0, 0.0), raising=False)
    assert watch.ended().load == 0.5
    monkeypatch.delattr(os, "getloadavg")
    assert Watch().ended().load is None


def test_nothing_is_known_where_nothing_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (_ for _ in ()).throw(OSError), raising=False)
    found = Watch(tmp_path, tmp_path).ended()
    assert (found.load, found.steal, found.mhz.items, found.governor) == (None, None, (), None)


@pytest.mark.skipif(sys.platform != "linux", reason="its files are Linux's")
def test_this_machine_says_something() -> None:
    found = Watch().ended()
    assert found.load is not None
    assert found.steal is None or 0 <= found.steal <= 1
