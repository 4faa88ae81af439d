"""Explaining: what differs between two artifacts, in one sentence each, and what mends it."""
