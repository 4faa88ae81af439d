"""Judging: what follows from the answers."""
