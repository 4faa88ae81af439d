"""Locks: one reader for each kind of file that says which distributions a project gets."""
