"""Checks: of each factor, whether what a process says shows that it had the value that was asked for."""
