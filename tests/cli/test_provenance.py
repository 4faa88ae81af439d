"""`gates provenance` as it is called, and that nothing it writes has a secret in it."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from support import attesting
from support.attesting import BUILDER, SDIST, WHEEL
from support.commands import gates
from support.repositories import commit_all, git

ELSEWHERE = ("--output", "dist/other.intoto.jsonl")
TOKEN = "ghp_" + "x7Kq2mZ9" * 5
SIGN = ("provenance", "--key", "../release.key", "--builder", BUILDER)
VERIFY = ("provenance", "verify", "dist", "--public-key", "../release.pub.pem", "--builder", BUILDER)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    found = attesting.made(tmp_path / "sample")
    made = gates("provenance", "key", "release", cwd=tmp_path)
    assert made.code == 0, made.err
    return found


def test_what_is_attested_is_verified_by_whoever_has_the_public_key(root: Path) -> None:
    (root / "dist/report.json").write_text(json.dumps(attesting.report(root)), "utf-8")
    signed = gates(*SIGN, "--report", "dist/report.json", "--gates", "lint", cwd=root)
    assert (signed.code, signed.err) == (0, "")
    assert signed.out.startswith(f"attested {WHEEL}, {SDIST} of ")
    more = ("--ref", "refs/tags/v1.0", "--version", "1.0", "--gates", "lint,tests", "--report", "dist/report.json")
    verified = gates(*VERIFY, *more, cwd=root)
    assert (verified.code, verified.err) == (0, "")
    assert verified.out.splitlines() == [f"{name}: verified (provenance, result)" for name in (WHEEL, SDIST)]
    (root / "dist" / SDIST).write_bytes(b"forged")
    refused = gates(*VERIFY, *more, "--output-format", "json", cwd=root)
    assert (refused.code, refused.report["verdict"]) == (1, "failed")
    assert {one["slug"] for one in refused.report["objections"]} == {"subject-digest"}
    git(root, "commit", "--quiet", "--allow-empty", "--message=next")
    assert gates(*VERIFY, "--commit", git(root, "rev-parse", "HEAD"), cwd=root).code == 1


def test_a_gate_that_trusts_the_key_judges_the_release(root: Path, tmp_path: Path) -> None:
    (root / "release.pub.pem").write_bytes((tmp_path / "release.pub.pem").read_bytes())
    table = f'\n[tool.gates.provenance]\npublic-key = "release.pub.pem"\nbuilder = "{BUILDER}"\n'
    with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(table)
    commit_all(root)
    without = gates("check", "provenance", "--output-format", "json", cwd=root)
    assert (without.code, without.rules) == (1, {"PRV001"})
    assert gates(*SIGN, cwd=root).code == 0
    judged = gates("check", "provenance", "--output-format", "json", cwd=root)
    assert judged.verdicts["provenance"] == "passed", judged.out
    (root / "dist" / WHEEL).unlink()
    assert gates("check", "provenance", "--output-format", "json", cwd=root).rules == {"PRV004"}
    (root / "dist" / SDIST).unlink()
    empty = gates("check", "provenance", "--output-format", "json", cwd=root)
    assert (empty.code, empty.reasons["provenance"]) == (3, "nothing_examined")


def test_codes_of_what_cannot_be_done(root: Path) -> None:
    assert gates(*SIGN[:1], "--builder", BUILDER, cwd=root).code == 3
    assert gates(*SIGN, "--keyless", cwd=root).code == 2
    assert gates("provenance", "verify", "dist", cwd=root).code == 2
    (root / "stray.py").write_text("", "utf-8")
    dirty = gates(*SIGN, "--output-format", "json", cwd=root)
    assert (dirty.code, dirty.report["verdict"]) == (1, "failed")
    assert not (root / "dist/provenance.intoto.jsonl").exists()


def secrets(tmp_path: Path) -> list[str]:
    """What must be written nowhere: the lines of the private key, and the token."""
    pem = (tmp_path / "release.key").read_text("utf-8").splitlines()
    return [*(line for line in pem if line and "-----" not in line), TOKEN]


def test_no_secret_is_written_anywhere(root: Path, tmp_path: Path) -> None:
    """A key in a file, in the environment, in the settings and on the command line, and a token in the remote."""
    pem = (tmp_path / "release.key").read_text("utf-8")
    env = {"PROVENANCE_SIGNING_KEY": pem, "DEPLOY_TOKEN": TOKEN, "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    git(root, "remote", "set-url", "origin", f"https://ada:{TOKEN}@github.com/ada/sample.git")
    outputs = [f"--output-file={name}={tmp_path / name}" for name in ("json", "sarif", "junit", "markdown")]
    planted = root / "pyproject.toml"
    clean = planted.read_text("utf-8")
    runs = [
        (SIGN, None),
        (("provenance", "--builder", BUILDER), None),
        (("provenance", "--builder", BUILDER, "--dry-run", "--output-format", "json"), None),
        (("provenance", "--builder", BUILDER, "--keyless", "--output-format", "json"), None),
        (("provenance", "--key", pem, "--builder", BUILDER), None),
        (("provenance", "--key", "../release.key", "--builder", pem, *ELSEWHERE), None),
        (("provenance", "--key", "../release.key", "--builder", f"https://ci.example/{TOKEN}", *ELSEWHERE), None),
        (("provenance", "verify", "dist", "--public-key", "../release.key", "--builder", BUILDER, "--ref", "x"), None),
        (("check", "provenance", *outputs), f'\n[tool.gates.provenance]\nkey = """{pem}"""\n'),
        (("check", "provenance"), f'\n[tool.gates.provenance]\npublic-key = """{pem}"""\nbuilder = "x"\n'),
        (("check", "provenance"), f'\n[tool.gates.provenance]\npublic-key = "a"\nbuilder = "{TOKEN}"\n'),
        (
            ("check", "provenance", *outputs),
            '\n[tool.gates.provenance]\npublic-key = "../release.key"\nbuilder = "x"\n',
        ),
        (("check", "provenance", *outputs), "\n[tool.gates.provenance]\nrehearse = true\n"),
    ]
    said: list[tuple[str, ...]] = []
    for arguments, table in runs:
        planted.write_text(clean + (table or ""), "utf-8")
        done = gates(*arguments, cwd=root, env=env)
        said.append((*arguments[:3], done.out + done.err))
    planted.write_text(clean, "utf-8")
    for told in said:
        assert [one for one in secrets(tmp_path) if one in told[-1]] == [], told[:-1]
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.name not in {"release.key", "config"}]
    assert {path.name for path in written} >= {"provenance.intoto.jsonl", "json", "sarif", "junit", "markdown"}
    for path in written:
        data = path.read_bytes()
        assert [one for one in secrets(tmp_path) if one.encode() in data] == [], path
    (line,) = (root / "dist/provenance.intoto.jsonl").read_text("utf-8").splitlines()
    payload = base64.b64decode(json.loads(line)["payload"]).decode()
    assert [one for one in secrets(tmp_path) if one in payload] == []
    assert not (root / "dist/other.intoto.jsonl").exists()


def test_a_crash_log_has_no_key(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of an error that quotes the key, in a process that was called with it."""
    from gates.cli import crash

    pem = (tmp_path / "release.key").read_text("utf-8")
    monkeypatch.setenv("PROVENANCE_SIGNING_KEY", pem)
    monkeypatch.chdir(root)
    place = crash.log(ValueError(f"cannot sign with {pem}"), ["provenance", "--key", pem])
    text = Path(place).read_text("utf-8")
    assert "ValueError" in text
    assert [one for one in secrets(tmp_path) if one in text] == []
