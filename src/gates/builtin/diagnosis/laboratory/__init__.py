"""Laboratory: runs trials of a project in processes of their own, each in known circumstances."""

from __future__ import annotations

from gates.builtin.diagnosis.laboratory.local import Local, Observer, Progress
from gates.builtin.diagnosis.laboratory.opening import opened

__all__ = ["Local", "Observer", "Progress", "opened"]
