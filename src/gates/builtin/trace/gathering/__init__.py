"""Gathering: the tests, the code and the earlier state that items are joined with."""
