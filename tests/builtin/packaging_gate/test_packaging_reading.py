"""What is read of artifacts, licence files, versions and changelogs."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.built.artifact import Artifact, Kind
from gates.builtin.packaging import licensing, reading, recorded, stated, unpacking
from gates.builtin.packaging.reading import Opened
from gates.model.reason import Reason
from gates.project import facts
from gates.testing import project
from support import repositories
from support.packaging_projects import GREETING, MIT

INFO = "greeting-1.2.dist-info"
METADATA = "Metadata-Version: 2.4\nName: greeting\nVersion: 1.2\nLicense-Expression: MIT\nClassifier: A\n\nText\n"


def artifact(path: Path, kind: Kind) -> Artifact:
    return Artifact(kind=kind, path=path, sha256="00", size=path.stat().st_size)


def wheel(folder: Path, files: Mapping[str, str | bytes]) -> Artifact:
    folder.mkdir(exist_ok=True)
    path = folder / "greeting-1.2-py3-none-any.whl"
    held = {f"{INFO}/METADATA": METADATA, f"{INFO}/WHEEL": "Tag: py3-none-any\n", f"{INFO}/RECORD": "", **files}
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in held.items():
            archive.writestr(name, text)
    return artifact(path, "wheel")


def sdist(folder: Path, files: Mapping[str, str], *links: tuple[str, str]) -> Artifact:
    path = folder / "greeting-1.2.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
        for name, target in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return artifact(path, "sdist")


def opened(one: Artifact) -> Opened:
    found = reading.opened(one)
    assert not isinstance(found, Reason), found
    return found


def test_a_wheel_as_facts(tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----"
    held = opened(wheel(tmp_path, {"greeting/__init__.py": "", "greeting/a.pem": key, "greeting/b.py": key}))
    assert (held.packed.metadata.version, held.packed.metadata.expression) == ("1.2", "MIT")
    assert held.packed.tags.items == ("py3-none-any",)
    assert [one.name for one in held.packed.members.items if one.key] == ["greeting/a.pem"]


def test_a_source_distribution_as_facts_has_no_folder_around_it(tmp_path: Path) -> None:
    made = sdist(tmp_path, {"greeting-1.2/PKG-INFO": METADATA, "greeting-1.2/a.py": ""}, ("greeting-1.2/b", "/etc"))
    held = opened(made).packed
    assert [(one.name, one.kind, one.target) for one in held.members.items] == [
        ("PKG-INFO", "file", ""),
        ("a.py", "file", ""),
        ("b", "link", "/etc"),
    ]
    assert held.escaping.items == ("greeting-1.2/b",)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"no archive"])
def test_what_is_no_archive_is_a_reason(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "greeting-1.2-py3-none-any.whl"
    path.write_bytes(content)
    found = reading.opened(artifact(path, "wheel"))
    assert isinstance(found, Reason)
    assert found.message.startswith("greeting-1.2-py3-none-any.whl ")


def test_an_artifact_without_metadata_is_a_reason(tmp_path: Path) -> None:
    found = reading.opened(sdist(tmp_path, {"greeting-1.2/a.py": ""}))
    assert isinstance(found, Reason)
    assert found.message == "greeting-1.2.tar.gz has no PKG-INFO"


def test_wheels_are_compared_member_by_member(tmp_path: Path) -> None:
    one = opened(wheel(tmp_path / "a", {"a.py": "1", "b.py": "1", "d.so": "1", f"{INFO}/RECORD": "a"}))
    other = opened(wheel(tmp_path / "b", {"a.py": "2", "c.py": "1", "d.so": "2", f"{INFO}/RECORD": "b"}))
    found = [(change.member, change.how) for change in reading.changed(one, other)]
    assert found == [("a.py", "content"), ("b.py", "missing"), ("c.py", "added")]
    assert reading.changed(one, one) == ()


@given(st.binary(max_size=300))
def test_metadata_of_any_kind_can_be_read(data: bytes) -> None:
    held = reading.metadata(data)
    assert isinstance(held.version, str)


@pytest.mark.parametrize(
    ("files", "links", "said"),
    [
        ({"a/PKG-INFO": "", "b/c": ""}, (), "has 2 entries at its top"),
        ({"PKG-INFO": ""}, (), "has 1 entries at its top"),
        ({"a/PKG-INFO": ""}, (("a/b", "../../c"),), "leads outside of its folder"),
    ],
)
def test_a_source_distribution_that_cannot_be_unpacked(
    tmp_path: Path, files: Mapping[str, str], links: tuple[tuple[str, str], ...], said: str
) -> None:
    with pytest.raises(unpacking.NotUnpacked, match=said):
        unpacking.unpack(sdist(tmp_path, files, *links).path, tmp_path / "out")


def test_a_source_distribution_is_unpacked(tmp_path: Path) -> None:
    made = sdist(tmp_path, {"greeting-1.2/PKG-INFO": "", "greeting-1.2/a/b.py": "1"})
    root = unpacking.unpack(made.path, tmp_path / "out")
    assert (root.name, (root / "a/b.py").read_text("utf-8")) == ("greeting-1.2", "1")


TEXTS = [
    (MIT, ("MIT",)),
    ("Apache License\n   Version 2.0, January 2004\n", ("Apache-2.0",)),
    ("# GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007", ("GPL-3.0",)),
    ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", ("LGPL-3.0",)),
    ("Mozilla Public License Version 2.0\n====\n\n1. Definitions", ("MPL-2.0",)),
    ("All rights reserved.", ()),
    ("This software is under the MIT licence or the Apache License, Version 2.0.", ()),
]
BSD = "Redistribution and use in source and binary forms, with or without modification, are permitted provided that:\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        *TEXTS,
        (BSD, ("BSD-2-Clause",)),
        (f"{BSD}may be used to endorse or promote products\nderived from this software", ("BSD-3-Clause",)),
    ],
)
def test_well_known_texts(text: str, wanted: tuple[str, ...]) -> None:
    assert licensing.identified(text) == wanted


def root_of(tmp_path: Path, files: Mapping[str, str]) -> facts.Project:
    return facts.find(project.write(tmp_path / "project", files))


NAMED = '[project]\nname = "greeting"\nversion = "1"\n'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (NAMED, ["COPYING", "LICENSE", "LICENSE-MIT.txt"]),
        (NAMED + 'license-files = ["legal/*"]\n', ["legal/a.txt"]),
        (NAMED + "license-files = []\n", ["COPYING", "LICENSE", "LICENSE-MIT.txt"]),
        (NAMED + 'license = {file = "legal/a.txt"}\n', ["legal/a.txt"]),
        (NAMED + 'license = {file = "nowhere"}\n', []),
        (NAMED + 'license = {file = "../outside"}\n', []),
    ],
)
def test_licence_files_of_a_project(tmp_path: Path, text: str, wanted: list[str]) -> None:
    names = ("COPYING", "LICENSE", "LICENSE-MIT.txt", "license.py", "legal/a.txt", "src/LICENSE")
    held = root_of(tmp_path, {"pyproject.toml": text, **dict.fromkeys(names, "x")})
    assert [one.path for one in licensing.files(held, [])] == wanted


def test_globs_that_match_nothing_are_known_by_their_lines(tmp_path: Path) -> None:
    text = NAMED + 'license-files = [\n  "LICENSE*",\n  "LICENCE",\n]\n'
    held = root_of(tmp_path, {"pyproject.toml": text, "LICENSE": "x"})
    found = [(one.glob, one.line, one.matches) for one in licensing.patterns(held)]
    assert found == [("LICENSE*", 5, 1), ("LICENCE", 6, 0)]


def test_a_licence_file_is_found_by_its_text_or_its_name(tmp_path: Path) -> None:
    held = root_of(tmp_path, {"pyproject.toml": NAMED, "LICENSE": "one", "COPYING": "two", "LICENSE.txt": "three"})
    made = opened(wheel(tmp_path / "w", {f"{INFO}/licenses/LICENSE": "another", "greeting/legal": "two"}))
    found = {one.path: (one.in_wheel, one.in_sdist) for one in licensing.files(held, [made])}
    assert found == {"LICENSE": (True, False), "COPYING": (True, False), "LICENSE.txt": (False, False)}


DIGEST = "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(b"x").digest()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("record", "wrong"),
    [
        (f"a.py,{DIGEST},1\nR,,\n", []),
        ("R,,\n", ["a.py"]),
        (f"a.py,{DIGEST},1\nb.py,{DIGEST},1\n", ["b.py"]),
        ("a.py,,\n", ["a.py"]),
        ("a.py,md5=abc,1\n", ["a.py"]),
        ("a.py,sha256=AAAA,1\n", ["a.py"]),
        ("a.py,sha256=\u00e4,1\n", ["a.py"]),
        ("", ["a.py"]),
    ],
)
def test_a_record_says_what_is_in_the_wheel(record: str, wrong: list[str]) -> None:
    contents = {"a.py": b"x", "R": record.encode(), "a-1.dist-info/RECORD.jws": b"s"}
    assert list(recorded.wrong(contents, "R")) == wrong


def versions(tmp_path: Path, files: Mapping[str, str]) -> list[tuple[str, str, str | None, int | None]]:
    held = root_of(tmp_path, {"pyproject.toml": NAMED, **{f"src/{name}": text for name, text in files.items()}})
    made = opened(wheel(tmp_path / "w", files))
    return [(one.who, one.version, one.path, one.line) for one in stated.by_packages(held, made)]


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"greeting/__init__.py": "x = 1\n__version__ = '1.3'\n"}, ("1.3", "src/greeting/__init__.py", 2)),
        ({"greeting.py": "x = '\\d'\n__version__ = '1.3'\n"}, ("1.3", "src/greeting.py", 2)),
        ({"greeting.py": "__version__: str = '1.3'\n"}, ("1.3", "src/greeting.py", 1)),
        (
            {"greeting/__init__.py": "from ._v import v as __version__\n", "greeting/_v.py": "v = '2'\n"},
            ("2", "src/greeting/_v.py", 1),
        ),
        (
            {"greeting/__init__.py": "from greeting.at import __version__", "greeting/at.py": "__version__ = '2'"},
            ("2", "src/greeting/at.py", 1),
        ),
        ({"greeting.py": "V = '1.3'\n__version__ = V\n"}, ("1.3", "src/greeting.py", 1)),
    ],
)  # fmt: skip
def test_a_version_that_a_package_states(
    tmp_path: Path, files: Mapping[str, str], wanted: tuple[str, str, int]
) -> None:
    assert versions(tmp_path, files) == [("`__version__` of greeting", *wanted)]


@pytest.mark.parametrize(
    "text",
    [
        "__version__ = version('greeting')\n",
        "from other import __version__\n",
        "from . import __version__\n",
        "def f():\n    __version__ = '1.3'\n",
        "__version__ = '1'\n__version__ = read()\n",
        "this is no Python",
        "version = '1.3'\n",
        "V = '1'\nV = read()\n__version__ = V\n",
    ],
)
def test_a_version_that_is_not_plain_says_nothing(tmp_path: Path, text: str) -> None:
    assert versions(tmp_path, {"greeting/__init__.py": text, "greeting/sub/__init__.py": "__version__ = '9'"}) == []


def test_a_version_in_a_namespace_package(tmp_path: Path) -> None:
    files = {
        "acme/thing/__init__.py": "from acme.thing.at import __version__\n",
        "acme/thing/at.py": "__version__ = '2'\n",
        "acme/thing/sub/__init__.py": "__version__ = '9'\n",
        "loose/module.py": "",
        "loose/vendor/__init__.py": "__version__ = '8'\n",
    }
    assert versions(tmp_path, files) == [("`__version__` of acme.thing", "2", "src/acme/thing/at.py", 1)]


def test_modules_that_import_one_another_say_nothing(tmp_path: Path) -> None:
    text = "from ._v import __version__\n"
    assert versions(tmp_path, {"greeting/__init__.py": text, "greeting/_v.py": text}) == []


@pytest.mark.parametrize(
    ("name", "version"),
    [("a_b-1.2-py3-none-any.whl", "1.2"), ("a-b-1.2.tar.gz", "1.2"), ("a.whl", ""), ("a-1.0.post1.zip", "1.0.post1")],
)
def test_the_version_in_a_file_name(name: str, version: str) -> None:
    assert stated.of_name(name) == version


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("v1.2", "1.2"), ("1.2", "1.2"), ("greeting-1.2", "1.2"), ("greeting-v1.2", "1.2"), ("Greeting/1.2", "1.2"),
        ("release-1.2", "1.2"), ("greeting@1.2rc1", "1.2rc1"), ("other-1.2", None), ("nightly", None), ("v1-old", None),
        ("libs/greeting/v1.2", "1.2"),
    ],
)  # fmt: skip
def test_tags_that_name_a_release(tmp_path: Path, tag: str, version: str | None) -> None:
    root = project.write(tmp_path / "project", GREETING)
    repositories.git(root, "init", "--quiet")
    repositories.commit_all(root)
    repositories.git(root, "tag", tag)
    found = [one.version for one in stated.by_tags(facts.find(root))]
    assert found == ([] if version is None else [version])


def test_without_git_there_is_no_tag(tmp_path: Path) -> None:
    assert list(stated.by_tags(root_of(tmp_path, {"pyproject.toml": NAMED}))) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("cff-version: 1.2.0\nversion: 1.3\n", ("1.3", 2)),
        ('{"name": "a",\n "version": "1.3"}', ("1.3", 2)),
        ("__version__ = '1.3'  # it\n", ("1.3", 1)),
        ("nothing", None),
    ],
)
def test_a_file_that_names_the_version(tmp_path: Path, text: str, wanted: tuple[str, int] | None) -> None:
    (tmp_path / "a").write_text(text, "utf-8")
    found: Any = stated.by_file(tmp_path, "a")
    assert (found if found is None else (found.version, found.line)) == wanted
    assert stated.by_file(tmp_path, "b") is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# Changelog\n\n## 1.2\n\n- a\n", (True, False, 3)),
        ("# Changelog\n\n## Unreleased\n\n- a\n\n## 1.1\n\n- b\n", (False, True, 7)),
        ("# Changelog\n\n## 2026-01-02\n\n- a\n", (True, False, 3)),
    ],
)
def test_what_a_changelog_says(tmp_path: Path, text: str, wanted: tuple[bool, bool, int]) -> None:
    held = root_of(tmp_path, {"pyproject.toml": NAMED, "CHANGELOG.md": text})
    found = stated.logged(held, None, "1.2.0")
    assert (found.entry, found.pending, found.line) == wanted


@pytest.mark.parametrize(("version", "entry"), [("0.10.0", True), ("0.1", False), ("10.0", False), ("0.9.0", True)])
def test_a_list_of_versions_is_a_changelog(tmp_path: Path, version: str, entry: bool) -> None:
    held = root_of(tmp_path, {"pyproject.toml": NAMED, "CHANGELOG": "- 0.10.0: It came.\n- 0.9.0: It was.\n"})
    assert stated.logged(held, None, version).entry is entry


def test_a_changelog_that_is_named_and_not_there(tmp_path: Path) -> None:
    found = stated.logged(root_of(tmp_path, {"pyproject.toml": NAMED}), "NEWS", "1.2")
    assert (found.path, found.asked) == ("", True)
