"""Readers: what a file of results says of each benchmark, one module for each format."""
