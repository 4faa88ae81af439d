"""Canaries: wheels that cannot be installed, imported or started, made of any project that can be built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.packaging import planting
from gates.builtin.packaging.rules import IMPORT_FAILS, INSTALL_FAILS, SCRIPT_FAILS
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.packaging.settings import PackagingSettings
    from gates.model.gate import Context

SCRIPT = (
    "if kind == 'wheel':",
    "    files['gates_canary/__init__.py'] = b''",
    "    files['gates_canary/command.py'] = b'import gates_canary.absent\\n'",
    "    points = metadata.replace('METADATA', 'entry_points.txt')",
    "    text = files.get(points, b'').decode('utf-8')",
    "    header = '[console_scripts]\\n'",
    "    line = header + 'gates-canary = gates_canary.command:main\\n'",
    "    files[points] = (text.replace(header, line) if header in text else text + '\\n' + line).encode('utf-8')",
)
MODULE = ("if kind == 'wheel':", "    files['gates_canary.py'] = b'from gates_canary_absent import data\\n'")
# A file that is nowhere, so that no index is asked for a name that somebody could take.
REQUIREMENT = (
    "headers([], 'Requires-Dist: gates-canary @ file:///gates-canary-absent/gates_canary-0-py3-none-any.whl')",
)


def _tried(rule: Rule, title: str, lines: Sequence[str]) -> Canary:
    def plant(context: Context[PackagingSettings]) -> Planted | Reason:
        found = planting.spoil(context, lines)
        return found if isinstance(found, Reason) else msgspec.structs.replace(found, settings={"smoke": True})

    return Canary(rule=rule.code, title=title, plant=plant)


CANARIES = (
    _tried(SCRIPT_FAILS, "a console script whose module cannot be imported", SCRIPT),
    _tried(IMPORT_FAILS, "a module that imports what is not there", MODULE),
    _tried(INSTALL_FAILS, "a requirement that cannot be had", REQUIREMENT),
)
