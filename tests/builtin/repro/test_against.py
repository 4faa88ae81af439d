"""Published artifacts beside rebuilds: by real builds of a project, with what was published changed in one way each."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.builtin.built import system
from gates.builtin.repro import against
from gates.builtin.repro.against import artifacts
from gates.builtin.repro.facts import Published
from gates.builtin.repro.gate import ReproGate
from gates.model.evidence import Refusal
from gates.model.reason import Reason
from gates.testing.run import context
from support.repro_projects import BACKEND, project, published

WHEEL, SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return project(tmp_path / "project")


def compare(
    root: Path, *named: str, offline: bool = True, environ: dict[str, str] | None = None, **keys: Any
) -> tuple[Published, ...] | Refusal:
    given = context(root, ReproGate(), environ=environ, against=named, **keys)
    given.world = msgspec.structs.replace(given.world, offline=offline)
    built_by = system.of(given.project)
    assert not isinstance(built_by, Refusal)
    assert not isinstance(given.python, Refusal)
    return against.collect(given, given.python, built_by)


def rows(found: tuple[Published, ...] | Refusal) -> tuple[Published, ...]:
    assert not isinstance(found, Refusal), found
    return found


def refused(found: tuple[Published, ...] | Refusal) -> Reason:
    assert isinstance(found, Refusal)
    return found.reason


def rezipped(path: Path, change: Callable[[zipfile.ZipInfo, bytes], tuple[zipfile.ZipInfo, bytes]]) -> None:
    """Write a wheel anew with each member changed."""
    with zipfile.ZipFile(path) as old:
        members = [(info, old.read(info)) for info in old.infolist()]
    with zipfile.ZipFile(path, "w") as new:
        for info, content in members:
            new.writestr(*change(info, content))


def with_mode(info: zipfile.ZipInfo, content: bytes) -> tuple[zipfile.ZipInfo, bytes]:
    info.external_attr = 0o100664 << 16
    return info, content


def with_older(info: zipfile.ZipInfo, content: bytes) -> tuple[zipfile.ZipInfo, bytes]:
    if info.filename == "demo.py":
        info.date_time = (2020, 1, 1, 0, 0, 0)
    return info, content


def with_content(info: zipfile.ZipInfo, content: bytes) -> tuple[zipfile.ZipInfo, bytes]:
    return info, content + b"Y = 2\n" if info.filename == "demo.py" else content


def test_what_was_built_of_the_same_source_is_equal_in_every_bit(root: Path, tmp_path: Path) -> None:
    published(root, tmp_path / "dist", epoch=1_600_000_000)
    sdist, wheel = sorted(rows(compare(root, "../dist")), key=lambda one: one.kind)
    assert (sdist.verdict, wheel.verdict) == ("bit-equal", "bit-equal")
    assert (sdist.name, wheel.name) == (SDIST, WHEEL)
    assert sdist.sha256 == sdist.rebuilt != wheel.sha256 == wheel.rebuilt
    assert (sdist.epoch, wheel.epoch) == (1_600_000_000, 1_600_000_000)
    assert (sdist.generator, wheel.generator) == ("made 1.0", "made 1.0")
    assert {sdist.source, wheel.source} == {"../dist"}
    assert not (*sdist.differences.items, *wheel.differences.items)


@pytest.mark.parametrize(
    ("change", "verdict", "attributes"),
    [
        (with_mode, "content-equal", {"mode"}),
        (with_older, "content-equal", {"mtime"}),
        (with_content, "different", {"content"}),
    ],
)
def test_what_differs_is_told_and_decides(
    root: Path, tmp_path: Path, change: Any, verdict: str, attributes: set[str]
) -> None:
    path = published(root, tmp_path / "dist") / WHEEL
    rezipped(path, change)
    (row,) = rows(compare(root, f"../dist/{WHEEL}"))
    assert row.verdict == verdict
    assert {one.attribute for one in row.differences.items} == attributes
    assert {one.factor for one in row.differences.items} == {"unexplained"}
    assert row.sha256 != row.rebuilt


def test_other_compressed_bytes_are_no_other_content(root: Path, tmp_path: Path) -> None:
    path = published(root, tmp_path / "dist") / SDIST
    data = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(data, compresslevel=1, mtime=1_600_000_000))
    (row,) = rows(compare(root, f"../dist/{SDIST}"))
    assert row.verdict == "content-equal"
    assert {one.attribute for one in row.differences.items} <= {"gzip-header", "compressed"}
    assert row.generator == ""


def test_modes_of_the_checkout_are_not_those_of_the_rebuild(root: Path, tmp_path: Path) -> None:
    following = BACKEND.replace("0o100644 << 16", "os.stat('demo.py').st_mode << 16")
    (root / "_build" / "made.py").write_text(following)
    (root / "demo.py").chmod(0o644)
    published(root, tmp_path / "dist")
    (root / "demo.py").chmod(0o600)
    (row,) = rows(compare(root, f"../dist/{WHEEL}"))
    assert row.verdict == "bit-equal"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_the_umask_of_whoever_looks_is_not_that_of_the_rebuild(root: Path, tmp_path: Path) -> None:
    following = BACKEND.replace("0o100644 << 16", "mode() << 16")
    following += "\n\ndef mode():\n    Path('new').write_text('')\n    return os.stat('new').st_mode\n"
    (root / "_build" / "made.py").write_text(following)
    before = os.umask(0o022)
    try:
        published(root, tmp_path / "dist")
        (root / "new").unlink()
        os.umask(0o077)
        (row,) = rows(compare(root, f"../dist/{WHEEL}"))
    finally:
        os.umask(before)
    assert row.verdict == "bit-equal"


def renamed(name: str) -> Callable[[Path], str]:
    return lambda folder: shutil.copyfile(folder / WHEEL, folder / name).name


def emptied(folder: Path) -> str:
    (folder / WHEEL).write_bytes(b"")
    return WHEEL


def without_members(folder: Path) -> str:
    with zipfile.ZipFile(folder / WHEEL, "w"):
        pass
    return WHEEL


def escaping(folder: Path) -> str:
    with tarfile.open(folder / SDIST, "w:gz") as archive:
        info = tarfile.TarInfo("../evil")
        archive.addfile(info, io.BytesIO())
    return SDIST


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (renamed("demo-2.0-py3-none-any.whl"), "evidence_foreign", "is version 2.0, and this tree builds 1.0"),
        (renamed("other-1.0-py3-none-any.whl"), "evidence_foreign", "is of other, and this project builds demo"),
        (renamed("demo.whl"), "evidence_foreign", "demo.whl has no name of a wheel"),
        (emptied, "evidence_corrupt", f"{WHEEL} is not safe to read: is empty"),
        (without_members, "evidence_corrupt", "has no member with a time"),
        (escaping, "evidence_corrupt", f"{SDIST} is not safe to read"),
        (lambda _: "no-such.whl", "evidence_missing", "there is no ../dist/no-such.whl to compare with"),
    ],
)
def test_what_cannot_be_compared_with_is_refused(
    root: Path, tmp_path: Path, spoil: Callable[[Path], str], code: str, said: str
) -> None:
    name = spoil(published(root, tmp_path / "dist"))
    reason = refused(compare(root, f"../dist/{name}"))
    assert reason.code == code
    assert said in reason.message
    assert str(tmp_path) not in reason.message


def test_a_folder_without_what_is_built_is_refused(root: Path, tmp_path: Path) -> None:
    (published(root, tmp_path / "dist") / WHEEL).unlink()
    reason = refused(compare(root, "../dist", artifacts=("wheel",)))
    assert reason.code == "evidence_missing"
    assert reason.message == "../dist holds no wheel to compare with"


def test_a_rebuild_that_fails_is_refused(root: Path, tmp_path: Path) -> None:
    published(root, tmp_path / "dist")
    (root / "demo.py").unlink()
    reason = refused(compare(root, f"../dist/{WHEEL}"))
    assert reason.message.startswith(f"{WHEEL} could not be rebuilt: ")


def test_a_rebuild_that_is_not_safe_to_read_is_refused(root: Path, tmp_path: Path) -> None:
    published(root, tmp_path / "dist")
    text = (root / "_build" / "made.py").read_text()
    (root / "_build" / "made.py").write_text(text.replace('"demo.py": Path', '"../demo.py": Path'))
    reason = refused(compare(root, f"../dist/{WHEEL}"))
    assert reason.code == "evidence_corrupt"
    assert reason.message.startswith(f"{WHEEL} and its rebuild cannot be compared: ")


def test_a_project_that_builds_no_name_of_an_artifact_is_refused(root: Path, tmp_path: Path) -> None:
    published(root, tmp_path / "dist")
    text = (root / "_build" / "made.py").read_text()
    (root / "_build" / "made.py").write_text(text.replace('"demo-1.0-py3-none-any.whl"', '"demo.whl"'))
    reason = refused(compare(root, f"../dist/{WHEEL}"))
    assert (reason.code, "demo.whl" in reason.message) == ("evidence_foreign", True)


def without_generator(info: zipfile.ZipInfo, content: bytes) -> tuple[zipfile.ZipInfo, bytes]:
    return info, content.replace(b"Generator: made 1.0\n", b"")


def test_a_wheel_without_a_generator_is_rebuilt_by_todays_backend(root: Path, tmp_path: Path) -> None:
    rezipped(published(root, tmp_path / "dist") / WHEEL, without_generator)
    (row,) = rows(compare(root, f"../dist/{WHEEL}"))
    assert (row.generator, row.verdict) == ("", "different")
    assert "dist-info/WHEEL" in " ".join(one.member for one in row.differences.items)


def test_a_backend_that_cannot_be_had_is_refused(root: Path, tmp_path: Path) -> None:
    published(root, tmp_path / "dist")
    text = (root / "pyproject.toml").read_text()
    (root / "pyproject.toml").write_text(text.replace("requires = []", 'requires = ["made"]'))
    environ = {"PIP_NO_INDEX": "1"}
    reason = refused(compare(root, f"../dist/{WHEEL}", environ=environ))
    assert reason.message.startswith(f"{WHEEL} was built by made 1.0, which cannot be had: ")


def index(folder: Path) -> dict[str, str]:
    """Variables with which pip knows this folder, and no index."""
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": folder.as_uri(), "PIP_CONFIG_FILE": os.devnull}


def test_a_release_is_fetched_and_compared(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("unearth")
    folder = published(root, tmp_path / "dist")
    found = rows(compare(root, "Demo==1.0.0", offline=False, environ=index(folder)))
    assert {one.name: one.verdict for one in found} == {WHEEL: "bit-equal", SDIST: "bit-equal"}
    assert {one.source for one in found} == {"Demo==1.0.0"}


def test_only_what_the_gate_builds_is_compared(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("unearth")
    folder = published(root, tmp_path / "dist")
    found = rows(compare(root, "demo==1.0", offline=False, environ=index(folder), artifacts=("wheel",)))
    assert [one.name for one in found] == [WHEEL]
    (folder / WHEEL).unlink()
    reason = refused(compare(root, "demo==1.0", offline=False, environ=index(folder), artifacts=("wheel",)))
    assert (reason.code, "was published without a wheel" in reason.message) == ("evidence_missing", True)


def test_a_release_that_is_not_there_is_refused(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("unearth")
    folder = published(root, tmp_path / "dist")
    reason = refused(compare(root, "demo==9.0", offline=False, environ=index(folder)))
    assert (reason.code, "no release demo==9.0" in reason.message) == ("evidence_missing", True)


def test_a_yanked_release_is_refused(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("unearth")
    folder = published(root, tmp_path / "dist")
    (folder / "index.html").write_text(f'<a href="{WHEEL}" data-yanked="it &lt;breaks&gt;">{WHEEL}</a>')
    environ = index(folder) | {"PIP_FIND_LINKS": (folder / "index.html").as_uri()}
    reason = refused(compare(root, "demo==1.0", offline=False, environ=environ))
    assert reason.code == "evidence_foreign"
    assert reason.message == f"{WHEEL} was yanked from the index: it <breaks>"


def test_an_index_that_does_not_answer_is_no_network(root: Path) -> None:
    pytest.importorskip("unearth")
    environ = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull}
    reason = refused(compare(root, "demo==1.0", offline=False, environ=environ))
    assert reason.code == "network_unavailable"
    assert reason.message.startswith("demo==1.0 could not be fetched: ")


def test_a_file_that_is_not_what_the_index_says_is_corrupt(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("unearth")
    folder = published(root, tmp_path / "dist")
    (folder / "index.html").write_text(f'<a href="{WHEEL}#sha256={"0" * 64}">{WHEEL}</a>')
    environ = index(folder) | {"PIP_FIND_LINKS": (folder / "index.html").as_uri()}
    assert refused(compare(root, "demo==1.0", offline=False, environ=environ)).code == "evidence_corrupt"


def test_offline_nothing_is_fetched(root: Path) -> None:
    reason = refused(compare(root, "demo==1.0"))
    assert reason.code == "network_unavailable"


def test_a_release_of_another_project_is_refused_before_it_is_fetched(root: Path) -> None:
    reason = refused(compare(root, "other==1.0"))
    assert (reason.code, reason.message) == ("evidence_foreign", "other==1.0 is of other, and this project is demo")


def test_without_what_fetches_it_is_refused(root: Path) -> None:
    reason = refused(compare(root, "demo==1.0", offline=False, environ={"GATES_HIDE": "unearth"}))
    assert reason.code == "tool_missing"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("bdist_wheel (0.43.0)", {"wheel": "0.43.0", "setuptools": artifacts.LAST_WITHOUT}),
        ("setuptools (75.6.0)", {"setuptools": "75.6.0"}),
        ("flit 3.12.0", {"flit-core": "3.12.0", "flit": "3.12.0"}),
        ("hatchling 1.27.0", {"hatchling": "1.27.0"}),
        ("poetry-core 2.1.3", {"poetry-core": "2.1.3"}),
        ("poetry 1.0.10", {"poetry-core": "1.0.10", "poetry": "1.0.10"}),
        ("pdm-backend (2.4.9)", {"pdm-backend": "2.4.9"}),
        ("pdm-pep517 1.1.4", {"pdm-pep517": "1.1.4"}),
        ("maturin (1.7.4)", {"maturin": "1.7.4"}),
        ("uv 0.9.1", {"uv-build": "0.9.1", "uv": "0.9.1"}),
        ("scikit-build-core 0.10.7", {"scikit-build-core": "0.10.7"}),
        ("meson", {}),
        ("made by hand", {}),
        ("tool 1.x.y.z!", {}),
        ("", {}),
    ],
)
def test_a_generator_stands_for_versions(line: str, expected: dict[str, str]) -> None:
    assert artifacts.pins(line) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("demo==1.0", ("demo", "1.0")),
        ("De.mo_x == 1.0.post1", ("De.mo_x", "1.0.post1")),
        ("demo==v1.0", ("demo", "1.0")),
        ("dist/demo==1.0", None),
        ("demo==1.*", None),
        ("demo===1.0", None),
        ("demo==one", None),
        ("dist", None),
        ("demo-1.0.tar.gz", None),
    ],
)
def test_a_release_is_told_from_a_path(source: str, expected: tuple[str, str] | None) -> None:
    assert artifacts.release(source) == expected


def test_of_several_wheels_the_one_by_the_own_backend_is_taken() -> None:
    def wheel(name: str, generator: str) -> artifacts.Artifact:
        return artifacts.Artifact(
            source="x==1", path=Path(name), kind=artifacts.kind_of(name), project="x", version="1", sha256="",
            generator=generator, epoch=0,
        )  # fmt: skip

    compiled, pure = wheel("x-1-cp312-cp312-any.whl", "setuptools (80.0)"), wheel("x-1-py3-none-any.whl", "flit 3.12")
    sdist = wheel("x-1.tar.gz", "")
    assert artifacts.comparable([compiled, pure, sdist], ["flit_core >=3.2,<4"]) == [pure, sdist]
    assert artifacts.comparable([compiled, pure, sdist], ["setuptools>=61"]) == [compiled, sdist]
    assert artifacts.comparable([compiled, sdist], ["hatchling"]) == [compiled, sdist]
    assert artifacts.comparable([sdist], ["hatchling"]) == [sdist]
