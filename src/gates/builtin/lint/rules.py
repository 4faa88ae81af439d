"""Rules of the gate `lint`."""

from __future__ import annotations

from gates.model.rule import Rule

LINT_VIOLATION = Rule(
    code="LNT001",
    name="lint-violation",
    summary="ruff reports a violation of a lint rule that the project selects.",
    explanation=(
        "ruff found a pattern that one of the rules of this project's own selection forbids; ruff's code is shown as"
        " `ruff:CODE`, and `gates explain ruff:CODE` prints what ruff says about it. The selection is the project's:"
        " gates adds no rule, takes none away, and honours `noqa` comments and per-file ignores as ruff does. It is red"
        " because a rule that is selected and not kept soon hides the violation that matters among the old ones."
        " gates never lets ruff edit a file, not even where the configuration says `fix = true`."
    ),
    fix="Run `ruff check --fix`, mend the rest by hand, or take the rule out of `lint.select` if the project does not"
    " mean it.",
)

NOT_FORMATTED = Rule(
    code="LNT002",
    name="not-formatted",
    summary="A file is not formatted as `ruff format` would format it.",
    explanation=(
        "The project formats its code with ruff, and `ruff format` would change this file; the line is the first one"
        " that it would change. It is red because a file that nobody formatted puts unrelated changes into the next"
        " diff, where they hide what was meant. There is one finding per file, whatever the number of changed lines,"
        " and Markdown files with Python blocks count where ruff formats them. The setting `format = false` of the"
        " gate leaves formatting unjudged."
    ),
    fix="Run `ruff format`.",
)

SYNTAX_ERROR = Rule(
    code="LNT003",
    name="syntax-error",
    summary="A file is not valid Python, so that no lint rule looked at it.",
    explanation=(
        "ruff could not parse the file; whatever else is wrong in it is unknown until it can. Syntax that is newer than"
        " the project's `target-version` counts too, since the oldest Python that the project supports cannot read it."
        " Neither a `noqa` comment nor a per-file ignore silences this rule. A template or a file for a test that is"
        " broken on purpose belongs in ruff's `exclude`."
    ),
    fix="Mend the syntax at the line shown, or add the file to `exclude` in ruff's configuration.",
)

UNREADABLE_FILE = Rule(
    code="LNT004",
    name="unreadable-file",
    summary="A file that ruff selected could not be read, so that nothing in it was judged.",
    explanation=(
        "The file is a link to nowhere, may not be read by this user, or is not UTF-8. ruff reports that as its rule"
        " E902; where a project does not select E902, ruff prints a warning and ends as if all was well, and the"
        " formatter may crash. gates reports it always, because a file that nobody could read must not count as"
        " clean. ruff reads UTF-8 only: an encoding declaration in the first line does not help."
    ),
    fix="Convert the file to UTF-8, mend the link or the permissions, or add the file to `exclude` in ruff's"
    " configuration.",
)

RULES = (LINT_VIOLATION, NOT_FORMATTED, SYNTAX_ERROR, UNREADABLE_FILE)
