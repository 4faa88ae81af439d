"""Laboratory: runs trials of a project in processes of their own, each in known circumstances."""

from __future__ import annotations

from gates.builtin.diagnosis.laboratory.local import Local, Observer, Progress, opened

__all__ = ["Local", "Observer", "Progress", "opened"]
