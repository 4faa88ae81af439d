"""Which Python is judged: the order of those who may name one, and a reason wherever the name leads nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.model.reason import Reason
from gates.process import probe
from gates.process.interpreter import Interpreter, choose
from pytest_vltair import tree

Chosen = Interpreter | Reason


@pytest.fixture(scope="session")
def real_venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment made by `venv`, with one distribution in it."""
    place = tmp_path_factory.mktemp("real") / "env with space"
    venv.create(place, symlinks=True)
    site = next(place.glob("lib/python*/site-packages"))
    info = site / "Some_Thing-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Some.Thing\nVersion: 1.2\n")
    return place


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty project."""
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@pytest.fixture
def pick(root: Path) -> Callable[..., Chosen]:
    """`choose` for `root` with nothing set but what the test sets."""

    def choose_here(*, flag: str | None = None, configured: str | None = None, **environ: str) -> Chosen:
        return choose(root, flag=flag, configured=configured, environ=environ, state=root / ".gates")

    return choose_here


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every start of a process an error."""

    def started(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", started)


def found(chosen: Chosen) -> Interpreter:
    assert isinstance(chosen, Interpreter), chosen
    return chosen


def base_python() -> str:
    return os.path.realpath(sys.executable)


def link_venv(place: Path, real: Path) -> None:
    place.symlink_to(real, target_is_directory=True)


def test_the_one_running_gates_if_nobody_names_another(pick: Callable[..., Chosen], no_process: None) -> None:
    chosen = found(pick())
    assert chosen.own
    assert (chosen.path, chosen.chosen_by) == (Path(sys.executable), "the Python that runs gates")
    assert chosen.prefix == Path(sys.prefix)
    assert "msgspec" in chosen.distributions
    assert len(chosen.digest) == 64


def test_a_venv_is_read_and_not_started(
    root: Path, pick: Callable[..., Chosen], real_venv: Path, no_process: None
) -> None:
    link_venv(root / ".venv", real_venv)
    chosen = found(pick())
    assert (chosen.path, chosen.chosen_by) == (root / ".venv/bin/python", ".venv")
    assert chosen.version == ".".join(map(str, sys.version_info[:3]))
    assert chosen.distributions == {"some-thing": "1.2"}
    assert not chosen.own
    assert not (root / ".gates").exists()


def test_what_is_read_is_what_the_interpreter_says(
    root: Path, pick: Callable[..., Chosen], real_venv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = found(pick(flag=str(real_venv)))
    monkeypatch.setattr(probe, "look", lambda path: None)
    asked = found(pick(flag=str(real_venv)))
    assert (read.version, read.prefix, read.site) == (asked.version, asked.prefix, asked.site)
    assert (read.distributions, read.digest) == (asked.distributions, asked.digest)
    assert read.digest == tree.environment_digest(read.site, read.version)


@pytest.mark.requirement("PRC-10")
@pytest.mark.parametrize(
    "order",
    [["--python", "GATES_PYTHON", "[tool.gates] python", "VIRTUAL_ENV", "CONDA_PREFIX", ".venv"]],
)
def test_the_order(
    root: Path, pick: Callable[..., Chosen], real_venv: Path, order: list[str], no_process: None
) -> None:
    link_venv(root / ".venv", real_venv)
    says = str(real_venv)
    for index, expected in enumerate(order):
        left = set(order[index:])
        chosen = pick(
            flag=says if "--python" in left else None,
            configured=says if "[tool.gates] python" in left else None,
            **{name: says for name in ("GATES_PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX") if name in left},
        )
        assert found(chosen).chosen_by == expected


def test_empty_names_name_nothing(pick: Callable[..., Chosen]) -> None:
    assert found(pick(flag="", configured="", GATES_PYTHON="", VIRTUAL_ENV="", CONDA_PREFIX="")).own


def test_the_base_of_conda_comes_after_the_project(root: Path, pick: Callable[..., Chosen], real_venv: Path) -> None:
    conda = {"CONDA_PREFIX": str(real_venv), "CONDA_DEFAULT_ENV": "base"}
    assert found(pick(**conda)).chosen_by == "CONDA_PREFIX"
    link_venv(root / ".venv", real_venv)
    assert found(pick(**conda)).chosen_by == ".venv"
    assert found(pick(**{**conda, "CONDA_DEFAULT_ENV": "work"})).chosen_by == "CONDA_PREFIX"


def test_a_venv_above_counts_inside_a_repository_only(root: Path, real_venv: Path) -> None:
    member = root / "packages" / "member"
    member.mkdir(parents=True)
    link_venv(root / ".venv", real_venv)
    assert found(choose(member, flag=None, configured=None, environ={}, state=member)).own
    (root / ".git").mkdir()
    assert found(choose(member, flag=None, configured=None, environ={}, state=member)).chosen_by == "../../.venv"
    (member / ".git").write_text("gitdir: elsewhere")
    assert found(choose(member, flag=None, configured=None, environ={}, state=member)).own


def test_a_file_named_venv_points_to_one(root: Path, pick: Callable[..., Chosen], real_venv: Path) -> None:
    (root / ".venv").write_text(f"{real_venv}\n")
    assert found(pick()).path == real_venv / "bin/python"


@pytest.mark.parametrize("content", [b"", b"../nowhere\n", b"\xff\xfe"])
def test_a_file_named_venv_that_points_nowhere(root: Path, pick: Callable[..., Chosen], content: bytes) -> None:
    (root / ".venv").write_bytes(content)
    chosen = pick()
    assert isinstance(chosen, Reason)
    assert (chosen.code, chosen.fix) == ("interpreter_missing", "python3 -m venv --clear .venv")


@pytest.mark.parametrize(
    ("named", "fix"),
    [
        ({"flag": "nowhere/python"}, "python3 -m venv .venv"),
        ({"flag": "no-such-python-7f3a"}, "python3 -m venv .venv"),
        ({"flag": "9.99"}, "python3 -m venv .venv"),
        ({"GATES_PYTHON": "/nowhere/python"}, "unset GATES_PYTHON"),
        ({"configured": "nowhere"}, 'set `python = ".venv"` in [tool.gates], or the path of a Python that exists'),
        ({"VIRTUAL_ENV": "/nowhere"}, "unset VIRTUAL_ENV"),
        ({"CONDA_PREFIX": "/nowhere"}, "unset CONDA_PREFIX"),
        ({"flag": "a\0b"}, "python3 -m venv .venv"),
    ],
)
def test_a_name_that_leads_nowhere_is_a_reason(
    pick: Callable[..., Chosen], named: dict[str, str], fix: str, no_process: None
) -> None:
    chosen = pick(**named)
    assert isinstance(chosen, Reason)
    assert (chosen.code, chosen.fix) == ("interpreter_missing", fix)
    assert chosen.message.endswith("where there is no Python")


def test_a_venv_whose_python_is_gone(root: Path, pick: Callable[..., Chosen]) -> None:
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/python").symlink_to(root / "uninstalled")
    (root / ".venv/pyvenv.cfg").write_text("version = 3.12.1\n")
    assert isinstance(pick(), Reason)


@pytest.mark.parametrize("script", ["exit 3", "echo no Python", "echo", "kill -9 $$"])
def test_a_program_that_is_no_python(root: Path, pick: Callable[..., Chosen], script: str) -> None:
    (root / "python").write_text(f"#!/bin/sh\n{script}\n")
    (root / "python").chmod(0o755)
    chosen = pick(configured="python")
    assert isinstance(chosen, Reason)
    assert "as a Python 3" in chosen.message


def test_an_old_python(root: Path, pick: Callable[..., Chosen]) -> None:
    facts = {"executable": str(root / "python"), "version": "3.10.4", "prefix": "/", "site": [], "further": []}
    (root / "python").write_text(f"#!/bin/sh\necho '{json.dumps(facts)}'\n")
    (root / "python").chmod(0o755)
    chosen = pick(configured="python")
    assert isinstance(chosen, Reason)
    assert "is Python 3.10.4; gates judges Python 3.11 and newer" in chosen.message


def test_by_name_and_by_version(root: Path, pick: Callable[..., Chosen], tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3.99").symlink_to(base_python())
    for name in ("python3.99", "3.99"):
        chosen = pick(configured=name, PATH=str(tmp_path / "bin"))
        assert found(chosen).path == tmp_path / "bin/python3.99"


def test_configured_path_is_relative_to_the_project(
    root: Path, pick: Callable[..., Chosen], real_venv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link_venv(root / "env", real_venv)
    assert found(pick(configured="env/bin/python")).path == root / "env/bin/python"
    link_venv(tmp_path / "other", real_venv)
    monkeypatch.chdir(tmp_path)
    assert found(pick(flag="other")).path == tmp_path / "other/bin/python"


def test_the_answer_is_kept(root: Path, pick: Callable[..., Chosen], request: pytest.FixtureRequest) -> None:
    first = found(pick(flag=base_python()))
    kept = next((root / ".gates/interpreters").iterdir())
    whole = kept.read_bytes()
    assert (root / ".gates/.gitignore").read_text() == "*\n"
    request.getfixturevalue("no_process")
    assert pick(flag=base_python()) == first
    for content in (b"", b"{}", b"\xff", whole[:-1], whole.replace(b'"schema_version":1', b'"schema_version":2')):
        kept.write_bytes(content)
        with pytest.raises(AssertionError, match="a process was started"):
            pick(flag=base_python())
        kept.write_bytes(whole)
    with pytest.raises(AssertionError, match="a process was started"):
        pick(flag=base_python(), HOME="/elsewhere")


def test_a_corrupt_answer_is_asked_for_again(root: Path, pick: Callable[..., Chosen]) -> None:
    first = found(pick(flag=base_python()))
    kept = next((root / ".gates/interpreters").iterdir())
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    assert pick(flag=base_python()) == first
    assert kept.read_bytes() == whole


def test_a_launcher_is_asked_every_time(root: Path, pick: Callable[..., Chosen]) -> None:
    script = root / "python"
    script.write_text(f'#!/bin/sh\nexec {base_python()} "$@"\n')
    script.chmod(0o755)
    assert found(pick(configured="python")).path == Path(base_python())
    # A launcher's answer is about another file, and is not kept.
    assert not list((root / ".gates").glob("interpreters/*"))
    script.write_text("#!/bin/sh\nexit 1\n")
    assert isinstance(pick(configured="python"), Reason)


def test_a_project_that_cannot_be_written_to(root: Path, real_venv: Path) -> None:
    (root / "state").write_text("a file, where a folder should be made")
    chosen = choose(root, flag=base_python(), configured=None, environ={}, state=root / "state" / ".gates")
    assert isinstance(chosen, Interpreter)


def test_a_python_replaced_after_the_venv_was_made_is_asked(
    root: Path, pick: Callable[..., Chosen], real_venv: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    venv.create(copy, symlinks=True)
    settings = (copy / "pyvenv.cfg").read_text()
    (copy / "pyvenv.cfg").write_text(
        settings.replace(
            f"version = {sys.version.split()[0]}", f"version = {sys.version_info[0]}.{sys.version_info[1]}.99"
        )
    )
    os.utime(copy / "pyvenv.cfg", (0, 0))
    assert found(pick(flag=str(copy))).version == sys.version.split()[0]


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "version = soon\n",
        "version_info = 3.12.1.alpha.2\n",
        "include-system-site-packages = true\nversion = 3.12.1\n",
    ],
)
def test_a_venv_that_does_not_say_all_is_asked(root: Path, settings: str) -> None:
    (root / "env/bin").mkdir(parents=True)
    (root / "env/lib/python3.12/site-packages").mkdir(parents=True)
    (root / "env/bin/python").write_text("")
    (root / "env/pyvenv.cfg").write_text(settings)
    assert probe.look(root / "env/bin/python") is None


def test_what_other_makers_of_environments_write(root: Path) -> None:
    (root / "env/bin").mkdir(parents=True)
    (root / "env/bin/python").write_text("")
    settings = "home = /x\nversion_info = 3.12.4.final.0\ninclude-system-site-packages = false\n"
    (root / "env/pyvenv.cfg").write_text(settings)
    assert probe.look(root / "env/bin/python") is None
    for place in ("lib/python3.12/site-packages", "lib64/python3.12/site-packages", "lib/python3.11/site-packages"):
        (root / "env" / place).mkdir(parents=True)
    facts = probe.look(root / "env/bin/python")
    assert facts is not None
    assert facts.version == "3.12.4"
    assert facts.site == [str(root / f"env/{lib}/python3.12/site-packages") for lib in ("lib", "lib64")]


def test_windows_and_conda_layouts(root: Path, pick: Callable[..., Chosen]) -> None:
    for name in ("Scripts/python.exe", "python.exe"):
        place = root / name.replace("/", "-")
        (place / name).parent.mkdir(parents=True)
        (place / name).write_text("")
        (place / name).chmod(0o755)
        (place / "Lib/site-packages").mkdir(parents=True)
        (place / "pyvenv.cfg").write_text("version_info = 3.12.4\n")
        chosen = found(pick(VIRTUAL_ENV=str(place)))
        assert (chosen.path, chosen.site) == (place / name, (place / "Lib/site-packages",))


def test_system_packages_of_a_venv_count(tmp_path: Path, root: Path, pick: Callable[..., Chosen]) -> None:
    place = tmp_path / "system"
    venv.create(place, symlinks=True, system_site_packages=True)
    chosen = found(pick(flag=str(place)))
    assert chosen.prefix == place
    base = found(pick(flag=base_python()))
    assert set(base.distributions) <= set(chosen.distributions)


def test_user_site_counts_unless_it_is_off(root: Path, pick: Callable[..., Chosen], tmp_path: Path) -> None:
    on = found(pick(flag=base_python(), PYTHONUSERBASE=str(tmp_path / "user")))
    off = found(pick(flag=base_python(), PYTHONUSERBASE=str(tmp_path / "user"), PYTHONNOUSERSITE="1"))
    assert any(place.is_relative_to(tmp_path / "user") for place in on.further)
    assert not any(place.is_relative_to(tmp_path / "user") for place in off.further)


def test_gates_own_environment_is_recognised(root: Path, pick: Callable[..., Chosen], no_process: None) -> None:
    chosen = found(pick(VIRTUAL_ENV=sys.prefix))
    assert (chosen.own, chosen.chosen_by) == (True, "VIRTUAL_ENV")


def test_a_python_that_does_not_know_where_it_is(pick: Callable[..., Chosen], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    chosen = pick()
    assert isinstance(chosen, Reason)
    assert chosen.code == "interpreter_missing"
