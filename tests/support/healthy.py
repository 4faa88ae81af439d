"""A healthy project for lint, types and tests, and tools that are not what they seem."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

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

BODIES = {
    "silent": "",
    "half a JSON object": 'print(\'[{"code": "F401", "mess\', end=\'\')',
    "invalid UTF-8": "import sys; sys.stdout.buffer.write(bytes([0xff, 0xfe]) * 50)",
    "hangs": "import time; time.sleep(600)",
    "one gigabyte": """\
        import sys
        for _ in range(1024):
            sys.stdout.buffer.write(b"x" * 1048576)
        """,
    "dies by a signal": "import os, signal; os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))",
    "leaves a child in a session of its own": """\
        import pathlib, subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        pathlib.Path("PIDFILE").write_text(str(child.pid))
        """,
}


def write(root: Path, **changed: str | None) -> Path:
    """The healthy project at `root`; `changed` replaces files by path, or leaves them out where None."""
    for path, text in {**FILES, **changed}.items():
        if text is not None:
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(dedent(text), "utf-8")
    return root


def impostor(folder: Path, module: str, behaviour: str) -> dict[str, str]:
    """Variables that put a tool of that behaviour in the place of `module`."""
    # A folder of this name: elsewhere on PYTHONPATH a module that hides a tool is refused before it is started.
    package = folder / "site-packages" / module
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    body = dedent(BODIES[behaviour]).replace("PIDFILE", (folder / "pid").as_posix())
    (package / "__main__.py").write_text(body, "utf-8")
    return {"PYTHONPATH": str(package.parent)}
