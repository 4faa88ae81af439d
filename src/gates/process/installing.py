"""Installing: the variables that keep pip to where it is told to install, and what it says of an error."""

from __future__ import annotations

import re
from collections.abc import Mapping

VARIABLES: Mapping[str, str] = {
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "PIP_USER": "0",
    "PYTHONPATH": "",
}

ECHO = re.compile(
    r"(?i)\W*(note:|hint:|see above|\[notice\]|\[end of output\]|error: [a-z]+(-[a-z]+)+$|error: failed building|"
    r"error: could not build wheels|error: failed to build installable|encountered error while|full command:|"
    r"cwd:|exit code: \d+|error: resolutionimpossible)"
)
"""What pip says around the error of a build, which is the same for all of them."""

FRAME = " \t>\u2500\u2502\u2570\u00d7"
"""What pip draws around what a build says."""

FIRST = re.compile(r"(?i)\b(fatal )?error: (?!command )|no such file or directory|no matching distribution")
OTHER = re.compile(r"(?i)\w*error\b|conflict|failed")


def error_of(text: str) -> str:
    """The one line of what pip printed that says what went wrong."""
    lines = [line.strip(FRAME) for line in text.splitlines()]
    told = [line for line in lines if line and not ECHO.match(line)]
    matching = (next((line for line in reversed(told) if one.search(line)), None) for one in (FIRST, OTHER))
    found = next(filter(None, matching), None) or (told[-1] if told else "it gave no reason")
    return re.sub(r"^(?i:error): ", "", found)
