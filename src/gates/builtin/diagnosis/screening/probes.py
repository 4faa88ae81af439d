"""Probes: the circumstances in which the whole suite is run, so that each value of each factor is met at least once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from gates.builtin.diagnosis.factors import FACTORS
from gates.builtin.diagnosis.screening.ledger import Ledger
from gates.builtin.diagnosis.trial import Ran, Trial, trial

COMBINATIONS = 6
REVERSED = "reversed"
EVERYWHERE = ("hashseed", "rngseed", "clock", "umask", "listing", "cpus", "directory")
ZONES_LATE = 1  # so that a switch of the clock in Europe meets its zone, and May a zone with summer time
# A loud value, which may take many tests with it, has a combination to itself as far as that goes.
LOUD: Mapping[str, Mapping[int, str]] = {
    "environment": {1: "0", 3: "1", 5: "2"},
    "optimize": {2: "0", 4: "1"},
    "load": {3: "0", 4: "1"},  # the third value costs every processor: it is left to the search
    "network": {2: "answered", 5: "answered"},
    "user": {1: "0", 4: "1"},
}


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the screening. In process it is how the suite runs that differs, else what surrounds it."""

    name: str
    settings: Mapping[str, str]
    tests: tuple[str, ...] = ()

    @property
    def in_process(self) -> bool:
        """Whether it is the order, the turns or the workers that differ."""
        return not self.name.startswith("combination")

    @property
    def trial(self) -> Trial:
        """The trial to run."""
        return trial(self.tests, self.settings)


def plan(values: Callable[[str], Sequence[str]], tests: tuple[str, ...] = ()) -> tuple[Probe, ...]:
    """The probes beside the base: doubled, reversed, workers, and the combinations."""
    found = [Probe(name="doubled", settings={"repeat": "2"}, tests=tests)] if values("repeat") else []
    found += [Probe(name=REVERSED, settings={"order": REVERSED})] if REVERSED in values("order") else []
    found += [Probe(name="workers", settings={"parallel": number}) for number in values("parallel")[:1]]
    combined = [combination(number, values) for number in range(COMBINATIONS)]
    for number, settings in enumerate(combined):
        if settings and settings not in combined[:number]:
            found.append(Probe(name=f"combination {number + 1}", settings=settings, tests=tests))
    return tuple(found)


def combination(number: int, values: Callable[[str], Sequence[str]]) -> dict[str, str]:
    """The values of one combination: as many factors as can be had, each at another value than in the others."""
    settings = {name: _turned(values(name)[: FACTORS[name].quick], number) for name in EVERYWHERE}
    settings["timezone"] = _turned(values("timezone"), number - ZONES_LATE)
    settings["locale"] = _locale(number, values("locale"))
    for name, turns in LOUD.items():
        if number in turns:
            settings[name] = _picked(values(name), turns[number])
    return {name: value for name, value in sorted(settings.items()) if value and value != FACTORS[name].base}


def further(number: int, values: Callable[[str], Sequence[str]]) -> dict[str, str]:
    """A combination in the search for a passing value: no loud ones, and values that the screening did not have."""
    names = ("hashseed", "rngseed", "timezone", "clock")
    settings = {
        name: found[number] for name in names if (found := values(name)[FACTORS[name].quick :]) and number < len(found)
    }
    return dict(sorted(settings.items()))


def share(probes: Sequence[Probe], shard: tuple[int, int]) -> tuple[Probe, ...]:
    """The probes of one shard of so many; all shards together have all of them."""
    number, of = shard
    return tuple(probe for index, probe in enumerate(probes) if index % of == number - 1)


def halves(probe: Probe) -> tuple[Probe, ...]:
    """A combination that gave nothing as two of half its factors each; none where it cannot be parted."""
    names = list(probe.settings)
    if probe.in_process or len(names) < 2:
        return ()
    middle = len(names) // 2
    parts = ({name: probe.settings[name] for name in some} for some in (names[:middle], names[middle:]))
    return tuple(
        Probe(name=f"{probe.name}.{number}", settings=part, tests=probe.tests) for number, part in enumerate(parts, 1)
    )


def screened(ledger: Ledger, probes: Sequence[Probe]) -> tuple[list[tuple[Probe, Ran]], list[tuple[Probe, Ran]]]:
    """What came of the probes, and those that gave nothing; a combination that broke is run again in parts."""
    useful: list[tuple[Probe, Ran]] = []
    useless: list[tuple[Probe, Ran]] = []
    left = list(probes)
    while left:
        answered = list(zip(left, ledger.run([probe.trial for probe in left]), strict=True))
        left = []
        for probe, ran in answered:
            if ran.status == "done" and ran.results:
                useful.append((probe, ran))
            elif ran.status == "broken" and (parts := halves(probe)):
                left.extend(parts)
            else:
                useless.append((probe, ran))
    return useful, useless


def _turned(values: Sequence[str], number: int) -> str:
    return values[number % min(len(values), COMBINATIONS)] if values else ""


def _picked(values: Sequence[str], which: str) -> str:
    if not which.isdigit():
        return which if which in values else ""
    return values[int(which)] if int(which) < len(values) else ""


def _locale(number: int, values: Sequence[str]) -> str:
    quiet = [value for value in values if value != "ASCII"]
    if number == 0 and "ASCII" in values:
        return "ASCII"
    return _turned(quiet, number - 1)
