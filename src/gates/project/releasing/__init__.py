"""Releasing: what a release says and changes: its notes, the version where it is written, the changelog's heading."""
