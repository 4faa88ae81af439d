"""Hooks: what a build leaves, and one sentence for each way in which it leaves nothing."""

from __future__ import annotations

import hashlib
import os
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import psutil
import pytest

from gates.builtin.built import hooks, source, system
from gates.builtin.built.artifact import Artifact
from gates.builtin.built.environment import Environment
from gates.builtin.built.hooks import Command, Limits
from gates.builtin.built.system import System
from gates.engine.context import GateContext
from gates.model.reason import Reason
from support.building import BACKENDS, GOOD, in_tree, real, sentence, site
from support.children import out_of_time_once
from support.environments import Made

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and modes of POSIX")


def build(
    root: Path, environment: Environment, kind: Any = "wheel", *, context: GateContext | None = None, **options: Any
) -> Artifact | Reason:
    """What the project at `root` makes, built in a copy beside it."""
    context = context or site(root)
    of = system.of(context.project)
    assert isinstance(of, System)
    place = root.parent / "build"
    copy = source.write(context.project, place / "source")
    made = hooks.build(context, environment, of, copy, place / "out", kind, **options)
    assert sorted(one.name for one in place.iterdir()) == ["out", "source"]
    return made


def refused(
    root: Path, environment: Environment, kind: Any = "wheel", *, context: GateContext | None = None, **options: Any
) -> tuple[str, str]:
    """Code and message of the reason why there is no artifact."""
    reason = build(root, environment, kind, context=context, **options)
    return getattr(reason, "code", ""), sentence(reason)


@pytest.mark.parametrize("backend", BACKENDS)
def test_each_backend_leaves_both_artifacts(tmp_path: Path, environments: Made, backend: str) -> None:
    _, environment = environments(backend)
    root = real(tmp_path / "p", backend)
    before = sorted(root.rglob("*"))
    sdist = build(root, environment, "sdist")
    assert isinstance(sdist, Artifact)
    assert sdist.name == "sample-1.0.tar.gz"
    (tmp_path / "build").rename(tmp_path / "first")
    wheel = build(root, environment)
    assert isinstance(wheel, Artifact)
    assert wheel.name.startswith("sample-1.0-py")
    assert wheel.sha256 == hashlib.sha256(wheel.path.read_bytes()).hexdigest()
    assert wheel.size == wheel.path.stat().st_size
    assert "sample/__init__.py" in zipfile.ZipFile(wheel.path).namelist()
    with tarfile.open(tmp_path / "first/out" / sdist.name) as held:
        assert "sample-1.0/sample/__init__.py" in held.getnames()
    assert sorted(root.rglob("*")) == before
    assert environment.frozen() == environment.packages


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("raise ValueError('no')", "tool_crashed", "build_wheel failed: ValueError: no"),
        ("raise ValueError('one\\ntwo')", "tool_crashed", "build_wheel failed: ValueError: one"),
        ("raise ValueError('\\ntwo')", "tool_crashed", "build_wheel failed: ValueError: two"),
        ("raise ValueError", "tool_crashed", "build_wheel failed: ValueError"),
        ("raise SystemExit('not today')", "tool_crashed", "build_wheel failed: not today"),
        ("sys.exit('error: first\\n\\nTo find more, look there.')", "tool_crashed", "build_wheel failed: error: first"),
        ("sys.exit(3)", "tool_crashed", "build_wheel failed: exit code 3 and no word"),
        ("sys.exit(0)", "unparsable_output", "the process of build_wheel ended and gave no answer"),
        ("os._exit(0)", "unparsable_output", "the process of build_wheel ended and gave no answer"),
        ("return object()", "tool_crashed", "build_wheel failed: TypeError: Object of type object is not JSON seria"),
        ("return None", "unparsable_output", "build_wheel returned None, and not the name of a file"),
        ("return ''", "unparsable_output", "build_wheel returned '', and not the name of a file"),
        ("return name", "evidence_missing", "build_wheel returned sample-1.0-py3-none-any.whl, and left no file"),
        ("(out / name).write_bytes(b'')\nreturn name", "evidence_missing", "any.whl empty"),
        ("(out / name).mkdir()\nreturn name", "evidence_missing", "and left no file of this name"),
        ("(out / name).symlink_to('/etc/hosts')\nreturn name", "evidence_missing", "and left no file of this name"),
        ("return str(out / name)", "unparsable_output", "and a name without folders was due"),
        ("return '../' + name", "unparsable_output", "and a name without folders was due"),
        ("return 'a\\\\' + name", "unparsable_output", "and a name without folders was due"),
        ("return 'x.zip'", "unparsable_output", "build_wheel returned x.zip, and a name that ends with .whl was due"),
        (
            "for one in 'ab':\n    (out / f'{one}.whl').write_bytes(b'x')\nreturn 'a.whl'",
            "unparsable_output",
            "build_wheel left two wheels: a.whl, b.whl",
        ),
        (
            "for one in ('a.whl', 'b.whl', 'c.zip'):\n    (out / one).write_bytes(b'x')\nreturn 'a.whl'",
            "unparsable_output",
            "build_wheel left three artifacts: a.whl, b.whl, c.zip",
        ),
        ("print('x' * 50_000_000)\nraise ValueError('loud')", "tool_crashed", "build_wheel failed: ValueError: loud"),
    ],
)
def test_a_hook_that_leaves_no_artifact_is_one_sentence(
    tmp_path: Path, environments: Made, body: str, code: str, said: str
) -> None:
    found = refused(in_tree(tmp_path / "p", body), environments("own")[1])
    assert found[0] == code
    assert said in found[1]


@posix
@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "tool_killed", "build_wheel did not come to its end: "),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "tool_killed", "build_wheel did not come to its end: "),
        ("while True:\n    pass", "timeout", "build_wheel did not come to an end within 60 seconds"),
        ("time.sleep(600)", "timeout", "build_wheel did not come to an end within 60 seconds"),
        (
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)",
            "timeout",
            "build_wheel did not come to an end within 60 seconds",
        ),
    ],
)
def test_a_hook_that_does_not_come_to_its_end_is_one_sentence(
    tmp_path: Path, environments: Made, monkeypatch: pytest.MonkeyPatch, body: str, code: str, said: str
) -> None:
    out_of_time_once(monkeypatch, (tmp_path / "begun").exists if code == "timeout" else lambda: False)
    begun = f"pathlib.Path({str(tmp_path)!r}, 'begun').touch()\n"
    words = body.partition("\n")
    # What is deaf to a request is deaf before it is out of time.
    body = f"{words[0]}\n{begun}{words[2]}" if words[0].startswith("signal.") else begun + body
    found = refused(in_tree(tmp_path / "p", body), environments("own")[1], limits=Limits(seconds=60.0))
    assert found[0] == code
    assert said in found[1]


FILL = "with open({}, 'wb') as file:\n    while True:\n        file.write(bytes(65536))\n        file.flush()"


@pytest.mark.parametrize("place", ["out / 'x'", "'beside.txt'", "os.environ['TMPDIR'] + '/x'"])
def test_a_hook_that_writes_forever_is_ended(tmp_path: Path, environments: Made, place: str) -> None:
    root = in_tree(tmp_path / "p", FILL.format(place))
    found = refused(root, environments("own")[1], limits=Limits(seconds=60.0, disk=1024 * 1024))
    assert found == ("output_limit", "build_wheel wrote more than the 1 MiB that a build may write")


def test_a_hook_that_wrote_too_much_before_it_ended_is_refused(tmp_path: Path, environments: Made) -> None:
    root = in_tree(tmp_path / "p", "(out / 'x').write_bytes(bytes(3000))\n" + GOOD)
    found = refused(root, environments("own")[1], limits=Limits(disk=2000))
    assert found == ("output_limit", "build_wheel wrote more than the 2,000 bytes that a build may write")


def test_what_was_there_before_does_not_count(tmp_path: Path, environments: Made) -> None:
    root = in_tree(tmp_path / "p")
    (root / "large.bin").write_bytes(bytes(30_000))
    assert isinstance(build(root, environments("own")[1], limits=Limits(disk=20_000)), Artifact)


def test_what_is_watched_counts(tmp_path: Path, environments: Made) -> None:
    home = tmp_path / "home"
    home.mkdir()
    root = in_tree(tmp_path / "p", f"pathlib.Path({str(home)!r}, 'x').write_bytes(bytes(3000))\n" + GOOD)
    found = refused(root, environments("own")[1], limits=Limits(disk=2000), watched=(home,))
    assert found[0] == "output_limit"


@posix
def test_no_process_outlives_its_hook(tmp_path: Path, environments: Made) -> None:
    child = "[sys.executable, '-c', 'import time; time.sleep(600)']"
    body = f"one = subprocess.Popen({child}, start_new_session=True)\npathlib.Path('pid').write_text(str(one.pid))\n"
    made = build(in_tree(tmp_path / "p", body + GOOD), environments("own")[1])
    assert isinstance(made, Artifact)
    pid = int((tmp_path / "build/source/pid").read_text())
    until = time.monotonic() + 20
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until, "it is still there"
        time.sleep(0.05)


def test_a_hook_may_change_its_folder_and_warn(tmp_path: Path, environments: Made) -> None:
    body = "import warnings\nwarnings.warn('careful')\nos.chdir('/')\n" + GOOD
    assert isinstance(build(in_tree(tmp_path / "p", body), environments("own")[1]), Artifact)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("import nowhere", "the build backend own cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
        ("raise ValueError('at import')", "build_wheel failed: ValueError: at import"),
        ("1 +", "build_wheel failed: SyntaxError: invalid syntax"),
    ],
)
def test_a_backend_that_cannot_be_imported_is_one_sentence(
    tmp_path: Path, environments: Made, before: str, said: str
) -> None:
    assert refused(in_tree(tmp_path / "p", before=before), environments("own")[1])[1] == said


def test_a_hook_that_is_missing_is_named(tmp_path: Path, environments: Made) -> None:
    root = in_tree(tmp_path / "p")
    found = refused(root, environments("own")[1], "sdist")
    assert found == ("tool_config_invalid", "the build backend own has no hook build_sdist")


def test_a_backend_may_say_that_it_cannot(tmp_path: Path, environments: Made) -> None:
    before = (
        "class UnsupportedOperation(Exception):\n    pass\n\n"
        "def build_sdist(folder, settings=None):\n    raise UnsupportedOperation('no git here')\n"
    )
    code, said = refused(in_tree(tmp_path / "p", before=before), environments("own")[1], "sdist")
    assert code == "tool_crashed"
    assert said == "the build backend own does not support build_sdist here: own.UnsupportedOperation: no git here"


@posix
@pytest.mark.parametrize("answer", ["{", "[]", '{"return_val": 3}'])
def test_an_answer_that_the_backend_forged_is_one_sentence(tmp_path: Path, environments: Made, answer: str) -> None:
    body = f"pathlib.Path(sys.argv[2], 'output.json').write_text({answer!r})\nos._exit(0)"
    assert refused(in_tree(tmp_path / "p", body), environments("own")[1])[0] == "unparsable_output"


@posix
@pytest.mark.parametrize("lay", ["os.symlink('/dev/zero', place)", "os.mkfifo(place)", "os.mkdir(place)"])
def test_an_answer_that_is_no_file_is_one_sentence(tmp_path: Path, environments: Made, lay: str) -> None:
    body = f"place = sys.argv[2] + '/output.json'\n{lay}\nos._exit(0)"
    assert refused(in_tree(tmp_path / "p", body), environments("own")[1])[0] == "unparsable_output"


def test_secrets_are_not_repeated(tmp_path: Path, environments: Made) -> None:
    token = "ghp_" + "a1B2" * 9
    said = refused(in_tree(tmp_path / "p", f"raise ValueError('{token}')"), environments("own")[1])[1]
    assert token not in said


def test_an_error_names_no_folder_of_this_run(tmp_path: Path, environments: Made) -> None:
    root = in_tree(tmp_path / "p", "open(os.environ['WHERE'] + '/none')")
    context = site(root)
    where = str(context.scratch / "vltair-12-3")

    def starter(command: Command) -> Command:
        return Command(argv=command.argv, cwd=command.cwd, env={**command.env, "WHERE": where})

    said = refused(root, environments("own")[1], context=context, starter=starter)[1]
    assert said == "build_wheel failed: FileNotFoundError: [Errno 2] No such file or directory: '$SCRATCH/none'"


def test_the_users_own_python_variables_do_not_act(tmp_path: Path, environments: Made) -> None:
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil/own.py").write_text("raise ValueError('usurped')")
    (tmp_path / "evil/sitecustomize.py").write_text("raise SystemExit('usurped')")
    body = "assert not os.environ.get('PYTHONPATH')\nassert os.environ['PATH'].startswith(sys.prefix)\n"
    root = in_tree(tmp_path / "p", body + GOOD)
    context = site(root, {"PYTHONPATH": str(tmp_path / "evil"), "PYTHONHOME": str(tmp_path)})
    assert isinstance(build(root, environments("own")[1], context=context), Artifact)


def test_a_starter_changes_the_command_and_its_variables(tmp_path: Path, environments: Made) -> None:
    root = in_tree(tmp_path / "p", "assert os.environ['WISHED'] == 'yes' and sys.flags.utf8_mode\n" + GOOD)
    seen: list[Command] = []

    def starter(command: Command) -> Command:
        seen.append(command)
        python, *others = command.argv
        return Command(argv=(python, "-Xutf8", *others), cwd=command.cwd, env={**command.env, "WISHED": "yes"})

    assert isinstance(build(root, environments("own")[1], starter=starter), Artifact)
    (command,) = seen
    assert command.argv[0] == str(environments("own")[1].python)
    assert command.argv[2] == "build_wheel"
    assert command.cwd == tmp_path / "build/source"


def test_settings_reach_the_hook(tmp_path: Path, environments: Made) -> None:
    root = in_tree(tmp_path / "p", "assert config_settings == {'a': ['b', 'c']}\n" + GOOD)
    assert isinstance(build(root, environments("own")[1], config_settings={"a": ["b", "c"]}), Artifact)


def test_what_a_hook_installs_is_noticed(tmp_path: Path, environments: Made) -> None:
    body = "import sysconfig\nnew = pathlib.Path(sysconfig.get_path('purelib'), 'late-1.0.dist-info')\nnew.mkdir()\n"
    body += "(new / 'METADATA').write_text('Metadata-Version: 2.1\\nName: late\\nVersion: 1.0\\n')\n"
    environment = environments("own")[1]
    assert isinstance(build(in_tree(tmp_path / "p", body + GOOD), environment), Artifact)
    late = [one for one in environment.frozen() if one not in environment.packages]
    assert [(one.name, one.version, one.sha256) for one in late] == [("late", "1.0", "")]
    for file in environment.folder.rglob("late-1.0.dist-info/METADATA"):
        file.unlink()
        file.parent.rmdir()


def test_without_pyproject_hooks_there_is_no_build(tmp_path: Path, environments: Made) -> None:
    root = in_tree(tmp_path / "p")
    code, said = refused(root, environments("own")[1], context=site(root, {"GATES_HIDE": "build"}))
    assert code == "tool_missing"
    assert "build" in said


def test_a_folder_that_is_not_empty_is_the_callers_error(tmp_path: Path, environments: Made) -> None:
    (tmp_path / "build/out").mkdir(parents=True)
    (tmp_path / "build/out/x").write_text("")
    with pytest.raises(ValueError, match="out is not empty"):
        build(in_tree(tmp_path / "p"), environments("own")[1])


def test_a_gate_that_is_ended_leaves_nothing_behind(tmp_path: Path, environments: Made) -> None:
    root = in_tree(tmp_path / "p", "time.sleep(600)")
    context = site(root)
    context.cancel.set()
    assert refused(root, environments("own")[1], context=context)[0] == "tool_killed"
