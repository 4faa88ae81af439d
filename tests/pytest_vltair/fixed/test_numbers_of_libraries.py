"""The numbers that libraries draw: the same in each run, whatever else runs, and however it is spread out.

Each library that is installed here takes part; the entropy of the system and hypothesis always do.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

CONFTEST = """
    import json, os, pathlib, random, re
    import pytest

    @pytest.fixture(autouse=True)
    def keep(request):
        request.node.drawn = []
        yield
        name = re.sub(r"\\W", "_", re.sub("@.*", "", request.node.nodeid))
        text = json.dumps(request.node.drawn, default=str)
        pathlib.Path(os.environ["NUMBERS"], name).write_text(text)

    @pytest.fixture
    def note(request):
        return request.node.drawn.append
    """
DRAWING = {
    "secrets": "import os, secrets, uuid; return secrets.token_hex(9), str(uuid.uuid4()), os.urandom(5).hex()",
    "numpy": "import numpy; return float(numpy.random.random()), numpy.random.permutation(9).tolist()",
    "faker": "import faker; return faker.Faker().name(), faker.Faker('de_DE').address(), faker.Faker().pyint()",
    "factory": "import factory.fuzzy\n"
    "    return factory.fuzzy.FuzzyInteger(0, 10**9).fuzz(), factory.Faker('name').evaluate(0, 0, {'locale': None})",
    "mimesis": "import mimesis; return mimesis.Person().full_name(), mimesis.Numeric().integer_number()",
    "model_bakery": "import django.conf as c; c.settings.configured or c.settings.configure(USE_TZ=True)\n"
    "    import django.db.models, model_bakery.random_gen as g; return g.gen_integer(0, 10**6), g.gen_string(9)",
    "polyfactory": "from polyfactory.factories import DataclassFactory as F; import dataclasses\n"
    "    one = dataclasses.make_dataclass('One', [('name', str), ('number', int), ('part', float)])\n"
    "    return str(F.create_factory(one).build())",
}
"""What draws from each library, as the body of a function: it imports the library itself, if nobody has."""

INSTALLED = [name for name in DRAWING if find_spec(name) is not None]

SUITE = """
    import random
    import pytest

    {functions}

    @pytest.fixture(scope="session")
    def of_session():
        return [{calls}]

    @pytest.fixture(scope="module")
    def of_module():
        return [{calls}]

    @pytest.mark.parametrize("again", [1, 2])
    @pytest.mark.parametrize("draw", [{names}])
    def test_draws(draw, again, note):
        note(draw())
        note(draw())

    @pytest.mark.xdist_group("together")
    def test_wider(of_session, of_module, note):
        note([of_session, of_module])
        note([{calls}])

    def test_wider_too(of_module, note):
        note(of_module)
        note([{calls}])
    """
HYPOTHESIS = """
    from hypothesis import given, strategies as st

    SEEN = []

    @given(st.integers(), st.text())
    def test_examples(number, text):
        SEEN.append([number, text])

    def test_seen(note):
        if not SEEN:
            test_examples()
        note(SEEN)
    """
GENERATOR = """
    def test_generator(vltair_np_rng, note):
        note(vltair_np_rng.integers(0, 1000, 9).tolist())
    """
QUIET = ("-p", "no:cacheprovider", "-p", "no:cov", "-p", "no:randomly", "--vltair=fix", "--vltair-seed=7")
ENTROPY = ("-o", "vltair_entropy=seeded")
MODES = ("load", "loadscope", "loadfile", "loadgroup", "worksteal")


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    functions = "\n    ".join(f"def {name}():\n    {DRAWING[name]}".replace("\n", "\n    ") for name in INSTALLED)
    calls = ", ".join(f"{name}()" for name in INSTALLED)
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_one=SUITE.format(functions=functions, calls=calls, names=", ".join(INSTALLED)))
    pytester.makepyfile(test_two=HYPOTHESIS + (GENERATOR if "numpy" in INSTALLED else ""))
    return pytester


def numbers(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, *args: str) -> dict[str, object]:
    out = Path(pytester.mkdir(f"out{len(list(pytester.path.iterdir()))}"))
    monkeypatch.setenv("NUMBERS", str(out))
    result = pytester.runpytest_subprocess(*QUIET, *ENTROPY, *args)
    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    return {path.name: json.loads(path.read_text()) for path in out.iterdir()}


def test_what_else_runs_and_in_which_order_changes_no_numbers(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = numbers(suite, monkeypatch)
    assert len(first) >= 2 * len(INSTALLED) + 4
    drawn = [json.dumps(noted) for noted in first.values()]
    assert len(set(drawn)) == len(drawn)
    for args in (("--vltair-order=reversed",), ("--vltair-order=random",)):
        assert numbers(suite, monkeypatch, *args) == first
    fewer = numbers(suite, monkeypatch, "-k", "(wider_too or 2) or generator")
    assert fewer == {name: first[name] for name in fewer}
    assert 0 < len(fewer) < len(first)
    calls = ", ".join(f"test_one.{name}()" for name in INSTALLED)
    suite.makepyfile(test_aaa=f"import test_one\n\ndef test_first(note):\n    note([{calls}])\n")
    more = numbers(suite, monkeypatch)
    assert {name: more[name] for name in first} == first
    assert len(more) == len(first) + 1


def test_another_seed_gives_other_numbers(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    first = numbers(suite, monkeypatch, "-k", "not seen and not examples")
    other = numbers(suite, monkeypatch, "-k", "not seen and not examples", "--vltair-seed=8")
    assert all(other[name] != first[name] for name in first)


@pytest.mark.parametrize(
    ("workers", "mode"),
    [
        ("2", "worksteal"),
        *(pytest.param(workers, mode, marks=pytest.mark.slow) for workers in ("1", "2", "4") for mode in MODES),
    ],
)
def test_workers_change_no_numbers(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: str, mode: str
) -> None:
    pytest.importorskip("xdist")
    first = numbers(suite, monkeypatch)
    assert numbers(suite, monkeypatch, "-p", "xdist", "-n", workers, "--dist", mode) == first
