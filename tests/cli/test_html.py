"""The HTML report from the command line: of a run, out of the cache, merged, and of an error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support import healthy
from support.commands import gates
from support.html_reports import Parsed

GATE = """\
    from gates.model.section import Column, Mark, Table
    from gates.plugins.hookspecs import hookimpl
    from support.sample_gates import Notes


    class Told(Notes):
        def sections(self, evidence, settings, now):
            rows = tuple((one.path, Mark(one.text, "failed")) for one in evidence.notes.items)
            yield Table(title="Notes by file", columns=(Column("file", "code"), Column("note")), rows=rows)


    @hookimpl
    def gates_register():
        return [Told]
    """
SUPPORT = {"PYTHONPATH": str(Path(__file__).parents[1])}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a gate of its own that shows a table."""
    return healthy.write(
        tmp_path / "project",
        **{
            "pyproject.toml": '[tool.gates]\nselect = ["notes"]\nplugins = ["my_gates"]\n',
            "my_gates.py": GATE,
            "a.txt": "TODO <b>soon</b>\n",
        },
    )


def parsed(path: Path) -> Parsed:
    return Parsed(path.read_text("utf-8"))


def test_a_file_holds_verdict_sections_and_settings_and_the_code_is_that_of_check(root: Path) -> None:
    for name in ("fresh", "cached"):
        result = gates("check", "--output-file", f"html=../{name}.html", cwd=root, env=SUPPORT)
        assert result.code == 1
        words = parsed(root.parent / f"{name}.html").words
        assert "1 of 2 gates failed." in words
        assert "Notes by file" in words
        assert "TODO <b>soon</b>" in words
        assert "maximum = 0" in words
        assert "gates explain XTD001" in words
    assert "cached" in parsed(root.parent / "cached.html").words
    assert "sha256:" in parsed(root.parent / "cached.html").words


def test_merged_evidence_has_its_sections_too(root: Path) -> None:
    assert gates("collect", "notes", "--output", "../parts", cwd=root, env=SUPPORT).code == 0
    result = gates("merge", "../parts", "--output-file", "html=../merged.html", cwd=root, env=SUPPORT)
    assert result.code == 1
    assert "Notes by file" in parsed(root.parent / "merged.html").words


def test_on_standard_output_it_is_utf_8_and_nothing_else_is_there(root: Path) -> None:
    result = gates("check", "--output-format", "html", cwd=root, env={**SUPPORT, "PYTHONIOENCODING": "ascii"})
    assert result.code == 1
    assert result.out.startswith("<!DOCTYPE html>")
    assert result.out.endswith("</html>\n")


def test_an_error_of_usage_is_a_page_with_the_sentence(root: Path) -> None:
    result = gates("check", "--select", "nots", "--output-file", "html=../e.html", cwd=root, env=SUPPORT)
    assert result.code == 2
    words = parsed(root.parent / "e.html").words
    assert re.search("Error.*nots.*notes", words)
    assert "Passed" not in words
