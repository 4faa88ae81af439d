"""The command line as a user meets it: codes, streams, files and sentences."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import healthy
from support.commands import check, environment, gates

TODO_GATE = """\
    from support.sample_gates import Notes
    from gates.plugins.hookspecs import hookimpl


    @hookimpl
    def gates_register():
        return [Notes]
    """
SUPPORT = {"PYTHONPATH": str(Path(__file__).parents[1])}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A project with one quick gate of its own, `notes`."""
    return healthy.write(
        tmp_path,
        **{
            "pyproject.toml": '[tool.gates]\nselect = ["notes"]\nplugins = ["my_gates"]\n',
            "my_gates.py": TODO_GATE,
            "a.txt": "fine\n",
        },
    )


@pytest.mark.requirement("RPT-6")
def test_green_is_one_line_per_gate_and_a_verdict(notes: Path) -> None:
    result = gates("check", cwd=notes, env=SUPPORT)
    lines = result.out.splitlines()
    assert result.code == 0
    assert set(result.err.splitlines()) == {"gates: notes started", "gates: policy started"}
    assert lines[1].split()[:4] == ["notes", "passed", "1", "file"]
    assert lines[2].split()[:2] == ["policy", "passed"]
    assert "passed: 2 gates" in lines


@pytest.mark.requirement("RPT-6")
def test_red_names_place_rule_and_next_step(notes: Path) -> None:
    (notes / "a.txt").write_text("x\nTODO\n", "utf-8")
    result = gates("check", cwd=notes, env=SUPPORT)
    assert result.code == 1
    assert "a.txt:2" in result.out
    assert "gates explain XTD001" in result.out


def test_a_note_leads_to_the_environment_that_a_tool_keeps_out_of_sight(notes: Path) -> None:
    said = "nothing names the project's environment"
    assert not any(said in note for note in check(notes, env=SUPPORT).report["run"]["notes"])
    (notes / "hatch.toml").write_text("[envs.default]\n", "utf-8")
    (note,) = (note for note in check(notes, env=SUPPORT).report["run"]["notes"] if said in note)
    assert note.endswith(" check")
    assert "hatch run " in note
    active = {**SUPPORT, "VIRTUAL_ENV": sys.prefix}
    assert not any(said in note for note in check(notes, env=active).report["run"]["notes"])


@pytest.mark.requirement("RPT-1")
def test_json_is_one_object_and_nothing_else_is_on_stdout(notes: Path) -> None:
    result = check(notes, "-v", env=SUPPORT)
    assert result.report["schema_version"] == 1
    assert result.out.count("\n") == 1


@pytest.mark.requirement("EVD-6")
def test_the_same_evidence_gives_the_same_bytes_outside_run(notes: Path) -> None:
    (notes / "a.txt").write_text("TODO\n", "utf-8")
    moment = ("--as-of", "2026-11-21T12:00:00Z")
    runs = []
    for extra in ((), (), ("--no-cache",), ("--jobs", "1")):
        report = check(notes, *moment, *extra, env=SUPPORT).report
        del report["run"]
        runs.append(json.dumps(report))
    assert len(set(runs)) == 1


def test_several_files_in_one_run(notes: Path, tmp_path: Path) -> None:
    wanted = ("json", "sarif", "junit", "markdown", "concise", "github")
    files = [f"--output-file={name}={tmp_path / name}.out" for name in wanted]
    assert gates("check", *files, cwd=notes, env=SUPPORT).code == 0
    for name in wanted:
        assert (tmp_path / f"{name}.out").exists()
    assert json.loads((tmp_path / "json.out").read_text("utf-8"))["exit_code"] == 0


@pytest.mark.requirement("VRD-5")
@pytest.mark.parametrize("name", ["full", "concise", "json", "sarif", "junit", "github", "markdown"])
def test_a_format_never_changes_the_code(notes: Path, name: str) -> None:
    assert gates("check", "--output-format", name, cwd=notes, env=SUPPORT).code == 0
    (notes / "a.txt").write_text("TODO\n", "utf-8")
    assert gates("check", "--output-format", name, cwd=notes, env=SUPPORT).code == 1
    (notes / "a.txt").unlink()
    assert gates("check", "--output-format", name, cwd=notes, env=SUPPORT).code == 3
    assert gates("check", "--select", "nosuch", "--output-format", name, cwd=notes, env=SUPPORT).code == 2


@pytest.mark.requirement("VRD-2")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "--output-format", "jsn"], "json"),
        (["check", "--output-file", "json"], "FORMAT=PATH"),
        (["check", "--output-file", "json=a", "--output-file", "json=b"], "twice"),
        (["check", "nots"], "did you mean 'notes'?"),
        (["check", "--project", "nosuch"], "nosuch"),
        (["check", "--allow-undecided", "nots"], "did you mean 'notes'?"),
        (["check", "--as-of", "yesterday"], "2026-12-31"),
        (["chek"], "did you mean 'check'?"),
        (["explain", "XTD01"], "did you mean 'XTD001'?"),
        (["explain", "nothing_examine"], "did you mean 'nothing_examined'?"),
        (["collect", "--shard", "5/4", "--output", "x"], "2/4"),
        (["merge", "nosuch"], "gates collect"),
    ],
)
def test_usage_errors_are_sentences(notes: Path, arguments: list[str], sentence: str) -> None:
    result = gates(*arguments, cwd=notes, env=SUPPORT)
    assert result.code == 2, result.out + result.err
    assert sentence in result.out + result.err
    assert "Traceback" not in result.err


@pytest.mark.requirement("VRD-4")
def test_an_undecided_gate_may_be_allowed_by_hand_and_not_in_ci(notes: Path) -> None:
    (notes / "a.txt").unlink()
    healthy.write(notes, **{"a.py": "x = 1\n", "pyproject.toml": '[tool.gates]\nplugins = ["my_gates"]\n[tool.ruff]\n'})
    arguments = ("--select", "lint,notes", "--allow-undecided", "notes", "--output-format", "full")
    allowed = check(notes, *arguments, env=SUPPORT)
    assert allowed.code in {0, 1}
    assert "UNDECIDED" in allowed.out
    refused = check(notes, *arguments, env={**SUPPORT, "CI": "true"})
    assert refused.code == 2
    assert "CI" in refused.out


@pytest.mark.requirement("PLN-4")
def test_the_plan_runs_nothing(notes: Path) -> None:
    result = gates("check", "--plan", cwd=notes, env=SUPPORT)
    assert result.code == 0
    assert "judge  notes: selected by pyproject.toml:2" in result.out
    assert "leave  lint: it is not selected" in result.out
    assert not (notes / ".gates").exists()
    plan = json.loads(gates("check", "--plan", "--output-format", "json", cwd=notes, env=SUPPORT).out)
    assert [one["name"] for one in plan["planned"]] == ["notes", "policy"]


@pytest.mark.requirement("PLN-4")
def test_a_plan_of_nothing_is_as_red_as_the_run(tmp_path: Path) -> None:
    assert gates("check", "--plan", cwd=tmp_path).code == 5
    assert gates("check", cwd=tmp_path).code == 5


def test_explain_a_rule_a_reason_and_a_code_of_a_tool(notes: Path) -> None:
    assert "a TODO" in gates("explain", "XTD001", cwd=notes, env=SUPPORT).out
    assert "a TODO" in gates("explain", "todo-left", cwd=notes, env=SUPPORT).out
    reason = gates("explain", "nothing_examined", cwd=notes, env=SUPPORT).out
    assert "looked at nothing" in reason
    assert "What to do: Paste the fix" in reason
    unused = gates("explain", "ruff:F401", cwd=notes, env=SUPPORT)
    assert (unused.code, "unused" in unused.out) == (0, True)
    assert gates("explain", "ruff:F999", cwd=notes, env=SUPPORT).code == 2
    assert (
        json.loads(gates("explain", "XTD001", "--output-format", "json", cwd=notes, env=SUPPORT).out)["gate"] == "notes"
    )


@pytest.mark.requirement("PLN-2")
def test_list_says_what_is_judged_and_why(notes: Path) -> None:
    out = gates("list", "--rules", cwd=notes, env=SUPPORT).out
    assert "XTD001 todo-left" in out
    assert "[my_gates" in out
    rows = {
        one["name"]: one
        for one in json.loads(gates("list", "--output-format", "json", cwd=notes, env=SUPPORT).out)["gates"]
    }
    assert (rows["notes"]["judged"], rows["lint"]["judged"]) == (True, False)


def test_logs_as_json_are_one_object_a_line(notes: Path) -> None:
    lines = gates("check", "--log-format", "json", cwd=notes, env=SUPPORT).err.splitlines()
    events = [json.loads(line) for line in lines]
    ours = [one["event"] for one in events if one.get("gate", "notes") == "notes"]
    assert ours == ["run_planned", "gate_started", "gate_collected", "gate_decided"]
    assert all(one["ts"].endswith("Z") for one in events)


def test_a_rule_that_undecides_says_so(notes: Path) -> None:
    shown = gates("explain", "BEN007", cwd=notes, env=SUPPORT)
    assert "The gate is undecided with it: exit code 3, unless its severity is made `error`." in shown.out
    assert "undecided with it" not in gates("explain", "BEN001", cwd=notes, env=SUPPORT).out
    told = gates("explain", "BEN007", "--output-format", "json", cwd=notes, env=SUPPORT)
    assert told.report["undecides"] is True
    assert "BEN007 inconclusive (warning, undecided): " in gates("list", "--rules", cwd=notes, env=SUPPORT).out


def test_help_fits_one_screen_and_version_is_short() -> None:
    shown = gates("--help", cwd=Path.cwd())
    assert shown.code == 0
    assert len(shown.out.splitlines()) <= 24
    assert gates("--version", cwd=Path.cwd()).out.startswith("gates 0.")


def test_completion_knows_the_commands() -> None:
    env = {"_GATES_COMPLETE": "bash_complete", "COMP_WORDS": "gates ch", "COMP_CWORD": "1"}
    script = str(Path(sys.executable).with_name("gates"))
    done = subprocess.run([script], env=environment(env), capture_output=True, text=True, check=False)
    assert (done.returncode, "check" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_offered_to_every_shell(shell: str) -> None:
    script = str(Path(sys.executable).with_name("gates"))
    env = environment({"_GATES_COMPLETE": f"{shell}_source"})
    done = subprocess.run([script], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "_GATES_COMPLETE" in done.stdout


def test_output_survives_a_console_that_cannot_encode_it(notes: Path) -> None:
    (notes / "ü \u202e.txt").write_text("TODO\n", "utf-8")
    result = gates("check", cwd=notes, env={**SUPPORT, "PYTHONIOENCODING": "ascii"})
    assert result.code == 1
    assert "\\xfc" in result.out
    assert "\\u202e" in result.out


def test_colour_is_asked_for_and_refused_by_variables(notes: Path) -> None:
    assert "\x1b[" in gates("check", cwd=notes, env={**SUPPORT, "FORCE_COLOR": "1"}).out
    assert "\x1b[" not in gates("check", cwd=notes, env={**SUPPORT, "FORCE_COLOR": "1", "NO_COLOR": "1"}).out
    assert "\x1b[" not in gates("check", "--output-format", "json", cwd=notes, env={**SUPPORT, "FORCE_COLOR": "1"}).out


@pytest.mark.requirement("RPT-8")
@pytest.mark.skipif(os.name == "nt", reason="needs a shell pipe")
def test_a_reader_that_goes_away_is_not_green(notes: Path) -> None:
    command = f"{sys.executable} -P -m gates check --output-format json | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=notes, env=environment(SUPPORT), capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr


@pytest.mark.requirement("PRC-5")
def test_a_secret_of_the_environment_is_nowhere(notes: Path) -> None:
    secret = "hunter2hunter2"
    (notes / "my_gates.py").write_text(
        (notes / "my_gates.py")
        .read_text("utf-8")
        .replace("return [Notes]", "raise RuntimeError(__import__('os').environ['DB_PASSWORD'])"),
        "utf-8",
    )
    result = gates("check", cwd=notes, env={**SUPPORT, "DB_PASSWORD": secret})
    assert result.code == 2
    assert secret not in result.out + result.err


def test_an_internal_error_is_reported_and_no_older_verdict_stays(notes: Path) -> None:
    file = ("--output-file", "json=../report.json")
    assert gates("check", *file, cwd=notes, env=SUPPORT).code == 0
    text = (notes / "my_gates.py").read_text("utf-8")
    bug = "def broken(*_):\n    raise ValueError('bug')\n\n\nNotes.applies = broken\n"
    (notes / "my_gates.py").write_text(f"{text}\n\n{bug}", "utf-8")
    result = check(notes, *file, env=SUPPORT)
    assert (result.code, result.report["exit_code"], result.report["error"]["code"]) == (4, 4, "internal")
    assert "Traceback" not in result.err
    assert json.loads((notes.parent / "report.json").read_text("utf-8"))["exit_code"] == 4


def test_a_report_among_what_is_disposable_needs_no_folder(notes: Path) -> None:
    refused = gates("check", "--output-file", "json=gone/report.json", cwd=notes, env=SUPPORT)
    assert refused.code == 2
    assert not (notes / "gone").exists()
    assert gates("check", "--output-file", "json=.gates/report.json", cwd=notes, env=SUPPORT).code == 0
    assert json.loads((notes / ".gates/report.json").read_text("utf-8"))["verdict"] == "passed"
    assert (notes / ".gates/.gitignore").read_text("utf-8") == "*\n"


def test_names_cannot_act_in_lists_and_plans(tmp_path: Path) -> None:
    root = healthy.write(tmp_path / "a\n::error::pwned\x1b[31m")
    for arguments in (["list"], ["check", "--plan"]):
        out = gates(*arguments, cwd=root).out
        assert "\x1b" not in out
        assert not any(line.lstrip().startswith("::") for line in out.splitlines())


def test_members_that_match_nothing_are_refused(notes: Path) -> None:
    with (notes / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('members = ["nope/*"]\n')
    assert "matches no folder" in check(notes, env=SUPPORT).report["error"]["message"]
