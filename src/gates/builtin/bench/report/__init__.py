"""Report: every benchmark with its change, for people and for pages."""
