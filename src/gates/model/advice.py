"""Advice: what to do about each reason, for `gates explain`; imported only when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping

from gates.model.reason import ReasonCode

ADVICE: Mapping[ReasonCode, str] = {
    "does_not_apply": "Add what the gate judges, or take the gate out of `select`.",
    "evidence_corrupt": "Collect it again with `--no-cache`, or delete .gates/. Where it comes back on one machine,"
    " suspect its disk or memory.",
    "evidence_foreign": "Collect it again in this project, at this commit, with these settings and this interpreter;"
    " the sentence says which of them differs.",
    "evidence_incomplete": "Run the named test alone: `os._exit()`, a crash in compiled code and a killed job look like"
    " this. Of shards, collect the one that is missing.",
    "evidence_missing": "Make the evidence with the command of the fix; where pytest recorded nothing, run it by hand"
    " to see what ended it.",
    "evidence_stale": "Collect or record it again. Where files changed while tests ran, let the tests write to"
    " `tmp_path`, or have git ignore what they write.",
    "gate_crashed": "Report it with the named log, which holds no secret that gates could recognise; `--ignore GATE`"
    " judges the others meanwhile.",
    "interpreter_missing": "Make the environment, or name another Python with `--python`; the sentence says what named"
    " this one. The next in order is not tried, since it would be another environment than the one meant.",
    "interrupted": "Run it again; where nobody pressed ^C, look for `pytest.exit()` in a test, and for the CI job's own"
    " limit of time.",
    "limit_not_applied": "Run where the limit can be enforced, or do not ask for it: nothing is run without a limit"
    " that was asked for.",
    "memory_limit": "Raise the limit, or judge less at once: fewer `--jobs`, more shards.",
    "needed_gate_undecided": "Mend the other gate first; this one is judged by itself then.",
    "network_unavailable": "Run without `--offline` where the network is there.",
    "no_base": "Name the commit with `--base REF`; in CI fetch the whole history (`fetch-depth: 0`).",
    "not_configured": "Nothing, unless it should be judged: then name the gate in `select` or on the command line.",
    "not_green": "Mend the project first; on what is red already, a planted fault cannot show that anything sees it.",
    "not_selected": "Nothing, unless it should be judged: then put it into `select`, or take it out of `ignore`.",
    "nothing_examined": "Paste the fix, which lists what the tool sees. Look for an `exclude` that covers everything, a"
    " path that was renamed, rules or tests of which none is selected.",
    "output_limit": "Run the tool by hand and mend most of what it reports, or narrow `paths`.",
    "package_missing": "Install it with the command of the fix, in the environment that heads the run.",
    "proof_missing": "Run `gates prove`, which writes the receipt that is asked for.",
    "proof_stale": "Run `gates prove` again: something that the proof depends on has changed, or it is too old.",
    "schema_version_mismatch": "Install one version of pytest-vltair in both places; the fix names the command.",
    "tested_installed_copy": "Install the project editable, or let pytest find the tree (`pythonpath`); where the"
    " installed copy is meant, set `allow-installed`.",
    "timeout": "Look for what hangs: a test that waits for input, the network or a lock. Raise `timeout` in the gate's"
    " table only if it is merely slow.",
    "too_noisy": "Measure again when the machine is quieter, allow more process pairs, or ask for the limit that the"
    " sentence says this machine can hold.",
    "tool_config_invalid": "Edit the named file and line. Some tools go on without what they do not understand and say"
    " that all is well, so this is never passed over.",
    "tool_crashed": "Run the command of the fix to see all of what the tool says; `gates check GATE -vv` shows the"
    " commands that were run.",
    "tool_killed": "Look who ended it: most often the system, for want of memory (`dmesg`). `--jobs 1` runs one gate at"
    " a time.",
    "tool_missing": "Install it with the command of the fix. Where it is installed, look at the first line of the"
    " output: is that the Python that was meant?",
    "unparsable_output": "Look for a wrapper or a variable that changes what the tool prints, and for a version that"
    " gates does not know; `gates check GATE -vv` shows the command.",
    "unreadable": "Give the user who runs gates the right to read it, or take it out of what is judged.",
}
