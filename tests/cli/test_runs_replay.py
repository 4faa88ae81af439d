"""`gates runs replay`: nothing is run, nothing of the project has a part in it, and what differs is named."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gates.render import formats
from support.commands import Result, check, environment, gates
from support.event_logs import CODEC, TRACE, started
from support.projects import write_project
from support.repositories import make_repository

GUARDED = """
import os, sys
state, own = sys.argv[1:3]
STARTED = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn", "pty.spawn"}
ASKED = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"}

def refuse(event, args):
    if event in STARTED | ASKED:
        os._exit(97)
    if event == "open" and isinstance(args[0], str):
        path = os.path.abspath(args[0])
        if path.startswith(own + os.sep) and not path.startswith(state + os.sep):
            os._exit(98)

from gates.cli import app
sys.addaudithook(refuse)
app.main(["runs", "replay", *sys.argv[3:]])
"""
PLUGIN = """\
from gates.builtin.lint.gate import LintGate
from gates.model.decision import Decision
from gates.model.evidence import Facts
from gates.model.finding import finding
from gates.model.gate import Applies, Gate, GateSettings, Inputs
from gates.model.measure import Denominator, Measure
from gates.model.rule import Rule
from gates.plugins.hookspecs import hookimpl

LONG = Rule(code="LEN001", name="too-long", summary="Long.", explanation="It is long.", fix="make it short")


class Settings(GateSettings, frozen=True, kw_only=True):
    maximum: int = 3


class Lines(Facts, frozen=True, kw_only=True):
    lines: int


class Length(Gate[Settings, Lines]):
    name = "length"
    title = "no file is long"
    rules = (LONG,)
    Settings = Settings
    Evidence = Lines

    def applies(self, project, settings):
        return Applies(because="there is a file")

    def inputs(self, project, settings):
        return Inputs(globs=("notes.txt",))

    def collect(self, context):
        text = (context.project.root / "notes.txt").read_text("utf-8")
        return Lines(lines=len(text.splitlines()))

    def decide(self, evidence, settings, now):
        long = evidence.lines > settings.maximum
        found = (finding(LONG, f"{evidence.lines} lines", path="notes.txt", source="long"),) if long else ()
        count = Measure(
            name="length.lines", value=evidence.lines, unit="lines", limit=settings.maximum,
            limit_from="setting:maximum", direction="max",
        )
        return Decision(denominator=Denominator(count=1, unit="files"), findings=found, measures=(count,))

    def canaries(self):
        return ()


@hookimpl
def gates_register():
    return [Length]
"""
SETTINGS = """\
[project]
name = "sample"
version = "1.0"

[tool.gates]
plugins = ["ci_length"]
select = ["length"]

[tool.gates.length]
maximum = 3
"""
FILES = {
    ".gitignore": ".gates/\n__pycache__/\n",
    "pyproject.toml": SETTINGS,
    "ci_length.py": PLUGIN,
    "notes.txt": "one\ntwo\nthree\nfour\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one run, in which its gate failed."""
    root = make_repository(tmp_path / "sample", FILES)
    done = check(root)
    assert (done.code, done.verdicts) == (1, {"length": "failed", "policy": "passed"}), done.out + done.err
    (tmp_path / "report.json").write_text(done.out, "utf-8")
    return root


def replay(root: Path, *words: str, run: str = "last") -> Result:
    return gates("runs", "replay", run, *words, cwd=root)


def runs(root: Path) -> list[str]:
    lines = (root / ".gates" / "events" / "heads.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["run"] for line in lines]


def test_a_failed_run_comes_to_the_same_which_is_no_failure(root: Path) -> None:
    done = replay(root)
    (run,) = runs(root)
    assert done.code == 0, done.out + done.err
    first, last = done.out.splitlines()
    assert first.startswith(f"{run}  gates check of 2")
    assert first.endswith(" UTC, failed (exit 1)")
    assert last == "the same: 2 gates were decided again, byte for byte as recorded"


def test_nothing_is_started_asked_or_read_but_the_record(root: Path, tmp_path: Path) -> None:
    shutil.rmtree(root / ".git")
    (root / "notes.txt").unlink()
    (root / "pyproject.toml").write_text("broken = = \n", "utf-8")
    # The project's own gate is imported; the rest of it is not looked at.
    (tmp_path / "lib").mkdir()
    (root / "ci_length.py").rename(tmp_path / "lib" / "ci_length.py")
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, str(root / ".gates"), str(root), "last", "--output-format", "json"],
        cwd=root,
        env={**environment(), "PATH": "", "PYTHONPATH": str(tmp_path / "lib"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
    assert "the same: 2 gates were decided again" in done.stderr


def test_the_report_is_the_same_bytes_outside_run(root: Path, tmp_path: Path) -> None:
    done = replay(root, "--output-format", "json")
    recorded, replayed = json.loads((tmp_path / "report.json").read_text("utf-8")), done.report
    del recorded["run"]
    notes = replayed.pop("run")["notes"]
    assert json.dumps(replayed) == json.dumps(recorded)
    assert notes[-1].startswith("the same: ")
    assert done.err.count("\n") == 2


@pytest.mark.parametrize("name", formats.names())
def test_every_format_is_written(root: Path, name: str, tmp_path: Path) -> None:
    place = tmp_path / "report"
    done = replay(root, "--output-file", f"{name}={place}")
    assert (done.code, len(done.out.splitlines())) == (0, 2), done.err
    assert "LEN001" in place.read_text("utf-8")


def test_other_code_of_a_gate_is_said_and_the_fields_that_differ_are_named(root: Path) -> None:
    module = root / "ci_length.py"
    module.write_text(module.read_text("utf-8").replace('{evidence.lines} lines"', '{evidence.lines} long lines"'))
    done = replay(root)
    assert done.code == 1, done.out
    assert "note: the code of the gate length is not what it was" in done.out.splitlines()
    assert '  /gates/0/findings/0/message  recorded "4 lines", replayed "4 long lines"' in done.out.splitlines()


def test_a_plugin_that_is_gone_leaves_it_open(root: Path) -> None:
    (root / "ci_length.py").unlink()
    done = replay(root)
    assert (done.code, done.out) == (3, "")
    assert "the run cannot be decided again here: plugin ci_length" in done.err


@pytest.mark.parametrize("folder", ["grounds", "reports", "evidence", "events"])
def test_a_flipped_byte_is_noticed_wherever_it_is(root: Path, folder: str) -> None:
    for path in (root / ".gates" / folder).glob("*.json" if folder != "events" else "2*.jsonl"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    done = replay(root, run=runs(root)[0])
    assert done.code == 3, done.out + done.err
    assert "Traceback" not in done.err
    said = {"grounds": "is damaged", "reports": "cannot be trusted", "evidence": "evidence_corrupt", "events": "verify"}
    assert said[folder] in done.out + done.err


@pytest.mark.parametrize("folder", ["grounds", "reports", "evidence"])
def test_what_is_gone_is_said(root: Path, folder: str) -> None:
    shutil.rmtree(root / ".gates" / folder)
    done = replay(root)
    assert done.code == 3, done.out + done.err
    said = {"grounds": "is gone", "reports": "is gone", "evidence": "evidence_missing"}
    assert said[folder] in done.out + done.err


def test_what_other_settings_would_have_given_is_answered(root: Path) -> None:
    done = replay(root, "--set", "length.maximum=9")
    assert done.code == 0, done.out + done.err
    lines = done.out.splitlines()
    assert "  length  FAILED -> passed" in lines
    assert "gone: 1 finding" in lines
    assert "  length  notes.txt  LEN001 too-long: 4 lines" in lines
    assert lines[-1] == "it would have been passed (exit 0), and was failed"
    more = replay(root, "--set", "length.maximum=9", "--output-format", "json").report
    assert [one["limit_from"] for gate in more["gates"] for one in gate["measures"]] == ["--set"]


def test_a_setting_that_makes_it_fail_gives_the_code_of_a_failure(root: Path) -> None:
    (root / "notes.txt").write_text("one\n", "utf-8")
    assert check(root).code == 0
    done = replay(root, "--set", "length.maximum=0")
    assert done.code == 1, done.out + done.err
    assert {"new: 1 finding", "  length  passed -> FAILED"} <= set(done.out.splitlines())


@pytest.mark.parametrize(
    ("change", "verdict", "other"),
    [
        ('severity=[{rule="LEN001",level="warning"}]', "passed", "error -> warning"),
        (
            'waiver=[{rule="LEN001",subject="**",reason="r",owner="ada",expires=2999-01-01}]',
            "passed",
            "waived: ada until 2999-01-01 [LEN001 **]",
        ),
    ],
)
def test_a_finding_of_another_level_or_that_is_waived_is_neither_new_nor_gone(
    root: Path, change: str, verdict: str, other: str
) -> None:
    done = replay(root, "--set", change)
    assert done.code == 0, done.out + done.err
    lines = done.out.splitlines()
    assert lines[-3:] == [
        "other: 1 finding",
        f"  length  notes.txt  LEN001 too-long: 4 lines ({other})",
        f"it would have been {verdict} (exit 0), and was failed",
    ]
    assert not [one for one in lines if one.startswith(("new:", "gone:"))]


@pytest.mark.parametrize("as_json", [False, True])
def test_without_its_evidence_what_was_stays_and_what_would_have_been_cannot_be_told(root: Path, as_json: bool) -> None:
    (root / "notes.txt").write_text("one\n", "utf-8")
    assert check(root).code == 0
    for path in (root / ".gates" / "evidence").iterdir():
        path.unlink()
    done = replay(root, "--set", "length.maximum=0", *(["--output-format", "json"] if as_json else []))
    assert done.code == 3, done.out + done.err
    lines = [one.removeprefix("gates: ") for one in (done.err if as_json else done.out).splitlines()]
    assert lines[0].endswith(" UTC, passed (exit 0)")
    assert "  length  passed -> cannot be told" in lines
    assert lines[-1] == "it cannot be told what it would have been (exit 3); it was passed"


def test_a_gate_that_fails_for_sure_does_not_hide_that_evidence_of_another_is_gone(root: Path) -> None:
    log = (root / ".gates" / "events" / f"{runs(root)[0]}.jsonl").read_text("utf-8").splitlines()
    (policy,) = [
        one["outputs"] for line in log if (one := json.loads(line)).get("gate") == "policy" and "outputs" in one
    ]
    (root / ".gates" / "evidence" / f"{policy}.json").unlink()
    done = replay(root, "--set", "length.maximum=0")
    assert done.code == 3, done.out + done.err
    assert {"  length  FAILED", "  policy  passed -> cannot be told"} <= set(done.out.splitlines())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "length.maximum"), "write it as GATE.KEY=VALUE"),
        (("--set", "length.maximum=many"), "is no value of TOML"),
        (("--set", "lint.select=[]"), "the run did not judge lint"),
        (("--output-format", "jso"), "did you mean `json`"),
        (("--output-file", "json"), "write it as FORMAT=PATH, for instance json=report.json"),
        (("--output-file", "json=a", "--output-file", "json=b"), "--output-file is given twice for json"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(root: Path, words: tuple[str, ...], said: str) -> None:
    done = replay(root, *words)
    assert done.code == 2, done.out + done.err
    assert said in done.err


def test_a_run_is_named_by_its_beginning_or_as_the_last(root: Path) -> None:
    (root / "notes.txt").write_text("one\n", "utf-8")
    assert check(root).code == 0
    first, last = runs(root)
    assert replay(root, run=first).out.startswith(first)
    assert replay(root, run=last[:-4]).out.startswith(last)
    assert replay(root, run=last.partition("-")[2]).out.startswith(last)
    assert replay(root).out.startswith(last)
    several = replay(root, run="2")
    assert several.code == 2
    assert any(f"such as {one}; write more of the name" in several.err for one in (first, last)), several.err


@pytest.mark.parametrize("run", ["19990101T000000Z", "../heads", "*", "Last"])
def test_a_run_that_is_not_there_is_a_usage_error(root: Path, run: str) -> None:
    done = replay(root, run=run)
    assert (done.code, done.out) == (2, "")
    assert "no run" in done.err


def test_where_nothing_was_recorded_it_says_so(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    done = replay(root)
    assert done.code == 3
    assert "no run is recorded" in done.err


def test_a_run_that_ran_what_it_judged_is_not_replayed(tmp_path: Path) -> None:
    from pytest_vltair import eventlog

    folder = tmp_path / ".gates" / "events"
    folder.mkdir(parents=True)
    log = eventlog.begin(folder, CODEC)
    log.identify(TRACE, "b" * 16, 1)
    log.write("command_start", started(log, command="prove"))
    log.write("command_end", {"status": "passed", "verdict": "passed", "exit_code": 0})
    log.close()
    done = replay(tmp_path, run=log.run)
    assert done.code == 3
    assert "is a run of gates prove, which runs what it judges" in done.err
    assert "no run of `gates check`" in replay(tmp_path).err


def test_settings_with_a_secret_are_not_kept(tmp_path: Path) -> None:
    token = "ghp_" + "aB3dE5gH7j" * 4
    secret = f'\n[[tool.gates.waiver]]\nrule = "LEN001"\nsubject = "{token}"\nreason = "r"\nowner = "o"\n'
    files = {**FILES, "pyproject.toml": f"{SETTINGS}{secret}expires = 2999-01-01\n"}
    root = make_repository(tmp_path, files)
    check(root)
    done = replay(root)
    assert (done.code, "is not replayable: its settings hold a secret" in done.err) == (3, True), done.err
    kept = [path.read_text("utf-8") for path in (root / ".gates" / "grounds").iterdir()]
    assert len(kept) == 1
    assert token not in kept[0]


def test_what_machines_collected_is_decided_again(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "sample", FILES)
    assert gates("collect", "length", "--output", "../parts", cwd=root).code == 0
    merged = gates("merge", "../parts", "--output-format", "json", cwd=root)
    assert merged.code == 1, merged.out + merged.err
    shutil.rmtree(tmp_path / "parts")
    shutil.rmtree(root / ".git")
    done = replay(root)
    assert done.code == 0, done.out + done.err
    assert "gates merge of" in done.out


MEMBERS = {
    ".gitignore": ".gates/\n__pycache__/\n",
    "pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
    "packages/a/pyproject.toml": SETTINGS.replace("ci_length", "a_length").replace("sample", "a"),
    "packages/a/a_length.py": PLUGIN,
    "packages/a/notes.txt": "one\n",
    "packages/b/pyproject.toml": SETTINGS.replace("ci_length", "b_length").replace("sample", "b"),
    "packages/b/b_length.py": PLUGIN.replace('"length"', '"width"').replace("LEN001", "WID001"),
    "packages/b/notes.txt": FILES["notes.txt"],
}
MEMBERS["packages/b/pyproject.toml"] = MEMBERS["packages/b/pyproject.toml"].replace('["length"]', '["width"]')
MEMBERS["packages/b/pyproject.toml"] = MEMBERS["packages/b/pyproject.toml"].replace("gates.length]", "gates.width]")


def test_a_workspace_is_decided_again_and_each_project_asked_by_itself(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "space", MEMBERS)
    assert check(root).code == 1
    narrowed = check(root, "length")
    assert narrowed.code == 0, narrowed.out + narrowed.err
    shutil.rmtree(root / ".git")
    for path in [*root.rglob("notes.txt"), *root.rglob("pyproject.toml")]:
        path.unlink()
    whole, part = runs(root)
    for run in (whole, part):
        done = replay(root, run=run)
        assert (done.code, "the same: " in done.out) == (0, True), done.out + done.err
    within = gates("runs", "replay", whole, cwd=root / "packages" / "b")
    assert within.code == 0, "the nearest log upward is that of the workspace"
    supposed = replay(root, "--set", "packages/b:width.maximum=9", run=whole)
    assert supposed.code == 0, supposed.out + supposed.err
    assert "  packages/b:width   FAILED -> passed" in supposed.out.splitlines()


def test_what_was_secret_in_the_environment_then_is_no_difference_where_it_is_so_today(root: Path) -> None:
    module = root / "ci_length.py"
    module.write_text(module.read_text("utf-8").replace('lines} lines"', 'lines} lines after sesame-open"'), "utf-8")
    secret = {"A_TOKEN": "sesame-open"}
    assert gates("check", cwd=root, env=secret).code == 1
    alike = gates("runs", "replay", "last", cwd=root, env=secret)
    assert alike.code == 0, alike.out
    other = replay(root)
    assert other.code == 1
    recorded = 'recorded "4 lines after <<REDACTED>>", replayed "4 lines after sesame-open"'
    assert f"  /gates/0/findings/0/message  {recorded}" in other.out.splitlines()
    assert "note: <<REDACTED>> hides what was secret in the environment of the run" in other.out
    assert "sesame-open" not in "".join(path.read_text("utf-8") for path in (root / ".gates/reports").iterdir())


def test_what_is_shown_holds_no_secret_of_today(root: Path) -> None:
    shown = gates("runs", "replay", "last", "--set", "length.maximum=9", cwd=root, env={"A_TOKEN": "too-long: 4"})
    assert "too-long: 4" not in shown.out
    assert "<<REDACTED>> lines" in shown.out


def test_the_newest_run_that_left_grounds_is_the_last(root: Path) -> None:
    broken = root / "pyproject.toml"
    text = broken.read_text("utf-8")
    broken.write_text(text.replace("maximum", "maximun"), "utf-8")
    assert check(root).code == 2
    broken.write_text(text, "utf-8")
    assert replay(root).code == 0
