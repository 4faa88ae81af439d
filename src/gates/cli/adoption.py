"""Adoption: what the gates found in a project today, as settings that `gates init` writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gates.config import baseline, other_tools, settings, source
from gates.config.edit import with_names, with_settings
from gates.config.file_edit import FileEdit
from gates.errors import GatesError, PluginError
from gates.model.gate import Gate
from gates.model.measure import Denominator
from gates.project import documents

if TYPE_CHECKING:
    from pathlib import Path

    from gates.cli.options import Prepared
    from gates.config.baseline import Baseline
    from gates.engine.session import Judgement

INIT = "gates init"
"""What a gate says has to be done before it is judged, where only its limits are missing."""

COMMENT = "Written by `gates init`: the figures are today's, and may only get better."

SAME_LIMIT: Mapping[tuple[str, str], tuple[str, str]] = {
    ("coverage", "fail_under"): ("coverage", "total"),
    ("pytest", "filterwarnings"): ("tests", "max-warnings"),
}
"""Limits of a tool that a gate takes as its own default, by the gate's setting; that setting is then left unset, so
that the figure stands in one place."""


@dataclass(frozen=True)
class ConfigFile:
    """The file that takes the settings, as it was before anything ran."""

    path: str
    data: bytes | None

    @property
    def prefix(self) -> tuple[str, ...]:
        """The tables round gates' own settings."""
        return ("tool", "gates") if self.path == source.PYPROJECT else ()


def offered(prepared: Prepared) -> tuple[str, ...]:
    """The gates that are not judged for nothing but that no limit is set yet, which `gates init` sets."""
    from gates.engine import plan

    drawn = plan.draw(prepared.project, prepared.registry.gates, prepared.config)
    return tuple(one.name for one in drawn.not_judged if one.reason.fix == INIT)


def config_file(prepared: Prepared) -> ConfigFile:
    """The file that has gates' settings; without one pyproject.toml, and where there is none a new gates.toml.

    Raises:
        ConfigError: it cannot be read.
    """
    root = prepared.project.root
    path = prepared.config.source.path
    if path is None:
        path = source.PYPROJECT if (root / source.PYPROJECT).exists() else source.OWN_FILE
    return ConfigFile(path, documents.data_of(root, path))


@dataclass(frozen=True)
class Adoption:
    """The judgement of today, and the configuration that it goes into."""

    prepared: Prepared
    judgement: Judgement
    file: ConfigFile
    offered: tuple[str, ...] = ()

    @property
    def select(self) -> tuple[str, ...]:
        """The gates that were judged, in the order of the registry; of those `offered` the ones with figures."""
        judged = {one.gate.name for one in self.judgement.plan.asked}
        without = {name for name in self.offered if name not in self.judgement.evidence}
        return tuple(name for name in self.prepared.registry.gates if name in judged - without)

    @cached_property
    def baselines(self) -> Mapping[str, Baseline]:
        """A baseline for each gate that would be red and has none: undecided ones are never taken for known."""
        from gates.engine import ratchet

        return {
            one.name: ratchet.today(one)
            for one in self.judgement.report.gates
            if one.name in self.select
            and one.verdict == "failed"
            and one.reason is None
            and not self._has_baseline(one.name)
            and not self._keeps_its_own(one.name)
        }

    def _keeps_its_own(self, name: str) -> bool:
        """Whether its baseline has a form of its own: findings in a common one would be known for ever."""
        return type(self.prepared.registry.gates[name]).keeps is not Gate.keeps

    def _has_baseline(self, name: str) -> bool:
        return baseline.data_of(self.prepared.project.root, name) is not None

    def edits(self, top: Path, below: Callable[[str], str]) -> Sequence[FileEdit]:
        """The edits of the configuration file and of the baselines; `below` names a file of the project below `top`.

        Raises:
            ConfigError: the file has its settings in a form that cannot be added to.
            PluginError: a gate's figures do not fit its own settings.
        """
        written = [
            FileEdit(top, below(baseline.name(name)), None, baseline.encode(one))
            for name, one in self.baselines.items()
        ]
        return [self.edit(top, below(self.file.path)), *written]

    def edit(self, top: Path, name: str) -> FileEdit:
        """The edit of the configuration file, which is `name` below `top`.

        Raises:
            ConfigError: the file has its settings in a form that cannot be added to.
            PluginError: a gate's figures do not fit its own settings.
        """
        before = self.file.data or b""
        text = documents.decode(before, self.file.path)
        table = self.prepared.config.source.table
        version = {} if "schema-version" in table else {"schema-version": settings.SCHEMA_VERSION}
        items = {**version, "select": list(self.select)}
        if self.baselines and "baseline" not in table:
            items["baseline"] = list(self.baselines)
        text = with_settings(text, self.file.prefix, items, comment=COMMENT, path=self.file.path)
        text = with_names(text, self.file.prefix, "baseline", list(self.baselines), path=self.file.path)
        for gate, figures in self.figures().items():
            text = with_settings(text, (*self.file.prefix, gate), figures, path=self.file.path)
        self._check(text)
        mark = documents.BOM.encode() if before.startswith(documents.BOM.encode()) else b""
        return FileEdit(top, name, self.file.data, mark + text.encode())

    def figures(self) -> Mapping[str, Mapping[str, Any]]:
        """Today's figures by gate, without those that are configured, here or in the tool's own settings."""
        limits = {(one.tool, one.name) for one in other_tools.limits(self.prepared.project)}
        held = {setting for limit, setting in SAME_LIMIT.items() if limit in limits}
        found = {}
        for name in self.select:
            if name not in self.judgement.evidence:
                continue
            table = self.prepared.config.source.table.get(name, {})
            today = self.prepared.registry.gates[name].today(self.judgement.evidence[name])
            figures = {key: one for key, one in today.items() if key not in table and (name, key) not in held}
            if figures:
                found[name] = figures
        return found

    def notes(self) -> Sequence[str]:
        """A line for each gate as it stands today, and for each limit that stays where it is."""
        lines = []
        for gate in (one for one in self.judgement.report.gates if one.name in self.select):
            blocking = sum(one.blocks for one in gate.findings)
            if gate.name in self.offered:
                written = ", ".join(f"{key} = {one}" for key, one in self.figures().get(gate.name, {}).items())
                lines.append(f"{gate.name} is judged from now on: {written}")
            elif gate.verdict == "undecided" and gate.reason is not None:
                lines.append(
                    f"{gate.name} is undecided today: {gate.reason.message}; no figure of it was taken. "
                    f"Mend it ({gate.reason.fix}), take `select` out and run `gates init` again"
                )
            else:
                known = f", known from now on ({baseline.name(gate.name)})" if gate.name in self.baselines else ""
                counted = f": {Denominator(count=blocking, unit='findings')}{known}" if blocking else ""
                lines.append(f"{gate.name} {gate.verdict} today{counted}")
        lines += [
            f"{one.tool}'s {one.name} = {str(one.value).lower()} ({one.place}) stays the limit"
            for one in other_tools.limits(self.prepared.project)
        ]
        left = [one.name for one in self.judgement.report.not_judged if one.name not in self.select]
        if left:
            lines.append(f"not judged: {', '.join(left)}; `gates list` says why, and `select` is where to ask for one")
        return lines

    def _check(self, text: str) -> None:
        """Refuse to write what gates itself would not read: a plugin's figures may not fit its settings."""
        table: Any = documents.toml(text, self.file.path)
        for name in self.file.prefix:
            table = table[name]
        registry = self.prepared.registry
        try:
            settings.resolve(
                source.Source(table=table, path=self.file.path, text=text),
                {name: gate.Settings for name, gate in registry.gates.items()},
                environ={},
                flags={},
                rules=tuple(registry.rules),
                unwaivable=registry.unwaivable,
            )
        except GatesError as error:
            raise PluginError(f"a gate's figures of today do not fit its settings: {error.message}") from error
