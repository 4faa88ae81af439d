"""`gates release check`: what makes a release incomplete, and what it says of each part."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gates.cli.release import command
from gates.errors import UsageError
from support import releases
from support.repositories import commit_all, git

ATTACHED = ("sbom", "provenance", "signatures")
DANGLING = """{"bomFormat": "CycloneDX", "metadata": {"component": {"name": "sample", "version": "1.2.0"}},
"dependencies": [{"ref": "gone"}]}"""
Check = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    """Runs the command and returns its code and its document; what is attached is left out unless asked for."""

    def run(root: Path, *words: str, without: tuple[str, ...] = ATTACHED) -> tuple[int, dict[str, Any]]:
        left = [word for name in without for word in ("--without", name)]
        arguments = ["check", str(root / "dist"), "--project", str(root), "--output-format", "json", *left, *words]
        code = command(arguments, standalone_mode=False)
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A release to which nothing is attached and nothing is wanting."""
    root = releases.repository(tmp_path / "project")
    releases.wheel(root / "dist")
    releases.sdist(root / "dist")
    releases.checksums(root / "dist")
    return root


def part(document: dict[str, Any], name: str) -> dict[str, Any]:
    """One part of the report."""
    (found,) = [one for one in document["parts"] if one["name"] == name]
    assert isinstance(found, dict)
    return found


def said(document: dict[str, Any], name: str) -> str:
    """What is wrong with a part, in one text."""
    return " | ".join(one["message"] for one in part(document, name)["problems"])


def test_a_whole_release_passes_and_says_what_was_left_out(whole: Path, check: Check) -> None:
    code, document = check(whole)
    assert code == 0
    assert document["verdict"] == "passed"
    assert (document["version"], document["tag"]) == ("1.2.0", "v1.2.0")
    assert {one["name"]: one["state"] for one in document["parts"]} == {
        **dict.fromkeys(("tag", "version", "changelog", "notes", "artifacts", "checksums"), "complete"),
        **dict.fromkeys(ATTACHED, "left_out"),
    }


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path, check: Check) -> None:
    root = releases.repository(tmp_path / "project")
    with pytest.raises(UsageError, match="there is no folder"):
        check(root)


def test_a_part_that_there_is_not_is_a_usage_error(whole: Path, check: Check) -> None:
    with pytest.raises(UsageError, match="did you mean 'checksums'"):
        check(whole, "--without", "checksum")


def test_nothing_left_to_check_is_a_usage_error(whole: Path, check: Check) -> None:
    with pytest.raises(UsageError, match="nothing to check"):
        check(whole, without=("tag", "version", "changelog", "notes", "artifacts", "checksums", *ATTACHED))


def test_an_empty_folder_is_no_release(whole: Path, check: Check) -> None:
    for one in (whole / "dist").iterdir():
        one.unlink()
    code, document = check(whole)
    assert code == 1
    assert part(document, "artifacts")["state"] == part(document, "checksums")["state"] == "missing"


def test_without_a_repository_nobody_knows(tmp_path: Path, check: Check) -> None:
    root = releases.repository(tmp_path / "project", tag=None)
    (root / ".git").rename(tmp_path / "elsewhere")
    releases.wheel(root / "dist")
    releases.sdist(root / "dist")
    releases.checksums(root / "dist")
    code, document = check(root)
    assert code == 3
    assert part(document, "tag")["state"] == "unknown"


@pytest.mark.parametrize(
    ("tag", "words", "state", "message"),
    [
        (None, (), "missing", "HEAD has no tag"),
        ("nightly", (), "missing", "HEAD has no tag"),
        ("v1.2.0", ("--tag", "v9"), "missing", "there is no tag v9"),
    ],
)
def test_the_tag_is_there(
    tmp_path: Path, check: Check, tag: str | None, words: tuple[str, ...], state: str, message: str
) -> None:
    root = releases.repository(tmp_path / "project", tag=tag)
    releases.wheel(root / "dist")
    code, document = check(root, *words)
    assert code == 1
    assert part(document, "tag")["state"] == state
    assert message in said(document, "tag")


def test_what_came_after_the_tag_is_not_the_release(whole: Path, check: Check) -> None:
    (whole / "src/sample/__init__.py").write_text("changed = True\n")
    code, document = check(whole)
    assert code == 1
    assert "not committed" in said(document, "tag")
    commit_all(whole, "after it")
    code, document = check(whole, "--tag", "v1.2.0")
    assert code == 1
    assert "HEAD is not at the tag v1.2.0" in said(document, "tag")


def test_the_tag_and_the_files_name_one_version(whole: Path, check: Check) -> None:
    git(whole, "tag", "--delete", "v1.2.0")
    git(whole, "tag", "v1.3.0")
    code, document = check(whole)
    assert code == 1
    assert said(document, "version") == "pyproject.toml:3 says 1.2.0, and the tag v1.3.0 says 1.3.0"
    assert "is of version 1.2.0 by its name, and the release is 1.3.0" in said(document, "artifacts")


@pytest.mark.parametrize(
    ("changelog", "message"),
    [
        ("# Changelog\n\n## 1.1.0 - 2025-01-01\n\n- First\n", "has no entry for 1.2.0"),
        ("# Changelog\n\n## 1.2.0 - unreleased\n\n- New\n", "says that it is not released"),
        ("# Changelog\n\n## 1.2.0 - 2999-01-01\n\n- New\n", "which is to come"),
        ("# Changelog\n\n## 1.2.0 - 2026-01-01\n\n## 1.1.0 - 2025-01-01\n\n- First\n", "says nothing"),
    ],
)
def test_the_changelog_has_the_release(tmp_path: Path, check: Check, changelog: str, message: str) -> None:
    root = releases.repository(tmp_path / "project", changelog=changelog)
    releases.wheel(root / "dist")
    code, document = check(root)
    assert code == 1
    assert message in said(document, "changelog")


def test_a_file_of_notes_holds_the_notes(whole: Path, check: Check) -> None:
    (whole / "dist" / "NOTES.md").write_text("# 1.2.0\n\n-  Something\n new\n")
    assert check(whole)[0] == 0
    (whole / "dist" / "NOTES.md").write_text("- First\n")
    code, document = check(whole)
    assert code == 1
    assert said(document, "notes") == "NOTES.md does not hold the notes of 1.2.0"


@pytest.mark.parametrize("gone", [releases.WHEEL, releases.SDIST])
def test_wheel_and_source_distribution_are_both_there(whole: Path, check: Check, gone: str) -> None:
    (whole / "dist" / gone).unlink()
    code, document = check(whole)
    assert code == 1
    assert "has no " in said(document, "artifacts")
    assert f"names {gone}, which is not in" in said(document, "checksums")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("sample-1.2.0-py2-none-any.whl", b"", "is empty"),
        ("sample-1.2.0-py2-none-any.whl", b"no zip", "is neither a zip nor a tar file"),
        ("sample-1.2.0.whl", b"PK", "has no name of an artifact"),
        ("virus.exe", b"", "virus.exe is no artifact"),
        ("sample-1.2.0+local.tar.gz", b"", "is empty"),
    ],
)
def test_what_is_no_artifact_of_the_release(whole: Path, check: Check, name: str, data: bytes, message: str) -> None:
    (whole / "dist" / name).write_bytes(data)
    releases.checksums(whole / "dist", "SHA256SUMS")
    code, document = check(whole)
    assert code == 1
    assert message in said(document, "artifacts")


def test_artifacts_of_no_known_version_are_not_right(tmp_path: Path, check: Check) -> None:
    root = releases.repository(tmp_path / "project", tag=None)
    (root / "pyproject.toml").write_text('[project]\nname = "sample"\ndynamic = ["version"]\n')
    releases.wheel(root / "dist")
    releases.sdist(root / "dist")
    code, document = check(root, without=("tag", "version", "changelog", "notes", "checksums", *ATTACHED))
    assert code == 3
    assert "nobody says which version is released" in said(document, "artifacts")


def test_metadata_of_another_version_under_the_right_name(whole: Path, check: Check) -> None:
    releases.wheel(whole / "dist", version="1.1.0")
    (whole / "dist" / "SHA256SUMS").unlink()
    releases.checksums(whole / "dist")
    code, document = check(whole)
    assert code == 1
    assert (
        said(document, "artifacts") == f"{releases.WHEEL} is of version 1.1.0 by its metadata, and the release is 1.2.0"
    )


def test_a_byte_that_changed_since_the_sums_were_written(whole: Path, check: Check) -> None:
    with (whole / "dist" / releases.WHEEL).open("ab") as file:
        file.write(b"\n")
    code, document = check(whole)
    assert code == 1
    assert "SHA256SUMS:1 says" in said(document, "checksums")


def test_the_text_names_each_part_and_how_to_mend_it(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (whole / "dist" / "SHA256SUMS").unlink()
    arguments = ["check", str(whole / "dist"), "--project", str(whole)]
    left = [word for name in ATTACHED for word in ("--without", name)]
    assert command([*arguments, *left], standalone_mode=False) == 1
    shown = capsys.readouterr().out
    assert "checksums   MISSING" in shown
    assert "fix: cd " in shown
    assert "sbom        left out" in shown
    assert shown.endswith("failed: checksums\n")


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A release with an SBOM and with provenance signed by a key that the project trusts."""
    pytest.importorskip("securesystemslib", reason="nothing that signs is installed")
    root = releases.repository(tmp_path / "project", tables=releases.TRUSTING)
    releases.wheel(root / "dist")
    releases.sdist(root / "dist")
    releases.bill(root / "dist")
    releases.checksums(root / "dist")
    releases.attested(root, root / "dist")
    return root


def test_a_release_with_all_that_belongs_to_it(signed: Path, check: Check) -> None:
    code, document = check(signed, without=())
    assert code == 0, document
    assert {one["state"] for one in document["parts"]} == {"complete"}
    assert part(document, "sbom")["message"] == "sample.cdx.json, 1 components"
    assert part(document, "provenance")["message"] == "provenance of 2 artifacts"


def test_signatures_of_nobody_in_particular_say_nothing(whole: Path, check: Check) -> None:
    pytest.importorskip("securesystemslib", reason="nothing that signs is installed")
    releases.attested(whole, whole / "dist")
    code, document = check(whole, without=("sbom",))
    assert code == 3
    assert "nobody says whose signatures count" in said(document, "signatures")
    assert part(document, "provenance")["state"] == "unknown"


def test_a_release_without_sbom_and_attestation(whole: Path, check: Check) -> None:
    code, document = check(whole, without=())
    assert code == 1
    assert [part(document, name)["state"] for name in ATTACHED] == ["missing"] * 3


def test_a_wheel_built_again_is_not_the_one_that_was_attested(signed: Path, check: Check) -> None:
    with zipfile.ZipFile(signed / "dist" / releases.WHEEL, "a") as archive:
        archive.writestr("sample/more.py", "")
    (signed / "dist" / "SHA256SUMS").unlink()
    releases.checksums(signed / "dist")
    code, document = check(signed, without=())
    assert code == 1
    assert "subject-digest" in said(document, "provenance")
    assert "no SBOM has the SHA-256 of" in said(document, "sbom")
    assert part(document, "checksums")["state"] == part(document, "signatures")["state"] == "complete"


def test_another_key(signed: Path, check: Check) -> None:
    held = (signed / "dist" / "provenance.intoto.jsonl").read_bytes()
    releases.attested(signed, signed / "dist")
    (signed / "dist" / "provenance.intoto.jsonl").write_bytes(held)
    code, document = check(signed, without=())
    assert code == 1
    assert "key-unknown" in said(document, "signatures")
    assert part(document, "provenance")["state"] == "unknown"


def test_without_a_commit_the_attestations_of_any_release_would_do(signed: Path, tmp_path: Path, check: Check) -> None:
    (signed / ".git").rename(tmp_path / "elsewhere")
    code, document = check(signed, without=("tag", "notes"))
    assert code == 3
    assert part(document, "provenance")["state"] == "unknown"
    assert "no commit that the release could be of" in said(document, "provenance")


def test_a_key_that_is_not_there_is_not_known(signed: Path, check: Check) -> None:
    (signed / "release.pub.pem").unlink()
    code, document = check(signed, without=())
    assert code == 3
    assert "release.pub.pem cannot be read" in said(document, "signatures")


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"builder": "https://elsewhere.example.org"}, "builder-wrong"),
        ({"when": datetime(2020, 1, 1, tzinfo=UTC)}, "expired"),
        ({"when": datetime(2999, 1, 1, tzinfo=UTC)}, "future"),
    ],
)
def test_what_is_attested_by_another_or_at_another_time(
    signed: Path, check: Check, change: dict[str, Any], slug: str
) -> None:
    releases.attested(signed, signed / "dist", **change)
    code, document = check(signed, without=())
    assert code == 1
    assert slug in said(document, "provenance") + said(document, "signatures")


def test_an_sbom_that_was_made_after_the_build(signed: Path, check: Check) -> None:
    with (signed / "dist" / "sample.cdx.json").open("a") as file:
        file.write("\n")
    code, document = check(signed, without=("checksums",))
    assert code == 1
    assert "byproduct-changed" in said(document, "provenance")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is no CycloneDX document"),
        ('{"bomFormat": "SPDX"}', "is no CycloneDX document"),
        ('{"bomFormat": "CycloneDX"}', "does not say what it is of"),
        ('{"bomFormat": "CycloneDX", "metadata": {"component": {"name": "other", "version": "1.2.0"}}}', "is of other"),
        ('{"bomFormat": "CycloneDX", "metadata": {"component": {"name": "sample"}}}', "is of version none"),
        (DANGLING, "names a dependency gone"),
    ],
)
def test_what_is_no_sbom_of_the_release(whole: Path, check: Check, text: str, message: str) -> None:
    (whole / "dist" / "sample.cdx.json").write_text(text)
    code, document = check(whole, without=("provenance", "signatures", "checksums"))
    assert code == 1
    assert message in said(document, "sbom")
