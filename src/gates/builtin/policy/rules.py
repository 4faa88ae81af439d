"""Rules of the gate `policy`; those about what other gates found are in `gates.model.account`."""

from __future__ import annotations

from gates.model import account
from gates.model.rule import Rule

_ALLOW = (
    "Take the change back. If it is meant, whoever may decide that lets it through: in the command that judges, with"
    " `gates check --approve RULE:SUBJECT`, or on the base, with an entry in `gates-baseline/approved.toml`"
    " (docs/how-to/let-a-change-through.md)."
)

LIMIT_LOWERED = Rule(
    code="POL001",
    name="limit-lowered",
    summary="A limit is looser than on the base.",
    explanation=(
        "A number that must be reached, a number that must not be passed, a switch that makes a tool strict, or a"
        " warning that is an error: it holds less than it did on the commit that the change is compared with. The"
        " effective values are compared, gates' own and those of ruff, mypy, coverage and pytest, so that moving a"
        " table, spelling out a default or splitting `strict` into its flags changes nothing. It is red because the"
        " limit that judges a change must not be set by that change: the rest of the run says whether the new limit"
        " is kept, and nobody else asks whether it may be the limit."
    ),
    fix=_ALLOW,
)

JUDGING_DROPPED = Rule(
    code="POL002",
    name="judging-dropped",
    summary="A gate, a rule or a level that was judged on the base is not judged any more.",
    explanation=(
        "A gate is no longer selected or does not apply any more, a plugin or a command gate is gone, a rule's level is"
        " lower, ruff no longer selects a rule or ignores it, mypy has an error code switched off, or a tool has lost"
        " its configuration. Selections are compared by what they mean: `E501` stays judged where `E` is selected."
        " It is red because what is not judged cannot fail."
    ),
    fix=_ALLOW,
)

EXCLUSION_WIDENED = Rule(
    code="POL003",
    name="exclusion-widened",
    summary="Something is left out that was looked at on the base.",
    explanation=(
        "A pattern was added to `exclude`, `omit`, `per-file-ignores`, `norecursedirs` or the like, a list of what is"
        " looked at has shrunk, or pytest's arguments leave out more tests (`-m`, `-k`, `--ignore`, `--deselect`)."
        " An exclusion counts although it matches no file yet: it would be in force when the file comes."
    ),
    fix=_ALLOW,
)

WAIVER_EXTENDED = Rule(
    code="POL005",
    name="waiver-extended",
    summary="A waiver is new, or lasts longer than on the base.",
    explanation=(
        "A waiver excuses findings, so a change that brings its own waiver excuses itself. One that is on the base"
        " already counts as it is there; shortening it or taking it out is free."
    ),
    fix="Mend what the waiver would excuse. Else: " + _ALLOW,
)

BASELINE_WORSE = Rule(
    code="POL006",
    name="baseline-worse",
    summary="A baseline allows more than it did on the base.",
    explanation=(
        "A committed figure is worse, a finding is known that was not, the denominator is smaller, or the baseline of a"
        " gate is gone. Findings are compared by rule and text, so that those of a renamed file are the same ones."
        " `gates baseline` writes only what is better; `--force` writes the rest, and this rule asks whether it may."
    ),
    fix="Write the baseline again without `--force` (`gates baseline`). " + _ALLOW,
)

WIRING_DEFUSED = Rule(
    code="POL007",
    name="wiring-defused",
    summary="A line that calls gates cannot make anything red, or is gone.",
    explanation=(
        "A gate protects what its exit code reaches. `|| true`, `continue-on-error`, a pipe without `pipefail`, a"
        " leading `-` in a Makefile or a condition that skips the job keep it from reaching anything, whether the base"
        " had that already or not. Besides, every line of the base that judges needs one in the head that judges as"
        " much: a call that is gone, or that got `--select`, `--ignore` or `--allow-undecided`, judges less, and so"
        " does a new line with `GATES_SELECT`, `GATES_IGNORE`, `GATES_BASE` or `GATES_PYTHON` beside a call. Lines"
        " that call other tools are only compared: one that could be red and cannot any more."
    ),
    fix="Let the exit code through at the line shown. " + _ALLOW,
)

SETTING_CHANGED = Rule(
    code="POL012",
    name="setting-changed",
    summary="A setting is another than on the base, and nobody can say whether it is looser.",
    explanation=(
        "The setting belongs to a tool or gate that judges, and there is no order on its values that would say which"
        " one is stricter: the judged interpreter, an environment variable of the tests, an option of a linter that"
        " gates does not know. It is a warning, so that it is seen and stops nobody."
    ),
    fix="Read both values. Nothing needs to be done where the change is meant.",
    severity="warning",
)

RULES = tuple(
    sorted(
        (
            LIMIT_LOWERED,
            JUDGING_DROPPED,
            EXCLUSION_WIDENED,
            WAIVER_EXTENDED,
            BASELINE_WORSE,
            WIRING_DEFUSED,
            SETTING_CHANGED,
            *account.RULES,
        ),
        key=lambda rule: rule.code,
    )
)
