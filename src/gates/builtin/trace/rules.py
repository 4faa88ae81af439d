"""Rules of the gate `trace`."""

from __future__ import annotations

from gates.model.rule import Rule

UNTESTED = Rule(
    code="TRC001",
    name="untested",
    summary="A requirement has nothing of what its level needs: no test, no code, nothing on the level below.",
    explanation=(
        "A test belongs to an item if its mark, docstring or name has the item's id, if a JUnit property does, or if a"
        " Validation command of the item names it. An item that is open, blocked or not begun only has a note: it is a"
        " plan. One that is cancelled needs nothing."
    ),
    fix='Mark the test that shows it: @pytest.mark.requirement("ID").',
)

UNKNOWN_REQUIREMENT = Rule(
    code="TRC002",
    name="unknown-requirement",
    summary="A test, a comment in the code, or another item names an id that no document has.",
    explanation=(
        "A mark or a property is always meant as a link, a docstring only where the id begins as those of this project"
        " do. The requirement was renamed, removed, or stands in a document that is not among `documents`. A mark that"
        " gives its id by a keyword names nothing."
    ),
    fix="Correct the id, or add the document that has it to `documents` in [tool.gates.trace].",
)

MISSING_TEST = Rule(
    code="TRC003",
    name="named-test-missing",
    summary="A Validation command names a test that pytest does not collect.",
    explanation=(
        "What there is comes from pytest's own collection, never from a text search: a function inside of a string, or"
        " in a file that pytest does not look at, is no test. In an item that is done it is an error; in one that is"
        " not it is a warning, since the test may be a plan."
    ),
    fix="Write the test, or name the one that there is; the message has the nearest.",
)

NO_EVIDENCE = Rule(
    code="TRC004",
    name="done-without-evidence",
    summary="An item is done, and no test of it passed.",
    explanation=(
        "`done` is a claim, and the run that was recorded, or a JUnit file, is its evidence. An item that names no"
        " test, only tests that are not there, or tests that did not run has none."
    ),
    fix="Name a test that passes, or set the item back to what it is.",
)

NOT_PASSING = Rule(
    code="TRC005",
    name="skipped-is-not-passing",
    summary="An item is done, and of its tests one was skipped or failed as expected.",
    explanation=(
        "A skipped test shows nothing, and one that is marked xfail shows the opposite. Where no test of the item"
        " passed it is an error; beside one that passed it is a warning."
    ),
    fix="Have the test run, here or where a JUnit file comes from; or set the item back.",
)

STALE = Rule(
    code="TRC006",
    name="stale-evidence",
    summary="The evidence of an item is of another test, code or requirement, or older than it may be.",
    explanation=(
        "An outcome proves something of the sources that it was made with. Where the test, the product or what the"
        " item asks for changed since, or the file is older than `max-evidence-age`, it proves nothing of this tree."
        " Nor does one without a time, where an age is set or git knows commits, or one older than all commits of the"
        " clone. Status, dates, files and commands of an item are no part of what it asks for, nor is how it is set."
        " The gate `tests` refuses such a run itself, so that this is about JUnit files."
    ),
    fix="Run the tests again where the file comes from.",
)

FAILING = Rule(
    code="TRC007",
    name="failing-evidence",
    summary="A test of an item failed.",
    explanation=(
        "An item that is done and whose test fails is not done. For any other it is a warning: the work is not at its"
        " end. A test that passed only when it was run again, or that was expected to fail and passed, did not pass."
    ),
    fix="Mend what the test shows, or set the item back.",
)

DUPLICATE = Rule(
    code="TRC008",
    name="duplicate-id",
    summary="Two items have one id and do not say the same.",
    explanation="A test that names the id shows one of them, and nobody knows which; the other one looks tested.",
    fix="Give one of them another id.",
)

UNKNOWN_STATUS = Rule(
    code="TRC009",
    name="unknown-status",
    summary="A status is none that gates or the legend of the document knows.",
    explanation=(
        "Words such as Open, Partial, In Progress, Done, Blocked and Cancelled, checkboxes and common emoji are known,"
        " and so is what the legend of a document explains. A word outside of both may mean done or not."
    ),
    fix="Use a word of the legend, or add this one to it.",
)

CONTRADICTION = Rule(
    code="TRC010",
    name="contradiction",
    summary="A document says two things of one item, or of how many there are.",
    explanation="Totals kept by hand, prose below a table, and a second row for the same item go out of step.",
    fix="Correct the one that is wrong.",
)

DANGLING = Rule(
    code="TRC011",
    name="dangling-file",
    summary="An item names a file that is not there.",
    explanation=(
        "In an item that is done it is a defect: the work was moved, renamed, or never made. In one that is not, or"
        " where the text says `(new)`, it is a plan and a note. What leads out of the project is not looked at."
    ),
    fix="Correct the path.",
)

ADR_INDEX = Rule(
    code="TRC012",
    name="adr-index",
    summary="Decision records and their index, numbers or supersessions do not agree.",
    explanation="A record that the index does not list, a number twice, a link to none, a supersession one way only.",
    fix="Correct the index or the record that the message names.",
)

STALE_CONTENTS = Rule(
    code="TRC013",
    name="stale-contents",
    summary="A table of contents does not have the headings of its document.",
    explanation="A heading was added, renamed or removed, and the contents still have what was there before.",
    fix="Write the entry that the message names.",
)

FUTURE = Rule(
    code="TRC014",
    name="future-date",
    summary="A date of an item lies in the future.",
    explanation=(
        "What is logged has happened. A date after this run's own clock was guessed or mistyped, and whatever is"
        " reckoned from it is wrong."
    ),
    fix="Write the day on which it happened.",
    severity="warning",
)

EMPTY = Rule(
    code="TRC015",
    name="empty-document",
    summary="A document holds no item, or all of them fewer than they must.",
    explanation=(
        "A document of which nothing is understood would pass every other rule. Either it is written in a shape that no"
        " reader knows, or what was in it is gone. `least` in [tool.gates.trace] says how many items there must be."
    ),
    fix=(
        'Write its items in a shape that is read, as the page "Trace requirements to the tests that ran" shows them, or'
        " take the document out of `documents`."
    ),
)

MALFORMED = Rule(
    code="TRC016",
    name="malformed",
    summary="Something in a document was read though it is not written as it should be.",
    explanation="Rows without a header, cells too many, broken characters: what was meant was taken, and may be wrong.",
    fix="Write it as the message says.",
    severity="warning",
)

RULES = (
    UNTESTED, UNKNOWN_REQUIREMENT, MISSING_TEST, NO_EVIDENCE, NOT_PASSING, STALE, FAILING, DUPLICATE, UNKNOWN_STATUS,
    CONTRADICTION, DANGLING, ADR_INDEX, STALE_CONTENTS, FUTURE, EMPTY, MALFORMED,
)  # fmt: skip
