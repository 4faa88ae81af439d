"""Words: ratios, times and conditions as reports of benchmarks show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ORDER = {"regressed": 0, "inconclusive": 1, "improved": 2, "no change": 3}


def ranked(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What is not proved first, then by verdict, then by how much slower it is."""
    return sorted(rows, key=lambda row: (not row["unproved"], ORDER[row["verdict"]], -row["ratio"], row["name"]))


def change(ratio: float) -> str:
    """`+12.3 %`."""
    value = (ratio - 1) * 100
    form = "+.1f" if abs(value) < 1000 else "+.0f" if abs(value) < 1e6 else "+.1e"
    text = f"{value:{form}} %"
    return text.replace("-0.0 %", "+0.0 %")


def number(value: float) -> str:
    """`5`, `2.5`."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def control(tables: Mapping[str, Any]) -> str:
    """What base differed from itself by."""
    held = tables["control"]
    if not held["compared"]:
        return "base was not compared with itself"
    many = f"{held['compared']:,} benchmark{'' if held['compared'] == 1 else 's'}"
    alarms = "no alarm" if not held["alarms"] else f"{held['alarms']:,} alarm{'' if held['alarms'] == 1 else 's'}"
    return f"base against itself: {alarms} in {many}, spread {held['spread']:.2f} %"


def machine(tables: Mapping[str, Any]) -> str:
    """Where it was measured."""
    held = tables["machine"]
    cores = f"{held['cores']:,} core{'' if held['cores'] == 1 else 's'}"
    return ", ".join(one for one in (held["cpu"], cores, f"{held['system']} {held['arch']}", held["python"]) if one)


def noise(tables: Mapping[str, Any]) -> str:
    """What else went on, and which limit can be held all the same; nothing where nobody knows."""
    noise, said = tables["noise"], []
    if noise["load"] is not None:
        said.append(f"load {noise['load']:.1f} per core before the run")
    if noise["steal"] is not None:
        said.append(f"{noise['steal'] * 100:.1f} % of CPU time stolen")
    if noise["mhz"]:
        said.append(f"clock {clock(noise['mhz'])} MHz")
    if noise["governor"]:
        said.append(f"clock set by {noise['governor']}")
    if tables["held"] is not None:
        said.append(f"limits of {number(tables['held'])} % can be held")
    return ", ".join(said)


def clock(mhz: Sequence[float]) -> str:
    """`1,200 to 3,100`, or one figure where it kept to it."""
    low, high = f"{min(mhz):,.0f}", f"{max(mhz):,.0f}"
    return low if low == high else f"{low} to {high}"


def against(tables: Mapping[str, Any]) -> str:
    """`base 1f2e3d4c5b6a`, or `the history`."""
    return f"base {tables['base'][:12]}" if tables["base"] else "the history"
