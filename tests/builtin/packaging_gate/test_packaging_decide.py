"""What is said of artifacts; pure, so every case is made up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.packaging.facts import (
    Changed,
    Complaint,
    Licence,
    Member,
    PackagingEvidence,
    Pattern,
    Pythons,
    Tried,
)
from gates.builtin.packaging.gate import PackagingGate
from gates.builtin.packaging.judging import licences, versions
from gates.builtin.packaging.settings import PackagingSettings
from gates.model.decision import Decision, verdict_of
from gates.model.evidence import counted, encode
from gates.model.reason import Reason
from gates.testing import law
from support.packaging_facts import SDIST, WHEEL, evidence, log, member, metadata, packed, said


def decided(facts: PackagingEvidence, **wished: Any) -> Decision:
    return PackagingGate().decide(facts, PackagingSettings(**{"smoke": False, **wished}), law.NOON)


def found(facts: PackagingEvidence, **wished: Any) -> list[str]:
    """Code, place and message of each finding."""
    return [f"{one.rule} {one.path or ''}:{one.line or ''} {one.message}" for one in decided(facts, **wished).findings]


def test_a_release_without_a_fault_passes_over_its_members() -> None:
    decision = decided(evidence())
    assert verdict_of(decision) == "passed"
    assert str(decision.denominator) == "2 members"


@pytest.mark.parametrize("artifacts", [(), (packed("sdist"),), (packed("wheel"),)])
def test_without_both_artifacts_it_is_undecided(artifacts: tuple[Any, ...]) -> None:
    held = evidence(*artifacts) if artifacts else evidence(packed("sdist"), packed("sdist"))
    assert verdict_of(decided(held)) == "undecided"
    assert decided(held).reason is not None


def test_without_the_wheel_of_the_source_distribution_it_is_undecided() -> None:
    decision = decided(evidence(again=""))
    assert decision.reason is not None
    assert decision.reason.code == "evidence_incomplete"


def test_a_build_that_fails_is_undecided_and_what_is_wrong_elsewhere_is_said_anyway() -> None:
    reason = Reason(code="tool_crashed", message="the backend raised", fix="python -m build")
    assert decided(evidence(undecided=[reason])).reason == reason
    wrong = evidence(undecided=[reason], patterns=[Pattern(glob="LICENCE", line=8, matches=0)])
    assert verdict_of(decided(wrong)) == "failed"


STRAY = [
    ("wheel", "greeting/__pycache__/a.cpython-311.pyc", "greeting/__pycache__"),
    ("wheel", "greeting/a.pyc", "greeting/a.pyc"),
    ("sdist", "tests/__pycache__/a.pyc", "tests/__pycache__"),
    ("sdist", ".mypy_cache/3.11/a.json", ".mypy_cache"),
    ("sdist", ".git/config", ".git"),
    ("sdist", "node_modules/a/b.js", "node_modules"),
    ("sdist", "docs/.DS_Store", "docs/.DS_Store"),
    ("wheel", "tests/test_a.py", "tests"),
    ("wheel", "docs/conf.py", "docs"),
    ("wheel", "src/greeting/__init__.py", "src"),
    ("sdist", ".pypirc", ".pypirc"),
    ("sdist", "ci/credentials.json", "ci/credentials.json"),
    ("sdist", "src/id_rsa", "src/id_rsa"),
    ("wheel", "greeting/a.py~", "greeting/a.py~"),
    ("wheel", "greeting/.a.py.swp", "greeting/.a.py.swp"),
    ("sdist", ".gates/state.json", ".gates"),
    ("wheel", "data/__init__.py", "data"),
    ("wheel", "greeting-1.2.data/purelib/tests/a.py", "tests"),
    ("wheel", "conftest.py", "conftest.py"),
    ("wheel", "test_greeting.py", "test_greeting.py"),
    ("wheel", "greeting/.env.production", "greeting/.env.production"),
    ("sdist", "src/pyproject.toml.orig", "src/pyproject.toml.orig"),
    ("wheel", "pyproject.toml.orig", "pyproject.toml.orig"),
]
MEANT = [
    ("wheel", "greeting/tests/test_a.py"),
    ("wheel", "tests.py"),
    ("sdist", "tests/test_a.py"),
    ("sdist", "docs/conf.py"),
    ("sdist", ".gitignore"),
    ("sdist", ".github/workflows/a.yml"),
    ("sdist", "tests/data/.env"),
    ("sdist", "tests/fixtures/node_modules/a.js"),
    ("sdist", "tests/a.orig"),
    ("wheel", "certifi/cacert.pem"),
    ("sdist", ".env.example"),
    ("sdist", "pyproject.toml.orig"),
    ("sdist", "conftest.py"),
    ("wheel", "greeting/data/__init__.py"),
]


@pytest.mark.parametrize(("kind", "name", "place"), STRAY)
def test_a_stray_file_is_named(kind: Any, name: str, place: str) -> None:
    other = "sdist" if kind == "wheel" else "wheel"
    (one,) = found(evidence(packed(kind, "greeting/__init__.py", name), packed(other)))  # type: ignore[arg-type]
    assert one.startswith(f"PKG008 : {place} in {WHEEL if kind == 'wheel' else SDIST} ")


@pytest.mark.parametrize(("kind", "name"), MEANT)
def test_what_only_looks_stray_is_not(kind: Any, name: str) -> None:
    other = "sdist" if kind == "wheel" else "wheel"
    assert found(evidence(packed(kind, name), packed(other))) == []  # type: ignore[arg-type]


def test_files_of_one_folder_are_one_finding() -> None:
    (one,) = found(evidence(packed("sdist"), packed("wheel", "tests/a.py", "tests/b.py", "tests/c/d.py")))
    assert "tests (3 files)" in one


def test_a_certificate_is_no_secret_and_a_key_is() -> None:
    assert found(evidence(packed("sdist", "a.pem"), packed())) == []
    (one,) = found(evidence(packed("sdist", member("a.pem", key=True)), packed()))
    assert one.endswith("holds a private key")
    assert found(evidence(packed("sdist", member("tests/a.pem", key=True)), packed())) == []


def test_a_distribution_may_be_named_like_a_usual_folder() -> None:
    held, name = metadata(name="build"), "build-1.2-py3-none-any.whl"
    wheel = packed("wheel", "build/__init__.py", held=held, named=name)
    sdist = packed("sdist", held=held, named="build-1.2.tar.gz")
    assert found(evidence(sdist, wheel, again=name)) == []


def test_globs_add_and_take_away() -> None:
    facts = evidence(packed("sdist", "notes/a.txt", ".env"), packed("wheel", "tests/a.py"))
    assert len(found(facts)) == 2
    assert found(facts, allow=["tests", "**/.env"]) == []
    assert len(found(facts, allow=["tests/**", ".env"], stray=["notes/"])) == 1
    assert len(found(facts, stray=["**/*.txt"])) == 3


def test_the_state_of_gates_cannot_be_allowed() -> None:
    facts = evidence(packed("sdist", ".gates/a.json"), packed())
    assert len(found(facts, allow=[".gates/**", "**"])) == 1


def test_what_leads_out_is_named_with_where_to() -> None:
    link = member("a", kind="link", target="/etc/passwd")
    facts = evidence(packed("sdist", link, escaping=["greeting-1.2/a"]), packed(escaping=["../b"]))
    first, second = found(facts)
    assert first == f"PKG009 : ../b in {WHEEL} lies outside of the folder it is unpacked into, or is a device"
    assert second == f"PKG009 : greeting-1.2/a in {SDIST} leads out of it, to /etc/passwd, or is a device"


def test_a_record_that_says_something_else() -> None:
    names = [f"greeting/{number}.py" for number in range(7)]
    (one,) = found(evidence(packed("sdist"), packed(unrecorded=names)))
    assert one.startswith(f"PKG002 : RECORD of {WHEEL} does not say what is in the wheel: greeting/0.py, ")
    assert one.endswith("greeting/4.py and 2 more")


@pytest.mark.parametrize("tags", [["cp39-cp39-win32"], [], ["py2-none-any", "py3-none-any"], ["odd"]])
def test_tags_that_are_not_those_of_the_file_name(tags: list[str]) -> None:
    held = metadata(python="")
    said = found(evidence(packed("sdist", held=held), packed(held=held, tags=tags)))
    assert [one[:7] for one in said] == ["PKG002 "]


def test_a_file_name_with_several_tags_has_all_of_them() -> None:
    held, name = metadata(python=""), "greeting-1.2-py2.py3-none-any.whl"
    wheel = packed(held=held, tags=["py2-none-any", "py3-none-any"], named=name)
    assert found(evidence(packed("sdist", held=held), wheel, again=name)) == []


def test_a_file_name_of_another_project() -> None:
    held = metadata(name="salutation")
    first, second = found(evidence(packed("sdist", held=held), packed(held=held)))
    assert first == f"PKG001 : the file name {WHEEL} is of greeting, and its metadata of salutation"
    assert second == f"PKG001 : the file name {SDIST} is of greeting, and its metadata of salutation"


@pytest.mark.parametrize(("other", "bad"), [(">= 3.11", 0), ("", 0), (">=3.9", 1), ("odd", 1)])
def test_both_artifacts_require_the_same_python(other: str, bad: int) -> None:
    lines = found(evidence(packed("sdist", held=metadata(python=other)), packed()))
    assert [one for one in lines if "say different `requires-python`" in one] == lines
    assert len(lines) == bad


def test_each_member_that_differs_is_named() -> None:
    changes = [Changed(member="greeting/a.txt", how="missing"), Changed(member="greeting/b.txt", how="content")]
    first, second = found(evidence(changed=changes))
    assert first.endswith("is not that of the tree: greeting/a.txt is not in it")
    assert second.endswith("is not that of the tree: greeting/b.txt has another content in it")


def test_many_members_of_a_folder_are_one_finding() -> None:
    changes = [Changed(member=f"greeting/{number}.txt", how="missing") for number in range(9)]
    (one,) = found(evidence(changed=changes))
    assert one.endswith("greeting/4.txt and 4 more are not in it")


def test_a_wheel_of_another_name_differs() -> None:
    (one,) = found(evidence(again="greeting-1.3-py3-none-any.whl"))
    assert one.startswith("PKG007 : the wheel built from the source distribution is greeting-1.3-")


@pytest.mark.parametrize(
    ("who", "version", "bad"),
    [("the file name", "1.2.0", 0), ("`__version__` of greeting", "1.3", 1), ("CITATION.cff", "", 1), ("a", "x", 1)],
)
def test_versions_are_compared_as_pep_440_has_them(who: str, version: str, bad: int) -> None:
    assert len(found(evidence(versions=[said(who, version, path="a.py", line=2)]))) == bad


def test_of_several_tags_one_has_to_agree() -> None:
    tags = [said("the tag v1", "1", tag=True), said("the tag v1.2", "1.2", tag=True)]
    assert found(evidence(versions=tags)) == []
    (one,) = found(evidence(versions=tags[:1]))
    assert one == "PKG010 : the tag v1 says 1, and the version is 1.2"


@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 3))
def test_trailing_zeros_make_no_other_version(major: int, minor: int, zeros: int) -> None:
    assert versions.same(f"{major}.{minor}", f"v{major}.{minor}{'.0' * zeros}")
    assert not versions.same(f"{major}.{minor}", f"{major}.{minor + 1}")


@pytest.mark.parametrize(
    ("logged", "version", "tag", "bad"),
    [
        (log(entry=True), "1.2", True, 0),
        (log(pending=True), "1.2", False, 0),
        (log(pending=True), "1.2", True, 1),
        (log(), "1.2", False, 1),
        (log(), "1.3.dev4+gabc", False, 0),
        (log(entry=True, waits=True), "1.2", True, 1),
        (log(entry=True, waits=True), "1.2", False, 0),
        (log(entry=True, day="2026-01-02"), "1.2", True, 0),
        (log(entry=True, day="2199-01-02"), "1.2", True, 1),
    ],
)
def test_the_changelog_has_the_version(logged: Any, version: str, tag: bool, bad: int) -> None:
    held = metadata(version=version)
    tags = [said(f"the tag v{version}", version, tag=True)] if tag else []
    facts = evidence(packed("sdist", held=held), packed("wheel", held=held), changelog=logged, versions=tags)
    assert [one[:22] for one in found(facts)] == ["PKG011 CHANGELOG.md:3 "] * bad


def test_a_day_to_come_is_a_plan_before_the_tag() -> None:
    (one,) = decided(evidence(changelog=log(entry=True, day="2199-01-02"))).findings
    assert (one.rule, one.severity) == ("PKG011", "warning")
    assert one.message.endswith("is of 2199-01-02, which is in the future")


def test_a_day_that_has_begun_in_another_time_zone_is_not_to_come() -> None:
    tomorrow = (law.NOON + timedelta(days=1)).date().isoformat()
    tags = [said("the tag v1.2", "1.2", tag=True)]
    assert found(evidence(changelog=log(entry=True, day=tomorrow), versions=tags)) == []


def test_a_changelog_that_is_asked_for_and_not_there_is_missing() -> None:
    nothing = msgspec.structs.replace(log(), path="", asked=True, line=None)
    (one,) = found(evidence(changelog=nothing))
    assert one.startswith("PKG011 : the file that `changelog`")


def classifiers(*names: str) -> tuple[str, ...]:
    return tuple(f"License :: OSI Approved :: {name}" for name in names)


def licensed(*names: str, path: str = "LICENSE", wheel: bool = True, sdist: bool = True) -> Licence:
    return Licence(path=path, names=counted(names), in_wheel=wheel, in_sdist=sdist)


def of_licence(held: Any, *files: Licence) -> list[str]:
    return found(evidence(packed("sdist", held=held), packed("wheel", held=held), licences=files))


@pytest.mark.parametrize("expression", ["MITT", "MIT AND", "MIT OR Apache 2", "mit and-or isc"])
def test_an_expression_that_is_none(expression: str) -> None:
    (one,) = of_licence(metadata(expression=expression))
    assert one.startswith(f"PKG004 : the licence expression {expression!r} is not valid")


@pytest.mark.parametrize(
    ("held", "files"),
    [
        (metadata(expression="MIT", classifiers=classifiers("MIT License")), [licensed("MIT")]),
        (
            metadata(expression="Apache-2.0 OR BSD-2-Clause"),
            [licensed("Apache-2.0", path="LICENSE.APACHE"), licensed()],
        ),
        (metadata(expression="Apache-2.0 OR MIT", classifiers=classifiers("MIT License")), [licensed("Apache-2.0")]),
        (metadata(expression="GPL-3.0-or-later WITH GCC-exception-3.1"), [licensed("GPL-3.0")]),
        (metadata(expression="HPND"), [licensed("MIT")]),
        (metadata(expression="MIT"), [licensed("Apache-2.0", path="LICENSE-THIRD-PARTY"), licensed("MIT")]),
        (metadata(expression="", licence="a text of a licence " * 20), [licensed("MIT")]),
        (metadata(expression="", classifiers=["License :: OSI Approved"]), [licensed("MIT")]),
        (metadata(expression="", classifiers=classifiers("BSD License")), [licensed("BSD-3-Clause")]),
        (metadata(expression="LicenseRef-Proprietary"), [licensed("MIT")]),
        (metadata(expression="LicenseRef-Own", classifiers=["License :: Other/Proprietary License"]), []),
    ],
)
def test_licences_that_agree(held: Any, files: list[Licence]) -> None:
    assert of_licence(held, *files) == []


@pytest.mark.parametrize(
    ("held", "files", "said_of"),
    [
        (
            metadata(expression="MIT", classifiers=classifiers("Apache Software License")),
            [],
            "the classifier says Apache",
        ),
        (
            metadata(expression="MIT", classifiers=["License :: Other/Proprietary License"]),
            [],
            "the classifier says Other/Proprietary",
        ),
        (
            metadata(expression="", licence="MIT", classifiers=classifiers("Eclipse Public License 2.0 (EPL-2.0)")),
            [],
            "the classifier says Eclipse",
        ),
        (metadata(expression="MIT"), [licensed("Apache-2.0")], "the text of LICENSE is that of Apache-2.0"),
        (metadata(expression="", licence="MIT"), [licensed("GPL-3.0")], "is that of GPL-3.0, and the licence is MIT"),
        (
            metadata(expression="", classifiers=classifiers("MIT License")),
            [licensed("ISC")],
            "the licence is MIT License",
        ),
    ],
)
def test_licences_that_disagree(held: Any, files: list[Licence], said_of: str) -> None:
    (one,) = of_licence(held, *files)
    assert one.startswith("PKG005")
    assert said_of in one


def test_wheel_and_source_distribution_say_one_licence() -> None:
    (one,) = found(evidence(packed("sdist", held=metadata(expression="ISC")), packed()))
    assert one == "PKG005 : wheel and source distribution say different licences: ISC and MIT"


def test_a_licence_file_that_is_not_shipped() -> None:
    (one,) = of_licence(metadata(), licensed("MIT", wheel=False, sdist=False))
    assert one == "PKG006 LICENSE: LICENSE is not in the wheel and not in the source distribution"


@pytest.mark.parametrize(
    ("kind", "name", "there"),
    [
        ("wheel", "greeting-1.2.dist-info/licenses/sub/LICENSE", True),
        ("wheel", "greeting-1.2.dist-info/LICENSE", True),
        ("wheel", "greeting/LICENSE", False),
        ("sdist", "sub/LICENSE", True),
        ("sdist", "other/LICENSE", False),
    ],
)
def test_a_licence_file_that_the_metadata_names_is_there(kind: Any, name: str, there: bool) -> None:
    named = msgspec.structs.replace(metadata(), license_files=counted(("sub/LICENSE",)))
    other = packed("sdist" if kind == "wheel" else "wheel")
    lines = found(evidence(packed(kind, name, held=named), other))
    assert [one[:7] for one in lines] == ([] if there else ["PKG006 "])


@pytest.mark.parametrize("expression", ["GPL-2.0", "LGPL-3.0+ AND MIT"])
def test_a_deprecated_identifier_is_a_warning(expression: str) -> None:
    held = metadata(expression=expression)
    (one,) = decided(evidence(packed("sdist", held=held), packed("wheel", held=held))).findings
    assert (one.rule, one.severity) == ("PKG004", "warning")


def test_a_glob_that_matches_nothing() -> None:
    (one,) = found(
        evidence(patterns=[Pattern(glob="LICENCE*", line=8, matches=0), Pattern(glob="L*", line=8, matches=1)])
    )
    assert one == "PKG006 pyproject.toml:8 `license-files` names 'LICENCE*', which matches no file"


def test_every_text_that_is_recognised_can_be_judged() -> None:
    from gates.builtin.packaging import licensing

    assert set(licensing.TEXTS) == licences.KNOWN


PYTHON = "Programming Language :: Python :: "


@pytest.mark.parametrize(
    ("python", "listed", "bad"),
    [
        (">=3.11", (), []),
        (">=3.11", ("3", "3 :: Only"), []),
        (">=3.11", ("3.11", "3.12"), []),
        ("", ("3.8",), []),
        (">=3.8.1", ("3.8", "3.9"), []),
        ("!=3.0.*,!=3.1.*,>=2.7", ("2.7", "3.8"), []),
        ("!=3.0.*,!=3.1.*,>=2.7", ("3.8",), ["3.2"]),
        (">=2.7", ("2.7",), []),
        (">=3.10", ("3.8", "3.10"), ["3.8"]),
        (">=3.8,<3.11", ("3.8", "3.11"), ["3.11", "JUDGED"]),
        (">=3.9", ("3.10", "3.11"), ["3.9"]),
        (">=3.12", (), ["JUDGED"]),
        ("3.x", (), ["'3.x' is no version specifier"]),
        (">=3.11", ("2",), ["names Python 2, which"]),
        (">=2.7", ("2", "2.7", "3 :: Only"), ["says Python 3 only, and"]),
        (">=2.7", ("2", "2.7", "3"), []),
        ("<3", ("2", "3"), ["names Python 3, which", "JUDGED"]),
    ],
)
def test_pythons_agree(python: str, listed: tuple[str, ...], bad: list[str]) -> None:
    held = metadata(python=python, classifiers=[PYTHON + one for one in listed])
    lines = found(evidence(packed("sdist", held=held), packed("wheel", held=held)))
    assert len(lines) == len(bad)
    for wanted in bad:
        assert any(("the judged Python is 3.11.7" if wanted == "JUDGED" else wanted) in one for one in lines)
    assert all(one.startswith("PKG015 pyproject.toml:9 ") for one in lines)


def test_a_development_version_of_python_is_one() -> None:
    held = metadata(python=">=3.14")
    facts = evidence(
        packed("sdist", held=held), packed("wheel", held=held), pythons=Pythons(judged="3.15.0a1", line=None)
    )
    assert found(facts) == []


def test_compiled_code_is_not_for_every_platform() -> None:
    (one,) = found(evidence(packed("sdist"), packed("wheel", "greeting/a.so")))
    assert one == f"PKG015 : {WHEEL} is tagged for every platform and holds compiled code: greeting/a.so"
    name = "greeting-1.2-cp311-cp311-linux_x86_64.whl"
    tagged = packed("wheel", "greeting/a.so", tags=["cp311-cp311-linux_x86_64"], named=name)
    assert found(evidence(packed("sdist"), tagged, again=name)) == []


@pytest.mark.parametrize(("python", "bad"), [(">=3.11", 1), (">=2.7", 0), ("", 0), ("nothing", 0)])
def test_a_tag_for_a_python_that_is_ruled_out(python: str, bad: int) -> None:
    held = metadata(python=python)
    universal = packed("wheel", held=held, tags=["py2-none-any", "py3-none-any"])
    lines = [one for one in found(evidence(packed("sdist", held=held), universal)) if "tagged py2-none-any" in one]
    assert len(lines) == bad


def complaint(tool: Any, code: str, *, mild: bool = False, path: str | None = None, subject: str = WHEEL) -> Complaint:
    return Complaint(tool=tool, code=code, message="it is wrong", path=path, line=None, subject=subject, mild=mild)


@pytest.mark.parametrize(
    ("tool", "code", "rule"),
    [
        ("twine", "content-type-missing", "PKG001"),
        ("check-wheel-contents", "W007", "PKG002"),
        ("validate-pyproject", "project.version", "PKG003"),
        ("validate-pyproject", "project.license", "PKG004"),
    ],
)
def test_what_a_tool_says_is_a_finding_with_its_code(tool: str, code: str, rule: str) -> None:
    (one,) = decided(evidence(complaints=[complaint(tool, code)])).findings
    assert (one.rule, one.tool_rule, one.severity) == (rule, f"{tool}:{code}", "error")


def test_what_is_mild_only_warns() -> None:
    decision = decided(evidence(complaints=[complaint("check-wheel-contents", "W009", mild=True)]))
    assert [one.severity for one in decision.findings] == ["warning"]
    assert verdict_of(decision) == "passed"


def test_what_twine_says_of_both_is_said_once() -> None:
    twice = [complaint("twine", "other", subject=name) for name in (SDIST, WHEEL)]
    (one,) = found(evidence(complaints=twice))
    assert one == f"PKG001 : {SDIST} and {WHEEL}: it is wrong"


def tried(what: Any, name: str, *, passed: bool = True) -> Tried:
    return Tried(what=what, name=name, passed=passed, message="" if passed else "no module named x")


@pytest.mark.parametrize(("what", "rule"), [("install", "PKG014"), ("import", "PKG013"), ("script", "PKG012")])
def test_a_trial_that_fails(what: str, rule: str) -> None:
    trials = [tried("install", WHEEL), tried(what, "greet", passed=False)]
    (one,) = found(evidence(tried=trials, smoked=True), smoke=True)
    assert one.startswith(f"{rule} : greet ")
    assert one.endswith(": no module named x")


def test_trials_that_were_asked_for_and_are_not_there_are_undecided() -> None:
    assert verdict_of(decided(evidence(), smoke=True)) == "undecided"
    assert verdict_of(decided(evidence(smoked=True), smoke=True)) == "undecided"
    assert verdict_of(decided(evidence(smoked=True, tried=[tried("install", WHEEL)]), smoke=True)) == "passed"


NAMES = st.sampled_from(["greeting/__init__.py", "tests/a.py", ".env", "a/__pycache__/b.pyc", "x.pem", "a.so"])
MEMBERS = st.builds(member, NAMES, key=st.booleans(), kind=st.sampled_from(["file", "folder", "link"]))
METADATA = st.builds(
    metadata,
    version=st.sampled_from(["1.2", "1.2.0", "1.10", "2.dev1", "x"]),
    python=st.sampled_from(["", ">=3.8", ">=3.12", "nothing"]),
    classifiers=st.lists(st.sampled_from([f"{PYTHON}3.8", *classifiers("MIT License", "BSD License")]), max_size=2),
    expression=st.sampled_from(["", "MIT", "MITT", "Apache-2.0 OR MIT"]),
)


@st.composite
def facts(draw: st.DrawFn) -> PackagingEvidence:
    def one(kind: Any) -> Any:
        names: list[Member] = draw(st.lists(MEMBERS, min_size=1, max_size=3))
        return packed(kind, *names, held=draw(METADATA), escaping=draw(st.lists(NAMES, max_size=1)))

    return evidence(
        one("sdist"),
        one("wheel"),
        versions=draw(
            st.lists(st.builds(said, NAMES, st.sampled_from(["1.2", "1.10"]), tag=st.booleans()), max_size=2)
        ),
        changelog=log(entry=draw(st.booleans()), pending=draw(st.booleans())),
        changed=draw(st.lists(st.builds(Changed, member=NAMES, how=st.sampled_from(["missing", "added"])), max_size=2)),
        licences=draw(st.lists(st.builds(licensed, st.sampled_from(["MIT", "ISC"]), wheel=st.booleans()), max_size=1)),
    )


@settings(max_examples=25, deadline=None)
@given(facts())
def test_losing_evidence_never_makes_it_better(held: PackagingEvidence) -> None:
    assert law.breaches(PackagingGate(), held, PackagingSettings(smoke=False)) == []


@settings(deadline=None)
@given(facts())
def test_the_decision_is_the_same_after_json(held: PackagingEvidence) -> None:
    again = msgspec.json.decode(encode(held), type=PackagingEvidence)
    assert encode(decided(again)) == encode(decided(held))


def test_a_version_that_lost_its_end_is_no_evidence() -> None:
    text = encode(evidence(versions=[said("the tag v1.20", "1.20", tag=True)])).replace(b'"1.20"', b'"1.2"')
    with pytest.raises(msgspec.ValidationError, match="its seal does not match"):
        msgspec.json.decode(text, type=PackagingEvidence)
