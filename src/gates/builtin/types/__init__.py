"""Types: mypy in the judged interpreter, over the project and its tests."""
