"""Rules of the gate `determinism`."""

from __future__ import annotations

from gates.model.rule import Rule

FACTOR_NOT_FIXED = Rule(
    code="DET001",
    name="factor-not-fixed",
    summary="Something that makes runs differ was not held at a value.",
    explanation=(
        "`require` in [tool.gates.determinism] names the factors that pytest_vltair must hold in every process of the"
        " run. `leaks` says that tests must be watched for what they leave behind, of all `kinds`, and only what"
        " `allow` names may be passed over by pytest's configuration. A factor that nobody holds is"
        " what the machine, the user or the moment makes of it: a test that passes here may fail there."
    ),
    fix='Set `vltair = "guard"` in pytest\'s configuration, or take out of `require` what may differ.',
)

FACTOR_NOT_IN_FORCE = Rule(
    code="DET002",
    name="factor-not-in-force",
    summary="A process showed another value than it was asked to hold.",
    explanation=(
        "Each process says at its start and at its end what it is really under. A conftest.py, a plugin, or a test"
        " that is not put right set another value, so that the tests ran under something that nobody asked for."
    ),
    fix="Look for what sets the value: a conftest.py at its import, a plugin, a fixture of the whole session.",
)

LEAK = Rule(
    code="DET003",
    name="leak",
    summary="A test left something behind.",
    explanation=(
        "After each test pytest_vltair looks at what the process is like, and names what is not as it was before: what"
        " comes next then depends on which tests ran before it. A waiver may name the test or its file as subject, and"
        " `leak:KIND` as rule."
    ),
    fix="Put it back in the test, with `monkeypatch`, a fixture that undoes what it did, or `with`.",
)

FLAKY_TEST = Rule(
    code="DET004",
    name="flaky-test",
    summary="A test passed only when it was run again.",
    explanation=(
        "The test failed, and a plugin such as pytest-rerunfailures ran it again until it did not. Nothing changed in"
        " between, so that its outcome depends on something that the test does not hold still. It never counts as"
        " passed: TST001 reports it too. Quarantine is a waiver of both rules for this test, which has an end."
    ),
    fix="Find what the test depends on: time, order, random numbers, or other processes.",
)

ORDER_DEPENDENT = Rule(
    code="DET005",
    name="order-dependent",
    summary="A test ended differently when the suite ran in the reversed order.",
    explanation=(
        'With `screen = "reverse"` the suite runs once more, last test first, and each test must end as it did. A test'
        " that is missing there, that is skipped only there, and one that hangs end differently too. A test that"
        " differs from run to run whatever the order is found here as well."
    ),
    fix="Run the named command; have the test set up what it needs, and those before it put back what they change.",
)

UNSTABLE = Rule(
    code="DET006",
    name="unstable-test",
    summary="A test ends differently when a factor that it should not depend on has another value.",
    explanation=(
        'With `screen = "full"` the suite is run with other orders, hash seeds, zones, locales, clocks and so on, and'
        " each test whose outcome moved is run again until the factor is known: with the factor it fails, with the"
        " factor put back and all else as it was it passes. A test that a baseline or the marker `vltair_flaky` knows"
        " is found again as soon as another factor moves it. What was not varied here is said in `vary`."
    ),
    fix="Run the named command: it shows the test both ways, with the line that read the factor.",
)

RULES = (FACTOR_NOT_FIXED, FACTOR_NOT_IN_FORCE, LEAK, FLAKY_TEST, ORDER_DEPENDENT, UNSTABLE)
