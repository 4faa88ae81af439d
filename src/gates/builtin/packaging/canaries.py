"""Canaries: how to make each rule of the gate `packaging` fire in any project that can be built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from gates.builtin.built import wrapper
from gates.builtin.built.wrapper import FOLDER
from gates.builtin.packaging import licensing, planting
from gates.builtin.packaging.rules import (
    CHANGELOG_MISSING,
    LICENCE_DISAGREES,
    LICENCE_FILE_MISSING,
    LICENCE_INVALID,
    METADATA_INVALID,
    PATH_ESCAPES,
    PYPROJECT_INVALID,
    PYTHONS_DISAGREE,
    STRAY_FILE,
    VERSION_DISAGREES,
    WHEEL_CONTENTS,
    WHEEL_DIFFERS,
)
from gates.builtin.packaging.saying.pyproject import FILE
from gates.builtin.packaging.smoke.canaries import CANARIES as TRIALS
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.packaging.settings import PackagingSettings
    from gates.model.gate import Context

LICENCE = "Permission is hereby granted to whoever reads this canary.\n"
LOG = "GATES_CANARY_CHANGELOG.md"
LOGGED = "# Changelog\n\n## 0.0.1 - 2001-01-01\n\n- The only release that was ever written down.\n"

BROKEN = (
    "headers(['Description', 'Keywords'])",
    "files[metadata] += b'\\nTitle\\n==\\n\\n:broken:`text\\n'",
)
EMPTY = (
    "if kind == 'wheel':",
    "    for name in [one for one in files if '.dist-info/' not in one]:",
    "        del files[name]",
)
NO_LICENCE = ("headers(['License-Expression', 'License:'], 'License-Expression: MIT AND-OR GATES-CANARY')",)
OTHER_LICENCE = (
    "headers(['License', 'Classifier: License'], 'License-Expression: MIT',",
    "        'Classifier: License :: OSI Approved :: Apache Software License')",
)
ADDED = (
    f"if kind == 'wheel' and os.path.exists({FOLDER + '/from_sdist'!r}):",
    "    files['gates_canary.txt'] = b'planted'",
)
STATE = ("files['.gates/canary.json'] = b'{}'",)
OUTSIDE = ("if kind == 'wheel':", "    files['../gates_canary.txt'] = b'planted'")
VERSION = ("if kind == 'sdist':", "    headers(['Version:'], 'Version: 0.0.0.1')")
UNLOGGED = ("headers(['Version:'], 'Version: 0.0.0.1')",)
PYTHONS = ("headers(['Requires-Python:'], 'Requires-Python: >=99')",)


def _spoiling(rule: Rule, title: str, lines: Sequence[str]) -> Canary:
    def plant(context: Context[PackagingSettings]) -> Planted | Reason:
        return planting.spoil(context, lines)

    return Canary(rule=rule.code, title=title, plant=plant)


def _wrong_key(context: Context[PackagingSettings]) -> Planted | Reason:
    wrapper.written(context.project.root, "dependency-groups", "gates-canary", [1])
    # Without a line: the settings are written into the same file, above it or below.
    return Planted(path=FILE, settings={"smoke": False})


def _unshipped(context: Context[PackagingSettings]) -> Planted | Reason:
    """A licence file that the backend takes along, and that is taken out again."""
    held = licensing.wanted(context.project)
    path = held[0] if held else "LICENSE"
    if not held:
        if licensing.patterns_of(context.project) is not None:
            return Reason(
                code="does_not_apply",
                message="`license-files` of the project names no file",
                fix="add the licence's file to `license-files`",
            )
        (context.project.root / path).write_text(LICENCE, encoding="utf-8")
    lines = (
        "import posixpath",
        "if kind == 'wheel':",
        f"    for name in [one for one in files if posixpath.basename(one) == posixpath.basename({path!r})]:",
        "        del files[name]",
    )
    found = planting.spoil(context, lines)
    return found if isinstance(found, Reason) else msgspec.structs.replace(found, path=path)


def _unlogged(context: Context[PackagingSettings]) -> Planted | Reason:
    (context.project.root / LOG).write_text(LOGGED, encoding="utf-8")
    found = planting.spoil(context, UNLOGGED)
    if isinstance(found, Reason):
        return found
    return msgspec.structs.replace(found, path=LOG, settings={**found.settings, "changelog": LOG})


CANARIES = (
    _spoiling(METADATA_INVALID, "a description that does not render", BROKEN),
    _spoiling(WHEEL_CONTENTS, "a wheel without a module", EMPTY),
    Canary(rule=PYPROJECT_INVALID.code, title="a dependency group with a number in it", plant=_wrong_key),
    _spoiling(LICENCE_INVALID, "a licence expression that is none", NO_LICENCE),
    _spoiling(LICENCE_DISAGREES, "a classifier for another licence", OTHER_LICENCE),
    Canary(rule=LICENCE_FILE_MISSING.code, title="a licence file that is not in the wheel", plant=_unshipped),
    _spoiling(WHEEL_DIFFERS, "a file that only the wheel from the source distribution has", ADDED),
    _spoiling(STRAY_FILE, "the state of gates in both artifacts", STATE),
    _spoiling(PATH_ESCAPES, "a member of the wheel that leads out of it", OUTSIDE),
    _spoiling(VERSION_DISAGREES, "a source distribution that says another version", VERSION),
    Canary(rule=CHANGELOG_MISSING.code, title="a changelog without the version", plant=_unlogged),
    _spoiling(PYTHONS_DISAGREE, "a Python that nobody has yet as the oldest", PYTHONS),
    *TRIALS,
)
