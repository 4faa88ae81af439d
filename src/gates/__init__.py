"""Quality gates that are red, with a reason, whenever they cannot decide."""

from __future__ import annotations

__version__ = "0.1.0"
