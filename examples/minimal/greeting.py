"""The smallest project that gates can judge."""


def greet(name: str) -> str:
    """A greeting for `name`; a blank name is nobody's."""
    if not name.strip():
        raise ValueError("nobody to greet")
    return f"Hello, {name.strip()}!"
