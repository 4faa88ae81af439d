"""Judging: what is wrong with a document, one module for each way to be wrong."""
