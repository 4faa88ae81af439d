"""A factor that a process did not have is always missed; one that it had never is, as real processes show."""

from __future__ import annotations

import copy
import os
import random
import shlex
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.perturbed import VARIABLES, perturbed
from gates.builtin.diagnosis.checks.process import APART
from gates.builtin.diagnosis.checks.surroundings import DEEP, offsets
from gates.builtin.diagnosis.effects import methods, missed
from gates.builtin.diagnosis.factors import FACTORS, IN_PROCESS
from gates.builtin.diagnosis.trial import Place, trial
from pytest_vltair.fixed.siphash import hashed

USER = 1000
NAMES = ["a", "b", "c", "d"]
NATIVE = ["c", "a", "d", "b"]
LOCALES = {"de_DE": ",", "fr_FR": ",", "tr_TR": ",", "en_US": "."}
ASKED = [
    (name, value) for name, factor in FACTORS.items() if name not in IN_PROCESS for value in factor.values
]  # fmt: skip


def had(name: str, value: str) -> Any:
    """What a process says that has this value of a factor."""
    return SAYS[name](value)


def _rngseed(value: str) -> Any:
    seed = 99 if value == "none" else int(value.removeprefix("each:"))
    return {"first": [random.Random(seed).random(), 1], "worker": 0}


def _clock(value: str) -> Any:
    at = 1_800_000_000.0 if value == "now" else datetime.fromisoformat(value).timestamp() + 2
    return {"time": at, "datetime": at}


def _network(value: str) -> Any:
    route = {"off": "refused", "answered": "127.0.0.1", "real": "192.0.2.1"}[value]
    lookup = {"off": "refused", "answered": "192.0.2.1"}
    return {"route": route, "loopback": True, **({"lookup": lookup[value]} if value in lookup else {})}


def _directory(value: str) -> Any:
    folder = {"outside": "project", "tests": "project", "deep": f"{DEEP}/project"}.get(value, value)
    cwd = "/tmp/x/project/tests" if value == "tests" else "/tmp/x/project"
    return {"root": f"/tmp/x/{folder}", "cwd": cwd, "inside": value != "outside"}


def _environment(value: str) -> Any:
    words = [word.partition("=") for word in shlex.split(value)]
    return {name.removeprefix("-"): text if is_set else None for name, is_set, text in words}


def _listing(value: str) -> Any:
    order = {"sorted": NAMES, "reversed": NAMES[::-1], "native": NATIVE, "shuffled": ["b", "d", "a", "c"]}[value]
    return {"listdir": order, "scandir": order, "native": NATIVE}


def _cpus(value: str) -> Any:
    return dict.fromkeys(("count", "multiprocessing", "process", "affinity"), 2 if value == "own" else int(value))


def _locale(value: str) -> dict[str, Any]:
    if value == "ASCII":
        return {
            "preferred": "ANSI_X3.4-1968",
            "utf8": 0,
            "name": "C",
            "decimal": ".",
            "order": "codes",
            "day": "Monday",
        }
    language, _, encoding = value.partition(".")
    plain = language == "C"
    return {
        "preferred": encoding, "utf8": 0, "name": value, "decimal": LOCALES.get(language, "."),
        "order": "codes" if plain else "letters", "day": "Monday" if language in {"C", "en_US"} else "Montag",
    }  # fmt: skip


SAYS: dict[str, Callable[[str], Any]] = {
    "hashseed": lambda value: {
        "probe": hashed("vltair", int(value), "siphash13"), "algorithm": "siphash13", "width": 64,
    },
    "rngseed": _rngseed,
    "timezone": lambda value: {"offsets": list(offsets(value) or ()), "python": list(offsets(value) or ())},
    "locale": _locale,
    "clock": _clock,
    "network": _network,
    "directory": _directory,
    "umask": lambda value: {"mask": value, "mode": f"{0o666 & ~int(value, 8):03o}"},
    "environment": _environment,
    "user": lambda value: {"euid": {"own": USER, "plain": 65534, "root": 0}[value], "reads": value == "root"},
    "listing": _listing,
    "cpus": _cpus,
    "optimize": lambda value: {"flag": int(value), "debug": value == "0"},
    "load": lambda value: {
        "background": value == "background", "foreground": value == "foreground",
        "running": 5 if value == "busy" else 1,
    },
}  # fmt: skip


def base_of(name: str, value: str) -> Any:
    """What a process of the base says when it is asked for this value."""
    if name == "environment":
        return dict.fromkeys(had(name, value))
    return had(name, FACTORS[name].base)


@pytest.mark.parametrize(("name", "value"), ASKED)
def test_a_process_that_has_it_is_believed(name: str, value: str) -> None:
    asked = trial(settings={name: value})
    assert missed(asked, [{name: had(name, value)}] * 2, euid=USER) == {}
    assert set(methods(asked, ())) == {name}


@pytest.mark.parametrize(("name", "value"), ASKED)
def test_a_process_like_the_base_is_not(name: str, value: str) -> None:
    asked = trial(settings={name: value})
    for seen in ([{name: base_of(name, value)}], [{name: had(name, value)}, {name: base_of(name, value)}]):
        found = missed(asked, seen, euid=USER)
        assert list(found) == [name]
        assert found[name].endswith(".")
        assert found[name].count(". ") == 0


JUNK = st.none() | st.booleans() | st.text(max_size=5) | st.lists(st.integers(), max_size=3)


@given(data=st.data(), asked=st.sampled_from(ASKED), after=st.booleans())
def test_a_field_that_is_lost_or_the_base_s_is_missed(data: st.DataObject, asked: tuple[str, str], after: bool) -> None:
    name, value = asked
    right, base = had(name, value), base_of(name, value)
    needed = sorted(field for field in right if field in base and right[field] != base[field])
    wrong = copy.deepcopy(right)
    field = data.draw(st.sampled_from(needed))
    if data.draw(st.booleans(), label="lost"):
        del wrong[field]
    else:
        wrong[field] = base[field]
    others = [{name: right}, {name: wrong}]
    # A locale is told by any of its words: one that is the base's is no proof against it.
    if name != "locale" or field not in {"decimal", "order", "day"} or field not in wrong:
        assert list(missed(trial(settings={name: value}), others if after else others[::-1], euid=USER)) == [name]


@given(asked=st.sampled_from(ASKED), said=JUNK)
def test_what_cannot_be_read_is_missed(asked: tuple[str, str], said: Any) -> None:
    name, value = asked
    failed = {name: had(name, value), "failed": {name: "OSError: no"}}
    wrong: list[list[dict[str, Any]]] = [[{name: said}], [{}], [], [failed]]
    for seen in wrong:
        assert list(missed(trial(settings={name: value}), seen, euid=USER)) == [name]
    fields = dict.fromkeys(had(name, value), said)
    assert list(missed(trial(settings={name: value}), [{name: fields}], euid=USER)) in ([name], [])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("timezone", "Mars/Olympus", {"offsets": [0, 0], "python": [0, 0]}),
        ("timezone", "Africa/Abidjan", {"offsets": [0, 0], "python": [0, 0]}),
        ("timezone", "Asia/Tokyo", {"offsets": [32400, 32400], "python": [0, 0]}),
        ("timezone", "Asia/Tokyo", {"offsets": [3600, 7200], "python": [3600, 7200]}),
        ("locale", "de_DE.UTF-8", {"preferred": "UTF-8", "utf8": 0, "error": "unsupported locale setting"}),
        ("locale", "de_DE.UTF-8", {**_locale("C.UTF-8"), "name": "de_DE.UTF-8"}),
        ("locale", "ASCII", {**_locale("ASCII"), "preferred": "utf-8", "utf8": 1}),
        ("hashseed", "7", {"probe": 12345, "algorithm": "siphash13", "width": 64, "variable": "7"}),
        ("hashseed", "7", {"probe": hashed("vltair", 7, "siphash13"), "algorithm": "fnv", "width": 64}),
        ("umask", "077", {"mask": "077", "mode": "777"}),
        ("user", "plain", {"euid": USER, "reads": False}),
        ("user", "plain", {"euid": 0, "reads": True}),
        ("network", "real", {"route": "refused", "loopback": True}),
        ("network", "answered", {"route": "127.0.0.1", "lookup": "192.0.2.1", "loopback": False}),
        ("listing", "native", {"listdir": NAMES, "scandir": NAMES, "native": NAMES}),
        ("listing", "reversed", {"listdir": NAMES[::-1], "scandir": NAMES, "native": NATIVE}),
        ("cpus", "4", {"count": 4, "multiprocessing": 4, "process": None, "affinity": 2}),
    ],
)
def test_factors_that_silently_do_nothing(name: str, value: str, said: dict[str, Any]) -> None:
    assert list(missed(trial(settings={name: value}), [{name: said}], euid=USER)) == [name]


def test_root_is_no_other_user_for_root() -> None:
    assert missed(trial(settings={"user": "root"}), [{"user": had("user", "root")}], euid=0) == {
        "user": "The suite is run by root anyway."
    }


def test_workers_have_seeds_of_their_own() -> None:
    second = {"rngseed": {"first": [random.Random(1 + APART).random(), 1], "worker": 1}}
    assert missed(trial(settings={"rngseed": "1"}), [{"rngseed": had("rngseed", "1")}, second], euid=USER) == {}
    base = {"rngseed": {"first": [random.Random(APART).random(), 1], "worker": 1}}
    for value in ("1", "none"):
        assert list(missed(trial(settings={"rngseed": value}), [base], euid=USER)) == ["rngseed"]


@pytest.mark.parametrize(
    ("value", "root", "found"),
    [
        ("other", "/x/other", []),
        ("other", "/x/mine", ["directory"]),
        ("mine", "/x/mine", ["directory"]),
        ("deep", f"/x/{DEEP}/mine", []),
        ("deep", "/x/mine", ["directory"]),
        ("deep", f"/x/{DEEP}/other", ["directory"]),
    ],
)
def test_a_checkout_is_elsewhere_than_in_the_base(value: str, root: str, found: list[str]) -> None:
    said = [{"directory": {"root": root, "cwd": root, "inside": True}}]
    assert list(missed(trial(settings={"directory": value}), said, folder="mine")) == found


@pytest.mark.parametrize(
    ("name", "value", "said", "found"),
    [
        ("clock", "+0", {"time": 1.0, "datetime": 1.0, "travels": True}, []),
        ("clock", "+0", {"time": 1.0, "datetime": 1.0, "travels": False}, ["clock"]),
        ("cpus", "+0", _cpus("own"), []),
        ("listing", "wrapped", _listing("native"), []),
        ("listing", "wrapped", _listing("sorted"), ["listing"]),
        ("load", "background+0", {"background": False, "foreground": False, "running": 1}, []),
        ("rngseed", "each:0", _rngseed("0"), []),
    ],
)
def test_means_that_change_nothing(name: str, value: str, said: dict[str, Any], found: list[str]) -> None:
    assert list(missed(trial(settings={name: value}), [{name: said}], euid=USER)) == found


def test_what_a_line_has_by_being_rewritten_its_process_has_not() -> None:
    at = (Place("a.py", 1),)
    assert missed(trial(settings={"hashseed": "3", "optimize": "1"}, at=at), [{}]) == {}
    assert list(missed(trial(settings={"umask": "077"}, at=at), [{}])) == ["umask"]


def test_the_order_of_tests_is_not_of_the_surroundings() -> None:
    assert missed(trial(settings={"order": "reversed", "repeat": "2"}), []) == {}


def test_methods_are_told_in_words() -> None:
    asked = trial(settings={"clock": "2028-02-29T12:00:00Z", "umask": "077", "load": "busy"})
    assert methods(asked, ()) == {
        "clock": "in-process: time-machine",
        "umask": "in-process: os.umask",
        "load": "other processes that keep the processors at work",
    }
    at = trial(settings={"umask": "077"}, at=(Place("a.py", 1),))
    assert methods(at, ()) == {"umask": "in-process: one line at a time"}
    assert methods(asked, {"clock": "why", "load": "why"}) == {"umask": "in-process: os.umask"}


@pytest.mark.parametrize("seed", [0, 1, 7, 4294967295])
def test_hashes_are_those_of_python(tmp_path: Path, seed: int) -> None:
    script = "import sys\ntell(found=hash('vltair'), algorithm=sys.hash_info.algorithm)"
    told = perturbed(tmp_path, script, variables={"PYTHONHASHSEED": str(seed)})
    assert told["found"] == hashed("vltair", seed, told["algorithm"])


@pytest.mark.parametrize(
    ("settings", "variables", "arguments"),
    [
        ({"hashseed": "3", "timezone": "Asia/Kathmandu", "environment": "COLUMNS=40 -HOME"},
         {"PYTHONHASHSEED": "3", "TZ": "Asia/Kathmandu", "COLUMNS": "40"}, []),
        ({"locale": "ASCII", "optimize": "1"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, ["-O"]),
        ({"rngseed": "2", "listing": "shuffled", "cpus": "4", "umask": "077", "network": "answered",
          "load": "foreground"}, {}, []),
        ({"rngseed": "none", "listing": "reversed", "cpus": "1", "umask": "002", "load": "background"}, {}, []),
        ({"rngseed": "each:3", "cpus": "64", "umask": "000"}, {}, []),
    ],
)  # fmt: skip
def test_real_processes(
    tmp_path: Path, settings: dict[str, str], variables: dict[str, str], arguments: list[str]
) -> None:
    script = """
    import os, sys
    for name in [n for n in SPEC_ENV if n.startswith("-")]:
        os.environ.pop(name[1:], None)
    import locale, random
    before = [random.getstate(), locale.setlocale(locale.LC_ALL), os.getcwd(), dict(os.environ), os.umask(0o22)]
    os.umask(before[-1])
    seen = circumstances.seen()
    after = [random.getstate(), locale.setlocale(locale.LC_ALL), os.getcwd(), dict(os.environ), os.umask(0o22)]
    assert before == after
    assert not NOTES, NOTES
    assert os.listdir(os.path.dirname(os.path.dirname(__file__)) + "/notes") == []
    tell(seen=seen)
    """
    words = settings.get("environment", "").split()
    flat = "\n".join(line.removeprefix("    ") for line in script.splitlines())
    told = perturbed(
        tmp_path, f"SPEC_ENV = {words!r}\n{flat}", settings, variables={**VARIABLES, **variables}, arguments=arguments
    )
    assert missed(trial(settings=settings), [told["seen"]], euid=os.geteuid()) == {}
    bare = perturbed(tmp_path, f"SPEC_ENV = []\n{flat}")
    assert set(missed(trial(settings=settings), [bare["seen"]], euid=os.geteuid())) == set(settings)


def test_a_clock_that_really_moved(tmp_path: Path) -> None:
    pytest.importorskip("time_machine")
    settings = {"clock": "2001-01-01T00:10:00Z"}
    told = perturbed(tmp_path, "tell(seen=circumstances.seen())", settings)
    assert missed(trial(settings=settings), [told["seen"]]) == {}


def test_a_hash_seed_of_a_conftest_is_missed(tmp_path: Path) -> None:
    script = "import os\nos.environ['PYTHONHASHSEED'] = '5'\ntell(seen=circumstances.seen())"
    told = perturbed(tmp_path, script, {"hashseed": "5"})
    assert list(missed(trial(settings={"hashseed": "5"}), [told["seen"]])) == ["hashseed"]


def test_a_zone_nobody_knows_is_missed(tmp_path: Path) -> None:
    told = perturbed(tmp_path, "tell(seen=circumstances.seen())", {}, variables={"TZ": "Mars/Olympus"})
    assert list(missed(trial(settings={"timezone": "Mars/Olympus"}), [told["seen"]])) == ["timezone"]


def test_a_locale_nobody_has_is_missed(tmp_path: Path) -> None:
    told = perturbed(tmp_path, "tell(seen=circumstances.seen())", {}, variables={"LC_ALL": "xx_XX.UTF-8"})
    assert list(missed(trial(settings={"locale": "xx_XX.UTF-8"}), [told["seen"]])) == ["locale"]


@pytest.mark.parametrize("name", ["timezone", "locale", "umask", "listing", "network", "environment"])
def test_lines_are_proved_while_they_are_turned(tmp_path: Path, name: str) -> None:
    value = {"timezone": "Asia/Tokyo", "locale": "ASCII", "umask": "077", "listing": "reversed", "network": "answered",
             "environment": "COLUMNS=40"}[name]  # fmt: skip
    told = perturbed(tmp_path, "tell(seen=circumstances.seen())", {name: value}, at=[["script.py", 1]])
    assert missed(trial(settings={name: value}, at=(Place("script.py", 1),)), [told["seen"]]) == {}
