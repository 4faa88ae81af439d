"""The action's own steps, run as a runner runs them: on a green project, a red one and one that cannot be judged."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from support import action_jobs, attesting, healthy
from support.commands import gates
from support.steps.job import Job

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are written for bash")


def run(workspace: Path, temporary: Path, **inputs: str) -> tuple[Job, dict[str, str]]:
    """A job with the action alone, which installs nothing: the Python that runs this test has gates."""
    job = action_jobs.job(workspace, temporary)
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    return job, job.action(action_jobs.ROOT, {"install": "false", **given})


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return action_jobs.minimal(tmp_path / "checkout")


def test_green(checkout: Path, tmp_path: Path) -> None:
    job, outputs = run(checkout, tmp_path / "runner")
    assert (job.status, outputs["verdict"], outputs["exit-code"]) == ("success", "passed", "0"), job.text
    report = json.loads(Path(outputs["report"]).read_text("utf-8"))
    assert [one["name"] for one in report["gates"]] == ["lint", "types", "tests", "policy"]
    assert json.loads(Path(outputs["sarif"]).read_text("utf-8"))["version"] == "2.1.0"
    assert Path(outputs["html"]).read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "| tests | passed | 2 tests |" in job.summary
    assert job.annotations == []
    assert "held: PYTHONHASHSEED=0 TZ=UTC LC_ALL=C.UTF-8 LANG=C.UTF-8 SOURCE_DATE_EPOCH=" in job.text
    assert job.exported == {}


def test_red(checkout: Path, tmp_path: Path) -> None:
    (checkout / "greeting.py").write_text("import os\n\n\ndef greet(name: str) -> str:\n    return name\n", "utf-8")
    job, outputs = run(checkout, tmp_path / "runner", args="--select lint,tests")
    assert (job.status, outputs["verdict"], outputs["exit-code"]) == ("failure", "failed", "1"), job.text
    shown = {(one.name, one.properties.get("file"), one.properties.get("line")) for one in job.annotations}
    assert ("error", "greeting.py", "1") in shown
    assert "TST001" in job.summary
    assert outputs["sarif"]


def test_undecided(checkout: Path, tmp_path: Path) -> None:
    (checkout / "test_greeting.py").write_text("", "utf-8")
    job, outputs = run(checkout, tmp_path / "runner", args="tests")
    assert (job.status, outputs["verdict"], outputs["exit-code"]) == ("failure", "undecided", "3")
    assert "nothing examined" in job.summary


def test_a_subdirectory_with_a_blank_in_its_name(tmp_path: Path) -> None:
    healthy.write(tmp_path / "checkout" / "with a blank")
    checkout = tmp_path / "checkout"
    action_jobs.git(checkout, "init", "--quiet")
    action_jobs.commit(checkout, "first")
    (checkout / "with a blank/src/sample/adder.py").write_text("import os\n", "utf-8")
    job, outputs = run(checkout, tmp_path / "runner", project="with a blank", args="lint -v")
    assert outputs["verdict"] == "failed", job.text
    assert "with a blank/src/sample/adder.py" in {one.properties.get("file") for one in job.annotations}


def test_the_findings_of_a_red_run_are_uploaded_where_the_token_can_write(checkout: Path, tmp_path: Path) -> None:
    (checkout / "greeting.py").write_text("import os\n", "utf-8")
    event = {"pull_request": {"head": {"repo": {"full_name": "org/sample"}}}}
    job = action_jobs.job(checkout, tmp_path / "runner", event=event)
    outputs = job.action(action_jobs.ROOT, {"install": "false", "args": "lint", "sarif": "true"})
    assert (job.status, outputs["verdict"]) == ("failure", "failed"), job.text
    (upload,) = job.used
    assert upload.action.startswith("github/codeql-action/upload-sarif@")
    assert upload.given == {"sarif_file": outputs["sarif"], "category": "gates-."}


def test_later_steps_are_held_where_it_is_asked_for(checkout: Path, tmp_path: Path) -> None:
    workflow = """
        jobs:
          one:
            env: {TZ: Asia/Kolkata}
            steps:
              - uses: ./
                with: {install: "false", args: lint, export-env: "true", summary: "false"}
              - run: echo "zone=$TZ hash=$PYTHONHASHSEED date=$SOURCE_DATE_EPOCH"
        """
    job = action_jobs.job(checkout, tmp_path / "runner", env={"SOURCE_DATE_EPOCH": "1700000000"})
    job.workflow(workflow)
    assert job.status == "success", job.text
    assert job.ended[-1].text == "zone=UTC hash=0 date=1700000000\n"
    assert job.exported["TZ"] == "UTC"
    assert job.summary == ""


def test_words_of_args_are_not_a_script(checkout: Path, tmp_path: Path) -> None:
    words = "lint '; touch pwned' $(touch pwned) `touch pwned` && touch pwned"
    job, outputs = run(checkout, tmp_path / "runner", args=words)
    assert (job.status, outputs["exit-code"]) == ("failure", "2")
    assert not (checkout / "pwned").exists()


def test_an_error_of_configuration_is_red_with_a_report(checkout: Path, tmp_path: Path) -> None:
    with (checkout / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('\n[tool.gates]\nselect = ["lnt"]\n')
    job, outputs = run(checkout, tmp_path / "runner")
    assert (job.status, outputs["exit-code"], outputs["verdict"]) == ("failure", "2", "undecided")
    assert "did you mean" in job.annotations[0].data


def test_prove(checkout: Path, tmp_path: Path) -> None:
    job, outputs = run(checkout, tmp_path / "runner", command="prove", args="--fast lint")
    assert (job.status, outputs["verdict"], outputs["exit-code"]) == ("success", "passed", "0"), job.text
    assert "| lint | passed | 1 of 1 | 2 of 2 |" in job.summary


def test_what_was_not_proved_is_annotated(checkout: Path, tmp_path: Path) -> None:
    (checkout / "greeting.py").write_text("import os\n", "utf-8")
    job, outputs = run(checkout, tmp_path / "runner", command="prove", args="--fast lint")
    assert (job.status, outputs["verdict"], outputs["exit-code"]) == ("failure", "undecided", "3"), job.text
    assert [one.properties["title"] for one in job.annotations] == ["lint: not proved"]


def test_a_matrix_is_judged_by_its_last_job(checkout: Path, tmp_path: Path) -> None:
    for lane in ("linux", "windows"):
        args = f"tests --lane {lane} --output {tmp_path / 'parts'}"
        job, outputs = run(checkout, tmp_path / lane, command="collect", args=args)
        assert (job.status, outputs["verdict"], outputs["exit-code"]) == ("success", "undecided", "0"), job.text
    merge = f"{tmp_path / 'parts'} --select tests --lane linux --lane"
    job, outputs = run(checkout, tmp_path / "merge", command="merge", args=f"{merge} windows")
    assert (job.status, outputs["verdict"]) == ("success", "passed"), job.text
    job, outputs = run(checkout, tmp_path / "less", command="merge", args=f"{merge} macos")
    assert (job.status, outputs["verdict"]) == ("failure", "undecided"), job.text


def test_provenance_without_a_key_or_an_identity_is_red(checkout: Path, tmp_path: Path) -> None:
    job, outputs = run(checkout, tmp_path / "runner", command="provenance")
    assert (job.status, outputs["verdict"], outputs["provenance"]) == ("failure", "undecided", "")
    assert "there is no folder dist with what was built" in job.annotations[0].data


LOCK = """\
lock-version = "1.0"
created-by = "hand"

[[packages]]
name = "alpha"
version = "1.4"
dependencies = []
wheels = [{ name = "alpha-1.4-py3-none-any.whl", hashes = { sha256 = "%s" } }]
""" % ("a" * 64)
LOCKED = """
license = "MIT"
authors = [{ name = "The authors" }]
dependencies = ["alpha"]

[tool.gates.sbom]
licences = { alpha = "MIT" }
suppliers = { alpha = "The alpha project" }
"""


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A project that was built, and whose dependencies are locked."""
    root = attesting.made(tmp_path / "built")
    action_jobs.git(root, "remote", "remove", "origin")
    (root / "pylock.toml").write_text(LOCK, "utf-8")
    with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(LOCKED)
    action_jobs.commit(root, "locked")
    action_jobs.git(root, "tag", "--force", "v1.0")
    return root


def test_provenance(built: Path, tmp_path: Path) -> None:
    assert gates("provenance", "key", "release", cwd=tmp_path).code == 0
    key = {"PROVENANCE_SIGNING_KEY": (tmp_path / "release.key").read_text("utf-8")}
    job = action_jobs.job(built, tmp_path / "runner", env=key)
    given = {"install": "false", "command": "provenance", "args": f"--builder {attesting.BUILDER}"}
    outputs = job.action(action_jobs.ROOT, given)
    assert (job.status, outputs["verdict"], outputs["exit-code"]) == ("success", "passed", "0"), job.text
    assert json.loads(Path(outputs["sbom"]).read_text("utf-8"))["bomFormat"] == "CycloneDX"
    words = (
        "--public-key",
        str(tmp_path / "release.pub.pem"),
        "--builder",
        attesting.BUILDER,
        "--ref",
        "refs/tags/v1.0",
    )
    verified = gates("provenance", "verify", str(Path(outputs["provenance"]).parent), *words, cwd=built)
    assert verified.code == 0, verified.out + verified.err
    assert key["PROVENANCE_SIGNING_KEY"].splitlines()[1] not in job.text


def test_an_older_statement_is_not_taken_for_a_new_one(built: Path, tmp_path: Path) -> None:
    (built / "dist/provenance.intoto.jsonl").write_text("{}\n", "utf-8")
    job, outputs = run(built, tmp_path / "runner", command="provenance", args=f"dist --builder {attesting.BUILDER}")
    assert (job.status, outputs["verdict"], outputs["provenance"]) == ("failure", "undecided", ""), job.text
    assert outputs["exit-code"] == "3"


def test_the_sbom_of_a_judged_project(built: Path, tmp_path: Path) -> None:
    job, outputs = run(built, tmp_path / "runner", args="sbom")
    assert (job.status, outputs["verdict"]) == ("success", "passed"), job.text
    assert json.loads(Path(outputs["sbom"]).read_text("utf-8"))["bomFormat"] == "CycloneDX"


def test_every_input_and_output_is_described() -> None:
    action = yaml.safe_load((action_jobs.ROOT / "action.yml").read_text("utf-8"))
    for one in (*action["inputs"].values(), *action["outputs"].values()):
        assert one["description"]


def test_the_hooks_cannot_be_skipped_for_want_of_files() -> None:
    for hook in yaml.safe_load((action_jobs.ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")):
        assert (hook["always_run"], hook["pass_filenames"]) == (True, False)
