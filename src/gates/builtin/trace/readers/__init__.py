"""Readers: what of a document is a requirement, a task or a decision, one module for each shape that teams write."""
