"""Running a suite: what the gates that start pytest have in common; no gate itself."""
