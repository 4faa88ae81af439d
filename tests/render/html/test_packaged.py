"""The templates are in what is published: without them the format is there and cannot be made."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
TEMPLATES = REPOSITORY / "src" / "gates" / "render" / "html" / "templates"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(folder)]
    done = subprocess.run(command, check=False, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


def test_wheel_and_source_distribution_hold_every_template(dist: Path) -> None:
    expected = {f"gates/render/html/templates/{path.name}" for path in TEMPLATES.iterdir()}
    assert len(expected) == 4
    (wheel,) = dist.glob("*.whl")
    (sdist,) = dist.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        assert expected <= set(archive.namelist())
    with tarfile.open(sdist) as archive:
        assert expected <= {name.partition("/src/")[2] for name in archive.getnames()}
