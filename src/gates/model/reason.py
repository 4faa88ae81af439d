"""Reason: why a gate could not decide, or was not judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

ReasonCode = Literal[
    "does_not_apply",
    "evidence_corrupt",
    "evidence_foreign",
    "evidence_incomplete",
    "evidence_missing",
    "evidence_stale",
    "gate_crashed",
    "interpreter_missing",
    "interrupted",
    "limit_not_applied",
    "memory_limit",
    "needed_gate_undecided",
    "network_unavailable",
    "no_base",
    "not_configured",
    "not_green",
    "not_selected",
    "nothing_examined",
    "output_limit",
    "package_missing",
    "proof_missing",
    "proof_stale",
    "schema_version_mismatch",
    "tested_installed_copy",
    "timeout",
    "too_noisy",
    "tool_config_invalid",
    "tool_crashed",
    "tool_killed",
    "tool_missing",
    "unparsable_output",
    "unreadable",
]


REASONS: Mapping[str, str] = {
    "does_not_apply": "There is nothing in this project that the gate could judge.",
    "evidence_corrupt": "Evidence was found and is damaged: cut off, changed, or inconsistent in itself.",
    "evidence_foreign": "Evidence was found and is of another project, commit or environment.",
    "evidence_incomplete": "The run that should have produced the evidence did not come to its end.",
    "evidence_missing": "There is no evidence where it was expected.",
    "evidence_stale": "Evidence was found, and its inputs have changed since, or it is older than its gate allows.",
    "gate_crashed": "The gate itself raised an error; a crash log is named.",
    "interpreter_missing": "The Python interpreter to judge does not exist or does not run.",
    "interrupted": "The run was interrupted.",
    "limit_not_applied": "A limit that was asked for cannot be enforced on this machine.",
    "memory_limit": "A tool used more memory than it may.",
    "needed_gate_undecided": "The gate reads the evidence of another one, which is undecided.",
    "network_unavailable": "The gate needs the network, and it was not there or was forbidden.",
    "no_base": "There is no commit to compare with.",
    "not_configured": "The project does not use what this gate judges; select it to have it judged.",
    "not_green": "The project itself is not green, so that a red copy of it would prove nothing.",
    "not_selected": "The gate is left out by the selection.",
    "nothing_examined": "The gate ran and looked at nothing, so nothing was proved.",
    "output_limit": "A tool printed more than it may.",
    "package_missing": "A package is not installed in the judged environment.",
    "proof_missing": "It was not shown here that the gate can fail: `gates prove` has not run, or not to a good end.",
    "proof_stale": "The proof that the gate can fail is too old, or of other settings, tools or gates.",
    "schema_version_mismatch": "Something was written by a version with another schema.",
    "tested_installed_copy": "The tests imported an installed copy of the project instead of the tree.",
    "timeout": "It took longer than it may.",
    "too_noisy": "The machine is too noisy for the limit that is asked for.",
    "tool_config_invalid": "A tool does not understand its own configuration.",
    "tool_crashed": "A tool ended with an error of its own.",
    "tool_killed": "A tool was ended by a signal.",
    "tool_missing": "A tool is not installed.",
    "unparsable_output": "A tool printed what cannot be read.",
    "unreadable": "A file or directory cannot be read.",
}
"""A sentence for each code, for `gates explain` and the reference."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """A code from a closed list, one sentence, and a command (or edit) that mends it."""

    code: ReasonCode
    message: str
    fix: str
