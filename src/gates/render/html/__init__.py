"""HTML: the report as one file that needs no other, for people: what is wrong and what to do first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gates.model.report import Report
    from gates.render.formats import Options

__all__ = ["render"]


def render(report: Report, options: Options) -> str:
    """The report as a document of HTML without scripts, which loads nothing and lets nothing be loaded."""
    from gates.render.html import document, page

    return document.written(page.page(report, options), options.encoding)
