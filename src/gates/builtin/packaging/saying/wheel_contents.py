"""Wheel contents: what check-wheel-contents says of a wheel, by the project's own configuration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.builtin.packaging.facts import Complaint
from gates.model.reason import Reason
from gates.process import failure
from gates.project.documents import ini, table

if TYPE_CHECKING:
    from gates.model.gate import Context
    from gates.process.tools import Tool

NAME = "check-wheel-contents"
LINE = re.compile(
    r"^(?P<name>.*\.whl): (?:(?P<code>W\d{3}): |(?P<invalid>invalid wheel): )(?P<text>.*(?:\n[ \t]+\S.*)*)",
    re.MULTILINE,
)
SECTIONS = {
    "tox.ini": NAME, "setup.cfg": f"tool:{NAME}", "check-wheel-contents.cfg": NAME, ".check-wheel-contents.cfg": NAME,
}  # fmt: skip
MILD = frozenset({"W002", "W009", "W010", "W202"})
"""Checks that find what many projects mean: equal files, several modules, and folders of data."""

OURS = frozenset({"W001", "W005"})
"""Byte code and usual names at the top level, which are stray files."""

SHOWN = 5


def check(context: Context[Any], tool: Tool, wheel: Path, tree: Path) -> list[Complaint] | Reason:
    """What the tool says of `wheel`, started in `tree`, a copy of the project's root."""
    chosen = _configured(context)
    options = () if chosen else ("--no-config",)
    run = context.run([*tool.argv, *options, "--", str(wheel)], cwd=tree)
    stopped = failure.stopped(run, NAME, "packaging")
    if stopped is not None:
        return stopped
    found = [_complaint(match, wheel.name, chosen) for match in LINE.finditer(run.text + "\n" + run.errors)]
    if run.code == 0 and not found and f"{wheel.name}: OK" in run.text:
        return []
    if run.code == 1 and found and "Traceback" not in run.errors:
        return [one for one in found if chosen or one.code not in OURS]
    if run.code == 2:
        return Reason(
            code="tool_config_invalid",
            message=f"{NAME} does not understand its configuration: {failure.last_words(run)}",
            fix="mend [tool.check-wheel-contents] in pyproject.toml",
        )
    return Reason(
        code="tool_crashed",
        message=f"{NAME} could not check {wheel.name} (exit code {run.code}): {failure.last_words(run)}",
        fix=f"python -m build && {NAME} dist/*.whl",
    )


def _complaint(match: re.Match[str], name: str, chosen: bool) -> Complaint:
    code = match["code"] or "invalid-wheel"
    first, *rest = (line.strip() for line in match["text"].splitlines())
    more = f", and {len(rest) - SHOWN} more" if len(rest) > SHOWN else ""
    return Complaint(
        tool="check-wheel-contents",
        code=code,
        message=f"{first} {', '.join(rest[:SHOWN])}{more}".strip(),
        path=None,
        line=None,
        subject=name,
        mild=not chosen and (code in MILD or (code == "W004" and _inside(rest))),
    )


def _inside(paths: list[str]) -> bool:
    """Whether all are in folders that can be imported: such a module is loaded by its path, and nobody imports it."""
    return all("/" in one and all(part.isidentifier() for part in one.split("/")[:-1]) for one in paths)


def _configured(context: Context[Any]) -> bool:
    project = context.project
    if NAME in table(project.pyproject, "tool"):
        return True
    return any(section in ini(project.root, name) for name, section in SECTIONS.items())
