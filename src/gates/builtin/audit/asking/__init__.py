"""Asking: the tools that ask, and what they say of the answers."""
