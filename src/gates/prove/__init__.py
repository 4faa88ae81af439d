"""Prove: that a gate can fail: green when clean, red for the right reason when planted, undecided when starved."""
