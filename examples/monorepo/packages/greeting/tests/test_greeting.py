from greeting import greet


def test_somebody() -> None:
    assert greet("Ada") == "Hello, Ada!"


def test_nobody() -> None:
    assert greet("") == "Hello!"
