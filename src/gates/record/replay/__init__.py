"""Runs of the log decided again."""
