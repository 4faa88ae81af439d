"""Stored: figures of former runs, and results that other tools made."""
