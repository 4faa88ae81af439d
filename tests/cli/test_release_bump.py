"""`gates release bump`: the version wherever it is declared, the changelog's heading and links; what is refused."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.cli.release import command
from gates.errors import UsageError
from gates.project import changelog, facts
from gates.project.releasing import declared, entry
from support.projects import write_project
from support.repositories import make_repository

STATIC = '# ours\n[tool.other]\nversion = "1.0.0"\n\n[project]\nname = "sample"\nversion = "1.0.0" # here\n'
DYNAMIC = '[project]\nname = "sample"\ndynamic = ["version"]\n'
KEEP = """# Changelog

## [Unreleased]

### Added

- Something

## [1.0.0] - 2026-01-01

- First

[Unreleased]: https://example.org/o/r/compare/v1.0.0...HEAD
[1.0.0]: https://example.org/o/r/releases/tag/v1.0.0
"""
Said = tuple[int, str, str]


@pytest.fixture
def bump(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs the command for the eleventh of March and returns its code, output and errors."""

    def run(root: Path, *words: str) -> Said:
        arguments = ["bump", "--project", str(root), "--date", "2026-03-11", *words]
        code = command(arguments, standalone_mode=False)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_version_and_changelog_are_written_and_nothing_else(tmp_path: Path, bump: Callable[..., Said]) -> None:
    files = {
        "pyproject.toml": STATIC,
        "src/sample/__init__.py": '"""It."""\n\n__version__ = "1.0.0"\nNEXT = "1.0.0"\n',
        "src/sample/other.py": '__version__ = "1.0.0"\n',
        "CITATION.cff": "cff-version: 1.2.0\nversion: 1.0.0\ndate-released: 2026-01-01\n",
        "CHANGELOG.md": KEEP,
    }
    root = make_repository(tmp_path / "project", files)
    tried = bump(root, "1.1.0", "--dry-run")
    assert tried[0] == 0
    assert "nothing was written (--dry-run)" in tried[2]
    assert {name: (root / name).read_text() for name in files} == files
    code, out, err = bump(root, "1.1.0")
    assert (code, out) == (0, tried[1])
    assert out.startswith("--- a/pyproject.toml\n+++ b/pyproject.toml\n")
    assert (
        "gates: wrote pyproject.toml, src/sample/__init__.py, CITATION.cff, CHANGELOG.md. To undo: git checkout" in err
    )
    assert (root / "pyproject.toml").read_text() == STATIC.replace('"1.0.0" # here', '"1.1.0" # here')
    init, other = root / "src/sample/__init__.py", root / "src/sample/other.py"
    assert init.read_text() == '"""It."""\n\n__version__ = "1.1.0"\nNEXT = "1.0.0"\n'
    assert other.read_text() == files["src/sample/other.py"]
    assert (root / "CITATION.cff").read_text() == "cff-version: 1.2.0\nversion: 1.1.0\ndate-released: 2026-03-11\n"
    moved = KEEP.replace("## [Unreleased]\n", "## [Unreleased]\n\n## [1.1.0] - 2026-03-11\n").replace(
        "v1.0.0...HEAD\n", "v1.1.0...HEAD\n[1.1.0]: https://example.org/o/r/compare/v1.0.0...v1.1.0\n"
    )
    assert (root / "CHANGELOG.md").read_text() == moved
    with pytest.raises(UsageError, match="not committed; commit them first, or give --force"):
        bump(root, "1.2.0")
    assert bump(root, "1.2.0", "--force")[0] == 0


def test_the_group_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    command(["--help"], standalone_mode=False)
    rows = [
        line.split()[0] for line in capsys.readouterr().out.partition("Commands:\n")[2].splitlines() if line.strip()
    ]
    assert rows == ["notes", "bump", "check"]
    with pytest.raises(click.UsageError, match="No such command 'tag'"):
        command(["tag"], standalone_mode=False)


def test_json(tmp_path: Path, bump: Callable[..., Said]) -> None:
    root = write_project(tmp_path, {"pyproject.toml": STATIC})
    code, out, err = bump(root, "2.0rc1", "--output-format", "json", "--dry-run")
    told = json.loads(out)
    (edit,) = told.pop("edits")
    assert (code, err, edit["path"]) == (0, "", "pyproject.toml")
    assert '\n+version = "2.0rc1" # here\n' in edit["diff"]
    assert told == {
        "schema_version": 1,
        "verdict": "passed",
        "from": "1.0.0",
        "to": "2.0rc1",
        "written": False,
        "notes": ["there is no changelog, so that nothing was written into one"],
    }
    assert (root / "pyproject.toml").read_text() == STATIC
    assert json.loads(bump(root, "2.0rc1", "--output-format", "json")[1])["written"] is True
    assert tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"] == "2.0rc1"


HATCH = f'{DYNAMIC}[tool.hatch.version]\npath = "src/sample/v.py"\n'
ATTR = f'{DYNAMIC}[tool.setuptools.dynamic]\nversion = {{attr = "sample.v.CURRENT"}}\n'
FILE = f'{DYNAMIC}[tool.setuptools.dynamic]\nversion = {{file = "VERSION"}}\n'
PDM = f'{DYNAMIC}[tool.pdm.version]\nsource = "file"\npath = "src/sample/v.py"\n'
FLIT = f'[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n{DYNAMIC}'
POETRY = '[tool.poetry]\nname = "sample"\nversion = "1.0.0"\n'
INIT = {"src/sample/__init__.py": ""}


@pytest.mark.parametrize(
    ("files", "changed"),
    [
        ({"pyproject.toml": POETRY}, ["pyproject.toml"]),
        ({"pyproject.toml": HATCH, **INIT, "src/sample/v.py": 'VERSION = "1.0.0"\n'}, ["src/sample/v.py"]),
        ({"pyproject.toml": ATTR, **INIT, "src/sample/v.py": 'CURRENT: str = "1.0.0"\n'}, ["src/sample/v.py"]),
        ({"pyproject.toml": FILE, **INIT, "VERSION": "1.0.0\n"}, ["VERSION"]),
        ({"pyproject.toml": PDM, **INIT, "src/sample/v.py": "# \xe4\n__version__ = '1.0.0'\n"}, ["src/sample/v.py"]),
        ({"pyproject.toml": FLIT, "sample.py": '"""It."""\n__version__ = "1.0.0"\n'}, ["sample.py"]),
        (
            {"pyproject.toml": STATIC, "src/space/sample/__init__.py": '__version__ = "1.0.0"\n'},
            ["pyproject.toml", "src/space/sample/__init__.py"],
        ),
        ({"setup.cfg": "[metadata]\nname = sample\nversion = 1.0.0\n[x]\nversion = 2\n"}, ["setup.cfg"]),
        (
            {"setup.cfg": "[metadata]\nversion = attr: sample.__version__\n",
             "sample/__init__.py": '__version__ = "1.0.0"\n'},
            ["sample/__init__.py"],
        ),
        ({"setup.cfg": "[metadata]\nversion = file: VERSION\n", "VERSION": "1.0.0\n"}, ["VERSION"]),
        ({"setup.py": 'import setuptools\nsetuptools.setup(name="a", version="1.0.0")\n'}, ["setup.py"]),
    ],
)  # fmt: skip
def test_where_a_version_is(
    tmp_path: Path, bump: Callable[..., Said], files: dict[str, str], changed: list[str]
) -> None:
    root = write_project(tmp_path, files)
    bump(root, "1.1.0")
    now = {name: (root / name).read_text("utf-8") for name in files}
    assert sorted(name for name in files if now[name] != files[name]) == changed
    for name in changed:
        assert "1.1.0" in now[name]
        assert now[name].count("1.0.0") == files[name].count("1.0.0") - 1
    assert declared.find(facts.find(root)).version == "1.1.0"


def test_files_that_a_setting_names_have_it_once(tmp_path: Path) -> None:
    files = {"pyproject.toml": STATIC, "conf.py": 'release = "1.0.0"  # not 1.0.0.1\n', "two.txt": "1.0.0 1.0.0"}
    found = declared.find(facts.find(write_project(tmp_path, files)), ("conf.py", "two.txt", "gone.txt"))
    assert [(one.path, one.line) for one in found.places] == [("pyproject.toml", 7), ("conf.py", 1)]


VCS = '[build-system]\nrequires = ["setuptools", "Setuptools_SCM>=8"]\n'


@pytest.mark.parametrize(
    ("files", "version", "message"),
    [
        ({"pyproject.toml": STATIC}, "1.x", r"'1\.x' is not a version"),
        ({"pyproject.toml": STATIC}, "1.0", r"1\.0 is the version that pyproject\.toml:7 declares, 1\.0\.0"),
        ({"pyproject.toml": STATIC}, "1.0.0rc1", "1.0.0rc1 is lower than the version that"),
        ({"pyproject.toml": f"{VCS}{DYNAMIC}"}, "1.1", r"from a tag \(setuptools-scm\).*: git tag v1\.1"),
        ({"pyproject.toml": f'{DYNAMIC}[tool.hatch.version]\nsource = "vcs"\n'}, "1.1", r"from a tag \(\[tool\.hatch"),
        ({"pyproject.toml": f'{DYNAMIC}[tool.pdm.version]\nsource = "scm"\n'}, "1.1", r"from a tag \(\[tool\.pdm"),
        ({"pyproject.toml": DYNAMIC}, "1.1", "no file that the build backend reads declares a version"),
        ({"pyproject.toml": HATCH, "src/sample/v.py": "def broken(:\n"}, "1.1", "no file that the build backend reads"),
        ({"setup.py": "x = \0"}, "1.1", "no file that the build backend reads"),
        (
            {"pyproject.toml": f'{STATIC}[tool.poetry]\nversion = "0.9"\n'},
            "1.1",
            r"pyproject\.toml:7 says 1\.0\.0 and pyproject\.toml:9 says 0\.9; make them agree first",
        ),
    ],
)
def test_what_is_refused(
    tmp_path: Path, bump: Callable[..., Said], files: dict[str, str], version: str, message: str
) -> None:
    root = write_project(tmp_path, files)
    with pytest.raises(UsageError, match=message):
        bump(root, version)
    assert {name: (root / name).read_text() for name in files} == files


def test_a_place_that_says_another_version_is_left_and_named(tmp_path: Path, bump: Callable[..., Said]) -> None:
    files = {"pyproject.toml": STATIC, "sample/__init__.py": '__version__ = "0.9"\n'}
    code, out, errors = bump(write_project(tmp_path / "project", files), "1.1.0", "--dry-run")
    assert code == 0
    assert "sample/__init__.py" not in out
    assert "sample/__init__.py:1 says 0.9, and was left as it is" in errors


def test_a_date_that_is_none_is_refused_and_today_is_the_default(tmp_path: Path, bump: Callable[..., Said]) -> None:
    root = write_project(tmp_path, {"pyproject.toml": STATIC, "CHANGELOG.md": KEEP})
    with pytest.raises(UsageError, match="is not a date"):
        bump(root, "2.0", "--date", "tomorrow")
    days = {datetime.now(UTC).date()}
    command(["bump", "--project", str(root), "2.0"], standalone_mode=False)
    days.add(datetime.now(UTC).date())
    assert any(f"## [2.0] - {day.isoformat()}\n" in (root / "CHANGELOG.md").read_text() for day in days)


def moved(name: str, text: str, version: str = "2.0") -> entry.Moved:
    log = changelog.parse(text, name)
    return entry.moved(text, log, version, datetime(2026, 3, 11, tzinfo=UTC).date(), f"v{version}")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.md", "## v1.0 (6th May, 2025)\n\n- A\n", "## v2.0 (2026-03-11)\n\n\n## v1.0 (6th May, 2025)\n\n- A\n"),
        (
            "a.md",
            "## Version 1.0\n\nReleased 2025-01-01\n\n- A\n",
            "## Version 2.0\n\nReleased 2026-03-11\n\n\n## Version 1.0\n\nReleased 2025-01-01\n\n- A\n",
        ),
        (
            "a.md",
            "## Version 2.0\n\nUnreleased\n\n- B\n\n## Version 1.0\n\nReleased 2025-01-01\n\n- A\n",
            "## Version 2.0\n\nReleased 2026-03-11\n\n- B\n\n## Version 1.0\n\nReleased 2025-01-01\n\n- A\n",
        ),
        ("a.rst", "dev\n---\n\n- B\n\n1.0 (2025-01-01)\n----------------\n\n- A\n",
         "dev\n---\n\n2.0 (2026-03-11)\n----------------\n\n- B\n\n1.0 (2025-01-01)\n----------------\n\n- A\n"),
        ("a.rst", "1.5.0 (unreleased)\n==================\n\n- B\n", "2.0 (2026-03-11)\n================\n\n- B\n"),
        ("a.rst", "2.0.0 (unreleased)\n==================\n\n- B\n", "2.0.0 (2026-03-11)\n==================\n\n- B\n"),
        ("a.rst", "#####\n 1.0\n#####\n\n- A\n", "####\n 2.0\n####\n\n\n#####\n 1.0\n#####\n\n- A\n"),
        ("a.md", "# Changelog\n\n## [Unreleased]\n\n- B\n",
         "# Changelog\n\n## [Unreleased]\n\n## [2.0] - 2026-03-11\n\n- B\n"),
        ("a.rst", "Unreleased\n==========\n\n- B\n",
         "Unreleased\n==========\n\n2.0 (2026-03-11)\n================\n\n- B\n"),
        ("a.md", "## 2026.01.02 - 2026-01-02 [YANKED]\r\n\r\n- A\r\n",
         "## 2.0 - 2026-03-11\r\n\r\n\r\n## 2026.01.02 - 2026-01-02 [YANKED]\r\n\r\n- A\r\n"),
        ("a.md", "## 2.0 - 2026-03-01\n\n- B\n", "## 2.0 - 2026-03-01\n\n- B\n"),
        ("a.md", "## 2026-01-01\n\n- A\n", "## 2026-01-01\n\n- A\n"),
        ("a.md", "# Changelog\n", "# Changelog\n\n## 2.0 - 2026-03-11\n\n"),
    ],
)  # fmt: skip
def test_headings(name: str, before: str, after: str) -> None:
    assert moved(name, before).text == after


def test_what_a_reader_should_know() -> None:
    assert "a log by dates" in moved("a.md", "## 2026-01-01\n\n- A\n").notes[0]
    assert "says nothing of 2.0" in moved("a.md", "## 1.0\n\n- A\n").notes[0]
    odd = "## Unreleased\n\n- B\n\n## 1.0\n\n- A\n\n[unreleased]: https://example.org/main\n"
    assert moved("a.md", odd).notes == ("a.md:9: the link of unreleased compares no two tags, and was left as it is",)
    assert "[unreleased]: https://example.org/main\n" in moved("a.md", odd).text


def test_fragments_are_left_to_towncrier_and_other_encodings_alone(tmp_path: Path, bump: Callable[..., Said]) -> None:
    text = "## 1.0\n\n- A\n"
    files = {"pyproject.toml": f"{STATIC}[tool.towncrier]\n", "newsfragments/1.bugfix": "It\n", "CHANGELOG.md": text}
    root = write_project(tmp_path, files)
    assert "towncrier build --version 1.1" in bump(root, "1.1")[2]
    assert (root / "CHANGELOG.md").read_text() == text
    (root / "CHANGELOG.md").write_bytes(text.encode() + b"\xfc\n")
    assert "CHANGELOG.md is not UTF-8" in bump(root, "1.2")[2]
    (root / "newsfragments/1.bugfix").unlink()
    (root / "CHANGELOG.md").write_bytes(b"\xef\xbb\xbf" + text.encode())
    bump(root, "1.3")
    assert (root / "CHANGELOG.md").read_bytes().startswith(b"\xef\xbb\xbf## 1.3\n")


versions = st.builds(lambda *parts: ".".join(map(str, parts)), st.integers(0, 99), st.integers(0, 99))


@given(
    held=st.lists(versions, unique=True, max_size=4),
    form=st.sampled_from(["## {} - 2026-01-01", "## [{}] (2026-01-01)", "# {}", "{}\n==="]),
    pending=st.sampled_from(["", "## Unreleased\n\n- soon\n\n"]),
    crlf=st.booleans(),
)
def test_the_new_entry_is_found_and_no_line_is_lost(held: list[str], form: str, pending: str, crlf: bool) -> None:
    text = "# Changelog\n\n" + pending + "".join(f"{form.format(one)}\n\n- what {one} is\n\n" for one in held)
    text = text.replace("\n", "\r\n") if crlf else text
    made = moved("a.md", text, "100.0").text
    log = changelog.parse(made, "a.md")
    found = log.of("100.0")
    assert found is not None
    assert ("- soon" in found.body) == bool(pending)
    assert [one.version for one in log.entries] == ["100.0", *held]
    assert ("\r\n" in made, made.replace("\r\n", "").count("\n") == 0) == (crlf, crlf)
    rest = iter(made.splitlines())
    assert all(line in rest for line in text.splitlines() if line)
