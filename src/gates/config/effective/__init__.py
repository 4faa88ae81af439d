"""Effective settings: what is in force in a project, ours and those of ruff, mypy, coverage and pytest, flat."""
