"""Searching: which factors are behind what differs, by as few builds as that takes."""
