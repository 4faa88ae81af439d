"""Circumstances: what a build is told of the world around it, by which means, and what its process saw of it."""
