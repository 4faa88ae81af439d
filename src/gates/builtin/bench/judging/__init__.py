"""Judging: from the figures of the evidence to findings, measures and reasons."""
