"""Whether a record is about a version: by examples of the schema, and against a slow account of the same ranges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.audit.mirror.matching import Affected, Event, Package, Range, UnclearError, affects

OURS = Package(name="alpha", ecosystem="PyPI")
VERSIONS = ["0.9", "1.0.dev1", "1.0a1", "1.0rc1", "1.0", "1.0.post1", "1.1", "2.0", "2.0+local", "10.0", "1!0.1"]
"""In PEP 440's order."""


def about(*events: dict[str, str], versions: tuple[str, ...] = (), kind: str = "ECOSYSTEM") -> Affected:
    ranges = (Range(type=kind, events=tuple(Event(**one) for one in events)),) if events else ()
    return Affected(package=OURS, ranges=ranges, versions=versions)


@pytest.mark.parametrize(
    ("held", "hit", "missed"),
    [
        (about({"introduced": "0"}, {"fixed": "1.1"}), ["0.9", "1.0.post1", "1.1rc1"], ["1.1", "2.0", "1!0.1"]),
        (about({"introduced": "1.0"}, {"last_affected": "2.0"}), ["1.0", "1.1", "2.0"], ["1.0rc1", "2.0.1", "10.0"]),
        (about({"introduced": "0"}), VERSIONS, []),
        (
            about({"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "2.0"}, {"fixed": "3"}),
            ["0.9", "2.0"],
            ["1.1", "3"],
        ),
        # Whatever the order in which they are written.
        (
            about({"fixed": "3"}, {"introduced": "2.0"}, {"fixed": "1.0"}, {"introduced": "0"}),
            ["0.9", "2.0"],
            ["1.1", "3"],
        ),
        (about({"introduced": "0"}, {"limit": "1.0"}), ["0.9"], ["1.0", "2.0"]),
        # A build with a label of its own is built of the release, unless the record names labels.
        (about({"introduced": "1.0"}, {"last_affected": "2.0"}), ["2.0+cpu"], ["2.0.1+cpu"]),
        (about(versions=("2.0",)), ["2.0+cpu"], ["2.0.1+cpu"]),
        (about({"introduced": "0"}, {"fixed": "2.0+patched"}, versions=("1.0+a",)), ["2.0"], ["2.0+patched"]),
        (about({"introduced": "0"}, {"fixed": "2.0"}), ["1.9+cpu"], ["2.0+cpu"]),
        (about(versions=("1.0", "not-a-version")), ["1.0", "1.0.0"], ["1.1"]),
        (about({"introduced": "5"}, {"fixed": "6"}, versions=("1.0",)), ["1.0", "5.5"], ["6"]),
    ],
)
def test_examples(held: Affected, hit: list[str], missed: list[str]) -> None:
    assert [one for one in hit if not affects(held, one)] == []
    assert [one for one in missed if affects(held, one)] == []


@pytest.mark.parametrize(
    "held",
    [
        about(),
        about({"introduced": "0"}, {"fixed": "abc"}, kind="GIT"),
        about({"fixed": "1.0"}),
        about({"introduced": "0"}, {"fixed": "no version"}),
    ],
)
def test_what_nobody_can_tell_is_no_no(held: Affected) -> None:
    with pytest.raises(UnclearError):
        affects(held, "1.0")


@given(st.lists(st.sampled_from(range(len(VERSIONS))), min_size=2, max_size=6, unique=True), st.randoms())
def test_ranges_one_after_the_other(ends: list[int], random: object) -> None:
    """Pairs of introduced and fixed, in any order, are the versions between them."""
    ends = sorted(ends[: len(ends) // 2 * 2])
    pairs = list(zip(ends[::2], ends[1::2], strict=True))
    events = [{"introduced": VERSIONS[one]} for one, _ in pairs] + [{"fixed": VERSIONS[other]} for _, other in pairs]
    random.shuffle(events)  # type: ignore[attr-defined]
    held = about(*events)
    found = {at for at, one in enumerate(VERSIONS) if affects(held, one)}
    assert found == {at for first, end in pairs for at in range(first, end)}
