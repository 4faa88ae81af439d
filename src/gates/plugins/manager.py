"""Registry: every gate and renderer there is, and where each comes from."""

from __future__ import annotations

import hashlib
import importlib
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.errors import PluginError
from gates.model.gate import Gate
from gates.model.rule import Former, Rule, understood
from gates.plugins import entry_points

if TYPE_CHECKING:
    from gates.config.command import Placed
    from gates.plugins.hookspecs import Renderer

BUILTIN = {
    "lint": "gates.builtin.lint.gate:LintGate",
    "types": "gates.builtin.types.gate:TypesGate",
    "tests": "gates.builtin.tests.gate:TestsGate",
    "determinism": "gates.builtin.determinism.gate:DeterminismGate",
    "coverage": "gates.builtin.coverage.gate:CoverageGate",
    "bench": "gates.builtin.bench.gate:BenchGate",
    "repro": "gates.builtin.repro.gate:ReproGate",
    "packaging": "gates.builtin.packaging.gate:PackagingGate",
    "trace": "gates.builtin.trace.gate:TraceGate",
    "sbom": "gates.builtin.sbom.gate:SbomGate",
    "audit": "gates.builtin.audit.gate:AuditGate",
    "secrets": "gates.builtin.secrets.gate:SecretsGate",
    "provenance": "gates.builtin.provenance.gate:ProvenanceGate",
    "workflows": "gates.builtin.workflows.gate:WorkflowsGate",
    "policy": "gates.builtin.policy.gate:PolicyGate",
}
BUILT_IN = "built in"
COMMAND = "gates.builtin.command.gate"
TRACE = "trace"
"""The gate that reads documents by the readers of plugins too."""

READERS = "gates.builtin.trace.readers.registry"
NAME = re.compile(r"[a-z][a-z0-9-]*")
REQUIRED = ("name", "title", "rules", "Settings", "Evidence", "applies", "inputs", "collect", "decide", "canaries")


class Registry(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Gates by name in the order in which they are reported, with the origin of each."""

    gates: Mapping[str, Gate[Any, Any]]
    origins: Mapping[str, str]
    renderers: Mapping[str, Renderer] = msgspec.field(default_factory=dict)
    readers: Mapping[str, Any] = msgspec.field(default_factory=dict)
    """Of the documents that the gate `trace` reads, by name: those that plugins registered; the gate has them too."""
    commands: frozenset[str] = frozenset()
    """The gates that a table `[[command]]` made; they share their rules."""
    revisions: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Of each gate with code that is not built in, what tells one state of that code from another."""

    @cached_property
    def rules(self) -> Mapping[str, tuple[str, Rule]]:
        """Gate name and rule, by the rule's code and by its name."""
        return {
            key: (gate.name, rule)
            for gate in self.gates.values()
            for rule in gate.rules
            for key in (rule.code, rule.name, *(one.name for one in rule.formerly if understood(one.until)))
        }

    @property
    def former(self) -> Mapping[str, tuple[str, Former]]:
        """The codes that names and codes of earlier versions stand for."""
        found = {rule.code: rule for _, rule in self.rules.values() if rule.formerly}
        return {one.name: (code, one) for code, rule in found.items() for one in rule.formerly if understood(one.until)}

    @property
    def unwaivable(self) -> frozenset[str]:
        """Codes and names of the rules that no waiver may name."""
        return frozenset(key for key, (_, rule) in self.rules.items() if not rule.waivable)


def registry(
    plugins: Sequence[str] = (),
    root: Path | None = None,
    *,
    commands: Sequence[Placed] = (),
    third_party: bool = True,
) -> Registry:
    """The built-in gates, then those of installed plugins, of the project's own modules `plugins`, and of `commands`.

    Raises:
        PluginError: a plugin cannot be loaded, registers something that is not a gate, or a name is taken.
    """
    building = _Building()
    for target in BUILTIN.values():
        module, _, name = target.partition(":")
        building.add(getattr(importlib.import_module(module), name), BUILT_IN)
    modules = [(origin, point.load, point.value) for origin, point in (entry_points.find() if third_party else [])]
    modules += [("[tool.gates] plugins", _importer(name, root), name) for name in plugins]
    if modules:
        _register(building, [(origin, value, _load(origin, load, value)) for origin, load, value in modules])
    for one in commands:
        building.command(one)
    building.extend()
    return Registry(
        gates=dict(sorted(building.gates.items(), key=lambda item: item[1].always)),
        origins=building.origins,
        renderers=building.renderers,
        readers=building.readers,
        revisions=building.revisions,
        commands=frozenset(one.table.name for one in commands),
    )


class _Building:
    def __init__(self) -> None:
        self.gates: dict[str, Gate[Any, Any]] = {}
        self.origins: dict[str, str] = {}
        self.renderers: dict[str, Renderer] = {}
        self.readers: dict[str, Any] = {}
        self.first: list[str] = []
        self.revisions: dict[str, str] = {}
        self.rules: dict[str, str] = {}

    def add(self, kind: Any, origin: str) -> None:
        name = self._checked(kind, origin)
        self._own(kind.rules, name)
        self._keep(kind, origin)
        if origin != BUILT_IN:
            self.revisions[name] = f"{origin} {_code_digest(kind)}"

    def command(self, placed: Placed) -> None:
        """A gate out of a table; all of them own the same rules."""
        made = importlib.import_module(COMMAND).made(placed.table)
        try:
            self._checked(made, placed.place)
            self._own(made.rules, "command")
        except PluginError as error:
            raise PluginError(error.message, path=placed.path, line=placed.line) from error
        self._keep(made, placed.place)

    def _checked(self, kind: Any, origin: str) -> str:
        missing = [name for name in REQUIRED if not hasattr(kind, name)]
        if missing:
            named = getattr(kind, "__name__", repr(kind))
            raise PluginError(f"{named} from {origin} is not a gate: it has no {', '.join(missing)}")
        name = kind.name
        if not isinstance(name, str) or NAME.fullmatch(name) is None:
            raise PluginError(f"{name!r} from {origin} is no name of a gate: small letters, digits and dashes")
        if name in self.gates:
            raise PluginError(
                f"two gates are named {name!r}: one {self.origins[name]}, one from {origin}; uninstall or rename one"
            )
        return name

    def _own(self, rules: Iterable[Rule], owner: str) -> None:
        for rule in rules:
            for key in (rule.code, rule.name):
                if self.rules.setdefault(key, owner) != owner:
                    raise PluginError(f"gates {self.rules[key]!r} and {owner!r} both have a rule {key}; rename one")

    def _keep(self, kind: Any, origin: str) -> None:
        self.gates[kind.name] = kind()
        self.origins[kind.name] = origin

    def render(self, name: str, renderer: Renderer, origin: str) -> None:
        if name in self.renderers:
            raise PluginError(f"two output formats are named {name!r}, the second from {origin}; uninstall one")
        self.renderers[name] = renderer

    def read(self, reader: Any, origin: str, *, first: bool) -> None:
        name = getattr(reader, "name", None)
        if not isinstance(name, str) or NAME.fullmatch(name) is None or not callable(getattr(reader, "read", None)):
            raise PluginError(
                f"{reader!r} from {origin} is no reader: it has no method `read`, or no `name` of small letters, digits"
                " and dashes"
            )
        if name in self.readers or name in importlib.import_module(READERS).names():
            raise PluginError(f"two readers are named {name!r}, the second from {origin}; uninstall or rename one")
        self.readers[name] = reader
        if first:
            self.first.append(name)

    def extend(self) -> None:
        """Hand the readers to the gate that uses them; their code counts as its own."""
        if not self.readers or TRACE not in self.gates:
            return
        gate: Any = self.gates[TRACE]
        gate.readers, gate.first = tuple(self.readers.values()), frozenset(self.first)
        kinds = [one if isinstance(one, type) else type(one) for one in gate.readers]
        told = [f"{name} {_code_digest(kind)}" for name, kind in zip(self.readers, kinds, strict=True)]
        self.revisions[TRACE] = ", ".join(told)


def _code_digest(kind: Any) -> str:
    """The SHA-256 in hex over the Python files of the package that a gate's class is from, or of its one module.

    Where they are installed has no part in it.
    """
    top = sys.modules.get(kind.__module__.partition(".")[0])
    file = getattr(top, "__file__", None)
    if file is None:
        return "unknown"
    path = Path(file)
    files = sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]
    whole = hashlib.sha256()
    for one in files:
        whole.update(
            one.relative_to(path.parent).as_posix().encode("utf-8", "surrogateescape") + b"\0" + one.read_bytes()
        )
    return whole.hexdigest()


def _importer(name: str, root: Path | None) -> Any:
    def load() -> Any:
        # Last on the path: a project's `ruff.py` must not replace an installed module inside gates.
        if root is not None and str(root) not in sys.path:
            sys.path.append(str(root))
        writing, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            return importlib.import_module(name)
        finally:
            sys.dont_write_bytecode = writing

    return load


def _load(origin: str, load: Any, value: str) -> Any:
    try:
        return load()
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"plugin {value} ({origin}) cannot be loaded: {type(error).__name__}: {error}; fix or uninstall it"
        ) from error


def _register(building: _Building, loaded: Iterable[tuple[str, str, Any]]) -> None:
    import pluggy

    from gates.plugins.hookspecs import Specs

    manager = pluggy.PluginManager("gates")
    manager.add_hookspecs(Specs)
    for origin, value, plugin in loaded:
        try:
            manager.register(plugin, name=f"{origin} {value}")
            manager.check_pending()
        except (ValueError, pluggy.PluginValidationError) as error:
            raise PluginError(f"plugin {value} ({origin}) cannot be registered: {error}") from error
        _take(building, manager, plugin, f"{value} ({origin})")


def _take(building: _Building, manager: Any, plugin: Any, origin: str) -> None:
    others = [other for other in manager.get_plugins() if other is not plugin]
    try:
        kinds = [kind for batch in manager.subset_hook_caller("gates_register", others)() for kind in batch]
        renderers = [
            pair for batch in manager.subset_hook_caller("gates_renderers", others)() for pair in batch.items()
        ]
        readers = [one for batch in manager.subset_hook_caller("gates_trace_readers", others)() for one in batch]
        first = any(one.tryfirst for one in manager.hook.gates_trace_readers.get_hookimpls() if one.plugin is plugin)
    except (Exception, SystemExit) as error:
        raise PluginError(f"plugin {origin} failed while registering: {type(error).__name__}: {error}") from error
    if not kinds and not renderers and not readers:
        raise PluginError(f"plugin {origin} registers nothing: it has no hook marked with gates' hookimpl")
    for kind in kinds:
        building.add(kind, origin)
    for name, renderer in renderers:
        building.render(name, renderer, origin)
    for reader in readers:
        building.read(reader, origin, first=first)
