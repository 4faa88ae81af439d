"""Whether the log is what was written, and what is taken away from it."""
