"""What tests take for chance follows the seed; two processes never draw alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from diagnose.perturbed import perturbed

DRAWS = """
import os, random, secrets, subprocess, sys, uuid

def draws():
    found = {
        "random": random.random(),
        "own": random.Random().random(),
        "uuid": str(uuid.uuid4()),
        "secrets": secrets.token_hex(8),
        "system": random.SystemRandom().random(),
        "urandom": os.urandom(4).hex(),
        "getrandom": os.getrandom(4).hex() if hasattr(os, "getrandom") else "",
    }
    random.seed()
    return {**found, "anew": random.random()}
"""


def drawn(folder: Path, value: str, **more: Any) -> dict[str, Any]:
    return perturbed(folder, DRAWS + "tell(**draws())", {"rngseed": value}, **more)


def test_all_follow_the_seed(tmp_path: Path) -> None:
    base, one, again = drawn(tmp_path, "0"), drawn(tmp_path, "1"), drawn(tmp_path, "1")
    assert one == again
    assert {name for name in one if one[name] == base[name]} == set()


def test_none_leaves_all_alone(tmp_path: Path) -> None:
    one, two = drawn(tmp_path, "none"), drawn(tmp_path, "none")
    assert {name for name in one if one[name] == two[name]} == set()


def test_workers_draw_other_numbers(tmp_path: Path) -> None:
    first = drawn(tmp_path, "1", variables={"PYTEST_XDIST_WORKER": "gw0"})
    second = drawn(tmp_path, "1", variables={"PYTEST_XDIST_WORKER": "gw1"})
    assert first == drawn(tmp_path, "1")
    assert {name for name in first if first[name] == second[name]} == set()


def test_each_test_begins_anew(tmp_path: Path) -> None:
    script = (
        DRAWS
        + """
def test(nodeid):
    circumstances.before_test(nodeid)
    found = draws()
    circumstances.after_test(nodeid)
    return found
tell(turns=[test("a"), test("a"), test("b")])
"""
    )
    first, second, other = perturbed(tmp_path, script, {"rngseed": "each:4"})["turns"]
    assert first == second
    assert first["random"] == other["random"]
    assert first["uuid"] != other["uuid"]
    first, second, _ = perturbed(tmp_path, script, {"rngseed": "4"})["turns"]
    assert first["random"] != second["random"]


def test_forks_draw_for_themselves(tmp_path: Path) -> None:
    script = """
    import os, uuid
    found = []
    for _ in range(2):
        read, write = os.pipe()
        if os.fork() == 0:
            os.write(write, str(uuid.uuid4()).encode())
            os._exit(0)
        found.append(os.read(read, 99).decode())
        os.wait()
    tell(found=[*found, str(uuid.uuid4())])
    """
    found = perturbed(tmp_path, script)["found"]
    assert len(set(found)) == 3
    assert found == perturbed(tmp_path, script)["found"]


def test_numpy_that_is_imported_later(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    script = """
    import numpy
    first = [numpy.random.random(), numpy.random.default_rng().random()]
    circumstances.before_test("a")
    each = numpy.random.random()
    numpy.random.random()
    circumstances.before_test("a")
    tell(first=first, each=each == numpy.random.random())
    """
    one = perturbed(tmp_path, script, {"rngseed": "each:1"})
    assert one == perturbed(tmp_path, script, {"rngseed": "each:1"})
    assert one["each"]
    other = perturbed(tmp_path, script, {"rngseed": "2"})
    assert [left == right for left, right in zip(one["first"], other["first"], strict=True)] == [False, False]
    assert not other["each"]


def test_all_else_is_as_before(tmp_path: Path) -> None:
    script = """
    import copy, importlib, inspect, os, pickle, random, secrets, tempfile
    from unittest import mock
    errors = []
    for call in (lambda: os.urandom(-1), lambda: os.urandom("x"), lambda: os.urandom(size=3), lambda: random.seed([])):
        try:
            call()
        except Exception as error:
            errors.append(type(error).__name__)
    own = random.Random(7)
    twin = pickle.loads(pickle.dumps(own))
    class Loaded(random.Random):
        def seed(self, a=None, version=2):
            super().seed(5)
    random.seed(42)
    seeded = random.random()
    random.seed("text", version=2)
    with mock.patch("random.random", return_value=0.5), mock.patch("os.urandom", return_value=b"x" * 16):
        import uuid
        mocked = [random.random(), str(uuid.uuid4())[:4]]
    importlib.reload(secrets)
    names = [tempfile.mkstemp()[1] for _ in range(2)]
    for name in names:
        os.unlink(name)
    tell(errors=errors, twin=own.random() == twin.random(), sub=Loaded().random() == random.Random(5).random(),
         seeded=seeded, mocked=mocked, token=len(secrets.token_bytes(3)), names=len(set(names)),
         signature=str(inspect.signature(random.Random.seed)),
         pickled=pickle.loads(pickle.dumps(os.urandom)) is os.urandom)
    """
    assert perturbed(tmp_path, script, {"rngseed": "1"}) == {
        "errors": ["ValueError", "TypeError", "TypeError", "TypeError"], "twin": True, "sub": True,
        "seeded": 0.6394267984578837, "mocked": [0.5, "7878"], "token": 3, "names": 2,
        "signature": "(self, a=None, version=2)", "pickled": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    "call",
    [
        "random.random()", "random.shuffle(list(range(64)))", "[random.random() for _ in range(2000)]", "uuid.uuid4()",
        "random.gauss(0, 1)", "None",
    ],
)  # fmt: skip
def test_one_call_draws_otherwise_and_the_rest_as_before(tmp_path: Path, call: str) -> None:
    script = f"""
    import random, uuid
    random.seed(11)
    switch = circumstances.SWITCHES["rngseed"]
    if SWITCHED:
        switch.apply()
    got = str({call})
    if SWITCHED:
        switch.remove()
    tell(got=got, after=[random.getrandbits(32), random.random(), str(uuid.uuid4())])
    """
    plain = perturbed(tmp_path, "SWITCHED = False\n" + _flat(script), {"rngseed": "5"}, at=[["script.py", 9]])
    turned = perturbed(tmp_path, "SWITCHED = True\n" + _flat(script), {"rngseed": "5"}, at=[["script.py", 9]])
    assert (turned["got"] != plain["got"]) is (call != "None" and "shuffle" not in call)
    if "shuffle" not in call:  # it draws again what is too large, and so not always as much
        assert turned["after"] == plain["after"]


def test_a_call_that_seeds_keeps_its_seed(tmp_path: Path) -> None:
    script = """
    import random
    switch = circumstances.SWITCHES["rngseed"]
    switch.apply()
    random.seed(42)
    switch.remove()
    tell(after=random.random())
    """
    assert perturbed(tmp_path, script, {"rngseed": "5"}, at=[["script.py", 5]]) == {"after": 0.6394267984578837}


def _flat(script: str) -> str:
    return "\n".join(line.removeprefix("    ") for line in script.splitlines())
