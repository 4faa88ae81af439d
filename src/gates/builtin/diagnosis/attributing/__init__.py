"""Attributing: which factor moves a test, proved by runs with it and runs with it put back."""
