"""What may be signed, and what is signed then."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.builtin.attested import keys, slsa
from gates.builtin.attested.dists import digest
from gates.builtin.attested.keys import KeyRefused
from gates.builtin.provenance import commands
from gates.builtin.provenance.commands import Asked, Wish
from gates.builtin.provenance.source import NotAttested
from gates.errors import OutputError, UsageError
from gates.project import facts
from support import attesting
from support.attesting import BUILDER, REPOSITORY, SDIST, WHEEL
from support.repositories import git

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
GITHUB = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_WORKFLOW_REF": "ada/sample/.github/workflows/release.yml@refs/tags/v1.0",
    "GITHUB_REPOSITORY": "ada/sample",
    "GITHUB_RUN_ID": "7",
    "GITHUB_RUN_ATTEMPT": "1",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = attesting.made(tmp_path / "sample")
    keys.generate(tmp_path / "release.key", tmp_path / "release.pub.pem")
    monkeypatch.chdir(found)
    return found


def wish(**other: Any) -> Wish:
    held = Wish(
        dists=("dist",),
        output=Path("dist/provenance.intoto.jsonl"),
        key="../release.key",
        keyless=False,
        builder=BUILDER,
        record="gates-baseline/repro.json",
        packages=None,
        byproducts=(),
        report=None,
        gates=(),
    )
    return msgspec.structs.replace(held, **other)


def asked(**other: Any) -> Asked:
    held = Asked(
        dists=("dist",),
        attestations=(),
        public_key="../release.pub.pem",
        builder=BUILDER,
        repository="",
        workflow="",
        ref="refs/tags/v1.0",
        issuer=commands.ISSUER,
        commit="",
        version="1.0",
        kind="provenance",
        max_days=1.0,
        report="",
        gates=(),
        byproducts=(),
    )
    return msgspec.structs.replace(held, **other)


def attest(root: Path, environ: dict[str, str] | None = None, **other: Any) -> commands.Made:
    return commands.make(facts.find(root), wish(**other), environ or {}, NOW)


def write_report(root: Path, **other: Any) -> str:
    place = root / "dist/report.json"
    place.write_text(json.dumps(attesting.report(root, **other)), "utf-8")
    return "dist/report.json"


def test_what_is_signed_is_verified(root: Path) -> None:
    report = write_report(root)
    (root / "dist/sbom.json").write_text("{}", "utf-8")
    made = attest(root, report=report, gates=("lint",), byproducts=("dist/sbom.json",))
    (root / "dist/provenance.intoto.jsonl").write_bytes(made.data)
    found = commands.verify(asked(report=report, gates=("lint", "tests"), byproducts=("dist/sbom.json",)), NOW)
    assert found.judged.objections == ()
    assert [one.kind for one in found.judged.believed] == ["provenance", "result"]


def test_the_statement_says_where_it_comes_from(root: Path) -> None:
    (text,) = attest(root).statements
    said = json.loads(text)
    head = git(root, "rev-parse", "HEAD")
    definition = said["predicate"]["buildDefinition"]
    assert said["predicateType"] == slsa.TYPE
    assert {one["name"]: one["digest"]["sha256"] for one in said["subject"]} == {
        name: digest(root / "dist" / name) for name in (SDIST, WHEEL)
    }
    assert definition["resolvedDependencies"] == [
        {"name": "source", "uri": f"git+{REPOSITORY}@refs/tags/v1.0", "digest": {"gitCommit": head}},
        {"name": "hatchling", "uri": "pkg:pypi/hatchling@1.27.0", "digest": {"sha256": "a" * 64}},
    ]
    assert definition["externalParameters"]["version"] == "1.0"
    assert definition["internalParameters"]["backend"] == "hatchling.build"
    assert said["predicate"]["runDetails"]["builder"]["id"] == BUILDER
    assert said["predicate"]["runDetails"]["metadata"] == {"finishedOn": "2026-01-01T12:00:00Z"}
    assert "hunter2" not in text


def test_a_job_of_ci_is_the_builder_by_itself(root: Path) -> None:
    (text,) = attest(root, GITHUB, builder="").statements
    details = json.loads(text)["predicate"]["runDetails"]
    assert details["builder"]["id"] == "https://github.com/ada/sample/.github/workflows/release.yml@refs/tags/v1.0"
    assert details["metadata"]["invocationId"] == "https://github.com/ada/sample/actions/runs/7/attempts/1"


def test_the_report_of_pip_names_what_it_was_built_with(root: Path) -> None:
    item: dict[str, Any] = {
        "metadata": {"name": "Hatch_Ling", "version": "1.0"},
        "download_info": {"archive_info": {"hashes": {"sha256": "b" * 64}}},
    }
    (root / "dist/pip.json").write_text(json.dumps({"install": [item]}), "utf-8")
    (text,) = attest(root, packages="dist/pip.json").statements
    assert json.loads(text)["predicate"]["buildDefinition"]["resolvedDependencies"][1]["name"] == "hatch-ling"
    del item["download_info"]["archive_info"]
    (root / "dist/pip.json").write_text(json.dumps({"install": [item]}), "utf-8")
    with pytest.raises(NotAttested, match="from which file"):
        attest(root, packages="dist/pip.json")


def dirty(root: Path) -> None:
    (root / "stray.py").write_text("", "utf-8")


def changed(root: Path) -> None:
    (root / "pyproject.toml").write_text("", "utf-8")


def rebuilt(root: Path) -> None:
    (root / "dist" / WHEEL).write_bytes(b"another")


def unrecorded(root: Path) -> None:
    attesting.record(root, toolchain={"packages": [{"name": "x", "version": "1", "sha256": ""}]})
    git(root, "commit", "--quiet", "--all", "--message=record")


def torn(root: Path) -> None:
    (root / "gates-baseline/repro.json").write_text('{"gate": "repro"', "utf-8")
    git(root, "commit", "--quiet", "--all", "--message=record")


def two_releases(root: Path) -> None:
    (root / "dist/sample-0.9.tar.gz").write_bytes(b"old")
    attesting.record(root)
    git(root, "commit", "--quiet", "--all", "--message=record")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (dirty, "stray.py differs"),
        (changed, "pyproject.toml differs"),
        (rebuilt, "is not of sample-1.0-py3-none-any.whl"),
        (unrecorded, "it has no digest"),
        (torn, "is damaged"),
        (two_releases, "these are 2 releases"),
    ],
)
def test_what_is_not_true_is_not_signed(root: Path, edit: Callable[[Path], None], said: str) -> None:
    edit(root)
    with pytest.raises(NotAttested, match=said):
        attest(root)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"verdict": "failed", "exit_code": 1}, "says failed"),
        ({"verdict": "passed", "exit_code": 3}, "exit code 3"),
        ({"error": {"code": "usage", "message": "x"}}, "an error"),
        ({"gates": []}, "judged nothing"),
        ({"gates": [attesting.gate("lint"), attesting.gate("tests", "undecided")]}, "tests is undecided"),
        ({"gates": [attesting.gate("lint"), attesting.gate("tests", "failed")]}, "tests is failed"),
        ({"gates": [attesting.gate("lint", allowed_undecided=True)]}, "lets lint pass undecided"),
        ({"gates": [attesting.gate("tests")]}, "has no gate lint"),
        ({"gates": ["lint"]}, "is no report"),
        ({"project": {"commit": "0" * 40, "dirty": False, "scope": "full"}}, "of the commit 000000000000"),
        ({"schema_version": 2}, "schema_version 2"),
        ({"project": None}, "is no report"),
        ({"run": {}}, "when it was made"),
    ],
)
def test_a_report_that_is_not_whole_and_green_is_not_attested(root: Path, other: dict[str, Any], said: str) -> None:
    report = write_report(root, **other)
    with pytest.raises(NotAttested, match=said):
        attest(root, report=report, gates=("lint",))


@pytest.mark.parametrize(
    ("facts_", "said"),
    [
        ({"dirty": True}, "changes that no commit has"),
        ({"dirty": None}, "changes that no commit has"),
        ({"scope": {"shard": "2/4"}}, "only the scope `full`"),
        ({"scope": {"base": "0" * 40}}, "only the scope `full`"),
        ({"commit": None}, "of the commit None"),
    ],
)
def test_a_report_of_a_part_or_of_a_changed_tree_is_not_attested(root: Path, facts_: dict[str, Any], said: str) -> None:
    held = attesting.report(root)["project"]
    report = write_report(root, project={**held, **facts_})
    with pytest.raises(NotAttested, match=said):
        attest(root, report=report)


def test_a_report_that_was_changed_since_is_refused(root: Path) -> None:
    report = write_report(root)
    (root / "dist/provenance.intoto.jsonl").write_bytes(attest(root, report=report).data)
    write_report(root, verdict="failed")
    found = commands.verify(asked(report=report), NOW)
    assert [one.slug for one in found.judged.objections] == ["report-changed"]


def test_outside_of_git_nothing_is_attested(root: Path, tmp_path: Path) -> None:
    (root / ".git").rename(tmp_path / "git")
    with pytest.raises(NotAttested, match="no git commit"):
        attest(root)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"public_key": ""}, "--public-key is missing"),
        ({"builder": ""}, "--builder is missing"),
        ({"ref": ""}, "--commit or --ref is missing"),
        ({"workflow": "release.yml"}, "either a key"),
        ({"public_key": "", "builder": "", "ref": ""}, "say whom to trust"),
        ({"public_key": "", "builder": "", "repository": "ada/sample"}, "--workflow is missing"),
        (
            {"public_key": "", "builder": "", "repository": "ada/sample", "workflow": "x.yml", "ref": ""},
            "--ref is missing",
        ),
        ({"public_key": "", "builder": "", "workflow": "release.yml"}, "--repository is missing"),
        ({"public_key": "", "builder": "", "repository": "ada", "workflow": "x.yml"}, "is no repository"),
        ({"public_key": "", "builder": "", "repository": "ada/*", "workflow": "x.yml"}, "is no repository"),
        ({"public_key": "", "builder": "", "repository": "ada/sample", "workflow": ".*"}, "is no workflow"),
        (
            {"public_key": "", "builder": "", "repository": "ada/sample", "workflow": "x.yml", "ref": "v1"},
            "no whole ref",
        ),
        ({"commit": "abc"}, "no commit's whole name"),
        ({"dists": ("nowhere",)}, "there is no file"),
        ({"report": "nowhere.json"}, "there is no file"),
    ],
)
def test_whom_to_trust_is_never_left_open(root: Path, other: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        commands.verify(asked(**other), NOW)


def test_without_a_key_nothing_is_signed(root: Path) -> None:
    with pytest.raises(KeyRefused, match="PROVENANCE_SIGNING_KEY"):
        attest(root, key=None)
    with pytest.raises(KeyRefused, match="cannot be read"):
        attest(root, key="../nowhere.key")
    with pytest.raises(KeyRefused, match="cannot be read"):
        attest(root, key="pyproject.toml")


def test_without_an_identity_there_is_one_clear_sentence(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("ACTIONS_", "GITHUB_", "GITLAB_", "CI", "BUILDKITE"))]:
        monkeypatch.delenv(name)
    with pytest.raises(KeyRefused, match="needs the token of a CI job"):
        attest(root, keyless=True)


def test_a_key_of_the_environment_signs_too(root: Path, tmp_path: Path) -> None:
    pem = (tmp_path / "release.key").read_text("utf-8")
    for text in (pem, pem.replace("\n", "\\n")):
        made = attest(root, {keys.VARIABLE: text}, key=None)
        assert made.data == attest(root).data


def test_a_private_key_is_not_taken_for_a_public_one(root: Path) -> None:
    with pytest.raises(KeyRefused, match="must not have it"):
        commands.verify(asked(public_key="../release.key"), NOW)


def test_another_kind_of_key_is_refused(root: Path, tmp_path: Path) -> None:
    from securesystemslib.signer import CryptoSigner

    (tmp_path / "ecdsa.key").write_bytes(CryptoSigner.generate_ecdsa().private_bytes)
    with pytest.raises(KeyRefused, match="use ed25519"):
        attest(root, key="../ecdsa.key")


def test_no_key_is_overwritten_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    private, public = tmp_path / "a.key", tmp_path / "a.pub.pem"
    keys.generate(private, public)
    before = private.read_bytes()
    with pytest.raises(OutputError, match="no key is overwritten"):
        keys.generate(private, public)
    assert private.read_bytes() == before
    if os.name == "posix":
        assert private.stat().st_mode & 0o077 == 0
