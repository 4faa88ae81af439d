"""Lint: `ruff check`, and `ruff format --check` where the project formats with ruff."""
