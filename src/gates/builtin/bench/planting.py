"""Planting: a benchmark in a file of its own, and code of head alone that it runs, in somebody else's project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gates.builtin.suite import code, site
from gates.builtin.suite.site import Site
from gates.model.canary import Planted
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.builtin.bench.settings import BenchSettings
    from gates.model.gate import Context

PAIRS = 3
MOST = 12
"""Process pairs where the machine is so noisy that a few do not show even a doubled time."""

ALONE: Mapping[str, Any] = {
    "mode": "paired",
    "rule": "detect",
    "pairs": PAIRS,
    "most-pairs": MOST,
    "limits": [],
    "command": [],
    "imports": [],
    "data": [],
}
"""Settings under which a planted benchmark is judged by its own mark, and within seconds."""

NAMELESS: Mapping[str, Any] = {"budget": [], "between": []}
"""Settings that are about benchmarks which are not run, and without which the gate is not undecided for them."""

WORK = """\
    for _ in range(int(20_000 * factor)):
        pass
"""
"""Half a millisecond or so, times `factor`."""

WIDE, NARROW = 50, 10
"""Percent: a limit that noise does not come near, and one that a doubled time is far beyond."""

MARK = "@pytest.mark.vltair_bench(limit={limit})\n"

FACTOR = "GATES_CANARY"
"""What planted code of head is called."""


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Where a benchmark is planted for a rule, in which project."""

    context: Context[BenchSettings]
    site: Site
    rule: Rule

    @property
    def module(self) -> str:
        """The name of the module that the rule may plant."""
        return named(self.rule)

    def test(self, body: str, *, before: str = "", after: str = "", suffix: str = "", limit: int = WIDE) -> str:
        """A benchmark with this body; `before` is what stands above it, `after` a mark more."""
        head = f"{before}{MARK.format(limit=limit)}{after}def {self.site.function}{suffix}():\n"
        return f"{head}{body}"

    def plant(
        self, text: str, *, line: int | None = None, settings: Mapping[str, Any] = ALONE, before: str | None = None
    ) -> Planted:
        """Write the file of the benchmark; `before` is its text at base, where that is another one."""
        self._write(text)
        return Planted(
            path=self.site.file,
            line=line,
            settings={**settings, "paths": [self.site.file], "args": list(self.site.args)},
            before={} if before is None else {self.site.file: before},
        )

    def _write(self, text: str) -> None:
        place = self.context.project.root / self.site.file
        place.write_text(text, encoding="utf-8")

    def product(self, value: str) -> str | Reason:
        """Give head, and not base, a name in its product; the name of the module that has it.

        A package gets a module more. Of a project of single modules nobody knows whether one more would be its
        product, so that the name is added to the first of them.
        """
        project = self.context.project
        found = code.in_package(project, self.module)
        if found is not None:
            (project.root / found.file).write_text(f"{FACTOR} = {value}\n", encoding="utf-8")
            return found.name
        found = code.single(project)
        if found is None:
            return site.unfit("the project has no package or module to which a canary could be added", "bench")
        place = project.root / found.file
        place.write_text(f"{place.read_text(encoding='utf-8')}\n\n{FACTOR} = {value}\n", encoding="utf-8")
        return found.name


def plot(context: Context[BenchSettings], rule: Rule) -> Plot:
    """Where the canary of a rule goes: beside a test file, else into the project's root."""
    settings, project = context.settings, context.project
    for args in ((*settings.args, *settings.paths), settings.args):
        found = site.find(project, args, context.environ, rule.code, "bench")
        if isinstance(found, Site):
            return Plot(context=context, site=found, rule=rule)
    own = site.outside(project, settings.args, context.environ, rule.code, "bench")
    return Plot(context=context, site=own, rule=rule)


def named(rule: Rule) -> str:
    """What is planted for a rule is called."""
    return f"{site.NAME}_{rule.code.lower()}"


def factor(module: str) -> str:
    """The top of a benchmark file: `factor` is what head's product says, and 1 where it says nothing."""
    return (
        "import importlib\n\nimport pytest\n\n"
        "try:\n"
        f"    factor = importlib.import_module({module!r}).{FACTOR}\n"
        "except (ImportError, AttributeError):\n"
        "    factor = 1.0\n\n\n"
    )


def plain(lines: Sequence[str] = ()) -> str:
    """The top of a benchmark file in which `factor` is 1, or what `lines` make of it."""
    return "\n".join(["import pytest", "", "factor = 1.0", *lines]) + "\n\n\n"
