"""Writes docs/units.md out of the code, and names every link of a page that leads nowhere."""

import re
import sys
from pathlib import Path

from measures.units import UNITS

PAGES = Path("docs")
LINK = re.compile(r"\]\((?P<target>[^)#:]+)\)")


def table() -> str:
    """The page of all units."""
    rows = [
        f"| {one.symbol} | {one.name} | {one.dimension} | {one.factor:g} |"
        for one in UNITS.values()
    ]
    return "\n".join(
        ["# Units", "", "| unit | name | of | base units |", "|---|---|---|---|", *rows, ""]
    )


def broken() -> list[str]:
    """`path:line: code message` for each link that leads nowhere."""
    return [
        f"{page.as_posix()}:{number}: broken-link {found['target']} is not there"
        for page in sorted(PAGES.glob("*.md"))
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1)
        for found in LINK.finditer(line)
        if not (page.parent / found["target"]).exists()
    ]


if __name__ == "__main__":
    (PAGES / "units.md").write_text(table(), encoding="utf-8")
    found = broken()
    print("\n".join(found))
    sys.exit(1 if found else 0)
