"""Timer: whole commands and imports, timed by a real process that speaks as pytest's does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from gates.builtin.bench.facts import Problem
from gates.builtin.bench.paired import channel, timer, worker
from gates.builtin.bench.paired.channel import Exchange
from gates.builtin.bench.paired.group import Group
from gates.builtin.bench.paired.protocol import Select
from gates.builtin.bench.paired.turns import Rhythm
from gates.builtin.bench.paired.worker import Worker
from gates.process import child
from gates.process.child import Completed, Limits

ONCE = Rhythm(bursts=2, calls=1, loops=1)


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with channel.opened(offline=True) as opened:
        yield opened


def command(name: str, *argv: str) -> dict[str, Any]:
    return {"id": name, "argv": list(argv), "reports": False, "limit": None}


def python(name: str, code: str) -> dict[str, Any]:
    return command(name, sys.executable, "-c", code)


def importing(module: str) -> dict[str, Any]:
    argv = [sys.executable, "-P", "-c", timer.IMPORTING.format(module=module)]
    return {"id": module, "argv": argv, "reports": True, "limit": 2.5}


@contextmanager
def timing(
    exchange: Exchange, *commands: Mapping[str, Any], env: Mapping[str, str] | None = None, timeout: float = 30.0
) -> Iterator[tuple[Worker, Group]]:
    """A process that times these commands, told to run them all."""
    told = {"commands": commands, "env": dict(env or {})}

    def run(_side: str, address: str, cancel: Any) -> Completed:
        variables = {**os.environ, timer.ADDRESS: address, timer.COMMANDS: json.dumps(told)}
        argv = (sys.executable, "-P", "-m", timer.__name__)
        return child.run(argv, cwd=Path.cwd(), env=variables, limits=Limits(wall=60.0), cancel=cancel)

    one = Worker("head", exchange, run)
    worker.connect([one], exchange, 30.0)
    assert one.collected is not None, one.lost
    assert [found.id for found in one.collected.benchmarks] == [each["id"] for each in commands]
    one.tell(Select(ids=tuple(each["id"] for each in commands)))
    yield one, Group([one], 0, lambda _: timeout, lambda *_: None)
    worker.end([one])
    assert one.over
    assert not [thread for thread in threading.enumerate() if thread.name == "bench head"]


def taken(group: Group, name: str, slow: float = 0.0) -> tuple[list[float], tuple[Problem, ...]]:
    found = group.take(name, ["head"], ONCE, slow)
    return [time for times in found.bursts.get("head", ()) for time in times], tuple(found.problems)


def said(problems: tuple[Problem, ...]) -> str:
    assert [one.kind for one in problems] == ["errored"], problems
    return problems[0].message


def test_a_command_is_timed_from_its_start_to_its_end(exchange: Exchange) -> None:
    short, long = python("short", "pass"), python("long", "import time; time.sleep(0.2)")
    with timing(exchange, short, long) as (one, group):
        (times, problems), (longer, _) = taken(group, "short"), taken(group, "long")
        group.leave()
    assert not problems
    assert len(times) == len(longer) == 2
    assert min(longer) >= 0.2
    assert min(times) > 0
    assert one.completed is not None
    assert one.completed.code == 0


def test_commands_that_come_to_no_good_end_are_said_and_the_next_is_timed(exchange: Exchange) -> None:
    with timing(
        exchange,
        python("raises", "raise ValueError('no')"),
        python("exits", "raise SystemExit(3)"),
        command("absent", "/nonexistent/tool"),
        python("rests", "pass"),
    ) as (_, group):
        assert said(taken(group, "raises")[1]) == "it ended with exit status 1: ValueError: no"
        assert said(taken(group, "exits")[1]) == "it ended with exit status 3"
        assert said(taken(group, "absent")[1]) == "it could not be started: No such file or directory"
        times, problems = taken(group, "rests")
        assert len(times) == 2
        assert not problems
        group.leave()


def test_a_command_that_hangs_is_ended_with_all_that_it_started(exchange: Exchange, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    with timing(exchange, python("hangs", code), timeout=2.0) as (one, group):
        problems = taken(group, "hangs")[1]
    assert [each.kind for each in problems] == ["hung"]
    assert problems[0].message == "nothing was heard of it for 2 s, and its process was ended"
    assert one.lost is not None
    number = int(mark.read_text())
    assert not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE


def test_what_a_command_prints_is_no_matter(exchange: Exchange) -> None:
    many = "import sys; [print('x' * 999, file=f) for f in (sys.stdout, sys.stderr) for _ in range(3000)]"
    with timing(exchange, python("ends", many), python("fails", f"{many}; raise OSError('full')")) as (_, group):
        assert len(taken(group, "ends")[0]) == 2
        assert said(taken(group, "fails")[1]) == "it ended with exit status 1: OSError: full"
        group.leave()


def test_head_made_slower_takes_that_share_longer(exchange: Exchange) -> None:
    with timing(exchange, python("it", "import time; time.sleep(0.2)")) as (_, group):
        assert min(taken(group, "it", slow=0.5)[0]) >= 0.3
        group.leave()


def test_an_import_is_timed_without_the_start_of_python(exchange: Exchange, tmp_path: Path) -> None:
    slow = "import atexit, time\nprint('hello')\natexit.register(print, '99.0')\ntime.sleep(0.3)\n"
    (tmp_path / "slow.py").write_text(slow)
    (tmp_path / "e.py").write_text("")
    with timing(exchange, importing("slow"), importing("e"), env={"PYTHONPATH": str(tmp_path)}) as (one, group):
        assert one.collected is not None
        assert {found.limit for found in one.collected.benchmarks} == {2.5}
        assert 0.3 <= min(taken(group, "slow")[0]) < 10
        assert 0 < min(taken(group, "e")[0]) < 0.3
        group.leave()


def test_an_import_that_fails_is_said(exchange: Exchange, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise RuntimeError('not today')\n")
    (tmp_path / "leaves.py").write_text("import os\nos._exit(0)\n")
    modules = [importing(name) for name in ("broken", "leaves", "absent_module")]
    with timing(exchange, *modules, env={"PYTHONPATH": str(tmp_path)}) as (_, group):
        assert said(taken(group, "broken")[1]) == "it ended with exit status 1: RuntimeError: not today"
        assert said(taken(group, "leaves")[1]) == "it ended before the import was done"
        assert "No module named 'absent_module'" in said(taken(group, "absent_module")[1])
        group.leave()


def test_the_variables_of_the_side_are_those_of_its_commands(exchange: Exchange) -> None:
    code = (
        "import os, sys; sys.exit(' '.join(n for n in os.environ if n.startswith(('VLTAIR_BENCH', 'PYTHONP', 'OWN'))))"
    )
    with timing(exchange, python("asks", code), env={"OWN": "1"}) as (_, group):
        assert said(taken(group, "asks")[1]) == "it ended with exit status 1: OWN"
        group.leave()


def test_a_process_that_gates_has_left_ends(exchange: Exchange) -> None:
    with timing(exchange, python("it", "pass")) as (one, _):
        assert one.lost is None
    assert one.completed is not None
    assert one.completed.code == 0


def test_it_needs_nothing_but_the_standard_library() -> None:
    code = f"import sys, {timer.__name__}; print([n for n in ('msgspec', 'pytest', 'rich') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
