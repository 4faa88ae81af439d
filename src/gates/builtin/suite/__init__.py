"""Running a suite: what the gates that start pytest have in common; no gate itself."""

from __future__ import annotations

READ_ABOVE = (
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
    "conftest.py",
)
"""What pytest reads in the folders above a project too: `options.FILES`, which takes too long to import here."""
