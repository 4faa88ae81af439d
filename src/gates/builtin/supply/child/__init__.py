"""Child: what runs in the judged interpreter, by the standard library alone."""
