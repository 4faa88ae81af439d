"""The record of the gate repro: written and read back, what of it can be compared, and what is not as it says."""

from __future__ import annotations

import contextlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gates.builtin.built.package import Package
from gates.builtin.repro import record, record_file
from gates.builtin.repro.facts import Expected, Recorded, ReproEvidence
from gates.builtin.repro.record_file import DamagedError
from gates.builtin.repro.settings import ReproSettings
from gates.model.evidence import Refusal, counted
from gates.model.keeping import Keeping, Wish
from gates.model.measure import Denominator
from gates.project import facts
from support import reports
from support import repro_evidence as made

PATH = "gates-baseline/repro.json"
SETTINGS = ReproSettings()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "demo"\n')
    (tmp_path / "gates-baseline").mkdir()
    return tmp_path


def kept(root: Path, evidence: ReproEvidence, **wished: Any) -> Keeping:
    settings = wished.pop("settings", SETTINGS)
    report = reports.gate("repro", denominator=Denominator(count=1, unit="builds"))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return record.keeps(evidence, Wish(project=facts.find(root), settings=settings, report=report, now=now, **wished))


def read(root: Path, data: bytes, settings: ReproSettings = SETTINGS) -> Recorded | Refusal | None:
    (root / settings.record).write_bytes(data)
    return record.read(facts.find(root), settings)


def test_what_is_kept_is_what_is_read(root: Path) -> None:
    keeping = kept(root, made.evidence())
    assert keeping.reason is None
    ((path, data),) = keeping.files.items()
    assert path == PATH
    assert read(root, data) == made.recorded()
    assert data.endswith(b"}\n")
    shown = json.loads(data)
    assert list(shown) == sorted(shown)
    assert (shown["schema_version"], shown["gate"], shown["source_date_epoch"]) == (1, "repro", 1_600_000_000)
    assert [one["kind"] for one in shown["artifacts"]] == ["sdist", "wheel"]


def test_a_backend_in_the_tree_needs_no_package(root: Path) -> None:
    keeping = kept(root, made.evidence(toolchain=packages()))
    assert read(root, keeping.files[PATH]) == made.recorded(toolchain=packages())


def test_the_file_does_not_depend_on_the_order_of_what_was_found(root: Path) -> None:
    one = made.evidence()
    turned = replace(
        one,
        kinds=counted(one.kinds.items[::-1]),
        builds=counted(one.builds.items[::-1]),
        toolchain=replace(one.toolchain, packages=counted(one.toolchain.packages.items[::-1])),
    )
    assert kept(root, turned).files == kept(root, one).files


def test_without_a_file_there_is_no_record(root: Path) -> None:
    assert record.read(facts.find(root), SETTINGS) is None


def test_a_place_of_its_own(root: Path) -> None:
    settings = ReproSettings(record="expected.json")
    ((path, data),) = kept(root, made.evidence(), settings=settings).files.items()
    assert path == "expected.json"
    assert read(root, data, settings) == made.recorded(path="expected.json")


DATA = record_file.encode(made.recorded())


def changed(**values: Any) -> bytes:
    return json.dumps({**json.loads(DATA), **values}).encode()


def twice(name: str) -> bytes:
    held = json.loads(DATA)
    if name == "packages":
        held["toolchain"]["packages"] *= 2
    else:
        held[name] *= 2
    return json.dumps(held).encode()


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"", "evidence_corrupt", "is damaged"),
        (DATA[: len(DATA) // 2], "evidence_corrupt", "is damaged"),
        (b"\xff\xfe", "evidence_corrupt", "is damaged"),
        (b"[" * 100_000, "evidence_corrupt", "is damaged"),
        (b"<<<<<<< ours\n" + DATA, "evidence_corrupt", "merge conflict in line 1"),
        (b"[]", "evidence_foreign", "is no record of the gate repro"),
        (changed(gate="bench"), "evidence_foreign", "is no record of the gate repro"),
        (changed(schema_version=2), "schema_version_mismatch", "has schema_version 2, and this gates reads 1"),
        (changed(schema_version="1"), "schema_version_mismatch", "reads 1"),
        (changed(artifacts=[]), "evidence_corrupt", "artifacts"),
        (changed(sources="abc"), "evidence_corrupt", "sources"),
        (changed(more=1), "evidence_corrupt", "unknown field"),
        (twice("artifacts"), "evidence_corrupt", "two artifacts of one kind"),
        (twice("packages"), "evidence_corrupt", "one package twice"),
        (b" " * (record_file.LIMIT + 1), "evidence_corrupt", "are the most that is read"),
    ],
)
def test_a_record_that_cannot_be_used_is_refused_in_one_sentence(root: Path, data: bytes, code: str, said: str) -> None:
    found = read(root, data)
    assert isinstance(found, Refusal)
    assert found.reason.code == code
    assert said in found.reason.message
    assert "\n" not in found.reason.message
    assert found.reason.message.startswith(f"the record {PATH} ")
    assert "gates repro --record" in found.reason.fix


@pytest.mark.parametrize("name", ["../repro.json", "/etc/repro.json", "C:\\repro.json", "a/../../repro.json"])
def test_a_record_outside_of_the_project_is_refused(root: Path, name: str) -> None:
    settings = ReproSettings(record=name)
    found = record.read(facts.find(root), settings)
    assert isinstance(found, Refusal)
    assert found.reason.code == "tool_config_invalid"
    keeping = kept(root, made.evidence(), settings=settings)
    assert keeping.reason is not None
    assert not keeping.files


def test_a_record_that_is_no_file_is_refused(root: Path) -> None:
    (root / PATH).mkdir()
    found = record.read(facts.find(root), SETTINGS)
    assert isinstance(found, Refusal)
    assert found.reason.code == "unreadable"


def test_a_record_below_a_file_is_refused(root: Path) -> None:
    found = record.read(facts.find(root), ReproSettings(record="pyproject.toml/repro.json"))
    assert isinstance(found, Refusal)
    assert found.reason.code == "unreadable"


@given(st.integers(0, len(DATA) - 1), st.binary(max_size=3))
def test_a_damaged_record_is_refused_or_still_whole(at: int, put: bytes) -> None:
    found = None
    with contextlib.suppress(DamagedError):
        found = record_file.parse(DATA[:at] + put, PATH)
    # Only what follows the last brace can be lost.
    assert found is None or found == made.recorded()


OTHER = made.digest("other")
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "differs": ({"builds": [made.build("wheel"), made.build("wheel", "varied", sha256=OTHER)]}, "not the same"),
    "named": ({"builds": [made.build("wheel"), made.build("wheel", "varied", name="x.whl")]}, "not the same"),
    "failed": ({"builds": [made.build("wheel", problem="it hangs")]}, "made nothing: it hangs"),
    "missing": ({"builds": []}, "no wheel was built"),
    "nothing": ({"kinds": [], "builds": []}, "nothing was built"),
    "drifted": ({"drifted": ["setuptools 83.0 -> 84.0"]}, "setuptools 83.0 -> 84.0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_the_same_everywhere_is_not_recorded(root: Path, name: str) -> None:
    changes, said = REFUSED[name]
    keeping = kept(root, made.evidence(**{"kinds": ["wheel"], **changes}))
    assert keeping.reason is not None
    assert said in keeping.reason.message
    assert not keeping.files


def test_force_does_not_record_it_either(root: Path) -> None:
    changes, _ = REFUSED["differs"]
    assert kept(root, made.evidence(kinds=["wheel"], **changes), force=True).reason is not None


def test_a_factor_that_was_not_varied_is_named(root: Path) -> None:
    keeping = kept(root, made.evidence(factors=[made.factor("path"), made.factor("owner", "not here")]))
    assert keeping.files
    assert keeping.notes[-1] == "what was not varied here may change these hashes elsewhere: owner"


def test_there_is_nothing_to_prune(root: Path) -> None:
    keeping = kept(root, made.evidence(), prune=True)
    assert (keeping.files, keeping.reason) == ({}, None)
    assert keeping.notes


def with_record(**changes: Any) -> ReproEvidence:
    return made.evidence(record=[made.recorded(**changes)])


def tools(**changes: Any) -> Any:
    return replace(made.TOOLS, **changes)


def packages(*items: Package) -> Any:
    return tools(packages=counted(items))


def test_the_same_again_is_as_recorded() -> None:
    now = with_record()
    assert (record.drift(now), record.incomparable(now), record.unexpected(now)) == ((), (), ())


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (packages(replace(made.HATCHLING, version="1.26"), made.PACKAGING), "hatchling: 1.26 is recorded, 1.27.0 now"),
        (packages(made.HATCHLING), "packaging: not recorded, 25.0 now"),
        (
            packages(made.HATCHLING, made.PACKAGING, Package(name="x", version="2", sha256="")),
            "x: 2 is recorded, it is not there now",
        ),
        (packages(replace(made.HATCHLING, sha256="b" * 64), made.PACKAGING), "recorded from another file"),
        (tools(backend="flit_core.buildapi"), "the backend: flit_core.buildapi is recorded, it is hatchling.build now"),
    ],
)
def test_drift_is_told_and_no_hash_compared_with_it(then: Any, said: str) -> None:
    now = with_record(toolchain=then, expected=counted((Expected(kind="wheel", name="x.whl", sha256=OTHER),)))
    (line,) = record.drift(now)
    assert said in line
    assert record.unexpected(now) == ()


def test_an_unknown_hash_of_a_package_is_no_drift() -> None:
    assert record.drift(with_record(toolchain=packages(replace(made.HATCHLING, sha256=""), made.PACKAGING))) == ()


def test_a_record_of_other_sources_says_nothing() -> None:
    now = with_record(sources=OTHER, toolchain=packages(), expected=counted(()))
    (note,) = record.incomparable(now)
    assert note == f"the record {PATH} is of other sources, nothing is compared with it"
    assert (record.drift(now), record.unexpected(now)) == ((), ())


@pytest.mark.parametrize(
    ("changes", "said", "drifts"),
    [
        ({"toolchain": tools(python="cpython 3.11.9")}, "another interpreter (cpython 3.11.9, now cpython 3.12.4)", 0),
        ({"toolchain": tools(zlib="1.2.13")}, "another zlib (1.2.13, now 1.3.1)", 0),
        ({"toolchain": tools(platform="macosx")}, "another platform", 0),
        ({"epoch": 1_500_000_000}, "another SOURCE_DATE_EPOCH (1500000000, now 1600000000)", 0),
        ({"toolchain": tools(zlib="1.2.13", packages=counted((made.HATCHLING,)))}, "another zlib", 1),
        ({"toolchain": tools(python="pypy", packages=counted((made.HATCHLING,)))}, "another interpreter", 0),
    ],
)
def test_hashes_of_another_machine_are_a_note(changes: dict[str, Any], said: str, drifts: int) -> None:
    now = with_record(**changes, expected=counted((Expected(kind="wheel", name="x.whl", sha256=OTHER),)))
    (note,) = record.incomparable(now)
    assert said in note
    assert record.unexpected(now) == ()
    assert len(record.drift(now)) == drifts


@pytest.mark.parametrize(
    ("kind", "expected", "said"),
    [
        ("wheel", {"sha256": OTHER}, f"SHA-256 {made.digest('wheel')[:12]}, recorded is {OTHER[:12]}"),
        ("sdist", {"sha256": OTHER}, f"if it packs {PATH} itself, leave that out of it"),
        ("wheel", {"name": "demo-2.0-py3-none-any.whl"}, "expects demo-2.0-py3-none-any.whl"),
        ("wheel", None, f"the record {PATH} has no wheel"),
    ],
)
def test_what_is_not_as_recorded_is_told_with_its_kind(kind: Any, expected: dict[str, str] | None, said: str) -> None:
    left = tuple(one for one in made.recorded().expected.items if one.kind != kind)
    changed = Expected(**{"kind": kind, "name": made.NAMES[kind], "sha256": made.digest(kind), **(expected or {})})
    now = with_record(expected=counted(left if expected is None else (*left, changed)))
    ((sentence, of),) = record.unexpected(now)
    assert said in sentence
    assert of == kind


def test_what_was_not_built_is_compared_with_nothing() -> None:
    now = made.evidence(record=[made.recorded()], kinds=["wheel"], builds=[made.build("wheel", problem="it hangs")])
    assert record.unexpected(now) == ()


def test_the_digest_of_the_sources_is_not_that_of_the_record(root: Path) -> None:
    before = record.sources(facts.find(root))
    (root / PATH).write_bytes(DATA)
    (root / "expected.json").write_bytes(DATA)
    assert record.sources(facts.find(root), "expected.json") == before
    assert record.sources(facts.find(root)) != before
    shutil.rmtree(root / "gates-baseline")
    (root / "expected.json").unlink()
    assert record.sources(facts.find(root)) == before
    (root / "demo.py").write_text("")
    assert record.sources(facts.find(root)) != before


@pytest.mark.parametrize(("sources", "found"), [("sources", 1_600_000_000), ("others", None)])
def test_the_time_of_a_record_is_that_of_its_sources_only(sources: str, found: int | None) -> None:
    assert record.epoch(made.recorded(), made.digest(sources)) == found
    assert record.epoch(None, made.digest(sources)) is None


def test_a_record_of_everything_survives_evidence() -> None:
    now = with_record()
    assert msgspec.json.decode(msgspec.json.encode(now), type=ReproEvidence) == now
