"""Scan: what detect-secrets says of the material, in its own JSON: its exit code is 0 whatever it finds."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gates.builtin.secrets.facts import Secret
from gates.builtin.secrets.material import CONTROL, Material
from gates.model.reason import Reason
from gates.process import failure

if TYPE_CHECKING:
    from gates.builtin.secrets.settings import SecretsSettings
    from gates.model.gate import Context
    from gates.process.tools import Tool

NAME = "detect-secrets"
ALLOWLIST = "detect_secrets.filters.allowlist.is_line_allowlisted"
BY_NAME = "detect_secrets.filters.heuristic.is_swagger_file"
"""A filter that passes over all whose path has `swagger` in it, without a word."""

DIGEST = re.compile(r"[0-9a-f]{40}")
OUTPUT_LIMIT = 256 * 1024 * 1024


@dataclass(frozen=True)
class Scan:
    """What was found, by the group of its file, and the detectors that looked."""

    found: tuple[tuple[str, Secret], ...]
    detectors: tuple[str, ...]


def scan(context: Context[SecretsSettings], tool: Tool, material: Material) -> Scan | Reason:
    """What looks like a secret in the material; a reason where the tool did not look at all of it."""
    settings = context.settings
    options = [word for name in settings.disable for word in ("--disable-plugin", name)]
    for name in (BY_NAME, *(() if settings.pragmas else (ALLOWLIST,))):
        options += ["--disable-filter", name]
    command = [*tool.argv, "-C", str(material.root), "scan", "--all-files", "--no-verify", *options, "."]
    # In the folder itself, so that no configuration or module of the project has a say.
    run = context.run(command, cwd=material.root, output_limit=OUTPUT_LIMIT)
    stopped = failure.stopped(run, NAME, "secrets")
    if stopped is not None:
        return stopped
    if run.code != 0:
        return _crashed(f"it ended with exit code {run.code}: {failure.last_words(run)}")
    try:
        answer = json.loads(run.stdout)
        return _read(answer, material)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return Reason(
            code="unparsable_output",
            message="the answer of detect-secrets is not the JSON that it should be",
            fix="detect-secrets scan --no-verify",
        )


def _read(answer: Any, material: Material) -> Scan | Reason:
    found: list[tuple[str, Secret]] = []
    controlled = False
    for name, listed in answer["results"].items():
        place = name.replace("\\", "/").removeprefix("./")
        if place == CONTROL:
            controlled = bool(listed)
            continue
        path, commit = material.placed[place]
        for one in listed:
            digest, kind, line = one["hashed_secret"], one["type"], one["line_number"]
            if not DIGEST.fullmatch(digest):
                return _crashed(
                    "its digests are hidden: the profile `strict` of [tool.gates.redact] takes them for secrets"
                )
            found.append(
                (place.split("/")[0], Secret(path=path, line=int(line), kind=str(kind), digest=digest, commit=commit))
            )
    if not controlled:
        return _crashed("it does not find the key that was put there for it to be found")
    detectors = tuple(sorted(str(one["name"]) for one in answer["plugins_used"]))
    order = sorted(found, key=lambda pair: (pair[0], pair[1].path, pair[1].line, pair[1].kind, pair[1].digest))
    return Scan(tuple(order), detectors)


def _crashed(why: str) -> Reason:
    return Reason(
        code="tool_crashed",
        message=f"detect-secrets did not look at the files: {why}",
        fix="detect-secrets scan --no-verify",
    )
