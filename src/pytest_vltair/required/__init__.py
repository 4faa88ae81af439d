"""Requirements in a run: only the tests of some, and what became of those that tests name."""
