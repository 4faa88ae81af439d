"""Rules of the gate `bench`."""

from __future__ import annotations

from gates.model.rule import Rule

REGRESSED = Rule(
    code="BEN001",
    name="regressed",
    summary="A benchmark is slower than at base by more than its limit.",
    explanation=(
        "Base and head ran side by side in fresh processes, in turns, so that whatever slows the machine slows both."
        " With `detect` the change itself must be over the limit, and the whole interval over half of it; with `prove`"
        " it is enough that the interval does not stay below the limit."
    ),
    fix="Look at what the change does on this path; or raise the limit of this benchmark, where it is worth its price.",
)

IMPROVED = Rule(
    code="BEN002",
    name="improved-not-recorded",
    summary="A benchmark is faster than in the history by more than its limit, and the history does not know.",
    explanation=(
        "What a change won can be lost again without anybody noticing, while the history still has the slower figures."
        " Only where results are compared with the history; base is measured anew each time."
    ),
    fix="gates baseline bench",
    severity="note",
)

GONE = Rule(
    code="BEN003",
    name="benchmark-missing",
    summary="A benchmark that base or the history has is not there any more.",
    explanation=(
        "A benchmark that was removed or renamed is one that nobody compares: it may be any number of times slower."
        " Where another one appeared, the message names it."
    ),
    fix="Bring it back under its name; or waive BEN003 for it until the change is merged.",
)

DISABLED = Rule(
    code="BEN004",
    name="benchmark-disabled",
    summary="A benchmark was skipped, or ran and was not timed.",
    explanation=(
        "An option such as `--benchmark-disable` or `--benchmark-skip`, a skip mark, or a test that never calls its"
        " `benchmark` leave a green run that measured nothing."
    ),
    fix="Take the option or the mark out, or remove the benchmark.",
)

ERRORED = Rule(
    code="BEN005",
    name="benchmark-errored",
    summary="A benchmark raised, crashed, hung or forked instead of being timed.",
    explanation="It has no figures, or none of all processes, so that nothing is known of what the change does to it.",
    fix="Run it alone, as the message says.",
)

NEW = Rule(
    code="BEN006",
    name="benchmark-new",
    summary="A benchmark has nothing to be compared with.",
    explanation=(
        "Base cannot run it, as it uses what only head has, or the history does not know it. It warns where base was"
        " asked and has no such benchmark, since every benchmark is new once. It is an error where base has it too, and"
        " against a history until the history knows it."
    ),
    fix="Nothing, once this is merged; with a history: gates baseline bench",
    severity="warning",
)

INCONCLUSIVE = Rule(
    code="BEN007",
    name="inconclusive",
    summary="The figures of a benchmark differ so much from process to process that its limit cannot be judged.",
    explanation=(
        "After as many process pairs as were allowed, the change may still be twice the limit for all that is known."
        " The gate is undecided, and the message says which limit could be held."
    ),
    fix="Measure on a quieter machine, raise `most-pairs`, or give this benchmark a limit that can be held.",
    severity="warning",
    undecides=True,
)

OVER_BUDGET = Rule(
    code="BEN008",
    name="over-budget",
    summary="A benchmark takes longer than its budget, or more than it may against another one.",
    explanation=(
        "Budgets and costs are of head alone. One is passed when the whole interval is over it; while the interval"
        " straddles it, the gate is undecided."
    ),
    fix="Make it faster, or change the number where it was too hopeful.",
)

FOREIGN = Rule(
    code="BEN009",
    name="foreign-baseline",
    summary="The history knows a benchmark only from another machine, interpreter or set of packages.",
    explanation=(
        "Such figures are kept and shown; they are no limit, since processors differ by more than changes do. The"
        " gate is undecided."
    ),
    fix='Measure beside base (`mode = "paired"`), or run `gates baseline bench` on this machine.',
    severity="warning",
    undecides=True,
)

CONTROL = Rule(
    code="BEN010",
    name="control-alarmed",
    summary="Base compared with itself, in the same run, was found to differ.",
    explanation=(
        "A third process ran base once more beside the other two. Where the same code is found slower or faster than"
        " itself by more than the limit, no verdict of this run is worth anything. The gate is undecided."
    ),
    fix="Run it again on a quieter machine; `gates bench selfcheck` says what this one can hold.",
    severity="warning",
    undecides=True,
)

RULES = (REGRESSED, IMPROVED, GONE, DISABLED, ERRORED, NEW, INCONCLUSIVE, OVER_BUDGET, FOREIGN, CONTROL)
