"""Noise: what else the machine did while benchmarks ran, as far as the platform tells it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gates.builtin.bench.facts import Noise
from gates.model.evidence import counted

PROC, CPUS = Path("/proc"), Path("/sys/devices/system/cpu")

MHZ = re.compile(r"^cpu MHz\s*:\s*(\d{1,9}(?:\.\d{1,9})?)$", re.MULTILINE)

TICKS = 8
"""The counters of /proc/stat that add up to all time; the two after them are in the first two already (proc(5))."""

STEAL = 7


class Watch:
    """Begun before a run and asked after it; `look` in between catches a clock that moves.

    On Linux all of it is known; on macOS only the load, on Windows nothing. A virtual machine often hides its clock's
    governor, and its clock is then what the hypervisor says.
    """

    def __init__(self, proc: Path = PROC, cpus: Path = CPUS) -> None:
        """Take the first readings."""
        self._proc = proc
        self._cpus = cpus
        self._load = _load()
        self._ticks = self._counted()
        self._mhz: list[float] = []
        self.look()

    def look(self) -> None:
        """Read the clocks once more."""
        self._mhz += list(self._clocks())

    def ended(self) -> Noise:
        """What was noted since the beginning."""
        self.look()
        return Noise(
            load=self._load,
            steal=self._stolen(),
            mhz=counted((round(min(self._mhz), 1), round(max(self._mhz), 1)) if self._mhz else ()),
            governor=self._governor(),
        )

    def _stolen(self) -> float | None:
        before, after = self._ticks, self._counted()
        if before is None or after is None or sum(after) <= sum(before):
            return None
        return round(max(after[STEAL] - before[STEAL], 0) / (sum(after) - sum(before)), 6)

    def _counted(self) -> tuple[int, ...] | None:
        with suppress(OSError, ValueError):
            words = (self._proc / "stat").read_text("ascii").split("\n", 1)[0].split()
            if words[:1] == ["cpu"] and len(words) > TICKS:
                return tuple(int(word) for word in words[1 : TICKS + 1])
        return None

    def _clocks(self) -> Iterator[float]:
        """MHz of each processor: of what sets them, or as /proc/cpuinfo has them."""
        found = [float(text) / 1000 for text in self._each("scaling_cur_freq") if re.fullmatch(r"\d{1,12}", text)]
        if not found:
            with suppress(OSError):
                text = (self._proc / "cpuinfo").read_text("utf-8", "replace")
                found = [
                    float(one) for one in re.findall(r"^cpu MHz\s*:\s*(\d{1,9}(?:\.\d{1,9})?)$", text, re.MULTILINE)
                ]
        yield from (one for one in found if one > 0)

    def _governor(self) -> str | None:
        return " + ".join(sorted(set(self._each("scaling_governor")))) or None

    def _each(self, name: str) -> Iterator[str]:
        with suppress(OSError):
            for place in sorted(self._cpus.glob(f"cpu[0-9]*/cpufreq/{name}")):
                with suppress(OSError, ValueError):
                    yield place.read_text("ascii").strip()


def _load() -> float | None:
    """Processes that ran or waited to, on average of the last minute, for each core; None where nobody counts them."""
    try:
        return round(os.getloadavg()[0] / (os.cpu_count() or 1), 3)
    except (AttributeError, OSError):
        return None
