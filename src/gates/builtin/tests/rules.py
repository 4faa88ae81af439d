"""Rules of the gate `tests`."""

from __future__ import annotations

from gates.model.rule import Rule

TEST_FAILED = Rule(
    code="TST001",
    name="test-failed",
    summary="A test failed.",
    explanation=(
        "The body of a test raised, an assertion was false, or a test that is marked as expected to fail passed while"
        " `xfail_strict` is set. A test that failed once and passed when it was repeated counts as failed: a repetition"
        " hides what only sometimes works. The gate `determinism` reports it too, as DET004; a flaky test in quarantine"
        " needs a waiver of both."
    ),
    fix="Run the test alone with `python -m pytest NODEID`, and mend the code or the test.",
)

TEST_ERRORED = Rule(
    code="TST002",
    name="test-errored",
    summary="A test's setup or teardown failed.",
    explanation=(
        "A fixture raised before the test's body or after it. The body may never have run, so that nothing is known"
        " about what it tests."
    ),
    fix="Run the test alone with `python -m pytest NODEID --setup-show`, and mend the fixture.",
)

COLLECTION_ERROR = Rule(
    code="TST003",
    name="collection-error",
    summary="A test file could not be collected.",
    explanation=(
        "Importing a test module or package raised, so that none of its tests exist for this run. A name that is not"
        " found is most often a project that is not installed in the judged environment: gates starts pytest with"
        " `python -P`, which keeps the current directory off the import path."
    ),
    fix="Run `python -P -m pytest PATH`; install the project with `pip install -e .`, or set `pythonpath` for pytest.",
)

TEST_UNACCOUNTED = Rule(
    code="TST004",
    name="test-unaccounted",
    summary="A test was selected and has no outcome.",
    explanation=(
        "pytest collected and selected the test, ended as if all was done, and never reported setup, call and teardown"
        " of it. A plugin or conftest.py that takes over the run of a test, and a worker that goes away, do that."
    ),
    fix="Run the test alone with `python -m pytest NODEID -p no:xdist`, and look for `pytest_runtest_protocol` hooks.",
)

WORKER_CRASHED = Rule(
    code="TST005",
    name="worker-crashed",
    summary="A worker process of pytest-xdist went down.",
    explanation=(
        "A worker ended without being asked to: a crash in compiled code, `os._exit`, or the system's memory limit."
        " What it had begun is unknown, even if the tests that were handed to another worker passed."
    ),
    fix="Run the named test alone with `python -X faulthandler -m pytest NODEID -p no:xdist`.",
)

TOO_MANY_WARNINGS = Rule(
    code="TST006",
    name="too-many-warnings",
    summary="The run gave more warnings than are allowed.",
    explanation=(
        "`max-warnings` in [tool.gates.tests], or pytest's own `max_warnings`, limits how many warnings pytest may"
        " record. With a limit of 0 each different warning is a finding of its own."
    ),
    fix="Mend what warns, or ignore one warning on purpose with `filterwarnings` in pytest's configuration.",
)

TESTS_DESELECTED = Rule(
    code="TST007",
    name="tests-deselected",
    summary="An option took tests out of the run.",
    explanation=(
        "`-k`, `-m`, `--lf`, `--deselect`, `-x` or `--maxfail` in `addopts`, in PYTEST_ADDOPTS or in `args` made the"
        " run judge fewer tests than were collected. A pass says nothing about the tests that were left out."
    ),
    fix="Take the option out of the configuration, and give it on the command line when you want it.",
    severity="warning",
)

MODULE_SKIPPED = Rule(
    code="TST008",
    name="module-skipped",
    summary="A test module was skipped as a whole.",
    explanation=(
        "`pytest.importorskip`, `pytest.skip(allow_module_level=True)` or `unittest.SkipTest` ended the import of the"
        " module, so that pytest collected none of its tests and none of them is among those that were judged or"
        " counted as skipped. Where a dependency is missing by mistake, a whole part of the suite is gone without a"
        " word. It is a note; set the rule's severity to `error` where everything must be there."
    ),
    fix="Install what the module asks for in the judged environment, or take the module out of the suite.",
    severity="note",
)

RAN_NOWHERE = Rule(
    code="TST009",
    name="ran-nowhere",
    summary="A test was collected and never ran.",
    explanation=(
        "Where several lanes are merged (systems, a fast and a slow part of the suite), each may leave tests out that"
        " another one runs. A test that every lane deselects or skips belongs to nobody: it is green everywhere and"
        " runs nowhere. So is a module that every lane skips. With `run-all = true` in [tool.gates.tests] the same is"
        " asked of a single run."
    ),
    fix="Let one lane run it, or take it out of the suite; a waiver names a test that cannot run anywhere for now.",
)

RULES = (
    TEST_FAILED,
    TEST_ERRORED,
    COLLECTION_ERROR,
    TEST_UNACCOUNTED,
    WORKER_CRASHED,
    TOO_MANY_WARNINGS,
    TESTS_DESELECTED,
    MODULE_SKIPPED,
    RAN_NOWHERE,
)
