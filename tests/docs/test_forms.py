"""What the repository's host reads: forms that it accepts, with links that lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from gates.model.rule import Rule
from gates.plugins.manager import registry

REPOSITORY = Path(__file__).parents[2]
FORMS = REPOSITORY / ".github" / "ISSUE_TEMPLATE"
HOST = "https://github.com/pytest-vltair/pytest-vltair"


def valid(schema: str, *files: Path) -> str:
    """What the schema says against the files; nothing where they are right."""
    if find_spec("check_jsonschema") is None:
        pytest.skip("check-jsonschema is not installed: the extra `supply-chain` has it")
    words = [sys.executable, "-P", "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_forms_are_accepted_and_a_wrong_one_is_not(tmp_path: Path) -> None:
    forms = sorted(file for file in FORMS.glob("*.yml") if file.name != "config.yml")
    assert {file.stem for file in forms} == {"bug", "feature", "gate", "verdict"}
    assert valid("github-issue-forms", *forms) == ""
    assert valid("github-issue-config", FORMS / "config.yml") == ""
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(forms[0].read_text("utf-8").replace("body:", "bodies:"), "utf-8")
    assert "body" in valid("github-issue-forms", wrong)


def test_the_pages_are_built_elsewhere_by_a_valid_configuration() -> None:
    assert valid("readthedocs", REPOSITORY / ".readthedocs.yaml") == ""
    told = yaml.safe_load((REPOSITORY / ".readthedocs.yaml").read_text("utf-8"))
    assert told["sphinx"]["fail_on_warning"] is True
    assert (REPOSITORY / told["sphinx"]["configuration"]).is_file()


def questions(form: str) -> dict[str, Any]:
    read = yaml.safe_load((FORMS / f"{form}.yml").read_text("utf-8"))
    return {one["id"]: one for one in read["body"] if "id" in one}


def test_a_bug_cannot_be_told_without_the_crash_log_and_a_wrong_green_comes_first() -> None:
    assert questions("bug")["log"]["validations"]["required"] is True
    assert questions("verdict")["kind"]["attributes"]["options"][0].startswith("False green")
    assert questions("gate")["canary"]["validations"]["required"] is True


def test_examples_in_the_forms_name_rules_that_exist() -> None:
    known: dict[str, tuple[str, Rule]] = dict(registry(third_party=False).rules)
    named = re.findall(r"\b[A-Z]{3,4}\d{3}\b", "".join(file.read_text("utf-8") for file in FORMS.glob("*.yml")))
    assert named
    assert set(named) <= set(known)


def texts() -> Iterator[tuple[str, str]]:
    for file in [*FORMS.glob("*.yml"), *(REPOSITORY / ".github").glob("*.md"), REPOSITORY / "SECURITY.md"]:
        yield file.name, file.read_text("utf-8")


def test_links_lead_to_files_that_exist() -> None:
    for name, text in texts():
        for path in re.findall(rf"{re.escape(HOST)}/blob/main/([^)\s#]+)", text):
            assert (REPOSITORY / path).is_file(), f"{name}: {path}"
    for link in re.findall(r"\]\(([^):\s]+)\)", (REPOSITORY / "SECURITY.md").read_text("utf-8")):
        assert (REPOSITORY / link.partition("#")[0]).is_file(), link


def test_the_version_that_gets_fixes_is_the_one_there_is() -> None:
    from gates import __version__

    minor = ".".join(__version__.split(".")[:2])
    assert f"| {minor} | yes |" in (REPOSITORY / "SECURITY.md").read_text("utf-8")
