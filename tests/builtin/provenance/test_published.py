"""What others have published: real bundles of sigstore, verified offline, and refused under another identity.

They are not kept here. `GATES_PUBLISHED_BUNDLES` names a folder with them; else those are taken that the source
distribution of pypi-attestations holds, which the index has. Without either the tests say so and are skipped. The
bundle of the wheel is among the assets of sigstore's own tests, and in no distribution.
"""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from gates.builtin.attested import dists as files
from gates.builtin.attested import expected, opening
from gates.builtin.provenance import commands
from gates.builtin.provenance.commands import Asked
from gates.builtin.repro.against import fetching_child

VARIABLE = "GATES_PUBLISHED_BUNDLES"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SDIST = "pypi_attestations-0.0.19.tar.gz"
COMMIT = "08802efe1f8e5fec4ad842d6b8ce97656092ee72"
WHEEL = "rfc8785-0.1.2-py3-none-any.whl"
BUNDLE = "bundle_v3_github.whl.sigstore"
"""The bundle that was published with that wheel, as sigstore's own tests call it."""

RELEASE = ("pypi-attestations", "0.0.30")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that could be had."""
    folder = tmp_path_factory.mktemp("assets")
    given = os.environ.get(VARIABLE)
    if given:
        shutil.copytree(given, folder, dirs_exist_ok=True)
        return folder
    name, version = RELEASE
    answer = fetching_child.main(name, version, sys.version.split()[0], str(tmp_path_factory.mktemp(name)))
    for one in answer.get("files", ()):
        if str(one["path"]).endswith(".tar.gz"):
            _assets(Path(one["path"]), folder)
    return folder


def _assets(sdist: Path, folder: Path) -> None:
    """The files of its tests, flat."""
    with tarfile.open(sdist) as archive:
        for member in archive:
            held = archive.extractfile(member) if "/test/assets/" in member.name and member.isfile() else None
            if held is not None:
                (folder / Path(member.name).name).write_bytes(held.read())


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.getbasetemp()))


@pytest.fixture
def release(assets: Path, tmp_path: Path) -> Path:
    """A published source distribution with its SLSA and PEP 740 attestations beside it."""
    return _laid(assets, tmp_path, {SDIST: SDIST, **{f"{SDIST}{end}": f"{SDIST}{end}" for end in ENDS}})


ENDS = (".provenance", ".publish.attestation", ".slsa.attestation")


def _laid(assets: Path, folder: Path, names: dict[str, str]) -> Path:
    missing = [name for name in names if not (assets / name).is_file()]
    if missing:
        pytest.skip(
            f"{missing[0]} could not be had: set {VARIABLE} to a folder that has it, or let the index be reached"
        )
    for name, under in names.items():
        shutil.copy(assets / name, folder / under)
    return folder


def asked(*dists: Path, **other: Any) -> Asked:
    held: dict[str, Any] = {
        "dists": tuple(map(str, dists)),
        "attestations": (),
        "public_key": "",
        "builder": "",
        "repository": "trailofbits/pypi-attestations",
        "workflow": "release.yml",
        "ref": "refs/tags/v0.0.19",
        "issuer": commands.ISSUER,
        "commit": COMMIT,
        "version": "0.0.19",
        "kind": "provenance",
        "max_days": None,
        "report": "",
        "gates": (),
        "byproducts": (),
    }
    return Asked(**{**held, **other})


def slugs(question: Asked) -> set[str]:
    return {one.slug for one in commands.verify(question, NOW).judged.objections}


def test_a_published_release_is_verified(release: Path) -> None:
    found = commands.verify(asked(release / SDIST), NOW)
    assert found.judged.objections == ()
    assert {one.kind for one in found.judged.believed} == {"provenance", "publish"}


@pytest.mark.parametrize(
    ("other", "slug"),
    [
        ({"repository": "trailofbits/other"}, "repository-wrong"),
        ({"workflow": "ci.yml"}, "workflow-wrong"),
        ({"ref": "refs/tags/v0.0.20"}, "ref-wrong"),
        ({"ref": "refs/heads/main"}, "ref-wrong"),
        ({"issuer": "https://accounts.example"}, "issuer-wrong"),
        ({"commit": "0" * 40}, "commit-wrong"),
        ({"version": "0.0.20"}, "version-wrong"),
        ({"max_days": 30.0}, "expired"),
    ],
)
def test_a_published_release_is_refused_under_another_identity(release: Path, other: dict[str, Any], slug: str) -> None:
    assert slugs(asked(release / SDIST, **other)) == {slug}


def test_a_published_release_of_which_a_byte_is_changed_is_refused(release: Path) -> None:
    with (release / SDIST).open("ab") as file:
        file.write(b"x")
    assert slugs(asked(release / SDIST)) == {"subject-digest"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"signature":"M', b'"signature":"N'),
        (b'"statement":"ey', b'"statement":"ez'),
        (b'"logIndex":"', b'"logIndex":"9'),
    ],
)
def test_a_published_attestation_of_which_a_part_is_changed_is_refused(
    release: Path, before: bytes, after: bytes
) -> None:
    place = release / f"{SDIST}.slsa.attestation"
    data = place.read_bytes()
    assert before in data
    place.write_bytes(data.replace(before, after, 1))
    assert slugs(asked(release / SDIST, attestations=(str(place),))) <= {"bundle-unverified", "bundle-malformed"}
    assert slugs(asked(release / SDIST, attestations=(str(place),)))


def test_no_flipped_bit_of_a_published_attestation_changes_what_is_believed(release: Path) -> None:
    """A few bits are bound by nothing (the log's name beside its signature, spare bits of base64), and say nothing."""
    place = release / f"{SDIST}.slsa.attestation"
    data = place.read_bytes()
    question = asked(release / SDIST, attestations=(str(place),))
    trust = expected.workflow(question.repository, question.workflow, question.ref)
    dists = files.read([release / SDIST])
    whole = opening.opened([place], trust, None, dists)
    (one,) = whole
    assert one.payload
    assert all(who.at for who in one.identity.items)
    assert one.identity.count == 1
    chance, survived = Random(740), 0
    log = data.index("\N{EM DASH} rekor.sigstore.dev".encode())
    loose = [(log + at, 8) for at in range(4, 12)]
    for at, bit in [*loose, *((chance.randrange(len(data)), 1 << chance.randrange(8)) for _ in range(400))]:
        place.write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
        if not commands.verify(question, NOW).judged.objections:
            # The whole of it: statement, claims of the certificate, and the time.
            assert opening.opened([place], trust, None, dists) == whole
            survived += 1
    assert 0 < survived < len(loose) + 8


def test_a_published_bundle_without_a_statement_is_verified(assets: Path, tmp_path: Path) -> None:
    _laid(assets, tmp_path, {WHEEL: WHEEL, BUNDLE: f"{WHEEL}.sigstore"})
    question = asked(
        tmp_path / WHEEL,
        repository="trailofbits/rfc8785.py",
        ref="refs/tags/v0.1.2",
        commit="d8b4a6445f38c48b9137a8099706d9b8073146e4",
        version="0.1.2",
        kind="signature",
    )
    assert slugs(question) == set()
    assert slugs(msgspec.structs.replace(question, kind="provenance")) == {"provenance-missing"}
    assert slugs(msgspec.structs.replace(question, workflow="ci.yml")) == {"workflow-wrong"}
    (tmp_path / WHEEL).write_bytes(b"forged")
    assert slugs(question) == {"subject-digest"}
