"""Smoke: the wheel in a fresh environment with nothing but what it requires: installed, imported, started."""
