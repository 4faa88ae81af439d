from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates import __version__
from gates.config import source as sources
from gates.config.general import Redact, SeverityOverride
from gates.config.settings import Config, as_written, plugins, resolve
from gates.errors import ConfigError, GatesError, SchemaVersionError, UsageError
from gates.model.gate import GateSettings
from gates.model.rule import Former
from gates.project import documents


class CoveragePath(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    glob: str
    minimum: Annotated[float, msgspec.Meta(ge=0, le=100)] = 0.0


class CoverageSettings(GateSettings, frozen=True, kw_only=True):
    total: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None
    path: tuple[CoveragePath, ...] = ()
    omit_lines: tuple[str, ...] = ()
    extra: Mapping[str, int] = {}
    mode: Literal["lines", "branches"] = "lines"
    branch: bool = False
    label: Annotated[str, msgspec.Meta(min_length=1)] = "x"

    def __post_init__(self) -> None:
        if self.mode == "branches" and not self.branch:
            msg = "mode branches asks for branch = true"
            raise ValueError(msg)


GATES: dict[str, type[GateSettings]] = {"lint": GateSettings, "types": GateSettings, "coverage": CoverageSettings}
RULES = ("LNT001", "lint-finding", "COV004", "changed-lines-missed")


def resolved(
    text: str, *, environ: Mapping[str, str] | None = None, name: str = "pyproject.toml", **flags: Any
) -> Config:
    source = sources.Source(table=documents.toml(text, name), path=name, text=text)
    if name == "pyproject.toml":
        source = sources.Source(table=source.table.get("tool", {}).get("gates", {}), path=name, text=text)
    return resolve(source, GATES, environ=environ or {}, flags=flags, rules=RULES)


def refused(text: str, **more: Any) -> str:
    with pytest.raises(ConfigError) as error:
        resolved(text, **more)
    return str(error.value)


def test_no_settings_are_the_defaults() -> None:
    config = resolve(sources.Source(), GATES, environ={}, flags={}, rules=RULES)
    assert config.select is None
    assert config.redact == Redact()
    assert config.gates == {"lint": GateSettings(), "types": GateSettings(), "coverage": CoverageSettings()}
    assert config.tables == frozenset()
    assert config.where("coverage", "total") == "default"
    assert config.where("", "select") == "default"


FULL = """\
[tool.gates]
schema-version = 1
required-version = ">=0.0.1"
select = ["lint", "coverage", "lint"]
ignore = ["types"]
python = ".venv/bin/python"
plugins = ["ci.my_gates"]
jobs = 3
base = "origin/main"
members = ["packages/*"]

[tool.gates.redact]
profile = "strict"
patterns = ["tok_[a-z]+"]

[tool.gates.coverage]
total = 85
omit-lines = ["a"]
extra.x = 1
[[tool.gates.coverage.path]]
glob = "src/**"
[[tool.gates.coverage.path]]
glob = "lib/**"
minimum = 90.5

[[tool.gates.severity]]
rule = "LNT001"
path = "docs/**"
level = "off"
[[tool.gates.severity]]
rule = "ruff:F401"
level = "note"
"""


def test_a_key_that_must_be_there_is_asked_for_where_there_is_no_table() -> None:
    class Needy(GateSettings, frozen=True, kw_only=True):
        name: str

    with pytest.raises(ConfigError, match="needs the key 'name'"):
        resolve(sources.Source(), {"needy": Needy}, environ={}, flags={}, rules=RULES)


def test_a_full_table() -> None:
    config = resolved(FULL)
    assert config.select == ("lint", "coverage")
    assert config.ignore == ("types",)
    assert (config.python, config.jobs, config.base) == (".venv/bin/python", 3, "origin/main")
    assert (config.plugins, config.members) == (("ci.my_gates",), ("packages/*",))
    assert config.redact == Redact(profile="strict", patterns=("tok_[a-z]+",))
    assert config.severity == (
        SeverityOverride(rule="LNT001", path="docs/**", level="off"),
        SeverityOverride(rule="ruff:F401", level="note"),
    )
    coverage = config.gates["coverage"]
    assert isinstance(coverage, CoverageSettings)
    assert (coverage.total, coverage.path[1].minimum, coverage.timeout) == (85.0, 90.5, 1800.0)
    assert config.tables == {"coverage"}


@pytest.mark.requirement("CFG-2")
def test_where_a_setting_comes_from() -> None:
    config = resolved(FULL, environ={"GATES_JOBS": "2"}, select=("types",))
    assert config.where("coverage", "total") == "pyproject.toml:17"
    assert config.where("coverage", "omit_lines") == "pyproject.toml:18"
    assert config.where("coverage", "path[1].minimum") == "pyproject.toml:24"
    assert config.where("coverage", "timeout") == "default"
    assert config.where("", "python") == "pyproject.toml:6"
    assert config.where("", "jobs") == "GATES_JOBS"
    assert config.where("", "select") == "--select"


@pytest.mark.requirement("CFG-2")
def test_a_flag_goes_before_the_environment_and_that_before_the_file() -> None:
    environ = {"GATES_SELECT": "types, lint", "GATES_JOBS": "7", "GATES_OFFLINE": "yes", "GATES_IGNORE": " "}
    config = resolved(FULL, environ=environ, jobs=9, select=None, base="v1", output_format="json")
    assert config.select == ("types", "lint")
    assert (config.jobs, config.base, config.output_format, config.offline) == (9, "v1", "json", True)
    assert config.ignore == ("types",), "an empty variable is an unset one"


ERRORS = {
    "key": ("[tool.gates]\n\nselct = []", "3: unknown key 'selct' in [tool.gates]; did you mean 'select'?"),
    "table": (
        "[tool.gates.coverge]\ntotal = 1",
        "1: unknown table [tool.gates.coverge]; did you mean 'coverage'?",
    ),
    "underscore": (
        "[tool.gates]\nrequired_version = '1'",
        "2: unknown key 'required_version' in [tool.gates]; did you mean 'required-version'?",
    ),
    "key of a gate": (
        "[tool.gates.coverage]\nx = 1\ntotla = 85",
        "2: unknown key 'x' in [tool.gates.coverage]; known: "
        + ", ".join(sorted(one.encode_name for one in msgspec.structs.fields(CoverageSettings))),
    ),
    "near key of a gate": (
        "[tool.gates.coverage]\ntotla = 85",
        "2: unknown key 'totla' in [tool.gates.coverage]; did you mean 'total'?",
    ),
    "key deep inside": (
        "[tool.gates.coverage]\npath = [{glob = ''},\n{glob = '', minimun = 3}]",
        "3: unknown key 'minimun' in [tool.gates.coverage.path[2]]; did you mean 'minimum'?",
    ),
    "select": (
        "[tool.gates]\nselect = [\n'lint',\n'tpyes']",
        "4: tool.gates.select: there is no gate 'tpyes'; did you mean 'types'?",
    ),
    "rule in ignore": (
        "[tool.gates]\nignore = ['COV004']",
        "2: tool.gates.ignore: 'COV004' is a rule, not a gate; set its level in [[tool.gates.severity]]",
    ),
    "severity": (
        "[tool.gates]\n[[tool.gates.severity]]\nlevel = 'off'\nrule = 'LNT01'",
        "4: tool.gates.severity[1]: there is no rule 'LNT01'; did you mean 'LNT001'?",
    ),
    "level": (
        "[[tool.gates.severity]]\nrule = 'LNT001'\nlevel = 'warn'",
        '3: tool.gates.severity[1].level must be one of "error", "warning", "note", "off", not the string "warn"',
    ),
    "no level": ("[[tool.gates.severity]]\nrule = 'x:y'", "1: tool.gates.severity[1] needs the key 'level'"),
    "text for a number": (
        "[tool.gates.coverage]\ntotal = '85'",
        '2: tool.gates.coverage.total must be a number of at least 0 and of at most 100, not the string "85"',
    ),
    "too high": (
        "[tool.gates.coverage]\n\ntotal = 101",
        "3: tool.gates.coverage.total must be a number of at least 0 and of at most 100, not 101",
    ),
    "text for a list": (
        "[tool.gates]\nselect = 'lint'",
        '2: tool.gates.select must be a list of strings, not the string "lint"',
    ),
    "number in a list": (
        "[tool.gates.coverage]\nomit-lines = ['a',\n\n3]",
        "4: tool.gates.coverage.omit-lines[2] must be a string, not 3",
    ),
    "text in a map": (
        "[tool.gates.coverage.extra]\nx = 1\n\ny = true",
        "4: tool.gates.coverage.extra.y must be a whole number, not true",
    ),
    "table for a list": (
        "[tool.gates.coverage.path]\nglob = 'x'",
        "1: tool.gates.coverage.path must be a list of tables, not a table",
    ),
    "list for a table": ("[[tool.gates.lint]]\nx = 1", "1: tool.gates.lint must be a table"),
    "number for a table": ("[tool.gates]\nlint = 3", "2: tool.gates.lint must be a table"),
    "list for text": ("[tool.gates]\npython = ['x']", "2: tool.gates.python must be a string, not a list"),
    "no jobs": ("[tool.gates]\njobs = 0", "2: tool.gates.jobs must be a whole number of at least 1, not 0"),
    "empty text": (
        "[tool.gates.coverage]\nlabel = ''",
        '2: tool.gates.coverage.label must be a string that is not empty, not the string ""',
    ),
    "nan": ("[tool.gates.coverage]\ntotal = nan", "2: tool.gates.coverage.total must be a finite number, not nan"),
    "inf": ("[tool.gates.lint]\ntimeout = inf", "2: tool.gates.lint.timeout must be a finite number, not inf"),
    "two keys that do not fit": (
        "[tool.gates.coverage]\nmode = 'branches'",
        "1: tool.gates.coverage is not valid: mode branches asks for branch = true",
    ),
    "pattern": (
        "[tool.gates.redact]\npatterns = ['a',\n'*']",
        "3: tool.gates.redact.patterns[2] is not a regular expression: nothing to repeat at position 0",
    ),
    "version": (
        "[tool.gates]\nnew-key = 1\nrequired-version = '>=99'",
        f"3: this project asks for gates >=99 (required-version); this is {__version__}",
    ),
    "no version": (
        "[tool.gates]\nrequired-version = 'newest'",
        '2: required-version must be a version specifier such as ">=0.1", not "newest"',
    ),
    "number for a version": (
        "[tool.gates]\nrequired-version = 1",
        "2: tool.gates.required-version must be a string, not 1",
    ),
    "foreign": (
        "[tool.gates]\nunheard-of = 1\nschema-version = 2",
        f"3: schema-version 2 is foreign to gates {__version__}, which reads 1; install the gates it was written for",
    ),
}


@pytest.mark.requirement("CFG-1")
@pytest.mark.parametrize(("text", "said"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_one_sentence_with_its_line_and_the_nearest_name(text: str, said: str) -> None:
    assert refused(text) == f"pyproject.toml:{said}"


def test_errors_in_the_own_file_have_no_prefix() -> None:
    assert refused("selct = []", name="gates.toml") == (
        "gates.toml:1: unknown key 'selct' in gates.toml; did you mean 'select'?"
    )
    assert refused("[lint]\ntimeuot = 1", name="gates.toml") == (
        "gates.toml:2: unknown key 'timeuot' in [lint]; did you mean 'timeout'?"
    )


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"GATES_SELECT": "lnt"}, "GATES_SELECT: there is no gate 'lnt'; did you mean 'lint'?"),
        ({"GATES_JOBS": "many"}, "GATES_JOBS: must be a whole number of at least 1, not 'many'"),
        ({"GATES_JOBS": "0"}, "GATES_JOBS: must be a whole number of at least 1, not '0'"),
        ({"GATES_OFFLINE": "maybe"}, "GATES_OFFLINE: must be 1 or 0, not 'maybe'"),
        ({"GATES_SELCT": "lint"}, "environment variable GATES_SELCT is unknown; did you mean 'GATES_SELECT'?"),
    ],
)
def test_errors_in_the_environment_name_the_variable(environ: dict[str, str], said: str) -> None:
    assert refused("", environ=environ) == said


def test_other_variables_are_nobodys_business() -> None:
    assert (
        resolved("", environ={"GATES_HIDE": "ruff", "GATES_RUN_TOKEN": "1", "GATESX": "", "HOME": "/"}).select is None
    )


def test_a_flag_that_names_nothing_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as error:
        resolved("", select=("lint,tests",))
    assert str(error.value) == "--select: there is no gate 'tests'; did you mean 'types'?"


def test_a_typo_in_the_file_is_refused_though_a_flag_goes_before_it() -> None:
    assert "there is no gate 'lnt'" in refused("[tool.gates]\nselect = ['lnt']", select=("lint",))


def test_a_gate_may_not_have_the_name_of_a_key() -> None:
    with pytest.raises(ConfigError, match="a plugin's gate is named 'redact', which is a key"):
        resolve(sources.Source(), {"redact": GateSettings}, environ={}, flags={}, rules=())


def test_plugins_are_read_before_their_tables_are_known(tmp_path: Path) -> None:
    (tmp_path / "gates.toml").write_text("plugins = ['ci.mine']\n[mine]\nlimit = 3\n")
    assert plugins(sources.read(tmp_path)) == ("ci.mine",)
    (tmp_path / "gates.toml").write_text("plugins = 'ci.mine'\n")
    with pytest.raises(ConfigError, match="plugins must be a list of strings"):
        plugins(sources.read(tmp_path))
    (tmp_path / "gates.toml").write_text("plugins = ['ci.mine']\nrequired-version = '<0.0.1'")
    with pytest.raises(ConfigError, match="asks for gates <0"):
        plugins(sources.read(tmp_path))


words = st.sampled_from(
    ["select", "selects", "lint", "coverage", "total", "path", "severity", "redact", "jobs", "rule"]
)
anything = st.recursive(
    st.integers()
    | st.text(max_size=5)
    | st.booleans()
    | st.floats()
    | st.dates()
    | st.sampled_from(["lint", "LNT001"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.requirement("CFG-1")
@settings(max_examples=150, deadline=None)
@given(st.dictionaries(words, anything, max_size=4))
def test_any_table_is_resolved_or_refused_in_one_sentence(table: dict[str, Any]) -> None:
    said = ""
    try:
        config = resolve(sources.Source(table=table), GATES, environ={}, flags={}, rules=RULES)
        assert set(config.gates) == set(GATES)
    except GatesError as error:
        said = str(error)
    assert "\n" not in said
    assert "Expected" not in said, "types in msgspec's words are for developers"


WAIVER = """[[tool.gates.waiver]]
rule = "LNT001"
subject = "src/**"
reason = "later"
owner = "ada"
expires = 2026-12-31
"""


def test_a_waiver_is_read_with_its_date() -> None:
    (waiver,) = resolved(WAIVER).waiver
    assert (waiver.rule, waiver.subject, waiver.expires.isoformat()) == ("LNT001", "src/**", "2026-12-31")
    assert resolved(WAIVER.replace("LNT001", "ruff:F401")).waiver[0].rule == "ruff:F401"


@pytest.mark.requirement("EXC-1")
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('reason = "later"\n', "", "pyproject.toml:1: tool.gates.waiver[1] needs the key 'reason'"),
        ('owner = "ada"\n', "", "pyproject.toml:1: tool.gates.waiver[1] needs the key 'owner'"),
        ("expires = 2026-12-31\n", "", "pyproject.toml:1: tool.gates.waiver[1] needs the key 'expires'"),
        ('"later"', '" "', "pyproject.toml:4: tool.gates.waiver[1].reason must be a string that is not empty"),
        (
            "2026-12-31",
            '"soon"',
            'pyproject.toml:6: tool.gates.waiver[1].expires must be a date, not the string "soon"',
        ),
        ("2026-12-31", "2026-12-31T10:00:00Z", "pyproject.toml:6: tool.gates.waiver[1].expires must be a date"),
        ("owner =", "ownr =", "pyproject.toml:5: unknown key 'ownr' in [tool.gates.waiver[1]]; did you mean 'owner'?"),
        ("LNT001", "LNT01", "pyproject.toml:2: tool.gates.waiver[1]: there is no rule 'LNT01'; did you mean 'LNT001'?"),
        ("LNT001", "POL008", "pyproject.toml:2: tool.gates.waiver[1]: POL008 cannot be waived"),
        ("LNT001", "waiver-expired", "pyproject.toml:2: tool.gates.waiver[1]: waiver-expired cannot be waived"),
    ],
)
def test_a_waiver_that_lacks_something_or_may_not_be_is_refused_with_its_line(old: str, new: str, said: str) -> None:
    text = WAIVER.replace(old, new)
    assert text != WAIVER
    source = sources.Source(table=documents.toml(text, "p")["tool"]["gates"], path="pyproject.toml", text=text)
    forbidden = ("POL008", "waiver-expired")
    with pytest.raises(ConfigError) as error:
        resolve(source, GATES, environ={}, flags={}, rules=(*RULES, *forbidden), unwaivable=forbidden)
    assert str(error.value).startswith(said)


def test_a_baseline_is_asked_of_gates_that_exist() -> None:
    assert resolved('[tool.gates]\nbaseline = ["lint"]').baseline == ("lint",)
    said = refused('[tool.gates]\nbaseline = ["lint", "lnt"]')
    assert said.startswith("pyproject.toml:2: tool.gates.baseline: there is no gate 'lnt'")


def test_levels_of_rules_about_the_configuration_itself_cannot_be_lowered() -> None:
    text = '[[tool.gates.severity]]\nrule = "COV004"\nlevel = "{}"\n'

    def levelled(level: str) -> Config:
        table = documents.toml(text.format(level), "pyproject.toml")["tool"]["gates"]
        source = sources.Source(table=table, path="pyproject.toml", text=text.format(level))
        return resolve(source, GATES, environ={}, flags={}, rules=RULES, unwaivable=("COV004",))

    assert levelled("error").severity[0].level == "error"
    for level in ("warning", "note", "off"):
        with pytest.raises(ConfigError, match=r"pyproject.toml:2: .*COV004 judges this very file"):
            levelled(level)


def test_lanes_are_names_that_a_file_can_have() -> None:
    assert resolved('[tool.gates]\nlanes = ["py3.12", "ubuntu-latest", "win_x64+debug"]\n').lanes == (
        "py3.12",
        "ubuntu-latest",
        "win_x64+debug",
    )
    for name in ("", "a b", "a/b", ".hidden", "2-of-4", "linux.2-of-4"):
        said = refused(f'[tool.gates]\nlanes = ["fast", "{name}"]\n')
        assert said.startswith(f"pyproject.toml:2: {name!r} is no name of a lane"), said
    assert refused('[tool.gates]\nlanes = ["Fast", "fast"]\n') == (
        "pyproject.toml:2: the lane 'fast' is there twice; give each a name of its own"
    )


def test_rules_in_preview_are_asked_for_by_name() -> None:
    assert resolved('[tool.gates]\npreview = ["COV004", "lint-finding"]\n').preview == ("COV004", "lint-finding")
    assert resolved("[tool.gates]\npreview = true\n").preview is True
    assert "there is no rule 'COV404'; did you mean 'COV004'?" in refused('[tool.gates]\npreview = ["COV404"]\n')


def test_names_of_earlier_versions_are_notes() -> None:
    text = '[[tool.gates.severity]]\nrule = "old-name"\nlevel = "off"\n'
    source = sources.Source(
        table=documents.toml(text, "pyproject.toml")["tool"]["gates"], path="pyproject.toml", text=text
    )
    former = {"old-name": ("COV004", Former(name="old-name", until="99.0"))}
    config = resolve(source, GATES, environ={}, flags={}, rules=RULES, former=former)
    assert config.severity[0].rule == "COV004"
    assert config.notes == ("old-name is called COV004 now; the old name is understood until gates 99.0",)


def test_what_another_commit_says_need_not_exist_here() -> None:
    text = '[tool.gates]\nselect = ["units"]\nrequired-version = "<0.0.1"\n[tool.gates.units]\nx = 1\n'
    source = sources.Source(
        table=documents.toml(text, "pyproject.toml")["tool"]["gates"], path="pyproject.toml", text=text
    )
    config = as_written(source, GATES, {})
    assert config.select == ("units",)
    assert config.tables == {"units"}
    foreign = sources.Source(table={"schema-version": 2}, path="gates.toml", text="schema-version = 2\n")
    with pytest.raises(SchemaVersionError, match=r"gates\.toml:1: schema-version 2 is foreign"):
        as_written(foreign, GATES, {})
