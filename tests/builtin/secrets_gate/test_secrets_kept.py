"""No secret that the gate finds is in anything that gates writes."""

from __future__ import annotations

import json
from pathlib import Path

from gates.testing import project
from support.commands import gates
from support.repositories import commit_all, git

# Each in two halves, so that this file holds none.
SECRETS = (
    "AKIA" + "ZYXWVUTSRQPONMLK",
    "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "sk_live_" + "a1B2c3D4e5F6g7H8i9J0k1L2",
    "xoxb-" + "123456789012-123456789012-a1B2c3D4e5F6g7H8i9J0k1L2",
    "hunter2" + "Hunter2Xq9Zz",
    "glpat-" + "a1B2c3D4e5F6g7H8i9J0",
    "c3VwZXIg" + "c2VjcmV0IHZhbHVlIHRoYXQgaXMgbG9uZyBlbm91Z2g9",
)
FORMATS = ("json", "sarif", "junit", "github", "markdown", "concise", "full")


def test_secrets_in_files_commits_and_messages_are_found_and_kept_nowhere(tmp_path: Path) -> None:
    lines = "".join(f'password_{index} = "{secret}"\n' for index, secret in enumerate(SECRETS))
    root = project.write(
        tmp_path / "project",
        {
            "pyproject.toml": '[project]\nname = "sample"\nversion = "1.0"\n\n[tool.gates]\nschema-version = 1\n'
            'select = ["secrets"]\n',
            ".gitignore": ".gates/\n",
            "a.py": "a = 1\n",
        },
    )
    git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root)
    git(root, "checkout", "--quiet", "-b", "change")
    (root / "gone.py").write_text(lines)
    commit_all(root)
    (root / "gone.py").unlink()
    (root / "here.py").write_text(lines)
    (root / "latin.txt").write_bytes(f"größe\n{lines}".encode("latin-1"))
    commit_all(root)
    git(root, "commit", "--quiet", "--allow-empty", f"--message=use {SECRETS[0]}")
    out = tmp_path / "out"
    out.mkdir()
    files = [word for name in FORMATS for word in ("--output-file", f"{name}={out / name}")]
    result = gates("check", *files, "-v", cwd=root)
    assert result.code == 1, result.err
    report = json.loads((out / "json").read_text("utf-8"))
    (judged,) = (one for one in report["gates"] if one["name"] == "secrets")
    found = {(one["rule"], one["path"]) for one in judged["findings"]}
    assert {("SEC001", "here.py"), ("SEC001", "latin.txt"), ("SEC002", None)} <= found
    assert len([one for one in judged["findings"] if one["path"] == "here.py"]) >= len(SECRETS) - 1
    kept = [*out.iterdir(), *(path for path in (root / ".gates").rglob("*") if path.is_file())]
    texts = {str(path): path.read_bytes() for path in kept} | {"out": result.out.encode(), "err": result.err.encode()}
    assert [name for name, data in texts.items() for secret in SECRETS if secret.encode() in data] == []
