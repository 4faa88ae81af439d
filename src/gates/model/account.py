"""Account: the rules about waivers, baselines and denominators, which are about what the other gates found.

The engine judges them when every gate has decided; the findings stand in the report of the gate that lists the rules.
"""

from __future__ import annotations

from gates.model.rule import Rule

DENOMINATOR_SHRUNK = Rule(
    code="POL004",
    name="denominator-shrunk",
    summary="A gate judged less than the baseline says it judged before.",
    explanation=(
        "The baseline holds over how much the gate decided when it was written: 212 files, 4,312 tests. Now there is"
        " less, and the files that were deleted since do not account for the difference. It is red because the easiest"
        " way to have no findings is to look at less: an exclusion that grew, a folder that is no longer found, tests"
        " that are no longer collected. A gate that counts anything but files gets no allowance for deleted files,"
        " since nobody can say how many tests were in them; deleting tests on purpose is therefore written down in the"
        " baseline. Needs a baseline in `gates-baseline/`."
    ),
    fix="Find out what is no longer looked at (`gates check GATE -v`). If it is meant:"
    " `gates baseline GATE --force`, and say in the commit why.",
)

WAIVER_EXPIRED = Rule(
    code="POL008",
    name="waiver-expired",
    summary="A waiver's last day is past.",
    explanation=(
        "A waiver applies through the day that it names, in UTC. After that it excuses nothing any more, so what it"
        " excused counts again, and the waiver itself is a finding: an exception that nobody ends is a rule that nobody"
        " keeps. Fourteen days before, every format says that it is about to end, and `gates list --expiring` shows"
        " when."
    ),
    fix="Mend what it excused and take the waiver out, or give it a new date and a reason that still holds.",
)

WAIVER_UNUSED = Rule(
    code="POL009",
    name="waiver-unused",
    summary="A waiver excuses nothing.",
    explanation=(
        "Every gate that the waiver could concern was decided over the whole project, and no finding matched it: what"
        " it excused is mended or gone, or its subject never matched. It is red because a waiver that is left behind"
        " would excuse, unseen, the next finding of that kind. It is not judged where a gate of that rule was left out,"
        " undecided, judged on one shard, or reads a change rather than the whole project."
    ),
    fix="Take the waiver out; if it should match something, compare its subject with the path, the subject or the"
    " fingerprint in `gates check --output-format json`.",
)

FIGURE_REGRESSED = Rule(
    code="POL010",
    name="figure-regressed",
    summary="A figure is worse than in the baseline, or no longer measured.",
    explanation=(
        "The baseline holds figures that may only get better, each with the direction that is better. This one got"
        " worse, though it may still be within its limit, or the gate does not measure it any more, which would hide"
        " that. It is red because a limit alone lets a figure slide down to it one change at a time."
    ),
    fix="Bring the figure back. If the change is worth it: `gates baseline GATE --force`, and say in the commit why.",
)

BASELINE_OUTDATED = Rule(
    code="POL011",
    name="baseline-outdated",
    summary="The baseline lists findings that are gone.",
    explanation=(
        "Known findings were mended, or their lines changed, and the baseline still lists them. Each of them would"
        " excuse the same finding if it came back, so the list is to shrink along with the findings. It is a warning"
        " and not an error, so that whoever mends something is not made red for it; an entry that follows a renamed"
        " file counts as gone at its old path too."
    ),
    fix="Run `gates baseline --prune` and commit the result.",
    severity="warning",
)

RULES = (DENOMINATOR_SHRUNK, WAIVER_EXPIRED, WAIVER_UNUSED, FIGURE_REGRESSED, BASELINE_OUTDATED)
