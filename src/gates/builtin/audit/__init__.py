"""Audit: every dependency is asked about at an advisory service, and every answer is accounted for."""
