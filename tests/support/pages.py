"""Pages: the code blocks of the documentation that carry a mark."""

from __future__ import annotations

import re
from pathlib import Path

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"


def marked(page: str, mark: str) -> str:
    """The code block of a how-to page that follows the comment `mark`."""
    text = (HOW_TO / page).read_text("utf-8")
    found = re.search(rf"<!-- {re.escape(mark)} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found is not None, f"{page} has no block marked {mark!r}"
    return found[1]
