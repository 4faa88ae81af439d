"""Service: what is asked at an advisory service, and what it really answers."""
