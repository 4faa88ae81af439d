"""Lock files: what each says, with its line, and what damages of it are refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gates.builtin.supply import ruling
from gates.builtin.supply.closure import Graph, graph
from gates.builtin.supply.locks import poetry, pylock, requirements, uv
from gates.builtin.supply.source import Supply
from gates.errors import GatesError
from gates.model.reason import Reason
from gates.project import facts
from support.locked import LOCK

HERE = {"sys_platform": "linux", "python_version": "3.12", "python_full_version": "3.12.1", "os_name": "posix"}
SHA = "sha256:" + "0" * 64


def scopes(supply: Supply, *extras: str, groups: tuple[str, ...] = ()) -> dict[str, str]:
    found: Graph = graph(supply, HERE, extras, groups)
    return {key.partition("==")[0]: scope for key, scope in found.scopes.items()}


def test_uv_tells_what_is_required_elsewhere_and_in_development() -> None:
    supply = uv.read(LOCK, "uv.lock", "sample")
    assert scopes(supply) == {"alpha": "required", "beta": "required", "colour": "optional", "delta": "excluded"}
    assert scopes(supply, groups=("dev",))["delta"] == "required"
    alpha = supply.distributions.items[0]
    assert (alpha.path, alpha.line) == ("uv.lock", LOCK.splitlines().index('name = "alpha"'))
    assert alpha.hashes == {"sha256:" + "a" * 64}
    assert graph(supply, HERE).edges["alpha==1.0"] == ("beta==1.0",)


UV_EXTRAS = f"""
version = 1
[[package]]
name = "sample"
version = "1.0"
source = {{ virtual = "." }}
dependencies = [{{ name = "one", extra = ["More"] }}]
[package.optional-dependencies]
fancy = [{{ name = "two" }}]
all = [{{ name = "sample", extra = ["fancy"] }}]
[[package]]
name = "one"
version = "1"
source = {{ registry = "https://me:secret@index.example/simple" }}
sdist = {{ url = "https://me:secret@files.example/one-1.tar.gz?token=secret", hash = "{SHA}" }}
[package.optional-dependencies]
more = [{{ name = "three" }}]
less = [{{ name = "four" }}]
[[package]]
name = "two"
version = "2"
source = {{ git = "https://secret@git.example/two?rev=x#0123" }}
[[package]]
name = "three"
version = "3"
source = {{ url = "https://me:secret@files.example/three-3.tar.gz" }}
[[package]]
name = "four"
version = "4"
source = {{ registry = "https://index.example/simple" }}
"""


def test_uv_follows_extras_and_hides_credentials() -> None:
    supply = uv.read(UV_EXTRAS, "uv.lock", "sample")
    assert scopes(supply) == {"one": "required", "three": "required", "two": "optional", "four": "excluded"}
    assert scopes(supply, "all")["two"] == "required"
    assert "secret" not in repr(supply)
    assert {one.name: one.origin for one in supply.distributions.items} == {
        "four": "index", "one": "index", "three": "url", "two": "vcs",
    }  # fmt: skip


PYLOCK = f"""
lock-version = "1.0"
created-by = "hand"
[[packages]]
name = "One"
version = "1.0"
dependencies = [{{ name = "two" }}]
wheels = [{{ url = "https://files.example/one-1.0-py3-none-any.whl", hashes = {{ sha256 = "{"1" * 64}" }} }}]
[[packages]]
name = "two"
version = "2.0"
marker = "sys_platform == 'win32'"
dependencies = []
[[packages]]
name = "three"
vcs = {{ type = "git", url = "https://me:secret@git.example/three", commit-id = "abc" }}
"""


def test_pylock() -> None:
    supply = pylock.read(PYLOCK, "pylock.toml", "sample")
    found = {one.name: one for one in supply.distributions.items}
    assert found["one"].hashes == {"sha256:" + "1" * 64}
    assert found["three"].url == "git+https://git.example/three@abc"
    assert (found["one"].known, found["three"].known) == (True, False)
    assert scopes(supply) == {"one": "required", "two": "optional", "three": "required"}
    assert "secret" not in repr(supply)


@pytest.mark.parametrize(
    ("marker", "here", "asked"),
    [
        ("'dev' in dependency_groups", "excluded", "required"),
        ("'more' in extras", "optional", "required"),
        ("'dev' in dependency_groups or python_version > '3'", "required", "required"),
        ("no marker at all", "required", "required"),
    ],
)
def test_pylock_of_groups_and_extras(marker: str, here: str, asked: str) -> None:
    text = f'lock-version = "1.0"\n[[packages]]\nname = "one"\nversion = "1"\nmarker = "{marker}"\n'
    supply = pylock.read(text, "pylock.toml", "sample")
    assert scopes(supply) == {"one": here}
    assert scopes(supply, "more", groups=("dev",)) == {"one": asked}


POETRY = f"""
[[package]]
name = "one"
version = "1.0"
description = "First."
groups = ["main"]
files = [{{file = "one-1.0.tar.gz", hash = "{SHA}"}}]
[package.dependencies]
two = {{version = ">=1", markers = "sys_platform == \\"linux\\""}}
four = {{version = ">=1", optional = true, markers = "extra == \\"more\\""}}
[package.extras]
more = ["four (>=1)"]
[[package]]
name = "two"
version = "2.0"
groups = ["main"]
files = []
[[package]]
name = "three"
version = "3.0"
groups = ["dev"]
files = []
[[package]]
name = "four"
version = "4.0"
groups = ["main"]
files = []
[metadata]
lock-version = "2.1"
"""


@pytest.mark.parametrize(
    "asked",
    [
        {"project": {"dependencies": ["one"]}, "dependency-groups": {"dev": ["three"]}},
        {"tool": {"poetry": {"dependencies": {"python": "*", "one": "*"}, "dev-dependencies": {"three": "*"}}}},
    ],
)  # fmt: skip
def test_poetry(asked: dict[str, Any]) -> None:
    supply = poetry.read(POETRY, "poetry.lock", asked)
    assert scopes(supply) == {"one": "required", "two": "required", "three": "excluded", "four": "excluded"}
    assert supply.distributions.items[2].line is not None


REQUIREMENTS = f"""\
--index-url https://me:secret@index.example/simple
-c constraints.txt
-r more/inner.txt
one==1.0 ; python_version >= "3" \\
    --hash={SHA} \\
    --hash=sha256:{"1" * 64}
    # via sample
unpinned>=2   # a comment
pinned-by-constraint
-e .
-e ./beside
git+https://me:secret@git.example/vcs.git@v1#egg=from-vcs
direct @ https://me:secret@files.example/direct-1.0.tar.gz
https://files.example/by_url-3.0-py3-none-any.whl
"""


def test_requirements_files(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS, "utf-8")
    (tmp_path / "constraints.txt").write_text("pinned-by-constraint==4.0\nnever==1.0\n", "utf-8")
    (tmp_path / "more/inner.txt").write_text("-r ../requirements.txt\ninner==5.0\n", "utf-8")
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside/pyproject.toml").write_text('[project]\nname = "Be.Side"\n', "utf-8")
    supply = requirements.read(tmp_path, "requirements.txt")
    found = {one.name: one for one in supply.distributions.items}
    assert {name: one.version for name, one in found.items()} == {
        "one": "1.0", "unpinned": "", "pinned-by-constraint": "4.0", "from-vcs": "", "direct": "",
        "by-url": "3.0", "inner": "5.0", "be-side": "",
    }  # fmt: skip
    assert found["one"].hashes == {SHA, "sha256:" + "1" * 64}
    assert (found["one"].path, found["one"].line) == ("requirements.txt", 4)
    assert (found["inner"].path, found["inner"].line) == ("more/inner.txt", 2)
    assert found["from-vcs"].origin == "vcs"
    assert "secret" not in repr(supply)
    assert set(supply.paths.items) == {"requirements.txt", "constraints.txt", "more/inner.txt"}


def test_what_a_list_has_beyond_the_requirements_of_the_project_is_required(tmp_path: Path) -> None:
    """An application that declares nothing and installs from a list is not without dependencies."""
    files = {
        "pyproject.toml": '[project]\nname = "sample"\nversion = "1"\n[dependency-groups]\ndev = ["tool"]\n',
        "requirements.txt": "one==1.0\ntool==2.0\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    project = facts.find(tmp_path)
    ruled = ruling.ruling(project)
    assert isinstance(ruled, ruling.Ruling)
    context: Any = SimpleNamespace(project=project)
    supply = ruling.supply(context, ruled, Reason(code="interpreter_missing", message="none", fix="none"))
    assert isinstance(supply, Supply)
    assert supply.rooted
    assert scopes(supply) == {"one": "required", "tool": "excluded"}


@pytest.mark.parametrize(
    ("more", "stale"),
    [
        ("", True),
        ("[tool.uv]\noverride-dependencies = [\"gamma; sys_platform == 'never'\"]\n", False),
    ],
)
@pytest.mark.parametrize("name", ["uv.lock", "requirements.txt"])
def test_a_lock_from_before_a_dependency_is_stale_and_a_list_is_of_a_part(
    tmp_path: Path, name: str, more: str, stale: bool
) -> None:
    text = '[project]\nname = "sample"\nversion = "1"\ndependencies = ["alpha", "gamma", "colour; os_name == \'x\'"]\n'
    (tmp_path / "pyproject.toml").write_text(text + more, "utf-8")
    (tmp_path / name).write_text(LOCK if name == "uv.lock" else "alpha==1.0\n", "utf-8")
    project = facts.find(tmp_path)
    ruled = ruling.ruling(project)
    assert isinstance(ruled, ruling.Ruling)
    context: Any = SimpleNamespace(project=project)
    found = ruling.supply(context, ruled, Reason(code="interpreter_missing", message="none", fix="none"))
    said = f"{name} does not have gamma, which pyproject.toml asks for"
    if name == "uv.lock" and stale:
        assert isinstance(found, Reason)
        assert (found.code, found.message) == ("evidence_stale", said)
    else:
        assert isinstance(found, Supply)
        assert found.notes.items == ((said,) if stale else ())


def test_a_file_that_constrains_and_asks_is_read_as_both(tmp_path: Path) -> None:
    (tmp_path / "pins.txt").write_text("one==1\n", "utf-8")
    (tmp_path / "requirements.txt").write_text("-c pins.txt\n-r pins.txt\n", "utf-8")
    found = requirements.read(tmp_path, "requirements.txt")
    assert [one.key for one in found.distributions.items] == ["one==1"]
    assert found.paths.items == ("requirements.txt", "pins.txt")


def test_several_files_rule_together(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "sample"\nversion = "1"\n', "utf-8")
    (tmp_path / "a.txt").write_text("one==1\n", "utf-8")
    (tmp_path / "b.txt").write_text("two==2\n", "utf-8")
    project = facts.find(tmp_path)
    ruled = ruling.ruling(project, "auto", ("a.txt", "b.txt"))
    assert isinstance(ruled, ruling.Ruling)
    context: Any = SimpleNamespace(project=project)
    missing = Reason(code="interpreter_missing", message="none", fix="none")
    supply = ruling.supply(context, ruled, missing, files=("a.txt", "b.txt"))
    assert isinstance(supply, Supply)
    assert [one.key for one in supply.distributions.items] == ["one==1", "two==2"]
    gone = ruling.supply(context, ruled, missing, files=("a.txt", "c.txt"))
    assert isinstance(gone, Reason)
    assert gone.message.startswith("c.txt")


@pytest.mark.parametrize("source", ['{ registry = "." }', '{ index = ["."] }'])
def test_what_comes_from_a_folder_of_packages_is_not_the_project(source: str) -> None:
    text = f'version = 1\n[[package]]\nname = "other"\nversion = "1"\nsource = {source}\n'
    supply = uv.read(text, "uv.lock", "sample")
    assert supply.root is None
    assert [one.key for one in supply.distributions.items] == ["other==1"]


@pytest.mark.parametrize("line", ["-r missing.txt", "--unknown-option", "one two", "-r https://x.example/r.txt"])
def test_a_line_that_cannot_be_followed_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"one==1\n{line}\n", "utf-8")
    with pytest.raises(GatesError):
        requirements.read(tmp_path, "requirements.txt")


@pytest.mark.parametrize("kept", ["one==1 --hash=sha256:" + "1" * 9 + "\n", "one==1 \\\n", "one==1 --hash=sha256:\n"])
def test_a_requirements_file_that_was_cut_off_is_refused(tmp_path: Path, kept: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"zero==1\n{kept}", "utf-8")
    with pytest.raises(GatesError, match="cut off") as refused:
        requirements.read(tmp_path, "requirements.txt")
    assert refused.value.line == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.text(alphabet=st.sampled_from("abc-r=@:/.#;\\ \n\"'[]<>1~!"), max_size=60))
def test_any_requirements_file_is_read_or_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "requirements.txt").write_text(text, "utf-8")
    try:
        supply = requirements.read(tmp_path, "requirements.txt")
    except GatesError:
        return
    assert all(one.name for one in supply.distributions.items)


@given(st.data())
def test_a_damaged_lock_is_read_or_refused(data: st.DataObject) -> None:
    whole, read = data.draw(
        st.sampled_from(
            [
                (LOCK, lambda text: uv.read(text, "uv.lock", "sample")),
                (UV_EXTRAS, lambda text: uv.read(text, "uv.lock", "sample")),
                (PYLOCK, lambda text: pylock.read(text, "pylock.toml", "sample")),
                (POETRY, lambda text: poetry.read(text, "poetry.lock", {})),
            ]
        )
    )
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    try:
        supply = read(whole[:start] + data.draw(st.sampled_from(["", "[]", "1", '"x"'])) + whole[end:])
    except GatesError:
        return
    found = graph(supply, HERE)
    assert set(found.scopes) == {one.key for one in supply.distributions.items}


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda text: uv.read(text, "uv.lock", "s"), "version = 2\n"),
        (lambda text: uv.read(text, "uv.lock", "s"), "version = 1\n[[package]]\nversion = '1'\n"),
        (lambda text: pylock.read(text, "pylock.toml", "s"), 'lock-version = "2.0"\n'),
        (lambda text: poetry.read(text, "poetry.lock", {}), "[metadata]\nlock-version = '3.0'\n"),
        (lambda text: poetry.read(text, "poetry.lock", {}), ""),
    ],
)
def test_an_unknown_version_or_an_entry_without_a_name_is_refused(read: Any, text: str) -> None:
    with pytest.raises(GatesError):
        read(text)
