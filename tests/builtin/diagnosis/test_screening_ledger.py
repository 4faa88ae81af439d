"""The ledger: which factors were applied, and which were not."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from diagnose.fake_laboratory import FakeLaboratory
from gates.builtin.diagnosis.screening.ledger import Ledger
from gates.builtin.diagnosis.trial import Place, Ran, Trial, trial

OUTSIDE = trial(("test_a.py::test_a",), {"directory": "outside"})
AT_A_LINE = replace(OUTSIDE, at=(Place("library.py", 3),))


class Missing(FakeLaboratory):
    """No process of it has what these trials ask for."""

    def __init__(self, without: Trial) -> None:
        super().__init__(["test_a.py::test_a"], lambda at: "passed")
        self.without = without

    def run(self, trials: Sequence[Trial]) -> list[Ran]:
        rans = [replace(one, methods={"directory": f"at {len(one.trial.at)} lines"}) for one in super().run(trials)]
        return [replace(one, missed={"directory": "why"}) if one.trial == self.without else one for one in rans]


def test_a_line_that_was_not_come_to_does_not_say_that_its_factor_was_not_applied() -> None:
    ledger = Ledger(Missing(AT_A_LINE))
    ledger.run([OUTSIDE, AT_A_LINE])
    assert (ledger.applied, ledger.missed) == ({"directory"}, {})
    assert ledger.methods == {"directory": "at 0 lines"}


def test_a_factor_that_a_whole_run_had_not_is_said_not_to_be_applied() -> None:
    ledger = Ledger(Missing(OUTSIDE))
    ledger.run([OUTSIDE])
    assert (ledger.applied, ledger.missed) == (set(), {"directory": "why"})
