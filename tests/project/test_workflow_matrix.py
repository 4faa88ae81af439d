"""Combinations of a matrix and expressions, as GitHub documents them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.project.wiring import expression, matrix, pipeline, workflow
from gates.project.wiring.document import NotYaml, nodes


def combinations(text: str, scope: dict[str, str] | None = None) -> tuple[list[dict[str, str]], str]:
    found = matrix.of(next(nodes(f"matrix:\n{text}")), scope or {})
    return [{key: value for key, value in one.items() if key != "matrix"} for one in found.held], found.unknown


def test_product_less_exclude_with_include() -> None:
    text = """
  os: [linux, windows]
  py: ["3.11", "3.12"]
  exclude:
    - {os: windows, py: "3.11"}
  include:
    - {os: linux, extra: "yes"}
    - {os: macos, py: "3.13"}
"""
    held, unknown = combinations(text)
    assert unknown == ""
    assert held == [
        {"matrix.os": "linux", "matrix.py": "3.11", "matrix.extra": "yes"},
        {"matrix.os": "linux", "matrix.py": "3.12", "matrix.extra": "yes"},
        {"matrix.os": "windows", "matrix.py": "3.12"},
        {"matrix.os": "macos", "matrix.py": "3.13"},
    ]


def test_include_alone() -> None:
    assert combinations("  include:\n    - {py: '3.11'}\n    - {py: '3.12'}\n")[0] == [
        {"matrix.py": "3.11"},
        {"matrix.py": "3.12"},
    ]


def test_values_that_are_tables_have_names_of_their_own() -> None:
    assert combinations("  py:\n    - {name: old, version: '3.11'}\n")[0] == [
        {"matrix.py.name": "old", "matrix.py.version": "3.11"}
    ]


def test_a_list_that_is_written_out_in_json_is_a_list() -> None:
    assert combinations("""  py: ${{ fromJSON('["3.11", "3.12"]') }}\n""")[0] == [
        {"matrix.py": "3.11"},
        {"matrix.py": "3.12"},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "  py: ${{ fromJSON(needs.list.outputs.pythons) }}\n",
        "  py: ['3.11']\n  include: ${{ fromJSON(needs.list.outputs.more) }}\n",
        "  py: ['3.11', '${{ vars.NEWEST }}']\n",
    ],
)
def test_what_is_made_elsewhere_is_unknown(text: str) -> None:
    assert "of the matrix" in combinations(text)[1]


def test_a_whole_matrix_from_elsewhere_is_unknown() -> None:
    top = next(nodes("matrix: ${{ fromJSON(needs.list.outputs.all) }}\n"))
    assert matrix.of(top, {}) == matrix.Combinations((), "the matrix is `${{ fromJSON(needs.list.outputs.all) }}`")


@pytest.mark.parametrize(
    ("text", "scope", "value"),
    [
        ("${{ matrix.os }}-latest", {"matrix.os": "ubuntu"}, "ubuntu-latest"),
        ("${{ matrix.os || 'ubuntu-24.04' }}", {"matrix": ""}, "ubuntu-24.04"),
        ("${{ inputs.os || 'x' }}", {}, "${{ inputs.os || 'x' }}"),
        ("${{ github.ref }}", {}, "${{ github.ref }}"),
        ("it''s ${{ 'it''s' }}", {}, "it''s it's"),
    ],
)
def test_expressions(text: str, scope: dict[str, str], value: str) -> None:
    assert expression.resolved(text, scope) == value


@given(st.text(max_size=60))
def test_any_text_is_resolved_without_an_error(text: str) -> None:
    assert isinstance(expression.resolved(text, {}), str)
    assert expression.truth(text, {}) in {True, False, None}


@given(st.text(alphabet="ab:{}[]-&*<>'\"\n #|", max_size=80))
def test_any_text_is_a_workflow_or_says_why_not(text: str) -> None:
    said = ""
    try:
        said = workflow.read("ci.yml", text).path
    except NotYaml as error:
        said = str(error)
    assert said


def test_on_is_a_word_and_anchors_are_followed() -> None:
    text = (
        "on: {workflow_call: {inputs: {py: {default: '3.12'}}}}\n"
        "jobs:\n  a: &a\n    runs-on: x\n    steps: [{uses: o/a@v1, with: {k: v}}]\n  b:\n    <<: *a\n    needs: a\n"
    )
    found = workflow.read("ci.yml", text)
    assert (found.callable, found.alone, found.inputs) == (True, False, {"py": "3.12"})
    assert [(job.name, job.line, job.needs) for job in found.jobs] == [("a", 3, ()), ("b", 6, ("a",))]
    assert [job.steps[0].inputs["k"].text for job in found.jobs] == ["v", "v"]


def defused(text: str, *, lost_only: bool) -> list[str]:
    return [one.defused for one in pipeline.of("ci.yml", text, lost_only=lost_only).wires]


@pytest.mark.parametrize(
    ("step", "skipped", "lost"),
    [
        ("{if: github.ref, run: 'pytest'}", "`if: github.ref` can skip it", ""),
        ("{if: github.ref, run: 'pytest || true'}", "`if: github.ref` can skip it", "`|| true` takes its failure away"),
        ("{run: 'ruff format .'}", "`ruff format` without `--check` rewrites and returns 0", ""),
        ("{run: 'flake8 --exit-zero'}", "`--exit-zero` makes flake8 return 0", "`--exit-zero` makes flake8 return 0"),
        ("{run: pytest, continue-on-error: true}", "`continue-on-error: true`", "`continue-on-error: true`"),
        ("{run: pytest, continue-on-error: '${{ matrix.new }}'}", "`continue-on-error: ${{ matrix.new }}`", ""),
    ],
)
def test_a_lost_failure_is_told_from_a_skipped_line(step: str, skipped: str, lost: str) -> None:
    text = f"on: push\njobs:\n  a:\n    steps:\n      - {step}\n"
    assert defused(text, lost_only=False) == [skipped]
    assert defused(text, lost_only=True) == [lost]


def test_a_step_in_python_calls_nothing() -> None:
    text = "on: push\njobs:\n  a:\n    steps:\n      - {shell: python, run: 'pytest = 1'}\n"
    assert pipeline.of("ci.yml", text).wires == ()
