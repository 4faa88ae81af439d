"""A gate without Python: a command that the configuration names."""
