"""When the gate cannot decide, and what it says then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gates.builtin.attested import keys
from gates.builtin.attested.facts import Dist
from gates.builtin.provenance.decide import decide
from gates.builtin.provenance.facts import ProvenanceEvidence
from gates.builtin.provenance.gate import ProvenanceGate
from gates.builtin.provenance.settings import ProvenanceSettings
from gates.builtin.provenance.trust import trusted
from gates.model.evidence import counted
from gates.testing import run
from support import attesting
from support.attestations import NOW, REF, TRUST
from support.attesting import BUILDER


@pytest.fixture
def root(tmp_path: Path) -> Path:
    found = attesting.made(tmp_path / "sample")
    keys.generate(tmp_path / "release.key", found / "release.pub.pem")
    return found


def judged(root: Path, **settings: Any) -> run.Judged:
    held = {"public_key": "release.pub.pem", "builder": BUILDER, **settings}
    return run.judge(root, ProvenanceGate(), **held)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"public_key": "", "builder": ""}, "not_configured"),
        ({"public_key": "nowhere.pem"}, "tool_config_invalid"),
        ({"public_key": "pyproject.toml"}, "tool_config_invalid"),
        ({"dist": ("nowhere",)}, "nothing_examined"),
        ({"dist": ("*.md",)}, "nothing_examined"),
        ({"dist": ("/nowhere/*.whl",)}, "tool_config_invalid"),
        ({"attestations": ("",)}, "tool_config_invalid"),
        ({"report": "nowhere.json"}, "unreadable"),
        ({"public_key": "", "builder": "", "repository": "a", "workflow": "x.yml", "ref": REF}, "tool_config_invalid"),
        ({"public_key": "", "builder": "", "repository": "a/b", "workflow": "x", "ref": REF}, "tool_config_invalid"),
    ],
)
def test_without_what_it_needs_it_is_undecided(root: Path, settings: dict[str, Any], code: str) -> None:
    found = judged(root, **settings)
    assert (found.verdict, found.reason.code) == ("undecided", code)


def test_outside_of_git_it_is_undecided(root: Path, tmp_path: Path) -> None:
    (root / ".git").rename(tmp_path / "git")
    assert judged(root).reason.code == "evidence_missing"


def test_artifacts_without_an_attestation_are_found(root: Path) -> None:
    found = judged(root)
    assert [rule for rule, *_ in found.found] == ["PRV001", "PRV001"]
    assert found.examined == 2


@pytest.mark.parametrize(
    "settings",
    [
        {"public_key": "a.pem"},
        {"builder": "b"},
        {"repository": "a/b"},
        {"repository": "a/b", "workflow": "x.yml"},
        {"public_key": "a.pem", "builder": "b", "repository": "a/b", "workflow": "x.yml", "ref": REF},
        {"max_days": -1.0},
        {"public_key": "-----BEGIN PRIVATE KEY-----", "builder": "b"},
    ],
)
def test_a_trust_that_is_open_on_a_side_is_no_setting(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"trust|needs|less than nothing|a key stands in it") as error:
        ProvenanceSettings(**settings)
    assert "BEGIN" not in str(error.value)


def test_the_ref_of_a_workflow_follows_the_version() -> None:
    settings = ProvenanceSettings(repository="ada/sample", workflow="release.yml", ref="refs/tags/v{version}")
    assert trusted(settings, "1.0") == TRUST


def test_artifacts_of_which_nobody_knows_the_version_are_trusted_to_no_ref() -> None:
    settings = ProvenanceSettings(repository="ada/sample", workflow="release.yml", ref="refs/tags/v{version}")
    evidence = ProvenanceEvidence.sealed(
        dists=counted((Dist(name="a.whl", sha256="0" * 64),)),
        opened=counted(()),
        commit="0" * 40,
        version="",
        report="",
        rehearsed=False,
        notes=counted(()),
    )
    found = decide(evidence, settings, NOW)
    assert [one.rule for one in found.findings] == ["PRV001"]
