"""Collect: the source of the project's dependencies, and the document that is made of it or was there before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gates.builtin.sbom import reading
from gates.builtin.sbom.facts import Bom, Expected, SbomEvidence
from gates.builtin.sbom.making import root as rooting
from gates.builtin.sbom.making import tool as drafting
from gates.builtin.sbom.making.document import Maker
from gates.builtin.sbom.making.validating import validated
from gates.builtin.supply import closure, installed, joining, ruling
from gates.errors import GatesError
from gates.model.evidence import Refusal, counted, refuse
from gates.model.reason import Reason
from gates.project.documents import text_of
from pytest_vltair.installed import canonical

if TYPE_CHECKING:
    from gates.builtin.sbom.settings import SbomSettings
    from gates.builtin.supply.closure import Graph
    from gates.builtin.supply.distribution import Distribution
    from gates.builtin.supply.installed import Installed
    from gates.builtin.supply.ruling import Ruling
    from gates.builtin.supply.source import Supply
    from gates.model.gate import Context
    from gates.process.tools import Tool


def collect(context: Context[SbomSettings]) -> SbomEvidence | Refusal:
    """The document with its source; a refusal where one of the two is not there or cannot be read."""
    tool = drafting.find(context)
    if isinstance(tool, Refusal):
        return tool
    try:
        found = _Survey(context=context, tool=tool).evidence()
    except GatesError as error:
        return refuse("unreadable", str(error), "gates sbom -v")
    except OSError as error:
        return refuse("unreadable", f"a built file cannot be read: {error.strerror or error}", "gates sbom -v")
    return Refusal(found) if isinstance(found, Reason) else found


@dataclass(kw_only=True)
class _Survey:
    """One look at a project; `notes` gathers what a reader should know."""

    context: Context[SbomSettings]
    tool: Tool
    notes: list[str] = field(default_factory=list)

    def evidence(self) -> SbomEvidence | Reason:
        settings = self.context.settings
        ruled = ruling.ruling(self.context.project, settings.source, settings.requirements)
        if isinstance(ruled, Reason):
            return ruled
        self.context.progress(f"reading {ruled.path or 'the environment'}")
        held = installed.installed(self.context, "sbom")
        supply = ruling.supply(self.context, ruled, held, files=settings.requirements)
        if isinstance(supply, Reason):
            return supply
        if not ruling.watched(self.context.project, supply, ("**",)):
            self.context.volatile("a file that names dependencies is no input of the gate")
        lock, supply = self.joined(supply, held)
        graph = closure.graph(supply, self.markers(held), settings.extras, settings.groups)
        artifacts = self.built()
        if isinstance(artifacts, Reason):
            return artifacts
        own = {} if isinstance(held, Reason) else held.distributions
        root = rooting.root(self.context.project, supply, artifacts, lock, own)
        made = self.given() if settings.document else self.made(supply, graph, root)
        if isinstance(made, Reason):
            return made
        return self.judgeable(ruled, supply, graph, root, made)

    def joined(self, supply: Supply, held: Installed | Reason) -> tuple[str, Supply]:
        """The lock whose hashes are used for an environment, and the source with all that is known of it."""
        if isinstance(held, Reason):
            self.notes.append(f"no metadata was read: {held.message}")
            return "", supply
        if supply.kind != "environment":
            self.notes += joining.absent(supply, held.distributions)
            return "", joining.with_metadata(supply, held.distributions)
        beside = ruling.ruling(self.context.project)
        if isinstance(beside, Reason) or beside.kind == "environment":
            return "", supply
        lock = ruling.supply(self.context, beside, held)
        return ("", supply) if isinstance(lock, Reason) else (beside.path, joining.with_hashes(supply, lock))

    def markers(self, held: Installed | Reason) -> dict[str, str]:
        """The values of environment markers of the judged interpreter, else of this one."""
        if not isinstance(held, Reason):
            return dict(held.markers)
        from packaging.markers import default_environment

        return {name: str(value) for name, value in default_environment().items()}

    def built(self) -> tuple[tuple[str, str], ...] | Reason:
        """Names and SHA-256 of the built files; each glob has to match one."""
        found: set[str] = set()
        base = self.context.project.root
        for glob in self.context.settings.artifacts:
            names = {path.relative_to(base).as_posix() for path in base.glob(glob) if path.is_file()}
            if not names:
                message = f"`artifacts` names {glob!r}, which matches no file"
                return Reason(code="evidence_missing", message=message, fix="python -m build")
            found |= names
        if found:
            self.context.volatile("built files are no input of a project")
        return rooting.built(base, tuple(sorted(found)))

    def given(self) -> tuple[str, Bom] | Reason:
        """Text and content of the document that a setting names."""
        path = self.context.settings.document or ""
        text = text_of(self.context.project.root, path)
        if text is None:
            message = f"`document` names {path}, which is not there"
            return Reason(code="evidence_missing", message=message, fix=f"gates sbom --output-file cyclonedx={path}")
        self.context.volatile("a document may lie where nothing is looked for")
        try:
            return text, reading.read(text)
        except reading.NoBomError as error:
            message = f"{path} cannot be judged: {error}"
            return Reason(code="evidence_corrupt", message=message, fix=f"gates sbom --output-file cyclonedx={path}")

    def made(self, supply: Supply, graph: Graph, root: rooting.Root) -> tuple[str, Bom, tuple[str, ...]] | Reason:
        """Text and content of a new document, and the names that the tool itself read from the source."""
        self.context.progress("cyclonedx-py")
        drafted = drafting.draft(self.context, self.tool, supply)
        if isinstance(drafted, Reason):
            return drafted
        maker = Maker(
            settings=self.context.settings,
            supply=supply,
            graph=graph,
            drafted=drafted,
            root=root,
            seconds=self.seconds(),
            redact=self.context.redact,
        )
        text = maker.text()
        return text, reading.read(text), tuple(sorted(drafted.components)) if drafted.read else ()

    def seconds(self) -> int | None:
        """The time of the document: SOURCE_DATE_EPOCH, else that of the commit, else of the newest file."""
        from gates.builtin.built import source

        said = self.context.environ.get("SOURCE_DATE_EPOCH", "").strip()
        if said.isdecimal() and len(said) < 12:
            return int(said)
        if said:
            self.notes.append("SOURCE_DATE_EPOCH is no number of seconds and was not used")
        return source.epoch(self.context.project).seconds

    def judgeable(
        self,
        ruled: Ruling,
        supply: Supply,
        graph: Graph,
        root: rooting.Root,
        made: tuple[str, Bom] | tuple[str, Bom, tuple[str, ...]],
    ) -> SbomEvidence | Reason:
        text, bom = made[0], made[1]
        given = self.context.settings.document or ""
        self.context.progress("validating the document")
        invalid = validated(text)
        if isinstance(invalid, Reason):
            return invalid
        return SbomEvidence.sealed(
            name=canonical(root.name),
            version=root.version,
            source=supply.kind,
            path=ruled.path,
            because=ruled.because,
            given=given,
            artifacts=counted(f"{name} {digest}" for name, digest in root.artifacts),
            bom=bom,
            invalid=counted(map(self.context.redact, invalid)),
            expected=counted(_expected(one, graph, given=bool(given)) for one in supply.distributions.items),
            told=counted(made[2] if len(made) == 3 else ()),
            missing=counted(closure.missing_sentences(graph)),
            document="" if given else text,
            notes=counted((*self.notes, *supply.notes.items)),
            undecided=counted(()),
        )


def _expected(one: Distribution, graph: Graph, *, given: bool) -> Expected:
    hashes = set(one.hashes)
    # Of a document that was made elsewhere nobody knows whether its hashes are of the file or of what is installed.
    if one.record and (hashes or not given):
        hashes.add(f"sha256:{one.record}")
    return Expected(
        name=one.name,
        version=one.version,
        scope=graph.scopes[one.key],
        hashes=counted(sorted(hashes)),
        path=one.path,
        line=one.line,
    )
