"""Project: small real projects on disk, out of a mapping of files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

Files = Mapping[str, str | bytes]
"""Contents by path: relative to the project's root, with forward slashes. Text is dedented when it is written."""

SAMPLE: Files = {
    "pyproject.toml": """
        [build-system]
        requires = ["hatchling"]
        build-backend = "hatchling.build"

        [project]
        name = "sample"
        version = "1.0"
        requires-python = ">=3.11"
    """,
    "src/sample/__init__.py": '''
        """A sample."""


        def double(number: int) -> int:
            """Twice `number`."""
            return 2 * number
    ''',
    "tests/test_sample.py": '''
        """Tests of the sample."""

        from sample import double


        def test_double() -> None:
            """Two and two make four."""
            assert double(2) == 4
    ''',
}
"""A package in a src layout with one function and one test, and no settings of any tool."""


def write(root: Path, files: Files | None = None) -> Path:
    """`root` with `files` in it, which are `SAMPLE` if none are given; returns `root`."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in (SAMPLE if files is None else files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(dedent(content).removeprefix("\n"), encoding="utf-8", newline="")
    return root
