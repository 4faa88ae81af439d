"""Outside: a test that asks other machines, which a stand-in may answer in a way that no real one would."""

from __future__ import annotations

import msgspec

from gates.builtin.diagnosis.attributing.asking import Search, ask, bad, good
from gates.builtin.diagnosis.attributing.case import Case, Found, Step
from gates.builtin.diagnosis.causes import Cause

STANDS_IN = "It fails where a stand-in answers for {whom}, which says nothing of the real one."
UNREACHED = "It fails where a stand-in answers for {whom}, and the real one could not be reached."


def refuted(case: Case, cause: Cause) -> Search[Step]:
    """The cause; where it is a stand-in's answer, with the real network instead if that fails too, else a note."""
    if cause.settings.get("network") != "answered":
        return Step(cause=cause)
    whom = ", ".join(case.ledger.targets(case.nodeid, "outward")) or "other machines"
    real = {**cause.settings, "network": "real"}
    if "real" in case.ledger.values("network"):
        (once,) = yield [ask(real, 1, cause.before)]
        if once is None or (good(once) and case.ledger.targets(case.nodeid, "unreached")):
            return Step(note=UNREACHED.format(whom=whom))
        if bad(once):
            return Step(cause=msgspec.structs.replace(cause, settings=real))
    return Step(note=STANDS_IN.format(whom=whom), spoilt=cause)


def reached(case: Case) -> Search[Found | None]:
    """A test that fails without other machines: the network if it passes with them and fails again without."""
    for value in ("answered", "real"):
        if value not in case.ledger.values("network"):
            continue
        (there,) = yield [ask({"network": value}, 1)]
        if not good(there):
            continue
        again = yield [ask({}, 1), ask({}, 2), ask({"network": value}, 2)]
        if all(bad(one) for one in again[:2]) and (good(again[2]) or value == "real"):
            first = again[0]
            return Found(
                causes=(
                    Cause(
                        factors=("network",),
                        kind="external",
                        settings={"network": "off"},
                        flips=2,
                        runs=2,
                        back=1 + good(again[2]),
                        ended=first.ended if first else "failed",
                        fingerprint=first.fingerprint if first else "",
                        message=first.message if first else "",
                        passing={"network": value},
                    ),
                )
            )
    return None


def unreached(case: Case) -> str:
    """What is said of a test that asks other machines and passes with none of their answers."""
    whom = ", ".join(case.ledger.targets(case.nodeid, "outward"))
    return f"It asks {whom}, which the base refuses, and it passed with no answer that could be had." if whom else ""
