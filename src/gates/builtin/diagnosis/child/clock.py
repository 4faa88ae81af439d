"""Clock: the instant at which this process begins; time goes on from there. Monotonic clocks stay as they are."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from .stamps import BILLION, Stamps
from .switch import Switch

NOW = "now"


class Clock(Switch):
    """The time of day, by time-machine, which patches the functions in C: whoever holds them sees it too.

    `+N` and `-N` are so many seconds from now; with `+0` there is nothing but time-machine.
    """

    travels = False

    def install(self) -> None:
        """Travel to the present, from where the process can be moved on.

        Raises:
            ImportError: time-machine is not installed here.
            RuntimeError: it would move monotonic clocks too.
        """
        if self.asked == self.base == NOW:
            return
        import time_machine

        now, running = time.time(), time.monotonic()
        self._traveller: Any = time_machine.travel(now, tick=True).start()
        self.travels = True
        time.time()  # time-machine counts from the first time that it is asked
        begin = now if self.base == NOW else datetime.fromisoformat(self.base).timestamp()
        self._by = timedelta(0) if self.asked == NOW else self._until(self.asked, begin)
        self._traveller.shift(timedelta(seconds=begin - now))
        super().apply()
        self._traveller.shift(self._by)
        moved = abs(time.monotonic() - running) > 3600
        self.remove()
        if moved:
            time_machine.travel(now).stop()
            raise RuntimeError("this release of time-machine moves monotonic clocks too: install 3.0 or newer")
        by = round(self._by.total_seconds()) * BILLION
        began, monotonic = round(now * BILLION) - time.monotonic_ns(), time.monotonic_ns
        Stamps(lambda: by if self.on else 0, lambda: began + monotonic()).install()

    def _until(self, asked: str, begin: float) -> timedelta:
        if asked.startswith(("+", "-")):
            return timedelta(seconds=float(asked))
        return timedelta(seconds=datetime.fromisoformat(asked).timestamp() - begin)

    def apply(self) -> None:
        """Move to the other instant, as far on as the process is."""
        if not self.on and hasattr(self, "_by"):
            self._traveller.shift(self._by)
            super().apply()

    def remove(self) -> None:
        """Move back."""
        if self.on:
            self._traveller.shift(-self._by)
            super().remove()
