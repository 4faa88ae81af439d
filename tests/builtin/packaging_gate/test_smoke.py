"""Smoke: real wheels in real fresh environments, where only what they require is there."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import os
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.packaging.settings import PackagingSettings
from gates.builtin.packaging.smoke import environment, importing, trial, wheel
from gates.builtin.packaging.smoke.trial import Smoke
from gates.model.gate import Gate
from gates.model.reason import Reason
from gates.process import network
from gates.testing import run as testing

INFO = "sample-1.0.dist-info"
CONSOLE = "[console_scripts]\n"
Trying = Callable[..., Smoke]


class Trial(Gate[Any, Any]):
    """As much of the gate as a context asks for."""

    name: ClassVar[str] = "packaging"
    Settings: ClassVar[type[Any]] = PackagingSettings


def make(folder: Path, files: Mapping[str, str], *headers: str, points: str = "", tag: str = "py3-none-any") -> Path:
    """A wheel `sample` 1.0 with these files."""
    members = {
        **files,
        f"{INFO}/METADATA": "\n".join(["Metadata-Version: 2.1", "Name: sample", "Version: 1.0", *headers, ""]),
        f"{INFO}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
        **({f"{INFO}/entry_points.txt": points} if points else {}),
    }
    rows = []
    path = folder / f"sample-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(text.encode())}\n")
            archive.writestr(name, text)
        archive.writestr(f"{INFO}/RECORD", "".join([*rows, f"{INFO}/RECORD,,\n"]))
    return path


@pytest.fixture
def trying(tmp_path: Path) -> Trying:
    """Tries a wheel with some settings, and environment, and returns what came of it."""
    root = tmp_path / "project"
    (root / "sample").mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    # What would be imported if the tree were on the path.
    (root / "sample" / "__init__.py").write_text("raise SystemExit('the tree was imported')\n")

    def run(path: Path, *, env: Mapping[str, str] | None = None, offline: bool = False, **settings: Any) -> Smoke:
        seconds = settings.pop("seconds", 60.0)
        variables = {"PYTHONPATH": str(root), **(env or {})}
        context = testing.context(root, Trial(), environ=variables, python=settings.pop("python", None), **settings)
        context.world = msgspec.structs.replace(context.world, offline=offline)
        try:
            return trial.run(context, path, seconds=seconds)
        finally:
            context.world.scratch.remove()

    return run


def failed(said: Smoke) -> dict[str, str]:
    return {one.name: one.message for one in said.tried if not one.passed}


NEEDY = {
    "sample.py": "import sys\ndef main():\n    try:\n        import helping\n    except ImportError:\n"
    "        sys.exit('run pip install \"Sample[cli]\"')\ndef plain():\n    import helping\n",
}


def helping(folder: Path) -> str:
    """The address of a wheel with the module `helping`."""
    path = folder / "helping-1.0-py3-none-any.whl"
    said = "Metadata-Version: 2.1\nName: helping\nVersion: 1.0\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("helping.py", "")
        archive.writestr("helping-1.0.dist-info/METADATA", said)
        archive.writestr("helping-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("helping-1.0.dist-info/RECORD", "helping.py,,\nhelping-1.0.dist-info/METADATA,,\n")
    return path.as_uri()


@pytest.mark.parametrize(
    "value", ["sample:main", pytest.param("sample:plain", marks=pytest.mark.slow), "sample:plain [cli]"]
)
def test_a_script_that_needs_an_extra_is_started_with_it(tmp_path: Path, trying: Trying, value: str) -> None:
    headers = ("Provides-Extra: cli", f"Requires-Dist: helping @ {helping(tmp_path)} ; extra == 'cli'")
    said = trying(make(tmp_path, NEEDY, *headers, points=f"{CONSOLE}run = {value}\n"))
    assert failed(said) == {}
    assert ("script", "run") in [(one.what, one.name) for one in said.tried]
    assert said.notes[-1] == "run was started with the extra cli, without which it does not start"


@pytest.mark.parametrize(
    ("extra", "value", "told"),
    [
        ("dev", "sample:plain", "it ended with code 1: ModuleNotFoundError: No module named 'helping'"),
        ("tui", "sample:main", 'it ended with code 1: run pip install "Sample[cli]"'),
    ],
)
def test_a_script_that_no_extra_is_for_fails(tmp_path: Path, trying: Trying, extra: str, value: str, told: str) -> None:
    headers = (f"Provides-Extra: {extra}", f"Requires-Dist: helping @ {helping(tmp_path)} ; extra == '{extra}'")
    said = trying(make(tmp_path, NEEDY, *headers, points=f"{CONSOLE}run = {value}\n"))
    assert failed(said) == {"run": told}


def test_a_script_that_fails_with_its_extra_too_is_named(tmp_path: Path, trying: Trying) -> None:
    points = f"{CONSOLE}run = sample:plain [cli]\nleft = sample:plain [cli]\n"
    wheel = make(tmp_path, NEEDY, "Provides-Extra: cli", points=points)
    said = trying(wheel, script_args={"left": ()})
    assert failed(said) == {"run": "it ended with code 1: ModuleNotFoundError: No module named 'helping'"}


def test_an_extra_that_cannot_be_had_is_named(tmp_path: Path, trying: Trying) -> None:
    absent = (tmp_path / "absent-1.0-py3-none-any.whl").as_uri()
    headers = ("Provides-Extra: cli", f"Requires-Dist: helping @ {absent} ; extra == 'cli'")
    said = trying(make(tmp_path, NEEDY, *headers, points=f"{CONSOLE}run = sample:main\n"))
    assert list(failed(said)) == ["sample-1.0-py3-none-any.whl[cli]"]


def test_each_module_and_script_is_tried_and_each_failure_named(tmp_path: Path, trying: Trying) -> None:
    files = {
        "sample/__init__.py": "import os, sys\nassert not sys.argv[1:] or sys.argv[0] != ''\n"
        "def main():\n    assert os.listdir() == [], os.listdir()\n    assert os.listdir(os.environ['HOME']) == []\n"
        "    assert sys.argv[1:] == ['--help'] and sys.stdin.read() == ''\n    print('usage')\n"
        "def quits():\n    sys.exit('no terminal')\ndef ends():\n    os._exit(3)\ndef version():\n"
        "    assert sys.argv[1:] == ['--version']\nOBJECT = 1\n",
        "sample/later.py": "import sample.gone\n",
        "sample/hosted.py": "import host_of_plugins\n",
        "gone.py": "import sample.absent\n",
        "data.py": "import pathlib\npathlib.Path(__file__).with_name('data.json').read_text()\n",
        "ends.py": "import os\nos._exit(0)\n",
        "asks.py": "input('name? ')\n",
        "types.py": "",
        "skipped.py": "raise ImportError\n",
        "space/inner/__init__.py": "",
        "bare/module.py": "1/0\n",
        "stubs-only/x.py": "",
        "notes.txt": "",
    }
    points = (
        f"{CONSOLE}good = sample:main\nquits = sample:quits\nends = sample:ends\nlater = sample.later:main\n"
        "version = sample:version\nleft = sample:quits\nextra = sample.later:main [cli]\n"
        "[gui_scripts]\nwindow = sample:main\nnowindow = sample:nothing\n"
        "[some.group]\nobject = sample:OBJECT\ndead = sample.dead:x\nhosted = sample.hosted:x\nodd = not a name\n"
        "away = sample:main [extra]\nmodule = json\n"
    )
    said = trying(
        make(tmp_path, files, points=points),
        script_args={"version": ("--version",), "left": ()},
        imports_skip=("skipped",),
    )
    assert said.undecided == ()
    assert [(one.what, one.name) for one in said.tried if one.passed] == [
        ("install", "sample-1.0-py3-none-any.whl"),
        ("import", "bare"),
        ("import", "sample"),
        ("import", "space.inner"),
        ("script", "good"),
        ("script", "version"),
        ("import", "sample:main (entry point window of gui_scripts)"),
        ("import", "sample.hosted:x (entry point hosted of some.group)"),
        ("import", "json (entry point module of some.group)"),
        ("import", "sample:OBJECT (entry point object of some.group)"),
    ]
    told = failed(said)
    site = told.pop("data")
    assert site.startswith("FileNotFoundError: [Errno 2] No such file or directory: '/e/")
    assert str(tmp_path) not in site
    assert told == {
        "asks": "EOFError: EOF when reading a line",
        "ends": "it ended with code 3",
        "gone": "ModuleNotFoundError: No module named 'sample.absent'",
        "types": "another module of that name is imported, not that of the wheel",
        "extra": "it ended with code 1: ModuleNotFoundError: No module named 'sample.gone'",
        "later": "it ended with code 1: ModuleNotFoundError: No module named 'sample.gone'",
        "quits": "it ended with code 1: no terminal",
        "sample:nothing (entry point nowindow of gui_scripts)": (
            "AttributeError: module 'sample' has no attribute 'nothing'"
        ),
        "sample.dead:x (entry point dead of some.group)": "ModuleNotFoundError: No module named 'sample.dead'",
        "not a name (entry point odd of some.group)": "it names no object",
    }
    assert "the import ended the process" in [one.message for one in said.tried if one.name == "ends"]


def test_what_hangs_or_is_killed_is_named(tmp_path: Path, trying: Trying) -> None:
    files = {
        "sample.py": "import os, time\ndef hangs():\n    time.sleep(600)\ndef dies():\n    os.kill(os.getpid(), 11)\n",
        "slow.py": "import time\ntime.sleep(600)\n",
    }
    said = trying(make(tmp_path, files, points=f"{CONSOLE}hangs = sample:hangs\n"), seconds=2.0)
    hung = "it did not end within 2 s"
    # On a busy machine more may take too long.
    assert failed(said).items() >= {"slow": hung, "hangs": hung}.items()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_a_signal_is_named(tmp_path: Path, trying: Trying) -> None:
    files = {"sample.py": "import os\nos.kill(os.getpid(), 11)\n"}
    assert failed(trying(make(tmp_path, files))) == {"sample": "it was ended by signal 11"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the network can be denied on Linux alone")
def test_there_is_no_network_or_a_note(tmp_path: Path, trying: Trying) -> None:
    code = "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))\n"
    said = trying(make(tmp_path, {"sample.py": code}))
    if said.notes:
        assert said.notes[0].startswith("imports and scripts were tried with the network, which cannot be denied here")
    else:
        assert failed(said) == {"sample": "OSError: [Errno 101] Network is unreachable"}


def test_where_the_network_cannot_be_denied_a_note_says_so(
    tmp_path: Path, trying: Trying, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "obstacle", lambda _: "this machine knows no way")
    path = make(tmp_path, {"sample.py": ""})
    said = trying(path)
    assert [one.passed for one in said.tried] == [True, True]
    (note,) = said.notes
    assert note.startswith("imports and scripts were tried with the network, which cannot be denied here: ")
    assert note.endswith("limit_not_applied: this machine knows no way")
    refused = trying(path, offline=True)
    assert ([one.code for one in refused.undecided], refused.tried) == (["tool_crashed"], ())


@pytest.mark.parametrize(
    ("headers", "tag", "message"),
    [
        (
            ("Requires-Dist: no-such-project-of-gates",),
            "py3-none-any",
            "No matching distribution found for no-such-project",
        ),
        (("Requires-Python: >=99",), "py3-none-any", "Package 'sample' requires a different Python: "),
        ((), "cp27-cp27m-win32", "sample-1.0-cp27-cp27m-win32.whl is not a supported wheel on this platform."),
        (
            ("Requires-Dist: other @ file:///absent/other-0-py3-none-any.whl",),
            "py3-none-any",
            "Could not install packages",
        ),
    ],
)
def test_what_cannot_be_installed(
    tmp_path: Path, trying: Trying, headers: tuple[str, ...], tag: str, message: str
) -> None:
    said = trying(make(tmp_path, {"sample.py": ""}, *headers, tag=tag), env={"PIP_NO_INDEX": "1"})
    (one,) = said.tried
    assert (one.what, one.passed, said.undecided) == ("install", False, ())
    assert one.message.startswith(message)


def test_an_index_that_cannot_be_reached_is_undecided(tmp_path: Path, trying: Trying) -> None:
    path = make(tmp_path, {"sample.py": ""}, "Requires-Dist: other-project")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_CONFIG_FILE": os.devnull}
    for said in (trying(path, env=nowhere), trying(path, offline=True)):
        assert ([one.code for one in said.undecided], said.tried) == (["network_unavailable"], ())


def test_a_wheel_that_needs_nothing_is_installed_offline(tmp_path: Path, trying: Trying) -> None:
    said = trying(make(tmp_path, {"sample.py": ""}), offline=True)
    denied = bool(said.undecided)
    assert [one.passed for one in said.tried] == ([] if denied else [True, True])


def test_variables_of_the_user_do_not_turn_it_elsewhere(tmp_path: Path, trying: Trying) -> None:
    env = {"PIP_TARGET": str(tmp_path / "t"), "PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1", "PYTHONWARNINGS": "error"}
    said = trying(make(tmp_path, {"sample/__init__.py": ""}), env=env)
    assert [one.message for one in said.tried] == ["", ""]
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"not a zip"])
def test_a_damaged_wheel_cannot_be_installed(tmp_path: Path, trying: Trying, content: bytes) -> None:
    path = tmp_path / "sample-1.0-py3-none-any.whl"
    path.write_bytes(content)
    said = trying(path)
    (one,) = said.tried
    assert (one.what, one.passed) == ("install", False)
    assert "cannot be read" in one.message


def test_entry_points_that_cannot_be_read(tmp_path: Path, trying: Trying) -> None:
    said = trying(make(tmp_path, {"sample.py": ""}, points="no section\n"))
    assert "the entry points of sample-1.0-py3-none-any.whl cannot be read" in next(iter(failed(said).values()))


def test_without_an_interpreter_it_is_undecided(tmp_path: Path, trying: Trying) -> None:
    reason = Reason(code="interpreter_missing", message="there is none", fix="gates check --python EXE")
    said = trying(make(tmp_path, {"sample.py": ""}), python=reason)
    assert (said.tried, said.undecided) == ((), (reason,))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a script that can be started by its name")
def test_an_environment_that_cannot_be_made_is_undecided(
    tmp_path: Path, trying: Trying, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'ERROR: Exception:' >&2\nexit 2\n")
    broken.chmod(0o755)
    real = testing.context(tmp_path / "project", Trial()).python
    python = msgspec.structs.replace(real, path=broken)
    said = trying(make(tmp_path, {"sample.py": ""}), python=python)
    (reason,) = said.undecided
    assert (reason.code, said.tried) == ("tool_crashed", ())
    assert reason.message.startswith("no fresh environment of Python 3.")
    monkeypatch.setattr(environment, "_pip", lambda _: None)
    assert trying(make(tmp_path, {"sample.py": ""})).undecided[0].code == "tool_missing"
    monkeypatch.setattr(environment, "_pip", lambda _: broken)
    crashed = trying(make(tmp_path, {"sample.py": ""})).undecided[0]
    assert crashed.code == "tool_crashed"
    assert "pip could not say whether" in crashed.message


@pytest.mark.parametrize("version", ["22.2.1", "", "22.3", "26.0"])
def test_only_a_pip_that_installs_elsewhere_will_do(tmp_path: Path, version: str) -> None:
    class Python:
        path = tmp_path
        distributions: ClassVar[dict[str, str]] = {"pip": version}

    found = environment._pip(Python())  # type: ignore[arg-type]
    assert found == (tmp_path if version in {"22.3", "26.0"} else Path(sys.executable))


# What a wheel has


@pytest.mark.parametrize(
    ("names", "modules"),
    [
        (["a/__init__.py", "a/b/__init__.py", "a/c.py"], ("a",)),
        (["m.py", "x.cpython-312-x86_64-linux-gnu.so", "w.cp312-win_amd64.pyd", "__main__.py"], ("m", "w", "x")),
        (["n/p/q/__init__.py", "n/r/__init__.py", "n/r/s/__init__.py"], ("n.p.q", "n.r")),
        (["n/a.py", "n/o/b.py"], ("n",)),
        (["d-1.data/purelib/a/__init__.py", "d-1.data/platlib/b.so", "d-1.data/data/c.py", "d-1.data/scripts/d.py"],
         ("a", "b")),
        (["a/data.json", "a/__init__.pyi", "d-1.dist-info/x.py", "1a.py"], ()),
        (["a/__init__.cpython-312-darwin.so", "a.pth"], ("a",)),
    ],
)  # fmt: skip
def test_modules(names: list[str], modules: tuple[str, ...]) -> None:
    assert wheel.modules(names) == modules


@given(st.lists(st.text(max_size=20) | st.sampled_from(["a/__init__.py", "a/b.py", "/", "..", "a//b.py"])))
def test_modules_of_any_names(names: list[str]) -> None:
    assert all(part.isidentifier() for one in wheel.modules(names) for part in one.split("."))


def test_what_is_read_of_wheels_is_what_their_installation_says() -> None:
    """Beside importlib.metadata, over everything that is installed with the tests."""
    for one in importlib.metadata.distributions():
        text = one.read_text("entry_points.txt")
        if text:
            ours = [(p.group, p.name, p.module, p.attribute) for p in wheel.entry_points(text, one.name)]
            theirs = [(p.group, p.name, p.module, p.attr or "") for p in one.entry_points]
            assert sorted(ours) == sorted(set(theirs)), one.name


def test_the_program_of_an_import_says_what_was_raised(tmp_path: Path) -> None:
    answer = tmp_path / "answer.json"
    for module, attribute, error in (
        ("json", "", None),
        ("json.gone", "", "ModuleNotFoundError"),
        ("json", "x.y", "AttributeError"),
    ):
        importing.main(str(answer), module, attribute)
        told = msgspec.json.decode(answer.read_bytes())
        assert (told["error"] or "").partition(":")[0] == (error or "")
        assert bool(told["files"]) == (error is None)
