"""Rules of every command gate; all of them share these."""

from __future__ import annotations

from gates.model.rule import Rule

COMMAND_FAILED = Rule(
    code="CMD001",
    name="command-failed",
    summary="The command ended with an exit code that is not accepted.",
    explanation=(
        "The table of the gate says with which exit codes the command did its work (`exit-codes`, by default only 0),"
        " and it ended with another one. The message has the last line that it printed. A linter that ends with 1"
        " where it found something did its work: with a `parser` that reads its findings, accept 0 and 1, so that its"
        " findings stand for themselves and can be known or waived one by one, while a crash with 2 stays red. An"
        " exit code that is not accepted is red whatever was read from the output, because a command that broke off"
        " has not told everything."
    ),
    fix="Run the command by hand and mend what it says, or add the code to `exit-codes` if it only says that there"
    " are findings.",
)

COMMAND_FINDING = Rule(
    code="CMD002",
    name="command-finding",
    summary="The command reports something.",
    explanation=(
        "The parser of the gate (`sarif`, `junit` or `regex`) read this out of what the command wrote. The command's"
        " own code for it is shown as `GATE:CODE`, which a level in `[[tool.gates.severity]]` and a waiver can name."
        " Everything that a command reports is an error, unless its SARIF calls it a note, does not count it as a"
        " failure, or says that it is suppressed: a report without levels must not pass because nobody set one."
    ),
    fix="Mend what the command reports, or lower the level of `GATE:CODE` in [[tool.gates.severity]].",
)

GENERATED_CHANGED = Rule(
    code="CMD003",
    name="generated-file-changed",
    summary="A generated file is not what the command generates.",
    explanation=(
        "The command ran in a copy of the project, and one of the files that `unchanged` names came out different, was"
        " new, or was gone: what is committed is not what its sources say. The message has the first lines of the"
        " difference. The project's own files are never touched."
    ),
    fix="Run the command and commit what it writes.",
)

RULES = (COMMAND_FAILED, COMMAND_FINDING, GENERATED_CHANGED)
