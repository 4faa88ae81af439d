"""The order of folders, by every way that leads to it, and what else these functions do."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.perturbed import perturbed

ORDERS = """
import glob, pathlib, shutil, tempfile
folder = tempfile.mkdtemp()
for name in "cabed":
    pathlib.Path(folder, name).touch()
descriptor = os.open(folder, os.O_RDONLY) if hasattr(os, "O_DIRECTORY") else None
from os import listdir, scandir
ways = {
    "listdir": os.listdir(folder),
    "imported": listdir(folder),
    "bytes": [name.decode() for name in os.listdir(os.fsencode(folder))],
    "path": os.listdir(pathlib.Path(folder)),
    "scandir": [entry.name for entry in os.scandir(folder)],
    "context": [entry.name for entry in scandir(os.fsencode(folder)).__enter__()],
    "walk": list(os.walk(folder))[0][2],
    "glob": [os.path.basename(path) for path in glob.glob(folder + "/*")],
    "iterdir": [path.name for path in pathlib.Path(folder).iterdir()],
    "Path.glob": [path.name for path in pathlib.Path(folder).glob("*")],
    "rglob": [path.name for path in pathlib.Path(folder).rglob("*") if path.is_file()],
}
if descriptor is not None:
    ways["descriptor"] = os.listdir(descriptor)
    ways["fwalk"] = list(os.fwalk(folder))[0][2]
ways = {way: [name if isinstance(name, str) else name.decode() for name in names] for way, names in ways.items()}
"""


@pytest.mark.parametrize(("value", "expected"), [("sorted", "abcde"), ("reversed", "edcba")])
def test_every_way_has_the_order(tmp_path: Path, value: str, expected: str) -> None:
    ways = perturbed(tmp_path, "import os\n" + ORDERS + "tell(**ways)", {"listing": value})
    assert {way: "".join(names) for way, names in ways.items()} == dict.fromkeys(ways, expected)


def test_shuffled_is_one_other_order(tmp_path: Path) -> None:
    ways = perturbed(tmp_path, "import os\n" + ORDERS + "tell(**ways)", {"listing": "shuffled"})
    orders = {"".join(names) for names in ways.values()}
    assert len(orders) == 1
    assert orders.isdisjoint({"abcde", "edcba"})


def test_native_is_what_the_file_system_says(tmp_path: Path) -> None:
    script = "import os\n" + ORDERS + "import posix\ntell(real=posix.listdir(folder), **ways)"
    ways = perturbed(tmp_path, script, {"listing": "native"})
    assert {tuple(names) for names in ways.values()} == {tuple(ways["real"])}


def test_all_else_is_as_before(tmp_path: Path) -> None:
    script = """
    import inspect, os, pathlib, pickle, shutil, tempfile, warnings, importlib, subprocess, sys
    from unittest import mock
    folder = tempfile.mkdtemp()
    pathlib.Path(folder, "one").write_text("1")
    os.mkdir(os.path.join(folder, "two"))
    errors = []
    for call in (lambda: os.listdir("/nowhere/at/all"), lambda: os.scandir("/nowhere/at/all"),
                 lambda: os.listdir(folder + "/one"), lambda: os.listdir(1.5), lambda: os.scandir(object())):
        try:
            call()
        except Exception as error:
            errors.append(type(error).__name__)
    with os.scandir(folder) as entries:
        found = list(entries)
        kinds = [type(entry).__name__ for entry in found]
        facts = [found[0].is_file(), found[1].is_dir(), found[0].stat().st_size, os.fspath(found[0])]
    closed = os.scandir(folder)
    closed.close()
    os.chdir(folder)
    with mock.patch("os.listdir", return_value=["x"]):
        mocked = os.listdir()
    here = os.listdir()
    importlib.reload(os)
    again = os.listdir(".")
    shutil.rmtree(folder)
    tell(errors=errors, kinds=kinds, facts=facts[:3], rest=list(closed), mocked=mocked, here=here, again=sorted(again),
         pickled=pickle.loads(pickle.dumps(os.listdir)) is os.listdir, gone=not os.path.exists(folder),
         descriptor=os.listdir in os.supports_fd, safe=shutil.rmtree.avoids_symlink_attacks)
    """
    told = perturbed(tmp_path, script, {"listing": "reversed"})
    real = ["FileNotFoundError", "FileNotFoundError", "NotADirectoryError", "TypeError", "TypeError"]
    assert told["errors"] == real
    assert told["kinds"] == ["DirEntry", "DirEntry"]
    assert told["facts"] == [False, False, pytest.approx(told["facts"][2])]
    assert (told["rest"], told["mocked"], told["here"], told["again"]) == ([], ["x"], ["two", "one"], ["one", "two"])
    assert told["pickled"]
    assert told["gone"]
    assert told["descriptor"]
    assert told["safe"]


def test_one_call_can_be_turned(tmp_path: Path) -> None:
    script = """
    import os
    for name in "ab":
        open(name, "w").close()
    switch = circumstances.SWITCHES["listing"]
    before = os.listdir(".")[:2]
    switch.apply()
    during = os.listdir(".")[-2:]
    switch.remove()
    tell(before=before, during=during, after=os.listdir(".")[:2])
    """
    told = perturbed(tmp_path, script, {"listing": "reversed"}, at=[["script.py", 5]])
    assert told == {"before": ["a", "b"], "during": ["b", "a"], "after": ["a", "b"]}
