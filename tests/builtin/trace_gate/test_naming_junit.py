"""JUnit: node ids out of classes, outcomes as different tools write them, and whose outcome of several counts."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.trace.naming.collected import Collected, Shift
from gates.builtin.trace.naming.junit import Places, UnreadableJUnitError, read, worst
from gates.builtin.trace.naming.tests import Ids, sources
from gates.model.evidence import counted
from gates.model.tested import Result

PLACES = Places(["tests/unit/test_a.py", "lib/tests/test_b.py", "other/test_c.py", "more/test_c.py"])


@pytest.mark.parametrize(
    ("classname", "name", "file", "nodeid"),
    [
        ("tests.unit.test_a", "test_x[1.2]", None, "tests/unit/test_a.py::test_x[1.2]"),
        ("tests.unit.test_a.TestB.TestC", "test_x", None, "tests/unit/test_a.py::TestB::TestC::test_x"),
        ("tests.test_b.TestD", "test_y", None, "lib/tests/test_b.py::TestD::test_y"),
        ("test_c", "test_z", None, "test_c::test_z"),  # two files may be meant
        ("pkg.test_q.TestE", "test_z", "./pkg/test_q.py", "pkg/test_q.py::TestE::test_z"),
        ("web.cart", "adds", "web/cart.ts", "web.cart::adds"),
        ("", "alone", None, "alone"),
    ],
)
def test_node_ids(classname: str, name: str, file: str | None, nodeid: str) -> None:
    assert PLACES.nodeid(classname, name, file) == nodeid


@pytest.mark.parametrize(
    ("inner", "outcome"),
    [
        ("", "passed"),
        ("<failure/>", "failed"),
        ("<error/><failure/>", "error"),
        ("<skipped/>", "skipped"),
        ('<skipped type="pytest.xfail"/>', "xfailed"),
        ("<rerunFailure/>", "flaky"),
    ],
)
def test_outcomes(inner: str, outcome: str) -> None:
    run = read(f'<testsuite><testcase name="a">{inner}</testcase></testsuite>'.encode(), PLACES)
    assert [(one.id, one.outcome) for one in run.cases] == [("a", outcome)]


def test_a_case_that_did_not_run_says_so_by_its_status() -> None:
    run = read(b'<testsuite><testcase name="a" status="notrun"/></testsuite>', PLACES)
    assert run.cases[0].outcome == "skipped"


def test_requirements_are_properties_or_their_text() -> None:
    data = (
        b'<testsuites timestamp="2026-01-01T00:00:00"><testsuite><testcase name="a"><properties>'
        b'<property name="Requirement">CE-1 CE-2</property><property name="requirement_id" value="CE-2;CE-3"/>'
        b'<property name="colour" value="CE-9"/></properties></testcase></testsuite></testsuites>'
    )
    run = read(data, PLACES)
    assert (run.cases[0].requirements, run.at) == (("CE-1", "CE-2", "CE-3"), "2026-01-01T00:00:00")


@given(st.binary(max_size=60) | st.text(alphabet="<>/testsuicae =\"'&;", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(UnreadableJUnitError):
        assert read(data, PLACES).cases


@pytest.mark.parametrize(
    ("outcomes", "counts"),
    [
        (["passed", "failed"], "failed"),
        (["skipped", "passed"], "passed"),
        (["xfailed", "skipped"], "xfailed"),
        ([None, "skipped"], "skipped"),
        ([None], None),
        ([], None),
    ],
)
def test_the_outcome_that_counts(outcomes: list[str | None], counts: str | None) -> None:
    assert worst(outcomes) == counts


def result(nodeid: str, path: str | None) -> Result:
    nothing: tuple[str, ...] = ()
    return Result(
        id=nodeid, outcome="passed", reruns=0, message="", path=path, line=1, failures=counted(()),
        markers=counted(nothing), requirements=counted(nothing), covers=counted(()),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("nodeid", "path", "local"),
    [
        ("tests/a.py::test_x", "tests/a.py", "tests/a.py::test_x"),
        ("sub/tests/a.py::test_x", "tests/a.py", "tests/a.py::test_x"),
        ("a.py::test_x", "tests/a.py", "tests/a.py::test_x"),
        ("a.py::test_x", None, "a.py::test_x"),
        ("a.py::test_x", "site-packages/b.py", "a.py::test_x"),
    ],
)
def test_ids_are_from_the_projects_root(nodeid: str, path: str | None, local: str) -> None:
    assert Shift.of([result(nodeid, path)]).local(nodeid) == local


def test_the_nearest_is_looked_for_by_words_and_by_letters() -> None:
    there = Collected(("t/test_a.py::test_retry_backoff_is_clamped", "t/test_b.py::test_sortd"), {})
    assert there.nearest("t/test_x.py::test_backoff_clamped") == "t/test_a.py::test_retry_backoff_is_clamped"
    assert there.nearest("t/test_b.py::test_sorted") == "t/test_b.py::test_sortd"
    assert there.nearest("t/test_b.py::test_nothing_alike") == ""
    assert there.nearest("u/test_z.py::test_sortd") == "t/test_b.py::test_sortd"


def test_ids_in_names_and_docstrings() -> None:
    ids = Ids.of(["CE-7", "CE-70", "login", "REQ_1.2"])
    assert list(ids.in_name("test_ce_7_is_stable")) == ["CE-7"]
    assert list(ids.in_name("test_ce7")) == ["CE-7"]
    assert list(ids.in_name("test_ce_71_and_login")) == []
    assert list(ids.in_name("test_place_7")) == []
    assert list(ids.in_text("CE-7, ce-8 and CE-99 like UTF-8, x/CE-70")) == ["CE-7", "CE-99"]
    assert list(Ids.of([]).in_name("test_ce_7")) == []


def test_sources_are_told_apart_by_class_and_condition() -> None:
    text = (
        "if True:\n    def test_a(): pass\nclass TestB:\n    'CE-7'\n    @mark\n    async def test_c(self): pass\n"
        "x = 'def test_d(): CE-7'\n"
    )
    held = sources(text, Ids.of(["CE-7"]))
    assert {name: (one.line, one.named) for name, one in held.items()} == {
        "test_a": (2, ()),
        "TestB::test_c": (6, (("CE-7", "docstring"),)),
    }
    assert held["test_a"].digest != held["TestB::test_c"].digest
    assert sources(text.replace("@mark", "@other"), Ids.of([]))["TestB::test_c"].digest != held["TestB::test_c"].digest
    assert sources("def broken(:", Ids.of([])) == {}
