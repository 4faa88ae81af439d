"""Counts words."""

from collections import Counter


def words(text):
    """How often each word is in a text."""
    return Counter(text.lower().split())
