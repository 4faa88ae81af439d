"""Timer: a process that times whole commands, and speaks of each as pytest's process speaks of a benchmark.

Started as `python -m`; it uses the standard library only, so that nothing of it is in the way of what it times.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import time
from io import BufferedRWPair
from typing import IO, Any, NoReturn

ADDRESS = "VLTAIR_BENCH"
COMMANDS = "VLTAIR_BENCH_COMMANDS"
"""JSON: a list of `{"id", "argv", "reports", "limit"}`, and the variables that they get; see `Command`."""

REPORT = "seconds of the import:"
IMPORTING = (
    "import os as _os, time as _time; _now, _write = _time.perf_counter, _os.write; _begun = _now(); import {module};"
    f" _done = _now(); _write(1, b'\\n{REPORT} %r\\n' % (_done - _begun))"
)
"""Times an import from inside, so that the start of Python is no part of it; the module's own output is no matter."""

TAIL = 64 * 1024
"""Bytes of what a command printed that are looked at."""


class Refused(Exception):  # noqa: N818 - said of the command, not of this process
    """A command did not come to a good end; the text is a clause."""


class Command:
    """One command; with `reports` it says itself how many seconds it took, else its whole life counts."""

    def __init__(self, argv: list[str], env: dict[str, str], *, reports: bool) -> None:
        self._argv = argv
        self._env = env
        self._reports = reports

    def time(self) -> float:
        """The seconds of one run.

        Raises:
            Refused: it could not be started, ended badly, or did not say what it is to say.
        """
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as printed:
            output: Any = printed if self._reports else subprocess.DEVNULL
            begun = time.perf_counter()
            try:
                process = subprocess.Popen(
                    self._argv, env=self._env, stdin=subprocess.DEVNULL, stdout=output, stderr=said
                )
            except OSError as error:
                raise Refused(f"it could not be started: {error.strerror or error}") from error
            code = process.wait()
            taken = time.perf_counter() - begun
            if code != 0:
                raise Refused(f"it ended with exit status {code}{_last(said)}")
            return _reported(printed) if self._reports else taken


def main() -> None:
    """Connect, and time what is asked for until there is no more."""
    host, port, token, side = os.environ.pop(ADDRESS).rsplit(":", 3)
    told = json.loads(os.environ.pop(COMMANDS))
    env = {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, **told["env"]}
    commands = {one["id"]: Command(one["argv"], env, reports=one["reports"]) for one in told["commands"]}
    with _connection(host, int(port)) as line, line.makefile("rwb") as stream:
        _say(stream, event="hello", token=token, side=side, pid=os.getpid())
        found = [{"id": one["id"], "path": "", "line": 0, "limit": one["limit"]} for one in told["commands"]]
        _say(stream, event="collected", benchmarks=found)
        for name in _hear(stream)["ids"]:
            _serve(stream, name, commands[name])
        _say(stream, event="done")


def _connection(host: str, port: int) -> socket.socket:
    if not port:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(host)
        return connection
    connection = socket.create_connection((host, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _serve(stream: BufferedRWPair, name: str, command: Command) -> None:
    try:
        command.time()
        _say(stream, event="ready", id=name, seconds=command.time(), loops=1)
        while (asked := _hear(stream))["do"] == "burst":
            times = [_stretched(command, asked.get("slow", 0.0)) for _ in range(asked["calls"])]
            _say(stream, event="burst", id=name, times=times)
    except Refused as refused:
        _say(stream, event="ended", id=name, outcome="failed", message=str(refused))
    else:
        _say(stream, event="ended", id=name, outcome="passed")


def _stretched(command: Command, share: float) -> float:
    return command.time() * (1 + share)


def _say(stream: BufferedRWPair, **message: Any) -> None:
    try:
        stream.write(json.dumps(message).encode() + b"\n")
        stream.flush()
    except OSError:
        _leave()


def _hear(stream: BufferedRWPair) -> Any:
    try:
        line = stream.readline()
    except OSError:
        line = b""
    return json.loads(line) if line else _leave()


def _leave() -> NoReturn:
    """End, as gates has gone; what could not be sent would be tried again by an orderly end."""
    os._exit(0)


def _reported(printed: IO[bytes]) -> float:
    said = [line.removeprefix(REPORT) for line in _lines(printed) if line.startswith(REPORT)]
    if not said:
        raise Refused("it ended before the import was done")
    return float(said[-1])


def _lines(file: IO[bytes]) -> list[str]:
    """The last lines of what was printed."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
    return [line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]


def _last(file: IO[bytes]) -> str:
    return "".join(f": {line}" for line in _lines(file)[-1:])


if __name__ == "__main__":
    main()
