"""Rules of the gate `types`."""

from __future__ import annotations

from gates.model.rule import Rule

TYPE_ERROR = Rule(
    code="TYP001",
    name="type-error",
    summary="mypy reports an error under the project's own settings.",
    explanation=(
        "mypy, started in the judged interpreter with the project's own configuration, reports an error at this line;"
        " its code is shown as `mypy:CODE`, and `gates explain mypy:CODE` says what the code is about. How strict mypy"
        " is, which modules it forgives and which plugins it loads are the project's settings; gates changes none of"
        " them. Missing stubs are errors like any other, since everything that comes out of such a module is unchecked."
        " Tests are checked too: folders of tests that the configured `files`, `packages` or `modules` leave out are"
        " checked in a second run, unless mypy's `exclude` covers them, because a test that calls the code wrongly"
        " proves something about another program. `tests = false` in [tool.gates.types] leaves them to the project's"
        " own targets."
    ),
    fix="Mend the annotation or the code; for a package without types install its stubs (`types-NAME`); where mypy is"
    " wrong, write `# type: ignore[CODE]` with the reason.",
)

CHECK_BLOCKED = Rule(
    code="TYP002",
    name="check-blocked",
    summary="An error stopped mypy before it checked anything.",
    explanation=(
        "Some errors end mypy's run at once: broken syntax, a file that cannot be read or is not UTF-8, two files that"
        " are one module to mypy, a file that shadows a module of the standard library. Everything else is then"
        " unchecked, and mypy reports only this one error, so that a project may look as if it had a single small"
        " fault. It is red, and the number of files that were checked is not counted. After it is mended there may be"
        " more, which nobody could see until now."
    ),
    fix="Mend the file named; for two files of one module name add `__init__.py`, set `explicit_package_bases` with"
    " `mypy_path`, or put one of them into mypy's `exclude`.",
)

RULES = (TYPE_ERROR, CHECK_BLOCKED)
