"""What the record answers, for a terminal: a module for each question."""
