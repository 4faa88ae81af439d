"""Packaging: whether what a release consists of is what its users need, and nothing else."""
