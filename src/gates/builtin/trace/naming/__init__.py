"""Naming: which tests a Validation command names, and which items a test names."""
