"""A project whose workflows are as the gate `workflows` wants them."""

from __future__ import annotations

from support import healthy

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PYPROJECT = (
    healthy.PYPROJECT.replace(
        'version = "1.0"\n',
        'version = "1.0"\nclassifiers = [\n    "Programming Language :: Python :: 3.11",\n'
        '    "Programming Language :: Python :: 3.12",\n    "Operating System :: POSIX :: Linux",\n'
        '    "Operating System :: MacOS",\n]\n',
        1,
    )
    + '\n[tool.pytest.ini_options]\nvltair = "guard"\n\n[tool.gates.workflows]\n'
)
WORKFLOW = f"""\
name: ci
on:
  push:
    branches: [main]
permissions: {{}}
concurrency:
  group: ci-${{{{ github.ref }}}}
  cancel-in-progress: true
env:
  PYTHONHASHSEED: "0"
jobs:
  test:
    name: Test
    runs-on: ${{{{ matrix.os }}}}
    permissions:
      contents: read
    strategy:
      matrix:
        os: [ubuntu-24.04, macos-15]
        python: ["3.11", "3.12"]
    steps:
      - name: Sources
        uses: actions/checkout@{COMMIT} # v5.0.0
        with:
          persist-credentials: false
      - name: Python
        id: python
        uses: actions/setup-python@{COMMIT} # v6.0.0
        with:
          python-version: ${{{{ matrix.python }}}}
      - name: Environment
        uses: actions/cache@{COMMIT} # v4.3.0
        with:
          path: .venv
          key: ${{{{ runner.os }}}}-${{{{ matrix.python }}}}-${{{{ hashFiles('pyproject.toml') }}}}
      - name: Test
        run: python -m pytest
  green:
    name: Green
    runs-on: ubuntu-24.04
    permissions: {{}}
    needs: [test]
    if: always()
    steps:
      - name: All passed
        if: contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')
        run: exit 1
"""
FILES = {**healthy.FILES, "pyproject.toml": PYPROJECT, ".github/workflows/ci.yml": WORKFLOW}
