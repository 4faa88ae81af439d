"""Consoles: what pages show of commands about the record, beside what those print."""

from __future__ import annotations

import re
from pathlib import Path

VARYING = (
    (r"\d{8}T\d{6}Z-[0-9a-f]{8}", "NAME"),
    (r"\b[0-9a-f]{64}\b", "DIGEST"),
    (r"\b[0-9a-f]{32}\b", "TRACE"),
    (r"\b[0-9a-f]{16}\b", "HASH"),
    (r"\b[0-9a-f]{8}\b", "RUN"),
    (r"\b[0-9a-f]{7}\b", "COMMIT"),
    (r"local/\w+", "local/MACHINE"),
    (r"gates \d[\w.+]*", "gates VERSION"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?", "WHEN"),
    (r"(?:\d+ min )?[\d.]+ m?s\b", "TOOK"),
    (r"'test_greet\.py::test_answer\[\w+\]'", "EXAMPLE"),
    (r"(?m)^ +| +$", ""),
    (r" +", " "),
)
"""Patterns of what differs from run to run, the example among failures that look alike included; with words for it."""


def alike(text: str) -> str:
    """The text without what differs from run to run, and from machine to machine."""
    for pattern, word in VARYING:
        text = re.sub(pattern, word, text)
    return text.strip()


def commands(page: Path) -> list[tuple[str, str]]:
    """Each command of a page with what it prints; nothing where the page does not show it."""
    blocks = re.findall(r"(?ms)^```console\n(.*?)^```", page.read_text("utf-8"))
    return [found for block in blocks for found in re.findall(r"(?m)^\$ (.+)\n((?:(?!\$ ).*\n)*)", block)]
