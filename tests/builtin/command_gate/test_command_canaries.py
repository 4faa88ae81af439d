"""Each canary of a command gate, planted through its own context, makes its rule fire; what cannot be says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gates.builtin.command.canaries import CANARIES
from gates.builtin.command.gate import CommandGate
from gates.model.canary import Planted
from gates.model.reason import Reason
from support.commands import check
from support.contexts import context
from support.projects import write_project
from support.repositories import make_repository

BY_RULE = {canary.rule: canary for canary in CANARIES}
SPELL = """\
import pathlib
bad = [path for path in sorted(pathlib.Path('docs').glob('*.md')) if 'teh' in path.read_text()]
for path in bad:
    print(f'{path.as_posix()}:1: S1 teh')
raise SystemExit(len(bad))
"""
PATCH = """\
diff --git a/docs/a.md b/docs/a.md
--- a/docs/a.md
+++ b/docs/a.md
@@ -1 +1 @@
-the text
+teh text
"""
GENERATE = "open('index.txt', 'w').write(open('docs/a.md').read())\n"
COMMON = 'name = "mine"\nfiles = ["docs/*.md"]\n'
PLAIN = COMMON + 'argv = ["python", "tools/spell.py"]\ncanary = "tools/spell.patch"\n'
PATTERN = "parser = \"regex\"\npattern = '^(?P<path>\\S+):1: (?P<code>\\S+) (?P<message>.+)$'\n"
GENERATES = COMMON + 'argv = ["python", "tools/generate.py"]\nunchanged = ["index.txt"]\n'


def files(table: str, **more: str) -> dict[str, str | bytes]:
    return {
        "gates.toml": f"[[command]]\n{table}",
        "docs/a.md": "the text\n",
        "index.txt": "the text\n",
        "tools/spell.py": SPELL,
        "tools/spell.patch": PATCH,
        "tools/generate.py": GENERATE,
        **more,
    }


def plant(root: Path, rule: str) -> Planted | Reason:
    from gates.config import settings, source

    (placed,) = settings.commands(source.read(root))
    table: dict[str, Any] = {name: getattr(placed.table, name) for name in placed.table.__struct_fields__}
    return BY_RULE[rule].plant(context(root, CommandGate(), **table))


def test_there_is_a_canary_for_every_rule() -> None:
    assert list(BY_RULE) == [rule.code for rule in CommandGate.rules]


@pytest.mark.parametrize(
    ("rule", "table", "path"),
    [
        ("CMD001", PLAIN, None),
        ("CMD001", PLAIN + PATTERN + "exit-codes = [0, 1]\n", None),
        ("CMD001", GENERATES, None),
        ("CMD002", PLAIN + PATTERN + "exit-codes = [0, 1]\n", "docs/a.md"),
        ("CMD003", GENERATES, "index.txt"),
        ("CMD003", GENERATES + 'canary = "tools/spell.patch"\n', "index.txt"),
    ],
)
@pytest.mark.parametrize("make", [write_project, make_repository])
def test_the_rule_fires_at_its_place(tmp_path: Path, make: Any, rule: str, table: str, path: str | None) -> None:
    root = make(tmp_path / "project", files(table))
    clean = check(root, "mine")
    assert clean.code == 0, clean.out + clean.err
    planted = plant(root, rule)
    assert planted == Planted(path=path)
    found = check(root, "mine")
    assert found.code == 1, found.out + found.err
    assert (rule, path) in {(one["rule"], one["path"]) for one in found.report["gates"][0]["findings"]}


def test_a_project_below_the_top_of_a_repository_is_patched_too(tmp_path: Path) -> None:
    top = make_repository(tmp_path, {f"sub/{name}": text for name, text in files(PLAIN).items()})
    assert plant(top / "sub", "CMD001") == Planted(path=None)
    assert (top / "sub/docs/a.md").read_text("utf-8") == "teh text\n"


@pytest.mark.parametrize(
    ("rule", "table", "more", "code", "said"),
    [
        ("CMD001", PLAIN.replace('canary = "tools/spell.patch"\n', ""), {}, "does_not_apply", "names no patch"),
        ("CMD002", COMMON + 'argv = ["x"]\n' + PATTERN, {}, "does_not_apply", "names no patch"),
        ("CMD001", PLAIN.replace("spell.patch", "none.patch"), {}, "does_not_apply", "is not there"),
        ("CMD001", PLAIN, {"docs/a.md": "other\n"}, "does_not_apply", "does not apply"),
        ("CMD001", PLAIN, {"tools/spell.patch": ""}, "does_not_apply", "does not apply"),
        ("CMD002", PLAIN, {}, "not_configured", "no parser is set"),
        ("CMD003", PLAIN, {}, "not_configured", "no generated files"),
        ("CMD003", GENERATES, {"index.txt": "\0"}, "does_not_apply", "binary"),
    ],
)
def test_what_does_not_fit_says_why(
    tmp_path: Path, rule: str, table: str, more: dict[str, str], code: str, said: str
) -> None:
    planted = plant(write_project(tmp_path / "project", files(table, **more)), rule)
    assert isinstance(planted, Reason)
    assert planted.code == code
    assert said in planted.message
    assert planted.fix


def test_the_settings_keep_their_comments_when_a_code_is_taken_away(tmp_path: Path) -> None:
    root = write_project(tmp_path, files(f"# mine\n{GENERATES}"))
    assert plant(root, "CMD001") == Planted(path=None)
    assert (root / "gates.toml").read_text("utf-8") == f"[[command]]\n# mine\n{GENERATES}exit-codes = []\n"
