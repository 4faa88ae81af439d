"""Private keys, tokens and passwords that lie in a project reach nothing that the supply-chain gates write or print."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_vltair.tokens import MASK
from support.commands import Result, gates
from support.repositories import commit_all, git

TOKEN = "gh" + "p_" + "Q7w2E9r4" * 5
DEPLOY = "correct-horse-battery-staple"
PASSWORD = "pa55word" + "-of-robot"
BODY = "MC4CAQAwBQYDK2VwBCIEIAbcdefghijklmnopqrstuvwx"
KIND = "PRIVATE KEY"  # in parts: a scanner of this repository must not take an example for the real thing
PEM = f"-----BEGIN {KIND}-----\n{BODY}\n-----END {KIND}-----\n"
SIGNING = "MC4CAQAwBQYDK2VwBCIEIZyxwvutsrqponmlkjihgfedcb"
INDEX = f"https://robot:{PASSWORD}@index.example/simple"
CUSTOMER = "customer-4711-of-the-project"
SECRETS = (TOKEN, DEPLOY, PASSWORD, BODY, SIGNING, CUSTOMER)
HASH = "0" * 64

FILES = {
    "pyproject.toml": f"""\
[project]
name = "sample"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["packaging", "other @ https://robot:{PASSWORD}@files.example/other-1.0-py3-none-any.whl"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[[tool.uv.index]]
url = "{INDEX}"

[tool.gates.redact]
patterns = ["customer-[0-9]+-[a-z-]+"]

[tool.gates.sbom]
[tool.gates.audit]
[tool.gates.secrets]
[tool.gates.provenance]
rehearse = true
[tool.gates.workflows]
""",
    "uv.lock": f"""\
# {CUSTOMER}
version = 1
requires-python = ">=3.11"

[[package]]
name = "sample"
version = "1.0"
source = {{ editable = "." }}
dependencies = [{{ name = "packaging" }}, {{ name = "other" }}]

[[package]]
name = "packaging"
version = "24.0"
source = {{ registry = "{INDEX}" }}
sdist = {{ url = "{INDEX}/packaging-24.0.tar.gz", hash = "sha256:{HASH}", size = 1 }}

[[package]]
name = "other"
version = "1.0"
source = {{ url = "https://robot:{PASSWORD}@files.example/other-1.0-py3-none-any.whl" }}
wheels = [{{ url = "https://robot:{PASSWORD}@files.example/other-1.0-py3-none-any.whl", hash = "sha256:{HASH}" }}]
""",
    "requirements.txt": f"--index-url {INDEX}\npackaging==24.0 --hash=sha256:{HASH}\n",
    "pip.conf": f"[global]\nindex-url = {INDEX}\n",
    "src/sample/__init__.py": f'TOKEN = "{TOKEN}"\n',
    "deploy.pem": PEM,
    ".github/workflows/ci.yml": f"""\
on: push
env:
  TOKEN: {TOKEN}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: gates check --no-such-option {DEPLOY} || true
      - run: pip install --index-url {INDEX} sample; echo '{BODY}' {CUSTOMER}
""",
}

CRASHING = """\
import os

where = os.environ.get("PLANTED_CRASH")
if where is not None:
    import gates.builtin.workflows.gate
    import gates.engine.session

    def crash(*_):
        raise RuntimeError(open("uv.lock").read() + open("deploy.pem").read() + repr(dict(os.environ)))

    if where == "gate":
        gates.builtin.workflows.gate.WorkflowsGate.collect = crash
    else:
        gates.engine.session.judge = crash
"""

ENVIRON = {
    "GITHUB_TOKEN": TOKEN,
    "DEPLOY_PASSWORD": DEPLOY,
    "PIP_INDEX_URL": INDEX,
    "UV_INDEX_URL": INDEX,
    "SIGNING_KEY": PEM.replace(BODY, SIGNING),
}
GATES = ("sbom", "audit", "secrets", "provenance", "workflows")
QUICK = tuple(name for name in GATES if name != "provenance")  # that one builds, each time
FORMATS = ("full", "concise", "json", "sarif", "junit", "markdown", "github")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("secrets") / "sample"
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, "utf-8")
    git(place, "init", "--quiet")
    git(place, "remote", "add", "origin", f"https://robot:{PASSWORD}@github.com/owner/sample.git")
    commit_all(place)
    return place


def leaks(root: Path, *results: Result) -> list[str]:
    """Which secrets are in what was printed or written; what was planted is not counted."""
    said = {"stdout or stderr": "".join(one.out + one.err for one in results)}
    for folder in (root / ".gates", root.with_name("written")):
        for path in folder.rglob("*"):
            if path.is_file():
                said[path.as_posix()] = path.read_bytes().decode("utf-8", "replace")
    return [f"{secret} in {place}" for place, text in said.items() for secret in SECRETS if secret in text]


def run(root: Path, *arguments: str, **more: str) -> Result:
    return gates(*arguments, cwd=root, env={**ENVIRON, **more})


def test_no_secret_of_the_project_is_told_or_kept(root: Path) -> None:
    written = root.with_name("written")
    written.mkdir()
    files = [word for name in FORMATS for word in ("--output-file", f"{name}={written / name}")]
    checked = run(root, "check", *GATES, "--offline", "-vv", *files)
    again = run(root, "check", *QUICK, "--offline", "-v")
    collected = run(root, "collect", *QUICK, "--offline", "--output", str(written))
    merged = run(root, "merge", str(written), "--offline")
    shown = run(root, "sbom", "--offline")
    attested = run(root, "provenance", "--dry-run", "--builder", "urn:example:builder")
    assert {path.name for path in written.iterdir()} >= {*FORMATS, *(f"{name}.json" for name in QUICK)}
    assert MASK in checked.out
    assert leaks(root, checked, again, collected, merged, shown, attested) == []


@pytest.mark.parametrize(("where", "name"), [("gate", "gate-workflows.log"), ("session", "gates.log")])
def test_no_secret_is_in_a_crash_log(root: Path, tmp_path: Path, where: str, name: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(CRASHING, "utf-8")
    crashed = run(root, "check", "workflows", PYTHONPATH=str(tmp_path), PLANTED_CRASH=where)
    log = (root / ".gates" / "crash" / name).read_text("utf-8")
    assert "RuntimeError" in log
    assert "index.example" in log, "the planted text is not in the log, so nothing was shown"
    assert leaks(root, crashed) == []
