"""Canaries: how to make each rule of the gate `tests` fire in a project that somebody else wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

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
NAME = "gates_canary"


@dataclass(frozen=True, kw_only=True)
class _Site:
    """Where a test file is collected in this project, and what a test function must be called there."""

    root: Path
    file: str
    function: str
    args: tuple[str, ...]
    options: PytestOptions
    max_warnings: int | None

    def write(self, text: str, line: int | None, *, named: bool = True) -> Planted:
        """Write the test file; `line` is where the finding must be, and `named` whether it names the file."""
        (self.root / self.file).write_text(text.format(name=self.function), encoding="utf-8")
        return Planted(path=self.file if named else None, line=line, settings={"args": [*self.args, self.file]})

    def hook(self, name: str, text: str) -> Reason | None:
        """Add a hook to the folder's conftest.py, or say why that would change the project's own."""
        path = (self.root / self.file).with_name("conftest.py")
        held = path.read_text(encoding="utf-8") if path.is_file() else ""
        if name in held:
            shown = path.relative_to(self.root).as_posix()
            return _unfit(f"{shown} has a {name} of its own, which a planted one would replace")
        path.write_text(f"{held}\n\n{text.format(name=self.function)}", encoding="utf-8")
        return None


def _canary(
    rule: Rule, title: str, act: Callable[[_Site], Planted | Reason], *, shares: bool = True, as_error: bool = False
) -> Canary:
    """A canary in a test file of its own; `as_error` where the rule does not block by itself."""

    def plant(context: Context[TestsSettings]) -> Planted | Reason:
        site = _site(context, f"{NAME}_{rule.code.lower()}")
        return site if isinstance(site, Reason) else act(site)

    severity = {"severity": [{"rule": rule.code, "level": "error"}]} if as_error else {}
    return Canary(rule=rule.code, title=title, plant=plant, settings=severity, shares=shares)


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
        return Reason(
            code="not_configured",
            message="the suite does not run under pytest-xdist, so there is no worker that could crash",
            fix="give pytest `-n 2`, in addopts or in args of [tool.gates.tests]",
        )
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
    line = 10 if ours == 0 else None
    warn = "        warnings.warn(f'planted {{number}}', stacklevel=1)\n"
    return site.write(mark + loop + warn, line, named=ours == 0)


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
    tests = "def {name}():\n    pass\n\n\ndef {name}_too():\n    pass\n"
    return site.hook("pytest_collection_modifyitems", hook) or site.write(tests, None, named=False)


CANARIES = (
    _canary(TEST_FAILED, "a test that fails", _failing),
    _canary(TEST_ERRORED, "a fixture that raises", _erroring),
    # With an error at collection, pytest runs nothing else.
    _canary(COLLECTION_ERROR, "a test file that raises when imported", _uncollectable, shares=False),
    _canary(TEST_UNACCOUNTED, "a hook that swallows a test", _lost),
    _canary(WORKER_CRASHED, "a test that ends its worker", _crashing, shares=False),
    _canary(TOO_MANY_WARNINGS, "one warning too many", _warning),
    _canary(TESTS_DESELECTED, "a hook that takes a test out", _deselected, as_error=True),
    _canary(MODULE_SKIPPED, "a test file that skips itself", _skipped, as_error=True),
)


def _site(context: Context[TestsSettings], own: str) -> _Site | Reason:
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
    names = [pattern.replace("*", own) for pattern in patterns if "*" in pattern and "/" not in pattern]
    if file is None or not names:
        return _unfit("no test file was found beside which a canary would be collected")
    prefix = (read.lines("python_functions") or ("test",))[0]
    return _Site(
        root=root,
        file=Path(file).with_name(names[0]).as_posix(),
        function=prefix.replace("*", own) if "*" in prefix else f"{prefix.rstrip('_')}_{own}",
        args=tuple(_without_targets(root, args)),
        options=read,
        max_warnings=context.settings.max_warnings,
    )


def _without_targets(root: Path, args: Sequence[str]) -> Iterator[str]:
    """The arguments without the files and folders that are tested; what may be an option's value stays."""
    before = ""
    for word in args:
        option = before.startswith("-") and "=" not in before
        if word.startswith("-") or option or not (root / word.partition("::")[0]).exists():
            yield word
        before = word


def _below(path: str, folder: str) -> bool:
    folder = folder.partition("::")[0].removeprefix("./").rstrip("/")
    return folder in {"", "."} or path == folder or path.startswith(f"{folder}/") or fnmatchcase(path, f"{folder}/*")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _unfit(message: str) -> Reason:
    return Reason(code="does_not_apply", message=message, fix="gates prove tests -v")
