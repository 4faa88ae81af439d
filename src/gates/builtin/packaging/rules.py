"""Rules of the gate `packaging`."""

from __future__ import annotations

from gates.model.rule import Rule

METADATA_INVALID = Rule(
    code="PKG001",
    name="metadata-invalid",
    summary="An index would refuse the metadata, or could not show the description.",
    explanation=(
        "`twine check --strict` looks at the metadata of wheel and source distribution as the index will. A description"
        " that does not render is shown as bare markup or refused at the upload; one without a content type is taken"
        " for reStructuredText, whatever it is, and twine itself only warns of it. One with the type of another markup"
        " renders as a heap of words, which gates itself finds."
    ),
    fix="Run `python -m build` and `twine check --strict dist/*`; name a `readme` with its ending under [project].",
)

WHEEL_CONTENTS = Rule(
    code="PKG002",
    name="wheel-contents",
    summary="check-wheel-contents objects to what is in the wheel.",
    explanation=(
        "The tool looks for what a wheel should not hold or should: nothing at all, modules where no import finds them,"
        " folders without a module. Its code is shown as `check-wheel-contents:W007`. The project's own configuration"
        " of the tool holds. Without one, its checks for equal files (W002), several top-level modules (W009), folders"
        " without modules (W010, W202) and modules of a package that no import can name (W004) only warn: many projects"
        " mean it. A RECORD that does not say what is in the wheel, and tags in WHEEL that are not those of the file's"
        " name, are found by gates itself."
    ),
    fix="Mend the backend's list of packages, or set `ignore` under [tool.check-wheel-contents].",
)

PYPROJECT_INVALID = Rule(
    code="PKG003",
    name="pyproject-invalid",
    summary="pyproject.toml says what the packaging standards do not allow.",
    explanation=(
        "validate-pyproject checks [build-system], [project] and [dependency-groups] against their standards, and"
        " [tool.setuptools] where setuptools builds the project. Backends differ in what they let pass: what builds"
        " today may not build with the next version. Tables of other tools are theirs."
    ),
    fix="Mend the key that is shown; the standard is at https://packaging.python.org/specifications/pyproject-toml/",
)

LICENCE_INVALID = Rule(
    code="PKG004",
    name="licence-invalid",
    summary="The licence expression is not valid.",
    explanation=(
        "PEP 639: `license` is an expression of SPDX identifiers, such as `MIT` or `Apache-2.0 OR BSD-3-Clause`. An"
        " index refuses others, and tools that check licences cannot read them."
    ),
    fix='Write `license = "MIT"` (or another expression, see https://spdx.org/licenses/) under [project].',
)

LICENCE_DISAGREES = Rule(
    code="PKG005",
    name="licence-disagrees",
    summary="Expression, classifiers and licence files say different licences.",
    explanation=(
        "Whoever uses the package reads one of the three and believes it. A file is only judged where its text is"
        " clearly that of a well-known licence; a classifier where it names one licence."
    ),
    fix="Decide which licence it is, write it as `license` under [project], and take the `License ::` classifiers out.",
)

LICENCE_FILE_MISSING = Rule(
    code="PKG006",
    name="licence-file-missing",
    summary="A licence file is not in the wheel or in the source distribution, or `license-files` matches nothing.",
    explanation=(
        "Most licences ask that their text goes with every copy; wheel and source distribution are such copies. PEP 639"
        " makes a glob that matches nothing an error."
    ),
    fix='Set `license-files = ["LICENSE*"]` under [project], with a backend that knows PEP 639.',
)

WHEEL_DIFFERS = Rule(
    code="PKG007",
    name="wheel-differs",
    summary="The wheel built from the source distribution is not the one built from the tree.",
    explanation=(
        "Whoever installs from the source distribution (distributions of Linux, conda-forge, platforms without a wheel)"
        " gets another package than the one that was tested. Mostly a file is missing in the source distribution."
    ),
    fix="Add the file to the source distribution (MANIFEST.in, or the backend's `include`), or build the wheel from it:"
    " python -m build",
)

STRAY_FILE = Rule(
    code="PKG008",
    name="stray-file",
    summary="A file is in an artifact that no user needs: a cache, a secret, a backup, or tests at the top level.",
    explanation=(
        "Caches and backups are of somebody's machine. A secret that was published is no secret. A top-level `tests` or"
        " `docs` in a wheel is installed into everybody's site-packages, where it hides those of other packages."
        " Certificates are no secrets; a file is one by its name, or by a private key inside. Test data of a source"
        " distribution may look like secrets and backups."
    ),
    fix="Exclude it in the backend's configuration, or name it in `allow` of [tool.gates.packaging] if it is meant.",
)

PATH_ESCAPES = Rule(
    code="PKG009",
    name="path-escapes",
    summary="A member of an artifact has a name or a link that leads out of it, or is a device.",
    explanation=(
        "Absolute names, `..` and links out of the folder write or read files elsewhere on the machine that unpacks it;"
        " current tools refuse such an archive. A backend that follows a link of the tree packs what is on one machine."
    ),
    fix="Replace the link by the file, or exclude it in the backend's configuration.",
)

VERSION_DISAGREES = Rule(
    code="PKG010",
    name="version-disagrees",
    summary="The version is not the same in metadata, file names, `__version__`, the tag or a file that names it.",
    explanation=(
        "Versions are compared as PEP 440 has them: 1.0 is 1.0.0. The tag counts only where HEAD has one. A"
        " `__version__` is read from the source without importing it, where it is a plain text. Files such as"
        " CITATION.cff count if `version-files` names them."
    ),
    fix="Keep the version in one place and let the others read it; `gates release bump VERSION --dry-run` shows where.",
)

CHANGELOG_MISSING = Rule(
    code="PKG011",
    name="changelog-missing",
    summary="The changelog has no entry for the version.",
    explanation=(
        "Where HEAD has a release's tag, an entry of this version has to be there, which says neither that it is not"
        " released nor a day to come; elsewhere what is unreleased, or a pending fragment, will do. A version that is a"
        " development one is not judged. A project without a changelog is not judged unless `changelog` names one."
    ),
    fix="Write the entry, or name the file in `changelog` of [tool.gates.packaging].",
)

SCRIPT_FAILS = Rule(
    code="PKG012",
    name="script-fails",
    summary="A console script of the installed wheel does not start.",
    explanation=(
        "The wheel was installed into a fresh environment with nothing but what it requires, and the script was started"
        " with `--help`. It ended with an error, or not in time. Mostly an import is missing among the dependencies. A"
        " script whose entry point names an extra, that says `pip install name[extra]`, or that lacks a module of such"
        " an extra, is started again with the extra, and a note says so."
    ),
    fix="Add what is missing to `dependencies`; a script without `--help` gets others by `script-args`.",
)

IMPORT_FAILS = Rule(
    code="PKG013",
    name="import-fails",
    summary="A top-level module of the installed wheel cannot be imported.",
    explanation=(
        "The wheel was installed into a fresh environment with nothing but what it requires. In a development"
        " environment such an error is hidden by what else is installed there, and by the tree itself."
    ),
    fix="Add what is missing to `dependencies` or to the wheel; a module that needs more goes into `imports-skip`.",
)

INSTALL_FAILS = Rule(
    code="PKG014",
    name="install-fails",
    summary="The wheel cannot be installed.",
    explanation=(
        "pip refused the wheel in a fresh environment of the judged Python: it is damaged, not for this Python, or"
        " requires what cannot be had."
    ),
    fix="Run `pip install` of the wheel in a fresh environment and mend what it says.",
)

PYTHONS_DISAGREE = Rule(
    code="PKG015",
    name="python-versions-disagree",
    summary="`requires-python`, the classifiers, the wheel's tag and the judged Python do not agree.",
    explanation=(
        "Installers go by `requires-python`, people by the classifiers. A classifier for a Python that cannot install"
        " the package, no classifier for the oldest that can where others are listed, a tag for every platform on a"
        " wheel with compiled code, a tag for Python 2 where that is ruled out, and a gate that runs on a Python which"
        " the package does not support, are each a promise that is not kept."
    ),
    fix="Mend `requires-python` or the `Programming Language :: Python ::` classifiers; or choose another `--python`.",
)

RULES = (
    METADATA_INVALID,
    WHEEL_CONTENTS,
    PYPROJECT_INVALID,
    LICENCE_INVALID,
    LICENCE_DISAGREES,
    LICENCE_FILE_MISSING,
    WHEEL_DIFFERS,
    STRAY_FILE,
    PATH_ESCAPES,
    VERSION_DISAGREES,
    CHANGELOG_MISSING,
    SCRIPT_FAILS,
    IMPORT_FAILS,
    INSTALL_FAILS,
    PYTHONS_DISAGREE,
)
