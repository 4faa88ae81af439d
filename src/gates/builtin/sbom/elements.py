"""Elements: what a bill of materials has to say at least."""

from __future__ import annotations

from typing import Literal

import msgspec

Standard = Literal["NTIA 2021", "CISA 2025"]
"""The Minimum Elements for an SBOM (NTIA, July 2021), and the draft that follows them (CISA, August 2025)."""


class Element(msgspec.Struct, frozen=True):
    """One element: its key in settings, what it is, who asks for it first, and whether each component has to."""

    name: str
    words: str
    standard: Standard
    each: bool


ELEMENTS = (
    Element("supplier", "supplier", "NTIA 2021", each=True),
    Element("name", "component name", "NTIA 2021", each=True),
    Element("version", "version", "NTIA 2021", each=True),
    Element("identifier", "unique identifier", "NTIA 2021", each=True),
    Element("dependencies", "dependency relationship", "NTIA 2021", each=True),
    Element("author", "author of the SBOM", "NTIA 2021", each=False),
    Element("timestamp", "timestamp", "NTIA 2021", each=False),
    Element("hash", "component hash", "CISA 2025", each=True),
    Element("licence", "licence", "CISA 2025", each=True),
    Element("tool", "tool name", "CISA 2025", each=False),
    Element("context", "generation context", "CISA 2025", each=False),
)
NAMES = tuple(one.name for one in ELEMENTS)
