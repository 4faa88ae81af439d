"""How Sphinx makes a site of these pages, which are Markdown as the repository's host shows it too."""
# ruff: noqa: INP001 - Sphinx looks for a file of this name, and no package

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

project = "pytest-vltair"
author = "The pytest-vltair authors"
project_copyright = author
version = release = metadata.version("pytest-vltair")
html_title = f"pytest-vltair {release}"
html_theme = "furo"
html_show_sourcelink = False
html_copy_source = False

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 4
nitpicky = True

DOCS = Path(__file__).parent
REPOSITORY = DOCS.parent
HOST = "https://github.com/pytest-vltair/pytest-vltair"
INDEX = "index"
SECTION = re.compile(r"(?ms)^#{2,3} (?P<caption>.+?)$(?P<text>.*?)(?=^#{2,3} |\Z)")
PAGE = re.compile(r"\]\((?P<page>[^):#]+)\.md\)")
LINK = re.compile(r"(?ms)^ *(?P<fence>`{3,}).*?^ *(?P=fence) *$|\]\((?P<target>[^)\s:#]+)(?P<anchor>#[^)\s]*)?\)")
"""A block of code, in which nothing is a link, or a link without a scheme."""

log = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """What Sphinx shall do to a page before it reads it."""
    app.connect("source-read", prepare)


def prepare(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the lists of the index into the navigation, and lead links out of docs/ to the repository's host."""
    text = source[0]
    if page == INDEX:
        text += "".join(navigation(found["caption"], found["text"]) for found in SECTION.finditer(text))
    folder = Path(app.env.doc2path(page)).parent
    source[0] = LINK.sub(lambda found: found[0] if found["fence"] else outward(found, folder, page), text)


def navigation(caption: str, text: str) -> str:
    """The pages that a section of the index leads to, as a part of the navigation."""
    pages = [found["page"] for found in PAGE.finditer(text)]
    if not pages:
        return ""
    return "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])


def outward(found: re.Match[str], folder: Path, page: str) -> str:
    """The link, with an address in place of a path that leads out of docs/; it must exist."""
    target = (folder / found["target"]).resolve()
    if target.is_relative_to(DOCS):
        return found[0]
    if not target.exists() or not target.is_relative_to(REPOSITORY):
        log.warning("there is no %s in the repository", found["target"], location=page, type="ref", subtype="outward")
        return found[0]
    kind = "tree" if target.is_dir() else "blob"
    return f"]({HOST}/{kind}/main/{target.relative_to(REPOSITORY).as_posix()}{found['anchor'] or ''})"
