"""Nothing under `corpus` is a test of this repository."""

from __future__ import annotations

collect_ignore = ["corpus"]
