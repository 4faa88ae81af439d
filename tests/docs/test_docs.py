"""What the pages say is true: links lead somewhere, settings are accepted, code runs, and output is what is printed."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import get_args

import msgspec
import pytest
import yaml

from gates.cli.app import COMMANDS
from gates.config import settings, source
from gates.model.gate import GateSettings
from gates.model.reason import ReasonCode
from gates.plugins.manager import registry
from support.commands import environment, gates
from support.projects import write_project
from support.repositories import commit_all, git

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
README = REPOSITORY / "README.md"
FRONT = [README, *(REPOSITORY / name for name in ("CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md"))]
PAGES = sorted([*FRONT, *DOCS.rglob("*.md")])
TUTORIAL = DOCS / "tutorial" / "first-check.md"
WRITE_A_GATE = DOCS / "how-to" / "write-a-gate.md"
FENCE = re.compile(
    r"(?ms)^(?P<margin> *)(?P<fence>`{3,})(?P<language>\w*)\n(?P<text>.*?)^(?P=margin)(?P=fence) *$",
    re.MULTILINE | re.DOTALL,
)
MARKED = r"<!-- {} -->\s*```\w+\n(.*?)```"


def name(page: Path) -> str:
    return page.relative_to(REPOSITORY).as_posix()


every_page = pytest.mark.parametrize("page", PAGES, ids=name)


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(page: Path, language: str) -> Iterator[tuple[int, str]]:
    """Line and text of every code block of a language."""
    text = page.read_text("utf-8")
    for found in FENCE.finditer(text):
        if found["language"] == language:
            yield text.count("\n", 0, found.start()) + 1, re.sub(rf"(?m)^{found['margin']}", "", found["text"])


def prose(page: Path) -> str:
    """The page without code, in which nothing is a link or a heading."""
    return re.sub(r"`[^`\n]+`", "", FENCE.sub("", page.read_text("utf-8")))


def marked(page: Path, mark: str) -> str:
    """The code block that follows a comment."""
    found = re.search(MARKED.format(re.escape(mark)), page.read_text("utf-8"), re.DOTALL)
    assert found is not None, f"{name(page)} has no block marked {mark!r}"
    return found[1]


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the page's headings."""
    headings = re.findall(r"(?m)^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", one.strip().lower()).replace(" ", "-") for one in headings}


def links(page: Path) -> list[str]:
    return [one for one in re.findall(r"\]\(([^)\s]+)\)", prose(page)) if not re.match(r"[a-z]+:", one)]


# Generated pages


def test_the_reference_is_up_to_date() -> None:
    generated = generator()
    stale = [page for page, text in generated.pages().items() if (DOCS / "reference" / page).read_text("utf-8") != text]
    assert stale == [], "run `python docs/generate.py`"


def test_every_page_of_the_reference_is_generated() -> None:
    assert {page.name for page in (DOCS / "reference").glob("*.md")} == set(generator().pages())


def test_a_stale_page_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generated = generator()
    shutil.copytree(DOCS / "reference", tmp_path / "reference")
    monkeypatch.setattr(generated, "FOLDER", tmp_path / "reference")
    (tmp_path / "reference" / "rules.md").write_text("# Rules of last year\n", "utf-8")
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generated.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "docs/reference/rules.md is out of date: run `python docs/generate.py`"
    ]
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    assert generated.main() == 0
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generated.main() == 0


# Every page


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = page if not path else (page.parent / path).resolve()
        assert target.exists(), f"{name(page)}: {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{name(page)}: {link}; there are {sorted(anchors(target))}"


def test_the_index_leads_to_every_page() -> None:
    index = DOCS / "index.md"
    reached = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    assert [name(page) for page in DOCS.rglob("*.md") if page != index and page not in reached] == []


@every_page
def test_settings_in_examples_are_accepted(page: Path, tmp_path: Path) -> None:
    known = registry(third_party=False)
    of_gates = {gate: one.Settings for gate, one in known.gates.items()}
    of_gates["todo"] = msgspec.defstruct("TodoSettings", [("issue", str, "")], bases=(GateSettings,), kw_only=True)
    for line, text in blocks(page, "toml"):
        table = tomllib.loads(text).get("tool", {}).get("gates")
        if table is not None:
            (tmp_path / "pyproject.toml").write_text(text, "utf-8")
            read = source.read(tmp_path)
            assert dict(read.table) == table, f"{name(page)}:{line}"
            commands = {one.table.name: type(one.table) for one in settings.commands(read)}
            settings.resolve(read, {**of_gates, **commands}, environ={}, flags={}, rules=tuple(known.rules))


@every_page
def test_no_page_names_a_machine_or_a_registry(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.findall(r"(?:^|[\s\"'=(])/(?:work|opt|root|tmp)/\S*", text) == []
    assert re.findall(r"(?i)\S*(?:pypi\.org|pythonhosted|npmjs|conda\.anaconda)\S*", text) == []


# README


COMMIT = re.compile(r" @ [0-9a-f]{7}(?: \(dirty\))?")
TIME = re.compile(r" +(?:\d+\.\d s|cached)$", re.MULTILINE)
PYTHON = re.compile(r"  \S+ 3\.\d+$", re.MULTILINE)
COMMAND = re.compile(r"\S*python[\d.]*(?:\.exe)? -P -m ")


def timeless(output: str) -> str:
    """What `gates check` printed without commit, times, path and version of Python, and the number of settings."""
    told = COMMIT.sub("", TIME.sub("", re.sub(r"\d+ settings", "116 settings", output)))
    return PYTHON.sub("  PYTHON", COMMAND.sub("PYTHON -m ", told)).strip()


def test_timeless_keeps_everything_else() -> None:
    one = "greeting @ 3f2c1ab (dirty)  .venv/bin/python 3.12\n  lint  passed   2 files          0.3 s\npassed: 1 gate\n"
    other = "greeting  C:\\venv\\python.exe 3.11\n  lint  passed   2 files          cached\npassed: 1 gate\n"
    assert timeless(one) == timeless(other) == "greeting  PYTHON\n  lint  passed   2 files\npassed: 1 gate"
    assert timeless(one) != timeless(one.replace("2 files", "3 files"))


def test_the_output_in_the_readme_is_the_real_one(tmp_path: Path) -> None:
    assert "gates check --project examples/minimal" in marked(README, "command: main")
    ignored = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(REPOSITORY / "examples" / "minimal", tmp_path / "examples" / "minimal", ignore=ignored)
    git(tmp_path, "init", "--quiet")
    for message in ("one", "two"):
        commit_all(tmp_path, message)
    result = gates("check", "--project", "examples/minimal", cwd=tmp_path)
    assert (result.code, timeless(result.out)) == (0, timeless(marked(README, "output: main"))), result.err


def test_the_readme_names_every_built_in_gate_and_the_everyday_commands() -> None:
    text = README.read_text("utf-8")
    for gate in registry(third_party=False).gates:
        assert f"| `{gate}` |" in text
    for command in COMMANDS["everyday"]:
        assert f"gates {command}" in text


def test_the_workflow_of_the_readme_is_one_in_five_lines(tmp_path: Path) -> None:
    file = tmp_path / "gates.yml"
    file.write_text(marked(README, "file: .github/workflows/gates.yml"), "utf-8")
    assert len(file.read_text("utf-8").splitlines()) <= 5
    (job,) = yaml.safe_load(file.read_bytes())["jobs"].values()
    assert [one["uses"].partition("@")[0] for one in job["steps"]] == [
        "actions/checkout",
        "pytest-vltair/pytest-vltair",
    ]
    if importlib.util.find_spec("check_jsonschema") is None:
        pytest.skip("check-jsonschema is not installed: the extra `supply-chain` has it")
    words = [sys.executable, "-P", "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# The tutorial


def test_the_tutorial_prints_what_it_says(tmp_path: Path) -> None:
    """Follow it: write its files, break what it breaks, and compare what every command prints."""
    text = TUTORIAL.read_text("utf-8")
    for file, block in re.findall(r"`([\w.]+)`:\n\n```\w+\n(.*?)```", text.partition("## 2.")[0], re.DOTALL):
        (tmp_path / file).write_text(block, "utf-8")
    (tmp_path / ".gitignore").write_text(".venv/\n__pycache__/\n", "utf-8")
    test, code = tmp_path / "test_greeting.py", tmp_path / "greeting.py"
    leaves = next(block for _, block in blocks(TUTORIAL, "python") if "os._exit" in block)
    edits: dict[str, tuple[Path, Callable[[str], str]]] = {
        "## 3.": (code, lambda text: text.replace("Hello", "Hallo")),
        "## 4.": (test, lambda text: f"{text}\n\n{leaves}"),
        "See the first one": (test, lambda text: text.replace("def test_", "def check_")),
    }
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "A greeting"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)
    for part in re.split(r"(?m)^(?=## \d|See the first one)", text):
        edit = next((edit for start, edit in edits.items() if part.startswith(start)), None)
        before = "" if edit is None else edit[0].read_text("utf-8")
        if edit is not None:
            rewrite(edit[0], edit[1](before))
        for block in re.findall(r"```console\n(.*?)```", part, re.DOTALL):
            follow(block, tmp_path)
        if edit is not None:
            rewrite(edit[0], before)


def rewrite(file: Path, text: str) -> None:
    """Write a file that is seconds younger than before: compiled code counts as old by whole seconds and size alone."""
    later = file.stat().st_mtime + 2
    file.write_text(text, "utf-8")
    os.utime(file, (later, later))


def follow(block: str, folder: Path) -> None:
    """Run each command of a console block and compare what it prints."""
    code = 0
    for command, said in re.findall(r"(?m)^\$ (.+)\n((?:(?!\$ ).*\n)*)", block):
        if command == "echo $?":
            assert said.strip() == str(code), block
            continue
        words = command.split()
        argv = [sys.executable, "-P", "-m", *(words if words[0] == "gates" else [])]
        if words[0] == "python":
            argv = [sys.executable, *words[1:], "-p", "no:cacheprovider"]
        done = subprocess.run(
            argv,
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        code = done.returncode
        printed = re.sub(r"(?m)^gates: \w+ (?:started|done after).*\n", "", done.stdout)
        if said and words[0] == "gates":
            assert timeless(printed) == timeless(said), f"{command}\n{done.stdout}"


# Explanation and how-to


def test_every_row_of_the_vacuity_table_is_a_test() -> None:
    told = re.findall(r"`(test_\w+)`", (DOCS / "explanation" / "vacuity.md").read_text("utf-8"))
    files = ("test_vacuity_table.py", "test_bad_input.py")
    texts = [(REPOSITORY / "tests" / "vacuity" / file).read_text("utf-8") for file in files]
    tests = re.findall(r"(?m)^def (test_\w+)", "".join(texts))
    assert set(told) == set(tests) - {"test_the_healthy_project_is_green"}


def test_undecided_has_every_reason() -> None:
    headings = re.findall(r"(?m)^### (\w+)$", (DOCS / "how-to" / "undecided.md").read_text("utf-8"))
    assert sorted(headings) == sorted(get_args(ReasonCode))


SPELLING = """
import pathlib, sys
code = 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.md")):
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if "teh" in line:
            print(f"{path.as_posix()}:{number}: S1 teh")
            code = 1
sys.exit(code)
"""
CONTENTS = """
import pathlib
pages = sorted(path.name for path in pathlib.Path("docs").glob("*.md"))
pathlib.Path("docs/contents.txt").write_text("".join(f"{page}\\n" for page in pages), "utf-8")
"""


@pytest.fixture
def project_with_commands(tmp_path: Path) -> Path:
    """The project that the page on commands tells of, as it is when all is well."""
    page = DOCS / "how-to" / "gate-without-python.md"
    files = {file: marked(page, f"file: {file}") for file in ("pyproject.toml", "ci/spelling.patch")}
    pages = {
        "docs/intro.md": "# Introduction\n",
        "docs/more.md": "# More\n",
        "docs/contents.txt": "intro.md\nmore.md\n",
    }
    return write_project(tmp_path, {**files, **pages, "ci/spelling.py": SPELLING, "ci/contents.py": CONTENTS})


BENCH = DOCS / "how-to" / "bench.md"
FIGURE = re.compile(r"-?\d+(?:\.\d+)? (?:%|µs|ms|percent)")


def test_the_benchmark_of_the_page_is_red(tmp_path: Path) -> None:
    before, now = "max(text.split(), key=len)", "sorted(text.split(), key=len)[-1]"
    files = {file: marked(BENCH, f"file: {file}") for file in ("pyproject.toml", "test_words.py")}
    write_project(tmp_path, {**files, "words.py": f"def longest(text):\n    return {before}\n"})
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit_all(tmp_path)
    (tmp_path / "words.py").write_text(f"def longest(text):\n    return {now}\n", "utf-8")
    commit_all(tmp_path)
    failed = gates("check", "bench", cwd=tmp_path)
    printed = marked(BENCH, "output: failed").partition("\n")[2]
    assert failed.code == 1, failed.out + failed.err
    without = re.sub(r"(?m)^note: bench: the machine:.*\n(?:  .*\n)*", "", failed.out)
    assert FIGURE.sub("FIGURE", timeless(without)) == FIGURE.sub("FIGURE", timeless(printed))


PACKAGING = DOCS / "how-to" / "packaging.md"


def test_the_release_of_the_page_is_red(tmp_path: Path) -> None:
    code = '"""Greets."""\n\n__version__ = "1.1.0"\n\n\ndef main() -> None:\n    raise SystemExit(0)\n'
    files = {
        "pyproject.toml": marked(PACKAGING, "file: pyproject.toml"),
        "src/greet/__init__.py": code,
        "README.md": "Greets.\n",
        "LICENSE": (REPOSITORY / "LICENSE").read_text("utf-8"),
        "CHANGELOG.md": "# Changelog\n\n## 1.1.0 (2026-09-01)\n\n- First.\n",
        ".gitignore": ".gates/\n",
    }
    write_project(tmp_path, files)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit_all(tmp_path)
    failed = gates("check", "packaging", cwd=tmp_path)
    if "network_unavailable" in failed.out or "could not find a version" in failed.out.lower():
        pytest.skip("the package index cannot be reached")
    printed = marked(PACKAGING, "output: failed").partition("\n")[2]
    assert failed.code == 1, failed.out + failed.err
    assert timeless(failed.out) == timeless(printed)


def test_the_commands_of_the_page_are_gates(project_with_commands: Path) -> None:
    root = project_with_commands
    assert gates("check", cwd=root).code == 0
    (root / "docs" / "intro.md").write_text("# Introduction\n\nThis is teh end.\n", "utf-8")
    (root / "docs" / "more.md").rename(root / "docs" / "much more.md")
    failed = gates("check", "spelling", "contents", cwd=root)
    printed = marked(DOCS / "how-to" / "gate-without-python.md", "output: failed").partition("\n")[2]
    assert failed.code == 1
    assert told_without(failed.out, "policy") == told_without(printed, "policy")


def test_the_commands_of_the_page_are_proved(project_with_commands: Path) -> None:
    done = gates("prove", "spelling", "contents", cwd=project_with_commands)
    assert done.code == 0, done.out + done.err


def told_without(output: str, gate: str) -> str:
    """What a check printed, without the row and the notes of a gate that is always judged, and what was left out."""
    return timeless(re.sub(rf"(?m)^(?:  {gate} .*|note: {gate}:.*(?:\n  .*)*|not judged: .*)\n", "", output))


@pytest.fixture
def project_with_a_gate(tmp_path: Path) -> Path:
    """The files of the page, in a project."""
    for file in ("ci_gates.py", "test_ci_gates.py", "pyproject.toml"):
        (tmp_path / file).write_text(marked(WRITE_A_GATE, f"file: {file}"), "utf-8")
    for file in ("greeting.py", "test_greeting.py"):
        shutil.copy(REPOSITORY / "examples" / "minimal" / file, tmp_path)
    return tmp_path


def test_the_gate_of_the_page_works(project_with_a_gate: Path) -> None:
    root = project_with_a_gate
    passed = gates("check", cwd=root)
    assert passed.code == 0, passed.out + passed.err
    with (root / "greeting.py").open("a", encoding="utf-8") as file:
        file.write("# TODO later\n")
    failed = gates("check", "todo", cwd=root)
    assert failed.code == 1
    printed = marked(WRITE_A_GATE, "output: todo").partition("\n")[2]
    assert told_without(failed.out, "policy") == told_without(printed, "policy")


def test_the_gate_of_the_page_keeps_the_law(project_with_a_gate: Path) -> None:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_ci_gates.py"]
    done = subprocess.run(
        words, cwd=project_with_a_gate, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_the_gate_of_the_page_is_proved(project_with_a_gate: Path) -> None:
    done = gates("prove", "todo", cwd=project_with_a_gate)
    assert done.code == 0, done.out + done.err
    assert "todo  proved      1 rule" in done.out
