"""Sites: the lines that read what makes a test unstable."""

from __future__ import annotations

from gates.builtin.diagnosis.sites.search import find

__all__ = ["find"]
