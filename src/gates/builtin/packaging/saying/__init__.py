"""Saying: what tools say of metadata, wheel and pyproject.toml."""
