"""Telling: what was found out in words: the reason, the cure, the command that shows it, the document and the test."""
