"""Each forgery is refused under its own name, and the page that lists them lists these."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gates.builtin.attested.refusal import REFUSALS
from support.attestations import Scene
from support.forgeries import FORGERIES
from support.forging import judged, keyless, refused

PAGE = Path(__file__).parents[3] / "docs/explanation/attestation-refusals.md"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where sigstore keeps its root of trust."""
    place = str(tmp_path_factory.getbasetemp())
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, place)


@pytest.mark.parametrize("title", FORGERIES)
def test_a_forgery_is_refused_under_its_name(title: str, tmp_path: Path) -> None:
    slug, edit = FORGERIES[title]
    assert refused(Scene(tmp_path), edit) == [slug]


def test_what_is_not_forged_is_believed(tmp_path: Path) -> None:
    found = Scene(tmp_path).verified()
    assert found.objections == ()
    assert [(one.kind, len(one.subjects)) for one in found.believed] == [("provenance", 2)]


def test_attested_results_are_believed(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    judged()(scene)
    found = scene.verified()
    assert found.objections == ()
    assert [one.kind for one in found.believed] == ["provenance", "result"]


def test_what_the_trusted_workflow_signed_is_believed(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    keyless()(scene)
    assert scene.verified().objections == ()


def test_every_refusal_has_a_forgery_that_meets_it() -> None:
    assert set(REFUSALS) - {slug for slug, _ in FORGERIES.values()} == set()


def test_the_page_lists_every_forgery_with_its_refusal() -> None:
    rows = re.findall(r"^\| (.+?) \| `([a-z0-9-]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [(title, slug) for title, (slug, _) in FORGERIES.items()]
    assert len(rows) > 30
