"""Attested: signed statements about artifacts, how they are made, opened and judged."""
