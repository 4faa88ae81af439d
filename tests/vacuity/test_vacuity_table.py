"""Situations in which the tools of the field answer 0 and nothing was proved: each must be red here, and say why.

`docs/explanation/vacuity.md` shows the table with each tool's own answer beside ours; every row of it is a test here
that runs the real tools through the real command line.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from gates.testing import tool
from support import healthy
from support.commands import Result, check, environment, gates

GATES = ("lint", "types", "tests")
MODULES = {"lint": "ruff", "types": "mypy", "tests": "pytest"}


def red(result: Result, *codes: int) -> Result:
    assert result.code in (codes or (1, 2, 3, 5)), result.out + result.err
    assert "Traceback" not in result.err
    assert result.report["exit_code"] == result.code
    assert result.report["verdict"] != "passed"
    return result


@pytest.mark.requirement("PLN-1")
def test_the_healthy_project_is_green(tmp_path: Path) -> None:
    result = check(healthy.write(tmp_path))
    assert (result.code, result.verdicts) == (0, dict.fromkeys((*GATES, "policy"), "passed")), result.out


@pytest.mark.requirement("VRD-8")
def test_no_python_file(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("no code\n", "utf-8")
    assert red(check(tmp_path), 5).verdicts == {"policy": "passed"}


@pytest.mark.parametrize("gate", GATES)
def test_no_python_file_although_asked_for(tmp_path: Path, gate: str) -> None:
    (tmp_path / "README.md").write_text("no code\n", "utf-8")
    result = red(check(tmp_path, "--select", gate), 3)
    assert result.reasons[gate] in {"nothing_examined", "does_not_apply"}


@pytest.mark.requirement("VRD-8")
def test_tests_that_collect_nothing(tmp_path: Path) -> None:
    healthy.write(tmp_path, **{"tests/test_adder.py": "def helper() -> None:\n    pass\n"})
    assert red(check(tmp_path), 3).reasons == {"tests": "nothing_examined"}


@pytest.mark.requirement("VRD-8")
def test_tests_that_are_all_skipped(tmp_path: Path) -> None:
    text = "import pytest\n\npytestmark = pytest.mark.skip\n\n\ndef test_add() -> None:\n    pass\n"
    assert red(check(healthy.write(tmp_path, **{"tests/test_adder.py": text})), 3).reasons == {
        "tests": "nothing_examined"
    }


@pytest.mark.requirement("VRD-8")
@pytest.mark.parametrize(
    ("gate", "table"),
    [
        ("lint", '\n[tool.ruff]\nexclude = ["*"]\n[tool.mypy]\nstrict = true\n'),
        ("types", '\n[tool.ruff]\n[tool.mypy]\nstrict = true\nexclude = ".*"\n'),
        ("tests", '\n[tool.ruff]\n[tool.mypy]\n[tool.pytest.ini_options]\naddopts = "--ignore=tests"\n'),
    ],
)
def test_every_file_excluded(tmp_path: Path, gate: str, table: str) -> None:
    healthy.write(tmp_path, **{"pyproject.toml": '[project]\nname = "sample"\nversion = "1"\n' + table})
    result = red(check(tmp_path, gate), 3)
    assert result.reasons[gate] in {"nothing_examined", "tool_crashed"}


@pytest.mark.requirement("CFG-1")
@pytest.mark.parametrize(
    ("text", "wrong", "nearest"),
    [
        ('[tool.gates]\nselect = ["lnt"]\n', "lnt", "lint"),
        ('[tool.gates]\nselct = ["lint"]\n', "selct", "select"),
        ("[tool.gates.lint]\ntimeot = 3\n", "timeot", "timeout"),
        ("[tool.gates.tets]\ntimeout = 3\n", "tets", "tests"),
    ],
)
def test_a_typo_in_our_configuration(tmp_path: Path, text: str, wrong: str, nearest: str) -> None:
    healthy.write(tmp_path, **{"pyproject.toml": healthy.PYPROJECT + text})
    error = red(check(tmp_path), 2).report["error"]
    assert wrong in error["message"]
    assert nearest in error["message"]
    assert error["path"] == "pyproject.toml"
    lines = (healthy.PYPROJECT + text).splitlines()
    assert wrong in lines[error["line"] - 1]


@pytest.mark.requirement("PLN-3")
def test_a_typo_on_the_command_line(tmp_path: Path) -> None:
    assert "did you mean" in red(check(healthy.write(tmp_path), "--select", "lnt"), 2).report["error"]["message"]


def test_a_typo_in_the_configuration_of_mypy(tmp_path: Path) -> None:
    text = healthy.PYPROJECT.replace("strict = true", "strict = true\nstrickt_optional = true")
    result = red(check(healthy.write(tmp_path, **{"pyproject.toml": text}), "types"), 3)
    assert result.reasons == {"types": "tool_config_invalid"}
    assert "strickt_optional" in result.report["gates"][0]["reason"]["message"]


def test_a_typo_in_the_configuration_of_ruff(tmp_path: Path) -> None:
    text = healthy.PYPROJECT.replace("line-length", "line-lenght")
    result = red(check(healthy.write(tmp_path, **{"pyproject.toml": text}), "lint"), 3)
    assert result.reasons == {"lint": "tool_config_invalid"}


def test_a_typo_in_the_configuration_of_pytest(tmp_path: Path) -> None:
    text = f'{healthy.PYPROJECT}\n[tool.pytest.ini_options]\ntestpath = ["tests"]\n'
    result = red(check(healthy.write(tmp_path, **{"pyproject.toml": text}), "tests"), 3)
    assert result.reasons == {"tests": "tool_config_invalid"}
    assert "did you mean 'testpaths'?" in result.report["gates"][0]["reason"]["message"]


@pytest.mark.requirement("PRC-9")
@pytest.mark.parametrize("gate", GATES)
def test_a_tool_that_is_hidden(tmp_path: Path, gate: str) -> None:
    result = red(check(healthy.write(tmp_path), gate, env={"GATES_HIDE": MODULES[gate]}), 3)
    assert result.reasons == {gate: "tool_missing"}
    assert result.report["gates"][0]["reason"]["fix"] == "unset GATES_HIDE"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with nothing in it."""
    folder = tmp_path_factory.mktemp("bare") / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


@pytest.mark.parametrize("gate", ["types", "tests"])
def test_a_tool_that_is_not_installed_in_the_judged_environment(tmp_path: Path, bare: Path, gate: str) -> None:
    result = red(check(healthy.write(tmp_path), gate, env={"VIRTUAL_ENV": str(bare)}), 3)
    assert result.reasons == {gate: "tool_missing"}
    assert "install" in result.report["gates"][0]["reason"]["fix"]


@pytest.mark.requirement("PRC-8")
@pytest.mark.parametrize(
    ("gate", "shadow"),
    [
        ("lint", "ruff.py"),
        ("lint", "ruff/__main__.py"),
        ("types", "mypy/__main__.py"),
        ("types", "mypy.py"),
        ("tests", "pytest.py"),
        ("tests", "_pytest/__init__.py"),
    ],
)
def test_an_impostor_in_the_root_is_not_run(tmp_path: Path, gate: str, shadow: str) -> None:
    """The impostor would pass; the real tool sees the fault."""
    faults = {
        "src/sample/bad.py": "import os\n\nx: int = 'text'\n",
        "tests/test_bad.py": "def test_bad(tmp_path: object) -> None:\n    assert tmp_path is None\n",
    }
    red(check(healthy.write(tmp_path, **{shadow: "raise SystemExit(0)\n"}, **faults), gate), 1, 3)


@pytest.mark.requirement("GAT-3")
def test_an_installed_copy_beside_a_broken_tree(tmp_path: Path) -> None:
    """The tests import the copy that is installed, and pass; the tree is broken."""
    installed = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(installed)], check=True)
    site = installed / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        (site / entry.name).symlink_to(entry)
    project = tmp_path / "project"
    healthy.write(
        project, **{"tests/conftest.py": "", "src/sample/adder.py": "def add(a: int, b: int) -> int:\n    return 0\n"}
    )
    healthy.write(tmp_path / "good")
    (tmp_path / "good" / "src" / "sample").rename(site / "sample")
    result = check(project, "tests", "--python", _python(installed))
    red(result, 3)
    assert result.reasons["tests"] == "tested_installed_copy"


def _python(venv: Path) -> str:
    return str(venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


LONG = {("hangs", "lint"), ("hangs", "tests"), ("one gigabyte", "lint"), ("one gigabyte", "tests")}
"""What takes a tool its time is in every run with one gate, since one module ends and cuts off all tools."""


@pytest.mark.parametrize(
    ("behaviour", "gate"),
    [
        pytest.param(one, gate, id=f"{one}-{gate}", marks=[pytest.mark.slow] if (one, gate) in LONG else [])
        for one in sorted(tool.BEHAVIOURS)
        for gate in GATES
    ],
)
def test_a_tool_that_is_not_what_it_seems(tmp_path: Path, gate: str, behaviour: str) -> None:
    root = healthy.write(tmp_path / "project")
    if behaviour == "hangs":
        with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n[tool.gates.{gate}]\ntimeout = 3\n")
    env = healthy.impostor(tmp_path, MODULES[gate], behaviour)
    result = red(check(root, gate, env=env), 3)
    expected = {
        "hangs": {"timeout"},
        "one gigabyte": {"output_limit", "unparsable_output", "tool_crashed", "evidence_missing"},
        "dies by a signal": {"tool_killed", "tool_crashed"},
    }.get(behaviour, {"unparsable_output", "evidence_missing", "evidence_incomplete", "tool_crashed"})
    assert result.reasons[gate] in expected
    pid = tmp_path / "pid"
    if pid.exists():
        assert not _alive(int(pid.read_text("utf-8")))


def _alive(pid: int) -> bool:
    import psutil

    return bool(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)


@pytest.mark.parametrize("arguments", ["[]", '["-n", "2"]'])
def test_a_test_that_exits_the_process(tmp_path: Path, arguments: str) -> None:
    text = "import os\n\n\ndef test_exit() -> None:\n    os._exit(0)\n"
    healthy.write(
        tmp_path,
        **{
            "tests/test_exit.py": text,
            "pyproject.toml": healthy.PYPROJECT + f"\n[tool.gates.tests]\nargs = {arguments}\n",
        },
    )
    red(check(tmp_path, "tests"), 1, 3)


def test_a_worker_that_crashes(tmp_path: Path) -> None:
    text = "import ctypes\n\n\ndef test_crash() -> None:\n    ctypes.string_at(0)\n"
    healthy.write(
        tmp_path,
        **{
            "tests/test_crash.py": text,
            "pyproject.toml": healthy.PYPROJECT + '\n[tool.gates.tests]\nargs = ["-n", "2"]\n',
        },
    )
    result = red(check(tmp_path, "tests"), 1, 3)
    if result.code == 1:
        assert result.rules & {"TST001", "TST004", "TST005"}


def plugin(root: Path, body: str, setting: str = '\n[tool.gates]\nplugins = ["my_gates"]\n') -> Path:
    return healthy.write(root, **{"my_gates.py": body, "pyproject.toml": healthy.PYPROJECT + setting})


def test_a_plugin_that_raises_while_loading(tmp_path: Path) -> None:
    error = red(check(plugin(tmp_path, "raise RuntimeError('no database')\n")), 2).report["error"]
    assert error["code"] == "plugin"
    assert "my_gates" in error["message"]
    assert "no database" in error["message"]


def test_two_gates_of_one_name(tmp_path: Path) -> None:
    body = """\
        from gates.builtin.lint.gate import LintGate
        from gates.plugins.hookspecs import hookimpl


        @hookimpl
        def gates_register():
            return [LintGate]
        """
    error = red(check(plugin(tmp_path, body)), 2).report["error"]
    assert "two gates are named 'lint'" in error["message"]


@pytest.mark.requirement("EVD-4")
def test_a_corrupt_cache_entry(tmp_path: Path) -> None:
    root = healthy.write(tmp_path)
    assert check(root, "lint").code == 0
    receipt = json.loads(next((root / ".gates" / "receipts" / "lint").glob("*.json")).read_text("utf-8"))["receipt"]
    entry = root / ".gates" / "evidence" / f"{receipt['evidence']}.json"
    entry.write_bytes(entry.read_bytes()[:-9])
    assert red(check(root, "lint"), 3).reasons == {"lint": "evidence_corrupt"}
    assert check(root, "lint", "--no-cache").code == 0
    assert check(root, "lint").report["run"]["cached"] == ["lint", "policy"]


@pytest.mark.requirement("RPT-8")
@pytest.mark.parametrize("target", ["nosuch/report.json", "src", "pyproject.toml/report.json"])
def test_a_report_that_cannot_be_written(tmp_path: Path, target: str) -> None:
    root = healthy.write(tmp_path)
    result = gates("check", "lint", "--output-file", f"json={target}", cwd=root)
    assert result.code == 2
    assert "cannot be written" in result.out + result.err


@pytest.mark.requirement("RPT-8")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_report_on_a_full_disk(tmp_path: Path) -> None:
    root = healthy.write(tmp_path)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "gates", "check", "lint"],
            cwd=root,
            env=environment(),
            stdout=full,
            check=False,
        )
    assert done.returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_every_child(tmp_path: Path, number: int) -> None:
    root = healthy.write(tmp_path / "project")
    env = healthy.impostor(tmp_path, "mypy", "leaves a child in a session of its own")
    body = tmp_path / "site-packages" / "mypy" / "__main__.py"
    body.write_text(body.read_text("utf-8") + "import time\ntime.sleep(600)\n", "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "gates", "check", "types"],
        cwd=root,
        env=environment(env),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text("utf-8")):
        assert process.poll() is None
    process.send_signal(number)
    _, err = process.communicate(timeout=45)
    assert process.returncode == 130
    assert "interrupted" in err
    assert not _alive(int(pid.read_text("utf-8")))
