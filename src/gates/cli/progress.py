"""Progress on standard error: a live row per gate on a terminal, plain lines in a pipe, or one JSON object a line."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from gates.engine.observer import Observer, Silent
from gates.model.decision import Verdict

LONG = 1.0
"""Seconds after which a plain line is worth a reader's attention."""
PATIENCE = 2.0
"""Seconds that the display has to end; a terminal that takes no output must not keep a run from ending."""


def observer(log_format: str, *, quiet: bool, environ: dict[str, str]) -> Observer:
    """The observer that fits the stream."""
    if log_format == "json":
        return JsonLog()
    if quiet:
        return Silent()
    if sys.stderr.isatty() and environ.get("TERM") != "dumb" and not environ.get("CI"):
        return Live()
    return Plain()


class Plain(Silent):
    """A line when a gate starts that took long last time, and when one took long."""

    def __init__(self) -> None:
        """Nothing is known of any gate."""
        self._expected: dict[str, float | None] = {}
        self._lock = threading.Lock()

    def planned(self, gates: tuple[tuple[str, float | None], ...]) -> None:
        """Remember what each gate took last time."""
        self._expected = dict(gates)

    def started(self, gate: str) -> None:
        """Announce a gate, with the time that it took last."""
        expected = self._expected.get(gate)
        if expected is None or expected >= LONG:
            self._say(f"gates: {gate} started" + ("" if expected is None else f" (took {expected:.0f} s last time)"))

    def collected(self, gate: str, seconds: float, *, cached: bool) -> None:
        """Say how long a slow gate took."""
        if seconds >= LONG and not cached:
            self._say(f"gates: {gate} done after {seconds:.1f} s")

    def _say(self, text: str) -> None:
        # Gates run side by side, and a line is written in two parts.
        with self._lock:
            print(text, file=sys.stderr, flush=True)  # noqa: T201 - the command line prints


class JsonLog(Silent):
    """One JSON object a line: `ts` (UTC, Z), `event`, and fields of few values."""

    def __init__(self) -> None:
        """Lines of several threads must not mix."""
        self._lock = threading.Lock()

    def planned(self, gates: tuple[tuple[str, float | None], ...]) -> None:
        """`run_planned` with the number of gates."""
        self._log("run_planned", gates=len(gates))

    def started(self, gate: str) -> None:
        """`gate_started`."""
        self._log("gate_started", gate=gate)

    def progressed(self, gate: str, text: str) -> None:
        """`gate_progress` with what it is busy with."""
        self._log("gate_progress", gate=gate, message=text)

    def collected(self, gate: str, seconds: float, *, cached: bool) -> None:
        """`gate_collected` with its time in milliseconds."""
        self._log("gate_collected", gate=gate, duration_ms=round(seconds * 1000), cached=cached)

    def decided(self, gate: str, verdict: Verdict) -> None:
        """`gate_decided` with the verdict."""
        self._log("gate_decided", gate=gate, verdict=verdict)

    def _log(self, event: str, **fields: Any) -> None:
        import json

        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"ts": moment, "event": event, **fields})
        with self._lock:
            print(line, file=sys.stderr, flush=True)  # noqa: T201 - the command line prints


class Live(Silent):
    """A row per gate under way: its state, the time it has taken, and what it took last."""

    def __init__(self) -> None:
        """Rich is imported when the first gate has been at work for a moment, so that a cached run never does."""
        self._lock = threading.Lock()
        self._rows: dict[str, tuple[float, float | None, str]] = {}
        self._expected: dict[str, float | None] = {}
        self.shown = threading.Event()
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def planned(self, gates: tuple[tuple[str, float | None], ...]) -> None:
        """Start to watch."""
        self._expected = dict(gates)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def started(self, gate: str) -> None:
        """Add a row."""
        with self._lock:
            self._rows[gate] = (time.monotonic(), self._expected.get(gate), "")

    def progressed(self, gate: str, text: str) -> None:
        """Change a row's text."""
        with self._lock:
            if gate in self._rows:
                began, expected, _ = self._rows[gate]
                self._rows[gate] = (began, expected, text)

    def collected(self, gate: str, seconds: float, *, cached: bool) -> None:
        """Take a row away; with the last one the display ends, before anything is printed below it."""
        del seconds, cached
        with self._lock:
            self._rows.pop(gate, None)
            self._expected.pop(gate, None)
            finished = not self._expected
        if finished:
            self.ended()

    def ended(self) -> None:
        """End the display, so that the terminal has its cursor back whatever ended the run."""
        self._done.set()
        if self._thread is not None:
            self._thread.join(PATIENCE)

    def _watch(self) -> None:
        if self._done.wait(0.3):
            return
        from rich.console import Console
        from rich.live import Live as Display

        # The import takes long enough for the run to end meanwhile; and a terminal that was closed takes no more.
        if self._done.is_set():
            return
        with suppress(OSError), Display(console=Console(stderr=True), refresh_per_second=8, transient=True) as display:
            self.shown.set()
            while not self._done.wait(0.125):
                display.update(self._table())

    def _table(self) -> Any:
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        now = time.monotonic()
        with self._lock:
            for gate, (began, expected, text) in sorted(self._rows.items()):
                usual = "" if expected is None else f"of about {expected:.0f} s"
                table.add_row(f"  {gate}", "collecting", f"{now - began:.0f} s", usual, text)
        return table
