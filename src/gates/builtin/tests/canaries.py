"""Canaries: how to make each rule of the gate `tests` fire in a project that somebody else wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from gates.builtin.tests import options
from gates.builtin.tests.options import PytestOptions
from gates.builtin.tests.rules import (
    COLLECTION_ERROR,
    MODULE_SKIPPED,
    TEST_ERRORED,
    TEST_FAILED,
    TEST_UNACCOUNTED,
    TESTS_DESELECTED,
    TOO_MANY_WARNINGS,
    WORKER_CRASHED,
)
from gates.model.canary import Canary, Planted
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.tests.settings import TestsSettings
    from gates.model.gate import Context

    Plant: TypeAlias = Callable[[Context[TestsSettings]], Planted | Reason]

NAME = "gates_canary"


@dataclass(frozen=True, kw_only=True)
class _Site:
    """Where a test file is collected in this project, and what a test function must be called there."""

    root: Path
    file: str
    function: str
    options: PytestOptions
    max_warnings: int | None

    def write(self, text: str, line: int | None) -> Planted:
        """Write the test file; `line` is where the finding must be."""
        (self.root / self.file).write_text(text.format(name=self.function), encoding="utf-8")
        return Planted(path=self.file, line=line)

    def hook(self, name: str, text: str) -> Reason | None:
        """Add a hook to the folder's conftest.py, or say why that would change the project's own."""
        path = (self.root / self.file).with_name("conftest.py")
        held = path.read_text(encoding="utf-8") if path.is_file() else ""
        if name in held:
            shown = path.relative_to(self.root).as_posix()
            return _unfit(f"{shown} has a {name} of its own, which a planted one would replace")
        path.write_text(f"{held}\n\n{text.format(name=self.function)}", encoding="utf-8")
        return None


def _plant(act: Callable[[_Site], Planted | Reason]) -> Plant:
    def plant(context: Context[TestsSettings]) -> Planted | Reason:
        site = _site(context)
        return site if isinstance(site, Reason) else act(site)

    return plant


def _failing(site: _Site) -> Planted | Reason:
    return site.write("def {name}():\n    found = 'planted'\n    assert found == 'clean'\n", 3)


def _erroring(site: _Site) -> Planted | Reason:
    fixture = "import pytest\n\n\n@pytest.fixture\ndef planted():\n    raise RuntimeError('planted')\n\n\n"
    return site.write(fixture + "def {name}(planted):\n    pass\n", 6)


def _uncollectable(site: _Site) -> Planted | Reason:
    return site.write("raise RuntimeError('planted')\n\n\ndef {name}():\n    pass\n", 1)


def _lost(site: _Site) -> Planted | Reason:
    hook = "def pytest_runtest_protocol(item):\n    return True if item.name == '{name}' else None\n"
    return site.hook("pytest_runtest_protocol", hook) or site.write("def {name}():\n    pass\n", None)


def _crashing(site: _Site) -> Planted | Reason:
    workers = site.options.values("--numprocesses", short="-n")
    if not workers or workers[-1][0] in {None, "0", "no"}:
        return _unfit("the suite does not run under pytest-xdist, so there is no worker that could crash")
    return site.write("import os\n\n\ndef {name}():\n    os._exit(70)\n", None)


def _warning(site: _Site) -> Planted | Reason:
    ours = site.max_warnings
    own = [value for value, _ in site.options.values("--max-warnings")] or [site.options.ini.get("max_warnings")]
    limits = [int(str(limit)) for limit in (ours, own[-1]) if str(limit).isdigit()]
    if not limits:
        return Reason(
            code="not_configured",
            message="no limit on warnings is set, so no number of them is too many",
            fix="set max-warnings in [tool.gates.tests]",
        )
    mark = "import warnings\n\nimport pytest\n\npytestmark = pytest.mark.filterwarnings('always')\n\n\n"
    loop = f"def {{name}}():\n    for number in range({max(limits) + 1}):\n"
    planted = site.write(f"{mark}{loop}        warnings.warn(f'planted {{{{number}}}}', stacklevel=1)\n", 10)
    return planted if ours == 0 else Planted(path=None)


def _skipped(site: _Site) -> Planted | Reason:
    skip = "import pytest\n\npytest.skip('planted', allow_module_level=True)\n\n\n"
    return site.write(skip + "def {name}():\n    pass\n", None)


def _deselected(site: _Site) -> Planted | Reason:
    hook = (
        "def pytest_collection_modifyitems(config, items):\n"
        "    taken = [item for item in items if item.name == '{name}']\n"
        "    items[:] = [item for item in items if item.name != '{name}']\n"
        "    config.hook.pytest_deselected(items=taken)\n"
    )
    refused = site.hook("pytest_collection_modifyitems", hook)
    if refused is None:
        site.write("def {name}():\n    pass\n", None)
    return refused or Planted(path=None)


def _as_error(rule: Rule) -> Mapping[str, Any]:
    """Settings under which a rule that does not block by itself does."""
    return {"severity": [{"rule": rule.code, "level": "error"}]}


CANARIES = (
    Canary(rule=TEST_FAILED.code, title="a test that fails", plant=_plant(_failing)),
    Canary(rule=TEST_ERRORED.code, title="a fixture that raises", plant=_plant(_erroring)),
    Canary(rule=COLLECTION_ERROR.code, title="a test file that raises when imported", plant=_plant(_uncollectable)),
    Canary(rule=TEST_UNACCOUNTED.code, title="a hook that swallows a test", plant=_plant(_lost)),
    Canary(rule=WORKER_CRASHED.code, title="a test that ends its worker", plant=_plant(_crashing)),
    Canary(rule=TOO_MANY_WARNINGS.code, title="one warning too many", plant=_plant(_warning)),
    Canary(
        rule=TESTS_DESELECTED.code,
        title="a hook that takes a test out",
        plant=_plant(_deselected),
        settings=_as_error(TESTS_DESELECTED),
    ),
    Canary(
        rule=MODULE_SKIPPED.code,
        title="a test file that skips itself",
        plant=_plant(_skipped),
        settings=_as_error(MODULE_SKIPPED),
    ),
)


def _site(context: Context[TestsSettings]) -> _Site | Reason:
    root, layout, args = context.project.root, context.project.layout, context.settings.args
    read = options.read(root, args, {**context.environ, **context.settings.env})
    patterns = read.lines("python_files") or ("test_*.py", "*_test.py")
    paths = tuple(one for one in args if (root / one).exists()) or read.lines("testpaths") or layout.tests
    files = sorted(
        path
        for path in layout.python
        if any(fnmatchcase(Path(path).name, pattern) for pattern in patterns)
        and any(_below(path, one) for one in paths)
    )
    file = next((path for path in files if "def test" in _text(root / path)), None)
    names = [pattern.replace("*", NAME) for pattern in patterns if "*" in pattern and "/" not in pattern]
    if file is None or not names:
        return _unfit("no test file was found beside which a canary would be collected")
    prefix = (read.lines("python_functions") or ("test",))[0]
    function = prefix.replace("*", NAME) if "*" in prefix else f"{prefix.rstrip('_')}_{NAME}"
    planted = Path(file).with_name(names[0]).as_posix()
    return _Site(root=root, file=planted, function=function, options=read, max_warnings=context.settings.max_warnings)


def _below(path: str, folder: str) -> bool:
    folder = folder.partition("::")[0].removeprefix("./").rstrip("/")
    return folder in {"", "."} or path == folder or path.startswith(f"{folder}/") or fnmatchcase(path, f"{folder}/*")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _unfit(message: str) -> Reason:
    return Reason(code="does_not_apply", message=message, fix="gates prove tests --plan")
