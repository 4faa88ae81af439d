"""`python -m gates`, for where the script is not on the path."""

from __future__ import annotations

from gates.cli.app import main

main()
