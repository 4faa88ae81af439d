"""Projects that the gate `packaging` is tried on."""

from __future__ import annotations

from gates.testing.project import Files

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "greeting"
version = "1.2"
description = "It greets."
readme = "README.md"
requires-python = ">=3.11"
license = "MIT"
license-files = ["LICENSE"]
classifiers = ["Programming Language :: Python :: 3.11", "Programming Language :: Python :: 3.12"]

[project.scripts]
greet = "greeting:main"

[tool.gates.packaging]
smoke = false
"""

MIT = """\
MIT License

Copyright (c) 2026 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.
"""

GREETING: Files = {
    "pyproject.toml": PYPROJECT,
    "README.md": "# Greeting\n\nIt greets.\n",
    "LICENSE": MIT,
    "CHANGELOG.md": "# Changelog\n\n## 1.2 - 2026-02-03\n\n- It greets.\n",
    ".gitignore": ".gates/\n",
    "src/greeting/__init__.py": (
        '"""It greets."""\n\n__version__ = "1.2"\n\n\ndef main() -> None:\n    """Say hello."""\n    print("hello")\n'
    ),
}
"""A project in which every rule is kept; its script is not tried, as `smoke` is off."""
