"""Rules of the gate `workflows`."""

from __future__ import annotations

from gates.model.rule import Rule

INVALID = Rule(
    code="WFL001",
    name="workflow-invalid",
    summary="A workflow or action is not one that GitHub would run.",
    explanation=(
        "A file that is not YAML, is not UTF-8, or does not fit the schema of workflows and actions is refused by"
        " GitHub as a whole: none of its jobs runs, and a pull request looks as if it had one check less. The schemas"
        " are those that check-jsonschema carries, so that nothing is downloaded."
    ),
    fix="Mend the place that is shown; `check-jsonschema --builtin-schema vendor.github-workflows FILE` says more.",
)

RISK = Rule(
    code="WFL002",
    name="workflow-risk",
    summary="zizmor finds a weakness in a workflow or action.",
    explanation=(
        "zizmor looks for code that a stranger's pull request could run, tokens that reach too far, and the like. Its"
        " code is shown as `zizmor:template-injection`. What it calls high or medium is an error; what it calls low,"
        " or is not sure of, a warning; what is only information, a note. It runs offline: its audits that ask"
        " GitHub, such as the one for actions with known vulnerabilities, are off. What it says of unpinned actions"
        " is WFL007 here."
    ),
    fix="Do what the audit's page says (https://docs.zizmor.sh/audits/), or pass over it in zizmor.yml with a reason.",
)

LOST = Rule(
    code="WFL003",
    name="failure-lost",
    summary="A check's failure cannot turn its job red.",
    explanation=(
        "`|| true`, `continue-on-error`, a pipe without `pipefail`, a command after which another one decides: the"
        " check runs, its log is red, and the job is green. That is worse than no check, since everybody believes in"
        " it. A matrix in which some entries may fail is no finding as long as one may not."
    ),
    fix="Take away what swallows the failure; use `shell: bash` where there is a pipe: it sets pipefail.",
)

UNCHECKED = Rule(
    code="WFL004",
    name="result-unchecked",
    summary="A job that stands for others is green although one of them failed.",
    explanation=(
        "A job that branch protection asks for in the place of many must look at their results. With `if: always()`"
        " it runs after a failure and passes unless it asks `needs.*.result`; without it, it is skipped after a"
        " failure, and a skipped check counts as passed."
    ),
    fix=(
        "Write `if: always()` and a step `run: exit 1` with `if: contains(needs.*.result, 'failure') ||"
        " contains(needs.*.result, 'cancelled')`."
    ),
)

CACHE = Rule(
    code="WFL005",
    name="cache-key-incomplete",
    summary="The key of a cache of dependencies does not say what is in it.",
    explanation=(
        "A key without the system, the Python version or a hash of the lock file restores what another job, or"
        " yesterday's lock, put there: tests run with other versions than those that are locked. The system is not"
        " asked for where the job runs on one only, nor the Python version where it is a cache of downloads. A"
        " pattern of files that matches none is a hash of nothing."
    ),
    fix=(
        "Write a key such as `${{ runner.os }}-${{ steps.python.outputs.python-version }}-${{ hashFiles('uv.lock')"
        " }}`, or let `cache:` of setup-python or setup-uv make it."
    ),
)

NOT_HELD = Rule(
    code="WFL006",
    name="environment-not-held",
    summary="A job runs the tests without a variable that the project asks for.",
    explanation=(
        "Where pytest_vltair, the gate `determinism` or the setting `variables` asks that hash seed, zone and locale"
        " are held, a job must set PYTHONHASHSEED (a number), TZ, and LC_ALL or LANG, unless pytest_vltair holds them"
        " in the run itself. A variable in the configuration of tox, nox or a Makefile counts for what they start."
    ),
    fix='Write under the job: `env: {PYTHONHASHSEED: "0", TZ: UTC, LC_ALL: C.UTF-8}`.',
)

UNPINNED = Rule(
    code="WFL007",
    name="action-unpinned",
    summary="An action is not pinned to a full commit.",
    explanation=(
        "A tag or branch is what its owner, or who got hold of the owner's account, says it is today, and runs with"
        " this repository's token. A full commit (40 digits) or an image's digest cannot change. Actions of this"
        " repository (`./path`) need none."
    ),
    fix=(
        "Write `uses: owner/name@<40 digits> # v1.2.3`; Dependabot and Renovate keep it current. Or allow it in"
        " `unpinned`."
    ),
)

NO_PYTHON = Rule(
    code="WFL008",
    name="python-untested",
    summary="No job tests a Python version that the project declares.",
    explanation=(
        "What counts as declared are the classifiers `Programming Language :: Python :: 3.12`, else the oldest and"
        " newest version that `requires-python` names, or the setting `pythons`. What counts as tested are the"
        " versions of jobs that run the tests, with `include`, `exclude` and the workflows of this repository that"
        " they call."
    ),
    fix="Add the version to the matrix, or take it out of the classifiers.",
)

NO_SYSTEM = Rule(
    code="WFL009",
    name="system-untested",
    summary="No job tests on a system that the project declares.",
    explanation=(
        "What counts as declared are the classifiers `Operating System :: Microsoft :: Windows`, `MacOS` and `POSIX"
        " :: Linux`, or the setting `systems`. `OS Independent` names none."
    ),
    fix="Add a runner of that system to the matrix, or take the classifier out.",
)

UNKNOWN = Rule(
    code="WFL010",
    name="not-evaluable",
    summary="A part of a workflow is made when it runs, so that a rule cannot be judged.",
    explanation=(
        "A matrix out of `fromJSON(needs.…)`, a workflow of another repository, a runner or a key out of an output:"
        " the files do not say what it will be. This is said only where what can be read does not settle the rule"
        " already, and leaves the gate undecided. A job that is named in `as-written` counts with what its file says,"
        " and no more."
    ),
    fix='Write the values into the workflow, or name the job in `as-written = ["PATH:JOB"]` of [tool.gates.workflows].',
    severity="warning",
    undecides=True,
)

RULES = (INVALID, RISK, LOST, UNCHECKED, CACHE, NOT_HELD, UNPINNED, NO_PYTHON, NO_SYSTEM, UNKNOWN)
