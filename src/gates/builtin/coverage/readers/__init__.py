"""Readers: what a file of coverage data says, one module for each format."""
