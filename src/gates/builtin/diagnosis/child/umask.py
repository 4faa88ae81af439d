"""Umask: which permissions are taken from what this process makes."""

from __future__ import annotations

import os

from .switch import Switch


class Umask(Switch):
    """The mask, of this process and of all that it starts."""

    def install(self) -> None:
        """Put the base's mask in force."""
        os.umask(int(self.base, 8))

    def apply(self) -> None:
        """Put the other mask in force."""
        self._kept = os.umask(int(self.asked, 8))
        super().apply()

    def remove(self) -> None:
        """Put back the mask that was in force, unless another was set meanwhile."""
        if self.on:
            found = os.umask(self._kept)
            if found != int(self.asked, 8):
                os.umask(found)
        super().remove()
