"""A led run where gates is not there or says nonsense, or where pytest ends early: one sentence, and no waiting."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from gates.builtin.bench.paired import protocol
from pytest_vltair.bench import wire
from support.bench_parent import RELEASE, Plan, Said, burst, lead

PRESENT = "def test_it(benchmark): benchmark(int)\n"


def run(folder: Path, variable: str) -> tuple[int, str]:
    """The exit code of pytest with that in the variable, and what it complains about."""
    (folder / "test_it.py").write_text(PRESENT)
    argv = [sys.executable, "-m", "pytest", "-p", "vltair"]
    variables = {**os.environ, "VLTAIR_BENCH": variable}
    ended = subprocess.run(argv, check=False, cwd=folder, env=variables, capture_output=True, text=True, timeout=600)
    return ended.returncode, ended.stderr.strip()


@pytest.mark.parametrize(
    "text", ["", "1", "127.0.0.1:80:token", ":80:token:head", "host:port:token:head", "host:65536:t:h"]
)
def test_a_variable_that_names_no_address(text: str) -> None:
    why = "VLTAIR_BENCH is set by gates and has the form HOST:PORT:TOKEN:SIDE; this one has not"
    with pytest.raises(pytest.UsageError, match=re.escape(why)):
        wire.connect(text)


def test_nobody_is_there(tmp_path: Path) -> None:
    with socket.socket() as held:
        # Bound and not listening: nobody else takes the port, and nobody answers at it.
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        ended = run(tmp_path, f"127.0.0.1:{port}:secret:head")
    assert ended == (4, f"ERROR: gates does not answer at 127.0.0.1:{port}: Connection refused")


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b"\xff",
        b"[]",
        b"{}",
        b'{"do": "rest"}',
        b'{"do": []}',
        b'{"do": "select", "ids": [1]}',
        b'{"do": "select"}',
        b'{"do": "burst", "calls": 0, "loops": 1}',
        b'{"do": "burst", "calls": 1}',
        b'{"do": "burst", "calls": 1, "loops": 1.5}',
        b'{"do": "burst", "calls": true, "loops": 1}',
        b'{"do": "burst", "calls": 1, "loops": 1, "slow": NaN}',
        b'{"do": "burst", "calls": 1, "loops": 1, "slow": -0.1}',
        b'{"do": "burst", "calls": 1, "loops": 1, "slow": "1"}',
    ],
)
def test_a_line_that_is_no_order(line: bytes) -> None:
    assert wire.read(line) is None


@pytest.mark.parametrize(
    "order", [protocol.Time(calls=3, loops=7, slow=0.1), protocol.Select(ids=("a", "ü")), protocol.Release()]
)
def test_the_orders_of_gates_are_orders(order: protocol.Told) -> None:
    line = msgspec.json.encode(order)
    assert wire.read(line) == msgspec.json.decode(line)


@pytest.mark.parametrize(
    ("at", "order"),
    [
        ("collected", b"no json\n"),
        ("ready", b'{"do": "select", "ids": []}\n'),
        ("burst", b'{"do": "burst", "calls": 0, "loops": 1}\n'),
    ],
)
def test_an_order_that_is_none(tmp_path: Path, at: str, order: bytes) -> None:
    (tmp_path / "test_it.py").write_text(PRESENT)
    plan = Plan()
    ended = lead(tmp_path, orders=lambda said: order if said["event"] == at else plan(said))
    assert (ended.events[-1], ended.code) == (at, 4)
    assert ended.err.startswith("vltair: gates at 127.0.0.1:")
    assert ended.err.endswith(f" said what is no order here: {order.decode().strip()!r}\n")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("at", ["hello", "collected", "ready", "burst"])
def test_gates_is_gone(tmp_path: Path, at: str) -> None:
    # what catches everything does not catch this, and what waits at the end is not waited for
    (tmp_path / "test_it.py").write_text(
        "import atexit, time\natexit.register(time.sleep, 600)\n"
        "def test_it(benchmark):\n    try: benchmark(int)\n    except BaseException: pass\n"
    )
    plan = Plan()
    ended = lead(tmp_path, orders=lambda said: b"" if said["event"] == at else plan(said))
    assert ended.code == 4
    assert ended.err.startswith("vltair: ")
    assert "gates at 127.0.0.1:" in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("files", "args", "name", "why"),
    [
        (
            {"conftest.py": "import absent_module"},
            (),
            "conftest.py",
            "ModuleNotFoundError: No module named 'absent_module'",
        ),
        ({"conftest.py": "1 / 0"}, (), "conftest.py", "ZeroDivisionError: division by zero"),
        ({}, ("absent.py",), "", "file or directory not found: absent.py"),
        ({"conftest.py": "def pytest_configure(): 1 / 0"}, (), "", "ZeroDivisionError: division by zero"),
        ({}, ("--fixtures",), "", "pytest ended with code 0 before it had collected"),
    ],
)
def test_pytest_ends_before_it_has_collected(
    tmp_path: Path, files: dict[str, str], args: tuple[str, ...], name: str, why: str
) -> None:
    for file, text in {"test_it.py": PRESENT, **files}.items():
        (tmp_path / file).write_text(text)
    ended = lead(tmp_path, *args)
    assert ended.events == ["hello", "collected", "done"]
    assert ended.collected["benchmarks"] == []
    assert ended.collected["broken"] == [{"id": name, "message": why}]


def test_a_conftest_further_down_takes_only_its_folder_along(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(PRESENT)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "conftest.py").write_text("import absent_module")
    (tmp_path / "below" / "test_that.py").write_text(PRESENT)
    ended = lead(tmp_path)
    assert ended.endings == {"test_it": ("passed", "")}
    ((name, why),) = [(one["id"], one["message"]) for one in ended.collected["broken"]]
    assert name == "below"
    assert why.endswith("No module named 'absent_module'")


def test_a_plugin_that_raises_costs_one_benchmark(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_makereport(item, call):\n"
        "    if item.name == 'test_a' and call.when == 'call': raise OSError('full')\n"
    )
    (tmp_path / "test_it.py").write_text("".join(f"def test_{one}(benchmark): benchmark(int)\n" for one in "ab"))
    ended = lead(tmp_path, "-W", "ignore")
    assert ended.endings == {"test_a": ("failed", "a plugin of pytest raised OSError: full"), "test_b": ("passed", "")}


@pytest.mark.skipif(os.name == "nt", reason="nothing is sent there")
@pytest.mark.parametrize("at", ["collected", "ready"])
def test_who_interrupts_means_all_of_it(tmp_path: Path, at: str) -> None:
    (tmp_path / "test_it.py").write_text("".join(f"def test_{one}(benchmark): benchmark(int)\n" for one in "ab"))
    plan = Plan(burst())
    seen: list[Said] = []

    def orders(said: Said) -> Said | None:
        seen.append(said)
        if said["event"] == at:
            os.kill(seen[0]["pid"], signal.SIGINT)
            return None
        return plan(said) or RELEASE if said["event"] == "ready" else plan(said)

    ended = lead(tmp_path, orders=orders)
    assert (ended.events[-1], ended.code) == (at, pytest.ExitCode.INTERRUPTED)
