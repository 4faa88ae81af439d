"""Released: a release as its users will find it: tag, changelog, artifacts and what is attached to them, together."""
