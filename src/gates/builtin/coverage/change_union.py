"""Change union: what one change touched, out of what several runs of the suite say of it."""

from __future__ import annotations

from collections.abc import Sequence

from gates.builtin.coverage.facts import Changed, Near, Patch
from gates.builtin.coverage.lines import decoded, encoded
from gates.model.evidence import counted


def united(patches: Sequence[Sequence[Patch]]) -> tuple[Patch, ...]:
    """The change as all runs together measured it; none where none has a base, which is the same in each.

    Raises:
        ValueError: a set of lines is damaged.
    """
    if not patches[0]:
        return ()
    grouped: dict[str, list[Changed]] = {}
    for held in patches:
        for patch in held:
            for one in patch.files.items:
                grouped.setdefault(one.path, []).append(one)
    files = [_changed(grouped[path]) for path in sorted(grouped)]
    return (Patch(base=patches[0][0].base, files=counted(files)),)


def _changed(group: Sequence[Changed]) -> Changed:
    """One changed file: what was measured anywhere counts, and what nobody measured is only left out by all."""
    measured = any(one.measured for one in group)
    telling = [one for one in group if one.measured is measured]
    lines = touched = 0
    for one in telling:
        lines |= decoded(one.lines)
        touched |= decoded(one.touched)
    places = [one.omitted for one in group]
    return Changed(
        path=group[0].path,
        old=group[0].old,
        status=group[0].status,
        measured=measured,
        omitted=None if measured or None in places else places[0],
        count=lines.bit_count(),
        lines=encoded(lines),
        statements=touched.bit_count(),
        touched=encoded(touched),
        near=counted(_near(telling)),
    )


def _near(group: Sequence[Changed]) -> list[Near]:
    """As many tests as one run names at most, of each run the nearest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for one in group:
        for near in one.near.items:
            found.setdefault(near.function, []).append(near.tests.items)
    return [
        Near(function=name, tests=counted(_nearest(lists)))
        for name, lists in sorted(found.items(), key=lambda one: one[0])
    ]


def _nearest(lists: Sequence[tuple[str, ...]]) -> list[str]:
    most = max(map(len, lists))
    ranked = [(place, test) for tests in lists for place, test in enumerate(tests)]
    return list(dict.fromkeys(test for _, test in sorted(ranked, key=lambda one: one[0])))[:most]
