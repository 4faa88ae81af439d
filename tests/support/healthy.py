"""A healthy project for lint, types and tests, and impostors of their tools."""

from __future__ import annotations

from pathlib import Path

from gates.testing import project, tool

PYPROJECT = """\
[project]
name = "sample"
version = "1.0"

[tool.ruff]
line-length = 100

[tool.mypy]
strict = true
"""

FILES = {
    "pyproject.toml": PYPROJECT,
    "src/sample/__init__.py": '"""A sample."""\n',
    "src/sample/adder.py": '"""Adds."""\n\n\ndef add(a: int, b: int) -> int:\n    """The sum."""\n    return a + b\n',
    "tests/conftest.py": """\
        import sys
        from pathlib import Path

        sys.path.insert(0, str(Path(__file__).parent.parent / "src"))
        """,
    "tests/test_adder.py": """\
        from sample.adder import add


        def test_add() -> None:
            assert add(1, 2) == 3
        """,
}


def write(root: Path, **changed: str | None) -> Path:
    """The healthy project at `root`; `changed` replaces files by path, or leaves them out where None."""
    return project.write(root, {path: text for path, text in {**FILES, **changed}.items() if text is not None})


def impostor(folder: Path, name: str, behaviour: str) -> dict[str, str]:
    """Variables that put a tool of that behaviour in the place of the module `name`."""
    return tool.module(folder, name, tool.BEHAVIOURS[behaviour])
