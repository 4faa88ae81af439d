"""Documents of real environments, against what importlib.metadata says, hashes recomputed, strictly valid, the same."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.sbom.gate import SbomGate
from gates.process import interpreter
from gates.process.interpreter import Interpreter
from gates.testing import run
from gates.testing.project import write
from pytest_vltair.installed import canonical

EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}
PROJECT = """
    [project]
    name = "sample"
    version = "1.0"
    dependencies = [{}]
    """


def environment(folder: Path, *wanted: str) -> Path:
    """A virtual environment with what pip installs of the index; skips where there is none."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=120)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-compile", *wanted]
    done = subprocess.run(
        pip, capture_output=True, text=True, timeout=300, env={**os.environ, "PIP_RETRIES": "1"}, check=False
    )
    if done.returncode:
        pytest.skip(f"needs a package index: {done.stderr.strip().splitlines()[-1]}")
    return python


def document(root: Path, python: Path, **keys: Any) -> tuple[str, run.Judged]:
    """The text of the document of an environment, and all that was judged."""
    chosen = interpreter.choose(root, flag=str(python), configured=None, environ=os.environ, state=root / ".gates")
    assert isinstance(chosen, Interpreter)
    judged = run.judge(root, SbomGate(), python=chosen, environ=EPOCH, **keys)
    assert judged.refusal is None, judged.refusal
    assert judged.evidence is not None
    return judged.evidence.document, judged  # type: ignore[attr-defined]


def held(python: Path) -> dict[str, tuple[str, str]]:
    """Version and SHA-256 of RECORD by name, asked of the environment by importlib.metadata alone."""
    code = (
        "import json, hashlib; from importlib import metadata\n"
        "print(json.dumps([[one.metadata['Name'], one.version,"
        " hashlib.sha256((one._path / 'RECORD').read_bytes()).hexdigest() if (one._path / 'RECORD').is_file() else '']"
        " for one in metadata.distributions()]))"
    )
    done = subprocess.run([str(python), "-I", "-c", code], capture_output=True, check=True, timeout=600)
    found: dict[str, tuple[str, str]] = {}
    for name, version, record in json.loads(done.stdout):
        found.setdefault(canonical(name), (version, record))
    return found


def is_whole(text: str, python: Path, root: str = "sample") -> dict[str, Any]:
    """What has to hold of every document of an environment; returns it."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    whole: dict[str, Any] = json.loads(text)
    assert JsonStrictValidator(SchemaVersion.from_version(whole["specVersion"])).validate_str(text) is None
    expected = {name: told for name, told in held(python).items() if name != root}
    components = {canonical(one["name"]): one for one in whole["components"]}
    assert len(components) == len(whole["components"])
    assert {name: one["version"] for name, one in components.items()} == {
        name: version for name, (version, _) in expected.items()
    }
    hashed = 0
    for name, (_, record) in expected.items():
        of = {one["name"]: one["value"] for one in components[name]["properties"]}
        if of.get("gates:hash:of") == "RECORD":
            assert components[name]["hashes"] == [{"alg": "SHA-256", "content": record}]
            hashed += 1
    assert hashed
    refs = {one["bom-ref"] for one in whole["components"]} | {whole["metadata"]["component"]["bom-ref"]}
    assert {one["ref"] for one in whole["dependencies"]} == refs
    assert {ref for one in whole["dependencies"] for ref in one["dependsOn"]} <= refs
    return whole


def scopes(whole: dict[str, Any]) -> dict[str, str]:
    return {canonical(one["name"]): one["scope"] for one in whole["components"]}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("small") / "v", "click", "iniconfig")


@pytest.fixture(scope="module")
def extras(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("extras") / "v", "requests[socks]", "jsonschema[format]", "iniconfig")


def test_a_small_environment(small: Path, tmp_path: Path) -> None:
    root = write(tmp_path / "p", {"pyproject.toml": PROJECT.format('"click"')})
    text, judged = document(root, small)
    whole = is_whole(text, small)
    assert scopes(whole) == {"click": "required", "iniconfig": "excluded"}
    assert whole["metadata"]["component"]["name"] == "sample"
    assert whole["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    assert whole["metadata"]["lifecycles"] == [{"phase": "post-build"}]
    assert {one["name"] for one in whole["metadata"]["tools"]["components"]} >= {"cyclonedx-py", "pytest-vltair"}
    assert judged.decision is not None
    assert judged.decision.denominator.count == 3
    assert document(root, small)[0] == text


@pytest.mark.slow
def test_an_environment_with_extras(extras: Path, tmp_path: Path) -> None:
    root = write(tmp_path / "p", {"pyproject.toml": PROJECT.format('"requests[socks]"')})
    text, _ = document(root, extras)
    whole = is_whole(text, extras)
    found = scopes(whole)
    assert found["pysocks"] == found["urllib3"] == found["requests"] == "required"
    assert found["jsonschema"] == found["iniconfig"] == found["rfc3987"] == "excluded"
    graph = {one["ref"].partition("==")[0]: one["dependsOn"] for one in whole["dependencies"]}
    # What an extra adds is an edge only where somebody asked for the extra.
    assert any(ref.startswith("pysocks==") for ref in graph["requests"])
    assert not any(ref.startswith("chardet==") for ref in graph["requests"])
    assert document(root, extras)[0] == text
    newer = json.loads(document(root, extras, spec_version="1.7")[0])
    assert newer["specVersion"] == "1.7"
    assert newer["components"] == whole["components"]


@pytest.mark.slow
def test_an_environment_of_more_than_a_hundred(tmp_path: Path) -> None:
    if len(list(metadata.distributions())) < 100:
        pytest.skip("the environment of the tests holds less than a hundred distributions")
    root = write(tmp_path / "p", {"pyproject.toml": PROJECT.format('"pytest-vltair[test]"')})
    text, judged = document(root, Path(sys.executable))
    whole = is_whole(text, Path(sys.executable))
    assert len(whole["components"]) >= 100
    assert document(root, Path(sys.executable))[0] == text
    assert judged.decision is not None
    assert {one.rule for one in judged.decision.findings} <= {"SBOM004"}


def test_a_hash_over_files_is_that_of_every_file(small: Path, tmp_path: Path) -> None:
    """Without a RECORD; the manner is the one that the documentation tells."""
    place = environment(tmp_path / "v", "iniconfig")
    found = subprocess.run(
        [str(place), "-I", "-c", "import iniconfig, pathlib; print(pathlib.Path(iniconfig.__file__).parents[1])"],
        capture_output=True, check=True, text=True, timeout=600,
    )  # fmt: skip
    site = Path(found.stdout.strip())
    (info,) = site.glob("iniconfig-*.dist-info")
    names = [line.split(",")[0] for line in (info / "RECORD").read_text("utf-8").splitlines()]
    (info / "RECORD").rename(tmp_path / "RECORD")
    egg = site / f"{info.name.removesuffix('.dist-info')}.egg-info"
    info.rename(egg)
    (egg / "METADATA").rename(egg / "PKG-INFO")
    kept = [name for name in names if name.startswith("iniconfig/") and not name.endswith(".pyc")]
    (egg / "SOURCES.txt").write_text("\n".join(kept), "utf-8")
    lines = [f"{hashlib.sha256((site / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(kept)]
    root = write(tmp_path / "p", {"pyproject.toml": PROJECT.format("")})
    (component,) = json.loads(document(root, place)[0])["components"]
    assert component["hashes"][0]["content"] == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert {"name": "gates:hash:of", "value": "files"} in component["properties"]
