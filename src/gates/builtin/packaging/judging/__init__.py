"""Judging: what each kind of fact breaks; pure."""
