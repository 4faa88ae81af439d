"""The gate `secrets` over real repositories, with the real tool."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.builtin.secrets.gate import SecretsGate
from gates.builtin.secrets.material import ENDINGS, LOCKS
from gates.testing import project, run, tool
from gates.testing.law import NOON
from support.repositories import commit_all, git

GATE = SecretsGate()
KEY = "AKIA" + "ZYXWVUTSRQPONMLK"
OTHER = "AKIA" + "QAZWSXEDCRFVTGBY"
TEXT = f'key = "{KEY}"\n'
FILES = {"pyproject.toml": '[project]\nname = "sample"\nversion = "1.0"\n', "a.py": "a = 1\n"}


def repository(folder: Path, files: dict[str, str | bytes] | None = None) -> Path:
    root = project.write(folder / "project", {**FILES, **(files or {})})
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root)
    return root


def judged(root: Path, base: str | None = None, environ: dict[str, str] | None = None, **keys: Any) -> Any:
    context = run.context(root, GATE, environ=environ, **keys)
    if base is not None:
        context.world = msgspec.structs.replace(context.world, find_base=lambda: base)
    evidence: Any = GATE.collect(context)
    return evidence, GATE.decide(evidence, context.settings, NOON) if hasattr(evidence, "found") else None


def rules(decision: Any) -> list[tuple[str, str | None, int | None]]:
    return [(one.rule, one.path, one.line) for one in decision.findings]


def test_a_repository_without_a_secret_passes_over_all_files(tmp_path: Path) -> None:
    _, decision = judged(repository(tmp_path))
    assert (rules(decision), decision.denominator.count, decision.reason) == ([], 1, None)


def test_no_name_hides_a_text(tmp_path: Path) -> None:
    from detect_secrets.filters.heuristic import IGNORED_FILE_EXTENSIONS

    assert IGNORED_FILE_EXTENSIONS == ENDINGS
    names = ["a.css", "a.css.txt", "b.svg", "c.map", "d.png", "go.sum", "swagger/settings.py", "uv.lock"]
    _, decision = judged(repository(tmp_path, dict.fromkeys(names, TEXT)))
    assert rules(decision) == [("SEC001", name, 1) for name in names]


def test_how_to_excuse_what_is_none_is_said_where_there_is_no_baseline(tmp_path: Path) -> None:
    _, decision = judged(repository(tmp_path, {"b.py": TEXT}))
    (note,) = [one for one in decision.notes if "baseline" in one]
    assert "detect-secrets scan > .secrets.baseline; detect-secrets audit .secrets.baseline" in note


def test_lock_files_that_the_tool_passes_over_are_not_counted(tmp_path: Path) -> None:
    from detect_secrets.filters.heuristic import is_lock_file

    assert all(map(is_lock_file, LOCKS))
    _, decision = judged(repository(tmp_path, {"deep/package-lock.json": TEXT, "poetry.lock": TEXT}))
    assert decision.denominator.count == 1
    assert "not looked into: 2 lock files (deep/package-lock.json, …)" in decision.notes


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        f"größe\n{KEY}\n".encode("latin-1"),
        f"{KEY}\n".encode("utf-16"),
        b"# pragma\n" + f"{KEY} # pragma: allowlist secret\n".encode(),
    ],
    ids=["UTF-8", "Latin-1", "UTF-16", "allowlisted"],
)
def test_a_secret_is_found_in_any_text(tmp_path: Path, data: bytes) -> None:
    _, decision = judged(repository(tmp_path, {"deep/er/b.txt": data}))
    assert {(rule, path) for rule, path, _ in rules(decision)} == {("SEC001", "deep/er/b.txt")}


def test_what_is_not_text_is_said(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n"
    root = repository(tmp_path, {"b.bin": b"\0" + KEY.encode(), "lfs.dat": pointer, "big.txt": "word " * 400})
    (root / "link.py").symlink_to("a.py")
    commit_all(root)
    _, decision = judged(root, largest=1000)
    assert rules(decision) == [("SEC007", "big.txt", None)]
    assert "1 binary files, 1 files over the limit, 1 pointers of Git LFS, 1 links" in decision.notes[-1]


def test_a_submodule_is_said(tmp_path: Path) -> None:
    root = repository(tmp_path)
    head = git(root, "rev-parse", "HEAD").strip()
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    (root / "sub").mkdir()
    _, decision = judged(root)
    assert "1 submodules (sub)" in decision.notes[-1]


def test_a_secret_that_was_taken_out_again_is_leaked(tmp_path: Path) -> None:
    root = repository(tmp_path)
    base = git(root, "rev-parse", "HEAD").strip()
    (root / "a.py").write_text(TEXT)
    commit_all(root)
    (root / "a.py").write_text("a = 2\n")
    commit_all(root)
    evidence, decision = judged(root, base)
    assert rules(decision) == [("SEC002", None, None)]
    assert evidence.commits.count == 2
    assert judged(root, git(root, "rev-parse", "HEAD^").strip())[1].findings == ()


def test_a_message_of_a_commit_is_looked_at(tmp_path: Path) -> None:
    root = repository(tmp_path)
    base = git(root, "rev-parse", "HEAD").strip()
    git(root, "commit", "--quiet", "--allow-empty", f"--message=use {KEY}")
    assert [one.rule for one in judged(root, base)[1].findings] == ["SEC002"]


def test_what_the_base_had_is_not_of_the_change(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": TEXT})
    base = git(root, "rev-parse", "HEAD").strip()
    (root / "a.py").write_text(TEXT + "b = 1\n")
    commit_all(root)
    (root / "a.py").write_text("a = 2\n")
    commit_all(root)
    assert judged(root, base)[1].findings == ()


def test_a_merge_is_looked_at(tmp_path: Path) -> None:
    root = repository(tmp_path)
    base = git(root, "rev-parse", "HEAD").strip()
    git(root, "checkout", "--quiet", "-b", "side")
    (root / "side.py").write_text(TEXT)
    commit_all(root)
    (root / "side.py").unlink()
    commit_all(root)
    git(root, "checkout", "--quiet", "main")
    (root / "b.py").write_text("b = 1\n")
    commit_all(root)
    git(root, "merge", "--quiet", "--no-edit", "side")
    assert [one.rule for one in judged(root, base)[1].findings] == ["SEC002"]


def test_a_shallow_clone_is_undecided(tmp_path: Path) -> None:
    root = repository(tmp_path)
    git(root, "commit", "--quiet", "--allow-empty", "--message=more")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", "clone")
    _, decision = judged(tmp_path / "clone")
    assert decision.reason.code == "evidence_incomplete"
    assert "shallow" in decision.reason.message


def test_no_base_on_a_pull_request_is_undecided(tmp_path: Path) -> None:
    root = repository(tmp_path)
    assert judged(root)[1].reason is None
    assert judged(root, environ={"GITHUB_BASE_REF": "main"})[1].reason.code == "no_base"


def baseline(root: Path, **changes: Any) -> dict[str, Any]:
    """A baseline of the secret in a.py, as detect-secrets makes it, with the audit's word."""
    evidence, _ = judged(root)
    listed = [
        {"type": one.kind, "filename": one.path, "hashed_secret": one.digest, "line_number": one.line, **changes}
        for one in evidence.found.items
    ]
    return {
        "version": "1.5.0",
        "plugins_used": [{"name": name} for name in evidence.detectors.items],
        "results": {"a.py": listed},
    }


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [(False, set()), (True, {"SEC004"}), (None, {"SEC003"}), ("false", {"SEC003"}), (0, {"SEC003"})],
)
def test_only_an_audit_that_says_no_excuses(tmp_path: Path, verdict: Any, expected: set[str]) -> None:
    root = repository(tmp_path, {"a.py": TEXT})
    held = baseline(root, **({} if verdict is None else {"is_secret": verdict}))
    (root / ".secrets.baseline").write_text(json.dumps(held))
    assert {one.rule for one in judged(root)[1].findings} == expected


def test_an_entry_excuses_its_own_text_in_its_own_file_only(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": TEXT})
    held = baseline(root, is_secret=False)
    (root / ".secrets.baseline").write_text(json.dumps(held))
    (root / "b.py").write_text(TEXT)
    (root / "a.py").write_text(TEXT.replace(KEY, OTHER))
    commit_all(root)
    assert {(rule, path) for rule, path, _ in rules(judged(root)[1])} == {
        ("SEC001", "a.py"),
        ("SEC001", "b.py"),
        ("SEC005", ".secrets.baseline"),
    }


def test_a_baseline_of_fewer_detectors_is_a_finding(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.py": TEXT})
    held = baseline(root, is_secret=False)
    held["plugins_used"].pop()
    (root / ".secrets.baseline").write_text(json.dumps(held))
    assert rules(judged(root)[1]) == [("SEC006", ".secrets.baseline", None)]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"results": {}}', '{"plugins_used": [], "results": {"a": [{}]}}', "[" * 9999]
)
def test_a_broken_baseline_is_undecided(tmp_path: Path, text: str) -> None:
    evidence, _ = judged(repository(tmp_path, {".secrets.baseline": text}))
    assert evidence.reason.code == "unreadable"


@pytest.mark.parametrize("behaviour", ["silent", "half a JSON object", "invalid UTF-8", "dies by a signal"])
def test_a_tool_that_does_something_else_is_undecided(tmp_path: Path, behaviour: str) -> None:
    context: Any = tool.Swapped(run.context(repository(tmp_path), GATE), tmp_path, tool.BEHAVIOURS[behaviour])
    refusal: Any = GATE.collect(context)
    assert refusal.reason.code in {"unparsable_output", "tool_crashed", "tool_killed"}


def test_a_tool_that_finds_nothing_at_all_is_undecided(tmp_path: Path) -> None:
    body = tool.script('{"plugins_used": [{"name": "AWSKeyDetector"}], "results": {}}')
    context: Any = tool.Swapped(run.context(repository(tmp_path, {"a.py": TEXT}), GATE), tmp_path, body)
    refusal: Any = GATE.collect(context)
    assert "put there for it to be found" in refusal.reason.message
