"""For authors of gates: the law of verdicts as a check that any gate can be put to."""
