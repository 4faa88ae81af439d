"""Rules of the gate `coverage`."""

from __future__ import annotations

from gates.model.rule import Rule

TOTAL = Rule(
    code="COV001",
    name="total-below-limit",
    summary="Less of the code ran than the limit asks for.",
    explanation=(
        "The total is what coverage.py itself counts: statements that ran, and branches that were taken where the"
        " project counts branches, of all that there are. It is compared exactly: 90.64 does not meet a limit of 91,"
        " and 100 means every line."
    ),
    fix="Test what is missing (`gates coverage` lists files, worst first), or lower the limit and say why.",
)
PATHS = Rule(
    code="COV002",
    name="path-below-limit",
    summary="Less ran of the files that a glob names than its limit asks for.",
    explanation=(
        "A table [[tool.gates.coverage.path]] holds some files to a limit of their own, so that a well-tested rest"
        " does not hide them. A file that several globs name counts for each of them."
    ),
    fix="Test what is missing in these files: `gates coverage` lists them, worst first.",
)
FILE = Rule(
    code="COV003",
    name="file-below-floor",
    summary="Less of one file ran than each file must.",
    explanation=(
        "An average hides a file that no test touches. The floor `file` is asked of every measured file by itself; of a"
        " file that has nothing to run nothing is asked."
    ),
    fix="Test the lines that the message names, or waive the file with a reason and a date.",
)
CHANGED_LINES = Rule(
    code="COV004",
    name="changed-lines-missed",
    summary="Lines that were added or changed never ran.",
    explanation=(
        "Compared with the base commit: added and altered lines of each file, new files included that git does not know"
        " yet; a file that was moved counts only where it was altered. Each function is judged by itself, since one"
        " average over the whole change hides the one branch that matters. A changed line in the middle of a statement"
        " counts for the statement."
    ),
    fix="Test these lines; the message names the tests that come nearest to them, where the run recorded them.",
)
CHANGED_BRANCHES = Rule(
    code="COV005",
    name="changed-branches-missed",
    summary="A changed line ran, and not every way on from it was taken.",
    explanation=(
        "An `if` that was only ever true, a loop that never ended early: the line ran, so that coverage of lines is"
        " content, and half of what the change does is untested. Only lines that were added or altered are asked."
    ),
    fix="Add the case that takes the way that the message names.",
)
UNMEASURED = Rule(
    code="COV006",
    name="changed-file-not-measured",
    summary="A changed file is not in the measurement at all.",
    explanation=(
        "Tools that look only at what was measured call such a change fully covered. Nobody measured it because no test"
        " imports it, or because the settings of coverage look elsewhere. A file that the project itself leaves out"
        " (`omit`) is not asked, and the report says so."
    ),
    fix="Import it in a test, add its folder to coverage's `source`, or leave it out with `omit` and say why.",
)
BRANCHES = Rule(
    code="COV007",
    name="branches-below-limit",
    summary="Fewer branches were taken than the limit asks for.",
    explanation=(
        "Lines are many and branches are few, so that a figure of both together says little of branches. This limit is"
        " asked of branches alone."
    ),
    fix="Take the ways that are missing (`gates coverage` lists files, worst first).",
)
PRAGMAS = Rule(
    code="COV008",
    name="too-many-pragmas",
    summary="More lines bear an exclusion pragma than the limit allows.",
    explanation=(
        "A pragma takes code out of the figure, which then says nothing of it. Their number is a figure of its own: it"
        " can have a limit, and a baseline lets it only fall."
    ),
    fix="Test what the new pragma hides and remove it.",
)
SUBJECT = Rule(
    code="COV009",
    name="subject-below-minimum",
    summary="Tests that say they cover a module run less of it than they promise.",
    explanation=(
        '`@pytest.mark.covers("pkg.module", minimum=95)`: of the module, 95 percent must run in the tests that bear the'
        " mark. What other tests run of it by accident does not count."
    ),
    fix="Test the missing lines in tests that bear the mark, or correct the minimum.",
)

RULES = (
    TOTAL,
    PATHS,
    FILE,
    CHANGED_LINES,
    CHANGED_BRANCHES,
    UNMEASURED,
    BRANCHES,
    PRAGMAS,
    SUBJECT,
)
