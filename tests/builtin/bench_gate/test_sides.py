"""Sides: benchmarks of head over the product of base, each imported from its own folder and from nowhere else."""

from __future__ import annotations

from pathlib import Path

from support.sided import changed, files, imported, made

PYPROJECT = '[project]\nname = "pkg"\nversion = "1"\n'


def test_each_side_has_its_own_product_and_the_benchmarks_of_head(tmp_path: Path) -> None:
    root = changed(
        tmp_path / "project",
        {
            "pyproject.toml": PYPROJECT,
            "pkg/__init__.py": "VALUE = 1\n",
            "pkg/data.txt": "old",
            "pkg/gone.py": "",
            "tests/test_a.py": "old",
            "tests/test_gone.py": "",
        },
        {
            "pkg/__init__.py": "VALUE = 2\n",
            "pkg/data.txt": "new",
            "pkg/gone.py": None,
            "pkg/new.py": "",
            "tests/test_a.py": "new",
            "tests/test_gone.py": None,
            "conftest.py": "",
        },
    )
    (root / "untracked.txt").write_text("here")
    with made(root) as sides:
        places = set()
        for swapped in (False, True, False):
            base, head, control = (sides.side(name, swapped=swapped) for name in ("base", "head", "control"))
            places |= {len(str(one.folder)) for one in (base, head, control)}
            common = ["conftest.py", "pkg/__init__.py", "pkg/data.txt"]
            rest = ["pyproject.toml", "tests/test_a.py", "untracked.txt"]
            assert files(base.folder) == files(control.folder) == [*common, "pkg/gone.py", *rest]
            assert files(head.folder) == [*common, "pkg/new.py", *rest]
            assert (base.folder / "pkg/data.txt").read_text() == "old"
            assert (base.folder / "tests/test_a.py").read_text() == "new"
            for side, value in ((base, 1), (head, 2), (control, 1)):
                assert imported(side, "pkg")["pkg"] == (value, str(side.folder / "pkg/__init__.py"))
        assert len(places) == 1
