"""What README says on verifying a release: its commands accept one, and refuse one that was changed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from gates.cli.provenance_verify import command
from support import releases

README = Path(__file__).parents[2] / "README.md"
WHEEL, SDIST = "pytest_vltair-0.1.0-py3-none-any.whl", "pytest_vltair-0.1.0.tar.gz"
NAMED = "--repository pytest-vltair/pytest-vltair --workflow release.yml --ref refs/tags/v0.1.0"

pytest.importorskip("securesystemslib", reason="nothing that signs is installed")


def lines() -> list[str]:
    """The commands of README's block."""
    found = re.search(r"<!-- command: verify -->\s*```sh\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1].splitlines()


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of a release in a folder, signed by a key: a workflow's identity is only to be had in one."""
    root = releases.repository(tmp_path / "project")
    folder = root / "dist"
    releases.wheel(folder, name=WHEEL)
    releases.sdist(folder, name=SDIST)
    releases.bill(folder, "pytest-vltair.cdx.json")
    releases.checksums(folder)
    releases.attested(root, folder)
    monkeypatch.chdir(folder)
    return folder


def verified(words: str) -> int:
    """The exit code of a line that calls `gates provenance verify`."""
    _, _, arguments = words.partition("gates provenance verify ")
    code: int = command(shlex.split(arguments), standalone_mode=False)
    return code


def sums() -> int:
    """The exit code of README's first line."""
    words = shlex.split(lines()[0])
    assert words[0] == "sha256sum"
    return subprocess.run(words, capture_output=True, check=False).returncode


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_sums_that_hold_and_one_that_does_not(page: Path) -> None:
    assert sums() == 0
    with (page / WHEEL).open("ab") as file:
        file.write(b"\n")
    assert sums() == 1


def test_the_command_believes_the_workflow_alone(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert NAMED in lines()[1]
    assert verified(lines()[1]) == 1
    assert "scheme-wrong" in capsys.readouterr().out


def test_the_command_with_a_key_in_the_place_of_the_workflow(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trusting = f"--public-key {page.parent / 'release.pub.pem'} --builder {releases.BUILDER} --ref ''"
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    words = f"{lines()[1].replace(NAMED, trusting)} --commit {commit}"
    assert verified(words) == 0, capsys.readouterr().out
    (page / "pytest_vltair-0.1.0-py2-none-any.whl").write_bytes((page / WHEEL).read_bytes() + b"\n")
    assert verified(words) == 1
    assert "subject-missing" in capsys.readouterr().out
