"""Which file of the project a path of the data is: from other machines too, and nobody's where that is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.coverage.paths import mapped, printed

ROOT = Path("/srv/project")
NAMES = st.sampled_from(["a", "b", "app", "src", "core", "x", "App", "m", "__init__", "util"])
TREES = st.lists(
    st.tuples(st.lists(NAMES, max_size=3), NAMES).map(lambda one: "/".join([*one[0], f"{one[1]}.py"])),
    min_size=1,
    max_size=12,
    unique_by=str.casefold,
)
ROOTS = st.lists(st.sampled_from(["a", "src", "home", "app", "ci", "project"]), min_size=1, max_size=3)


def one(path: str, *files: str) -> str | None:
    return mapped([path], files, ROOT)[path]


def all_of(paths: Sequence[str], *files: str) -> list[str | None]:
    found = mapped(paths, files, ROOT)
    return [found[path] for path in paths]


@settings(deadline=None)
@given(tree=TREES, root=ROOTS)
def test_a_tree_that_was_moved_maps_back(tree: list[str], root: list[str]) -> None:
    moved = {"/" + "/".join([*root, file]): file for file in tree}
    assert mapped(moved, tree, ROOT) == moved


@settings(deadline=None)
@given(tree=TREES, root=ROOTS, data=st.data())
def test_of_a_part_of_a_tree_nothing_is_taken_for_another_file(
    tree: list[str], root: list[str], data: st.DataObject
) -> None:
    part = data.draw(st.lists(st.sampled_from(tree), unique=True))
    moved = {"/" + "/".join([*root, file]): file for file in part}
    found = mapped(moved, tree, ROOT)
    assert {path: file for path, file in found.items() if file}.items() <= moved.items()


@settings(deadline=None)
@given(tree=TREES, root=ROOTS, upper=st.booleans())
def test_windows_spelling_makes_no_difference(tree: list[str], root: list[str], upper: bool) -> None:
    # Of names that differ in case only, another case says less.
    files = [file.casefold() for file in tree]
    posix = ["/" + "/".join([*root, file]) for file in files]
    windows = [str(PureWindowsPath("D:/", *root, file)) for file in files]
    assert all_of([path.upper() if upper else path for path in windows], *files) == all_of(posix, *files) == files


@settings(deadline=None)
@given(tree=TREES)
def test_paths_under_the_actual_root_are_exact(tree: list[str]) -> None:
    assert mapped([f"{ROOT}/{file}" for file in tree], tree, ROOT) == {f"{ROOT}/{file}": file for file in tree}
    assert mapped(tree, tree, ROOT) == {file: file for file in tree}
    assert set(mapped([f"{ROOT}/gone/{file}" for file in tree], tree, ROOT).values()) <= {
        file for file in tree if file.startswith("gone/")
    } | {None}


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("src/app/m.py", "src/app/m.py"),
        ("./src/app/m.py", "src/app/m.py"),
        ("src/x/../app/m.py", "src/app/m.py"),
        ("src\\app\\m.py", "src/app/m.py"),
        (".\\SRC\\app\\M.py", "src/app/m.py"),
        ("SRC/app/m.py", "src/app/m.py"),
        ("SRC/m.py", None),
        ("/srv/project/src/app/m.py", "src/app/m.py"),
        ("/srv/project/./src//app/m.py", "src/app/m.py"),
        ("/srv/project/.venv/src/app/m.py", None),
        ("/srv/project/m.py", None),
        ("D:\\a\\app\\app\\src\\app\\m.py", "src/app/m.py"),
        ("d:/a/app/src/app/m.py", "src/app/m.py"),
        ("\\\\?\\D:\\a\\src\\app\\M.PY", "src/app/m.py"),
        ("\\\\server\\share\\src\\app\\m.py", "src/app/m.py"),
        ("/home/runner/work/p/p/src/app/m.py", "src/app/m.py"),
        ("/home/runner/work/p/p/SRC/app/m.py", "src/app/m.py"),
        ("/code/app/m.py", "src/app/m.py"),
        ("/usr/lib/python3.11/src/app/m.py", None),
        ("C:\\Python\\Lib\\site-packages\\app\\m.py", None),
        ("/venv/lib/python3.12/site-packages/app/m.py", None),
        ("/usr/lib/python3/dist-packages/app/m.py", None),
        ("/tmp/pytest-1/test_0/other.py", None),
        ("/tmp/pytest-1/test_0/m.py", None),
        ("", None),
        ("/", None),
        (".", None),
        ("<string>", None),
    ],
)
def test_one_path(path: str, file: str | None) -> None:
    assert one(path, "src/app/m.py", "src/app/n.py", "src/app/__init__.py", "README.md") == file


def test_names_of_other_case_are_nobodys_where_two_are_alike() -> None:
    assert one("D:\\ci\\app\\M.PY", "app/m.py", "app/M.py") is None
    assert one("D:\\ci\\app\\m.py", "app/m.py", "app/M.py") == "app/m.py"


def test_a_package_alone_is_not_guessed_into_another() -> None:
    assert one("/ci/b/sub/__init__.py", "a/__init__.py", "a/sub/__init__.py") is None
    assert one("sub/__init__.py", "a/sub/__init__.py") is None
    assert one("/ci/b/sub/m.py", "a/__init__.py", "a/sub/__init__.py", "a/sub/m.py") is None
    assert one("/ci/sub/m.py", "a/sub/m.py", "b/sub/m.py") is None


def test_the_root_under_which_most_files_are_there_wins() -> None:
    files = ["lib/app/m.py", "lib/app/n.py", "lib/app/o.py", "vendored/build/lib/app/m.py"]
    paths = [f"/ci/build/{file}" for file in files[:3]]
    assert all_of(paths, *files) == files[:3]


def test_two_roots_that_are_alike_are_nobodys() -> None:
    files = [f"{top}/app/{name}.py" for top, names in (("src", "mno"), ("lib", "mnp")) for name in names]
    assert all_of([f"/ci/app/{name}.py" for name in "mnop"], *files) == [None] * 4


def test_overlapping_names_are_not_doubled() -> None:
    """With rules by hand this became `code/sub/sub/mod.py` (coveragepy#608)."""
    files = ["code/sub/mod.py", "code/sub/__init__.py", "code/mod.py"]
    assert all_of(["/ci/sub/code/sub/mod.py", "/ci/sub/code/mod.py"], *files) == ["code/sub/mod.py", "code/mod.py"]


def test_files_that_are_gone_do_not_stop_the_others_and_are_nobodys() -> None:
    files = ["src/app/m.py", "src/app/n.py", "src/app/o.py", "src/other/gone.py"]
    paths = [*(f"/ci/{file}" for file in files[:3]), "/ci/src/app/gone.py", "/ci/src/gone.py"]
    assert all_of(paths, *files) == [*files[:3], None, None]


def test_sources_and_tests_may_lie_together_elsewhere() -> None:
    files = ["src/core/a.py", "src/core/b.py", "tests/test_a.py", "src/x/gen/z.py"]
    paths = ["/app/core/a.py", "/app/core/b.py", "/app/tests/test_a.py", "/app/gen/z.py"]
    assert all_of(paths, *files) == [*files[:3], None]


def test_the_library_is_not_the_project_for_one_name() -> None:
    files = ["src/app/json/__init__.py", "src/app/json/decoder.py", "src/app/m.py"]
    theirs = [f"C:\\Python\\Lib\\json\\{name}.py" for name in ("__init__", "decoder", "encoder", "scanner", "tool")]
    assert all_of(theirs, *files) == [None] * 5


def test_bare_names_count_only_where_there_is_nothing_better() -> None:
    assert one("/ci/m.py", "m.py", "n.py") == "m.py"
    assert all_of(["/ci/m.py", "/ci/other.py"], "m.py", "n.py") == [None, None]
    assert all_of([f"{ROOT}/n.py", "/tmp/x/m.py"], "m.py", "n.py") == ["n.py", None]
    assert all_of(["/ci/p/app/a.py", "/tmp/x/m.py"], "app/a.py", "m.py") == ["app/a.py", None]
    assert one("D:\\a\\app\\m.py", "src/app/m.py", "m.py") is None


def test_a_flat_directory_of_another_name_is_ours_where_both_have_the_same_files() -> None:
    assert all_of(["/code/m.py", "/code/n.py"], "src/m.py", "src/n.py", "README.md") == ["src/m.py", "src/n.py"]
    assert all_of(["/code/m.py", "/code/n.py"], "src/m.py", "src/n.py", "src/o.py") == [None, None]
    assert all_of(["/code/m.py", "/code/x.py"], "src/m.py", "src/n.py") == [None, None]


def test_copies_of_a_few_files_that_tests_make_are_not_the_project() -> None:
    files = [f"src/app/{name}.py" for name in "klmnopqrs"]
    copies = ["/tmp/pytest-0/test_a0/src/app/m.py", "/tmp/pytest-0/test_a0/src/app/n.py"]
    for root in (f"{ROOT}/", "/home/runner/p/", ""):
        assert all_of([*(f"{root}{file}" for file in files), *copies], *files) == [*files, None, None]
    assert all_of(copies, *files) == ["src/app/m.py", "src/app/n.py"]


def test_a_few_files_on_another_system_are_no_copy() -> None:
    files = [f"src/app/{name}.py" for name in "klmnopqrs"]
    few = ["D:\\a\\p\\src\\app\\m.py"]
    assert all_of([*(f"{ROOT}/{file}" for file in files), *few], *files) == [*files, "src/app/m.py"]


def test_parts_of_the_project_may_be_in_places_of_their_own() -> None:
    files = ["web/src/app/m.py", "web/src/app/n.py", "web/src/app/o.py", "jobs/src/run/a.py"]
    paths = ["/web/app/m.py", "/web/app/n.py", "/web/app/o.py", "/jobs/run/a.py"]
    assert all_of(paths, *files) == files


def test_a_project_that_is_a_package_itself_is_found() -> None:
    files = ["__init__.py", "a.py", "sub/b.py"]
    assert all_of([*(f"/ci/pkg/{file}" for file in files), "/opt/x.py"], *files) == [*files, None]


def test_several_machines_in_one_report() -> None:
    files = ["src/app/m.py", "src/app/n.py"]
    paths = [
        "/home/r/p/src/app/m.py",
        "D:\\a\\p\\src\\app\\m.py",
        "d:\\A\\p\\src\\app\\n.py",
        "/Users/r/p/src/app/n.py",
    ]
    found = mapped(paths, files, ROOT)
    assert list(found.values()) == ["src/app/m.py", "src/app/m.py", "src/app/n.py", "src/app/n.py"]
    assert printed(found) == (
        "/Users/r/p -> . (1 file)",
        "/home/r/p -> . (1 file)",
        "D:\\A\\p -> . (1 file)",
        "D:\\a\\p -> . (1 file)",
    )


def test_the_mapping_is_printed_by_roots() -> None:
    files = ["src/app/m.py", "src/app/n.py", "src/app/o.py"]
    found = mapped(["/code/app/m.py", "/code/app/n.py", "src/app/o.py", "/usr/x.py", "/usr/y.py"], files, ROOT)
    assert printed(found) == ("/code -> src (2 files)", "/usr/x.py and 1 more -> no file of the project")
    assert printed(mapped(files, files, ROOT)) == ()
    assert printed({"/x.py": None}) == ("/x.py -> no file of the project",)


def test_the_root_may_be_named_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for root in ("real", "link"):
        assert mapped([str(tmp_path / "real/m.py")], ["m.py"], tmp_path / root) == {str(tmp_path / "real/m.py"): "m.py"}
    assert mapped([str(tmp_path / "link/n/m.py")], ["m.py"], tmp_path / "link") == {str(tmp_path / "link/n/m.py"): None}
