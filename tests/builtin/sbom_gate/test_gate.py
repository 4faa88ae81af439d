"""The gate over real files: what it makes, what it refuses, what it says of documents of others, and what it hides."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gates.builtin.sbom.gate import SbomGate
from gates.builtin.sbom.making import validating
from gates.model.reason import Reason
from gates.testing import run
from gates.testing.project import write
from gates.testing.tool import Swapped
from support.commands import gates
from support.locked import FILES, LOCK, PYPROJECT

EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}
KEYS: dict[str, Any] = {
    "source": "uv",
    "suppliers": {"alpha": "A", "beta": "B", "colour": "C", "delta": "D"},
    "licences": {"alpha": "MIT", "beta": "BSD-3-Clause", "colour": "MIT", "delta": "GPL-3.0-only"},
}
SECRET = "hunter2-of-the-index"


def judge(root: Path, **keys: Any) -> run.Judged:
    return run.judge(root, SbomGate(), environ=EPOCH, **{**KEYS, **keys})


def found(judged: run.Judged) -> list[tuple[str, str | None]]:
    assert judged.decision is not None, judged.refusal
    return [(one.rule, one.subject) for one in judged.decision.findings]


def document(judged: run.Judged) -> dict[str, Any]:
    assert judged.evidence is not None, judged.refusal
    whole: dict[str, Any] = json.loads(judged.evidence.document)  # type: ignore[attr-defined]
    return whole


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "p", FILES)


def test_what_a_lock_of_uv_becomes(root: Path) -> None:
    judged = judge(root)
    assert judged.verdict == "passed"
    whole = document(judged)
    assert {one["name"]: one["scope"] for one in whole["components"]} == {
        "alpha": "required", "beta": "required", "colour": "optional", "delta": "excluded",
    }  # fmt: skip
    (alpha,) = [one for one in whole["components"] if one["name"] == "alpha"]
    assert alpha["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert alpha["purl"] == "pkg:pypi/alpha@1.0"
    assert {"name": "gates:hash:of", "value": "alpha-1.0-py3-none-any.whl"} in alpha["properties"]
    assert alpha["externalReferences"][0]["hashes"] == alpha["hashes"]
    graph = {one["ref"]: one["dependsOn"] for one in whole["dependencies"]}
    assert graph["root:sample"] == ["alpha==1.0", "colour==1.0"]
    assert graph["alpha==1.0"] == ["beta==1.0"]
    assert whole["metadata"]["lifecycles"] == [{"phase": "pre-build"}]


def test_what_is_locked_and_not_installed_is_said(root: Path) -> None:
    decision = judge(root).decision
    assert decision is not None
    (note,) = [one for one in decision.notes if "not installed" in one]
    assert note.startswith("4 of 4 distributions are not installed in the judged environment as they are locked: ")


def test_the_serial_number_follows_the_content(root: Path, tmp_path: Path) -> None:
    first = document(judge(root))
    again = document(judge(write(tmp_path / "elsewhere" / "q", FILES)))
    assert again == first
    other = document(judge(write(tmp_path / "other", {**FILES, "uv.lock": LOCK.replace("a" * 64, "f" * 64)})))
    assert other["serialNumber"] != first["serialNumber"]


@pytest.mark.parametrize(
    ("files", "keys", "code"),
    [
        ({"uv.lock": "version = 1\n"}, {}, "nothing_examined"),
        ({"uv.lock": "version = 9\n"}, {}, "unreadable"),
        ({"uv.lock": LOCK[: len(LOCK) // 2]}, {}, "unreadable"),
        ({"requirements.txt": "# nothing\n"}, {"source": "requirements"}, "nothing_examined"),
        ({}, {"source": "pylock"}, "evidence_missing"),
        ({}, {"document": "missing.json"}, "evidence_missing"),
        ({"sbom.json": "{}"}, {"document": "sbom.json"}, "evidence_corrupt"),
        ({"sbom.json": "{"}, {"document": "sbom.json"}, "evidence_corrupt"),
        ({}, {"artifacts": ("dist/*.whl",)}, "evidence_missing"),
    ],
)
def test_what_cannot_be_judged_is_undecided(root: Path, files: dict[str, str], keys: dict[str, Any], code: str) -> None:
    write(root, files)
    judged = judge(root, **keys)
    assert judged.verdict == "undecided"
    assert judged.reason.code == code
    assert judged.reason.fix


def test_without_an_interpreter_a_lock_is_judged_and_an_environment_is_not(root: Path) -> None:
    missing = Reason(code="interpreter_missing", message="there is none", fix="make one")
    assert judge(root, python=missing).verdict == "passed"
    undecided = judge(root, python=missing, source="environment")
    assert undecided.reason.code == "interpreter_missing"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "unparsable_output"),
        ("raise SystemExit(1)", "tool_crashed"),
        ("open(words[words.index('-o') + 1], 'w').write('{')", "unparsable_output"),
        ("open(words[words.index('-o') + 1], 'w').write('[]')", "unparsable_output"),
    ],
)
def test_a_tool_that_does_not_do_its_work(root: Path, tmp_path: Path, body: str, code: str) -> None:
    gate = SbomGate()
    context: Any = Swapped(run.context(root, gate, environ=EPOCH, **KEYS), tmp_path, body)
    refused: Any = gate.collect(context)
    assert refused.reason.code == code


def test_an_unpinned_requirement_has_no_version(root: Path) -> None:
    write(root, {"requirements.txt": "gates-test-unpinned\n"})
    judged = judge(root, source="requirements", minimum={"supplier": 0, "licence": 0, "hash": 0, "dependencies": 0})
    assert ("SBOM004", "gates-test-unpinned version") in found(judged)
    assert judged.decision is not None
    assert [one.line for one in judged.decision.findings if one.subject == "gates-test-unpinned version"] == [1]


def test_what_is_required_and_not_installed_is_missing(root: Path) -> None:
    judged = judge(root, source="environment")
    assert ("SBOM005", "alpha") in found(judged)


def test_built_files_are_in_the_document(root: Path) -> None:
    import hashlib

    write(root, {"dist/sample-1.0-py3-none-any.whl": b"a wheel"})
    whole = document(judge(root, artifacts=("dist/*",)))
    digest = hashlib.sha256(b"a wheel").hexdigest()
    assert whole["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]
    assert whole["metadata"]["lifecycles"] == [{"phase": "build"}]
    (root / "sbom.json").write_text(json.dumps(whole), "utf-8")
    assert judge(root, artifacts=("dist/*",), document="sbom.json").verdict == "passed"
    (root / "dist/sample-1.0-py3-none-any.whl").write_bytes(b"another wheel")
    assert found(judge(root, artifacts=("dist/*",), document="sbom.json")) == [
        ("SBOM007", "sample-1.0-py3-none-any.whl")
    ]


def nothing(whole: dict[str, Any]) -> None:
    del whole["metadata"]["component"], whole["components"], whole["dependencies"], whole["compositions"]


def without_metadata(whole: dict[str, Any]) -> None:
    root = whole["metadata"]["component"]
    whole["metadata"] = {"component": root}


def of_another(whole: dict[str, Any]) -> None:
    whole["metadata"]["component"]["version"] = "0.9"


def doubled(whole: dict[str, Any]) -> None:
    whole["components"][1]["bom-ref"] = whole["components"][0]["bom-ref"]


def unrelated(whole: dict[str, Any]) -> None:
    whole["dependencies"] = [one for one in whole["dependencies"] if not one["ref"].startswith("root:")]


def only_required(whole: dict[str, Any]) -> None:
    kept = [one for one in whole["components"] if one["scope"] == "required"]
    refs = {one["bom-ref"] for one in kept} | {"root:sample"}
    whole["components"] = kept
    whole["dependencies"] = [
        {**one, "dependsOn": [ref for ref in one["dependsOn"] if ref in refs]}
        for one in whole["dependencies"]
        if one["ref"] in refs
    ]
    del whole["compositions"]


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (nothing, {("SBOM002", None), ("SBOM005", "alpha"), ("SBOM005", "beta")}),
        (without_metadata, {("SBOM004", one) for one in ("author", "timestamp", "tool", "context")}),
        (of_another, {("SBOM002", "sample 0.9")}),
        (doubled, {("SBOM003", "alpha==1.0")}),
        (unrelated, {("SBOM003", "sample")}),
        (only_required, set()),
    ],
)
def test_a_document_of_somebody_else(
    root: Path, spoil: Callable[[dict[str, Any]], None], expected: set[tuple[str, str | None]]
) -> None:
    whole = document(judge(root))
    spoil(whole)
    (root / "sbom.json").write_text(json.dumps(whole), "utf-8")
    seen = set(found(judge(root, document="sbom.json", minimum={"dependencies": 0})))
    assert expected <= seen
    assert bool(seen) == bool(expected)


def test_the_policy_leaves_out_what_only_development_needs(root: Path) -> None:
    assert judge(root, deny=("GPL-*",)).verdict == "passed"
    assert found(judge(root, deny=("GPL-*",), development=True)) == [("SBOM008", "delta")]
    assert found(judge(root, allow=("MIT",))) == [("SBOM009", "beta")]


def test_a_document_excuses_nothing_that_its_source_requires(root: Path) -> None:
    whole = document(judge(root))
    for one in whole["components"]:
        one["scope"] = "excluded"
    (root / "sbom.json").write_text(json.dumps(whole), "utf-8")
    assert found(judge(root, document="sbom.json", allow=("MIT",))) == [("SBOM009", "beta")]


def test_no_credential_reaches_document_evidence_or_report(root: Path) -> None:
    hidden = LOCK.replace("https://index.example", f"https://me:{SECRET}@index.example")
    lines = (
        f"--extra-index-url https://me:{SECRET}@index.example/simple\n"
        f"direct @ https://me:{SECRET}@files.example/direct-1.0.tar.gz?token={SECRET}\n"
        f"git+https://{SECRET}@git.example/vcs.git@v1#egg=from-vcs\n"
    )
    write(root, {"uv.lock": hidden, "requirements.txt": lines})
    for source in ("uv", "requirements"):
        write(root, {"pyproject.toml": PYPROJECT.replace('source = "uv"', f'source = "{source}"')})
        for form in ("json", "cyclonedx"):
            done = gates("sbom", "--output-format", form, "--output-file", "text=a", cwd=root, env=EPOCH)
            assert "alpha" in done.out or "direct" in done.out
            assert SECRET not in done.out + done.err + (root / "a").read_text("utf-8")
    kept = [one for one in (root / ".gates").rglob("*") if one.is_file()]
    assert kept
    assert [one for one in kept if SECRET.encode() in one.read_bytes()] == []
    for source in ("uv", "requirements"):
        judged = judge(root, source=source)
        assert judged.evidence is not None
        assert SECRET not in repr(judged.evidence)
        assert "index.example" in repr(judged.evidence) or source == "requirements"


def test_the_command_writes_the_document_and_compares_two(root: Path) -> None:
    first = gates("sbom", "--output-file", "cyclonedx=a.json", "--output-file", "markdown=a.md", cwd=root, env=EPOCH)
    assert (first.code, "passed" in first.out) == (0, True), first.out + first.err
    assert "| licence |" in (root / "a.md").read_text("utf-8")
    whole = json.loads((root / "a.json").read_text("utf-8"))
    assert gates("sbom", "diff", "a.json", "a.json", cwd=root).code == 0
    whole["components"][0] |= {"version": "2.0", "licenses": [{"license": {"id": "Zlib"}}]}
    whole["components"][1]["hashes"] = [{"alg": "SHA-256", "content": "f" * 64}]
    whole["components"][1]["externalReferences"] = []
    gone = whole["components"].pop()
    whole["components"].append({"type": "library", "name": "new", "version": "3"})
    (root / "b.json").write_text(json.dumps(whole), "utf-8")
    done = gates("sbom", "diff", "a.json", "b.json", "--output-format", "json", cwd=root)
    assert done.code == 1
    told = {(one["what"], one["name"]) for one in json.loads(done.out)["changes"]}
    assert told == {
        ("version", "alpha"),
        ("licence", "alpha"),
        ("hash", "beta"),
        ("removed", gone["name"]),
        ("added", "new"),
    }
    for form in ("text", "markdown"):
        assert "alpha" in gates("sbom", "diff", "a.json", "b.json", "--output-format", form, cwd=root).out


def test_what_cannot_be_compared(root: Path) -> None:
    write(
        root, {"empty.json": '{"bomFormat": "CycloneDX", "specVersion": "1.6"}', "no.json": "[]", "bytes.json": b"\xff"}
    )
    for name, code in (("missing.json", 2), ("empty.json", 3), ("no.json", 3), ("bytes.json", 3)):
        done = gates("sbom", "diff", name, name, cwd=root)
        assert done.code == code, done.out + done.err
        assert "Traceback" not in done.err


def test_a_document_can_be_judged_by_the_command(root: Path) -> None:
    gates("sbom", "--output-file", "cyclonedx=a.json", cwd=root, env=EPOCH)
    text = (root / "a.json").read_text("utf-8")
    assert gates("sbom", "--document", "a.json", cwd=root).code == 0
    (root / "a.json").write_text(text.replace('"bomFormat"', '"bomformat"'), "utf-8")
    assert gates("sbom", "--document", "a.json", cwd=root).code == 3
    assert gates("sbom", "--document", "a.json", "--output-format", "cyclonedx", cwd=root).code == 2


@pytest.mark.parametrize(
    "table",
    ["minimum = { suplier = 1 }", "minimum = { supplier = 101 }", 'licences = { alpha = "Nothing" }', 'source = "pip"'],
)
def test_settings_that_cannot_be_meant(tmp_path: Path, table: str) -> None:
    text = PYPROJECT.partition("[tool.gates.sbom]")[0]
    root = write(tmp_path / "p", {"pyproject.toml": f"{text}\n    [tool.gates.sbom]\n    {table}\n"})
    done = gates("check", "sbom", cwd=root)
    assert done.code == 2
    assert "Traceback" not in done.err


POETRY = f"""
[[package]]
name = "alpha"
version = "1.0"
description = "First."
optional = false
python-versions = ">=3.8"
groups = ["main"]
files = [{{file = "alpha-1.0-py3-none-any.whl", hash = "sha256:{"a" * 64}"}}]

[package.dependencies]
beta = ">=1"

[[package]]
name = "beta"
version = "2.0"
description = "Second."
optional = false
python-versions = ">=3.8"
groups = ["main"]
files = [{{file = "beta-2.0.tar.gz", hash = "sha256:{"b" * 64}"}}]

[metadata]
lock-version = "2.1"
python-versions = ">=3.11"
content-hash = "{"0" * 64}"
"""
BY_POETRY = """
    [tool.poetry]
    name = "sample"
    version = "1.0"
    description = "A sample."
    authors = ["The authors <a@example.org>"]

    [tool.poetry.dependencies]
    python = ">=3.11"
    alpha = "^1"
    """


def test_what_a_lock_of_poetry_becomes(tmp_path: Path) -> None:
    root = write(tmp_path / "p", {"pyproject.toml": BY_POETRY, "poetry.lock": POETRY})
    judged = judge(root, source="auto", author="The authors", minimum={"supplier": 0, "licence": 0})
    whole = document(judged)
    assert [(one["name"], one["scope"]) for one in whole["components"]] == [("alpha", "required"), ("beta", "required")]
    assert [one["hashes"][0]["content"] for one in whole["components"]] == ["a" * 64, "b" * 64]
    assert {one["ref"]: one["dependsOn"] for one in whole["dependencies"]} == {
        "root:sample": ["alpha==1.0"], "alpha==1.0": ["beta==2.0"], "beta==2.0": [],
    }  # fmt: skip
    assert found(judged) == []


def test_names_of_files_are_not_parsed_as_addresses(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To parse one takes 30 ms, and a lock of poetry names hundreds of files."""
    whole = document(judge(root))
    parsed: list[str] = []
    addresses = ("alpha-1.0+l-py3-none-any.whl", "https://index.example/simple/alpha/#alpha-1.0.tar.gz")
    whole["components"][0]["externalReferences"] = [{"type": "distribution", "url": one} for one in addresses]
    from jsonschema import FormatChecker

    check = FormatChecker.check

    def counting(self: FormatChecker, instance: object, kind: str) -> None:
        parsed.extend([str(instance)] if kind == "iri-reference" else [])
        check(self, instance, kind)

    monkeypatch.setattr(FormatChecker, "check", counting)
    assert validating.validated(json.dumps(whole)) == ()
    assert parsed
    assert max(map(len, parsed)) < 6
