"""Judging: what each rule says of the evidence."""
