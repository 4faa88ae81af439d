"""Sides: the folders in which the processes of base, head and the control run."""
