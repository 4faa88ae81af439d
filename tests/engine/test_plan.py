"""Which gates are judged here and now, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gates.engine.plan import Plan, draw
from gates.errors import PluginError, UsageError
from gates.model.gate import Applies
from gates.model.reason import Reason
from support.sample_gates import made
from support.sessions import request


def applying(code: Any = None) -> Any:
    def applies(self: Any, project: Any, settings: Any) -> Applies:
        reason = None if code is None else Reason(code=code, message="it is not for this project", fix="add one")
        return Applies(reason=reason, because="the project has one")

    return applies


A = made("alpha", applies=applying())
B = made("beta", applies=applying())
LEFT = made("left", applies=applying("not_configured"))
NONE = made("none", applies=applying("does_not_apply"))


def planned(root: Path, *kinds: Any, named: tuple[str, ...] = (), **flags: Any) -> Plan:
    asked = request(root, *kinds, flags=flags)
    return draw(asked.project, asked.gates, asked.config, named)


def names(plan: Plan) -> tuple[list[str], list[str]]:
    return [one.gate.name for one in plan.judged], [one.name for one in plan.not_judged]


@pytest.mark.requirement("PLN-1")
def test_without_selection_the_gates_that_apply_are_judged(tmp_path: Path) -> None:
    plan = planned(tmp_path, A, LEFT, NONE)
    assert names(plan) == (["alpha"], ["left", "none"])
    assert plan.judged[0].because == "the project has one"
    assert plan.not_judged[0].reason.code == "not_configured"


def test_a_table_asks_for_its_gate(tmp_path: Path) -> None:
    (tmp_path / "gates.toml").write_text("[left]\nmaximum = 3\n", "utf-8")
    plan = planned(tmp_path, A, LEFT)
    assert names(plan) == (["alpha", "left"], [])
    assert plan.judged[1].because == "[tool.gates.left] is there"


def test_selected_gates_are_judged_although_nobody_configured_them(tmp_path: Path) -> None:
    plan = planned(tmp_path, A, LEFT, select=("left",))
    assert names(plan) == (["left"], ["alpha"])
    assert plan.not_judged[0].reason.code == "not_selected"


@pytest.mark.requirement("PLN-2")
def test_what_does_not_apply_and_was_asked_for_is_planned_as_refused(tmp_path: Path) -> None:
    plan = planned(tmp_path, NONE, select=("none",))
    assert plan.judged[0].refused is not None
    assert plan.judged[0].refused.code == "does_not_apply"


def test_ignore_wins_over_select(tmp_path: Path) -> None:
    assert names(planned(tmp_path, A, B, select=("alpha", "beta"), ignore=("beta",))) == (["alpha"], ["beta"])


def test_a_name_on_the_command_line_wins_over_both(tmp_path: Path) -> None:
    assert names(planned(tmp_path, A, B, named=("beta",), select=("alpha",), ignore=("beta",))) == (["beta"], ["alpha"])


@pytest.mark.requirement("PLN-3")
def test_an_unknown_name_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no gate 'alhpa', did you mean 'alpha'\?"):
        planned(tmp_path, A, named=("alhpa",))


def test_a_needed_gate_is_collected_first_and_not_judged(tmp_path: Path) -> None:
    reader = made("reader", needs=("left",), applies=applying())
    plan = planned(tmp_path, reader, LEFT)
    assert [one.gate.name for one in plan.planned] == ["left", "reader"]
    assert names(plan)[0] == ["reader"]
    assert plan.planned[0].because == "reader reads its evidence"


def test_demands_reach_the_gate_that_offers_them(tmp_path: Path) -> None:
    source = made("source", offers=frozenset({"coverage"}), applies=applying())
    one = made("one", needs=("source",), demands={"source": frozenset({"coverage"})}, applies=applying())
    two = made("two", needs=("source",), demands={"source": frozenset({"moon"})}, applies=applying())
    plan = planned(tmp_path, source, one, two)
    assert plan.planned[0].demanded == {"coverage"}


def test_a_demand_of_a_gate_that_is_left_out_asks_for_nothing(tmp_path: Path) -> None:
    source = made("source", offers=frozenset({"coverage"}), applies=applying())
    one = made("one", needs=("source",), demands={"source": frozenset({"coverage"})}, applies=applying())
    assert planned(tmp_path, source, one, named=("source",)).planned[0].demanded == frozenset()


def test_a_circle_is_refused(tmp_path: Path) -> None:
    one, two = made("one", needs=("two",), applies=applying()), made("two", needs=("one",), applies=applying())
    with pytest.raises(PluginError, match="circle"):
        planned(tmp_path, one, two)


def test_a_need_that_is_not_installed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="needs a gate 'moon', which is not installed"):
        planned(tmp_path, made("one", needs=("moon",), applies=applying()))


ALWAYS = made("watch", applies=applying(), always=True)


@pytest.mark.parametrize(
    ("named", "flags"),
    [
        ((), {}),
        (("alpha",), {}),
        ((), {"select": ("alpha",)}),
        ((), {"ignore": ("watch",)}),
        ((), {"select": ("watch", "alpha"), "ignore": ("watch",)}),
    ],
)
def test_some_gates_are_judged_always(tmp_path: Path, named: tuple[str, ...], flags: dict[str, Any]) -> None:
    plan = planned(tmp_path, A, ALWAYS, named=named, **flags)
    assert names(plan) == (["alpha", "watch"], [])


def test_a_gate_that_is_judged_always_is_no_judgement_unless_it_was_asked_for(tmp_path: Path) -> None:
    plan = planned(tmp_path, LEFT, ALWAYS)
    assert plan.attendant == {"watch"}
    assert not plan.asked
    assert planned(tmp_path, LEFT, ALWAYS, named=("watch",)).attendant == frozenset()
    assert planned(tmp_path, LEFT, ALWAYS, select=("watch",)).attendant == frozenset()
