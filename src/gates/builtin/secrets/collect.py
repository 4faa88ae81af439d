"""Collect: what looks like a secret in the tracked files, and in the commits of the change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gates.builtin.secrets import baseline, history, material
from gates.builtin.secrets.facts import Baseline, Secret, SecretsEvidence
from gates.builtin.secrets.history import Commit
from gates.builtin.secrets.material import Material
from gates.builtin.secrets.scan import scan
from gates.errors import GatesError
from gates.model.evidence import Refusal, counted, refuse
from gates.model.reason import Reason
from gates.project.base import on_pull_request
from gates.project.tree import Tree

if TYPE_CHECKING:
    from gates.builtin.secrets.settings import SecretsSettings
    from gates.model.gate import Context
    from gates.process.tools import Tool
    from gates.project.git import Git

NOW, THEN, BEFORE, SAID = "now", "then", "before", "said"
"""The groups of the material: files as they are, versions in commits, those of the base, and messages of commits."""

OWN = frozenset({"gates.toml", "pyproject.toml"})
"""Files that are looked at and not counted: over nothing but what asks for the gate there is no pass."""

MESSAGE = "message of the commit"


def collect(context: Context[SecretsSettings]) -> SecretsEvidence | Refusal:
    """All that was found; what could not be looked at is a reason in it."""
    tool = context.tool("detect-secrets", module="detect_secrets")
    if isinstance(tool, Refusal):
        return tool
    try:
        held = baseline.read(context.project.root, context.settings.baseline)
        if isinstance(held, Refusal):
            return held
        found = _Survey(context=context, tool=tool, baseline=held).evidence()
    except GatesError as error:
        return refuse("unreadable", str(error), "gates check secrets -v")
    except OSError as error:
        return refuse("unreadable", f"the files cannot be laid out: {error.strerror}", "gates check secrets -v")
    if isinstance(found, SecretsEvidence) and found.undecided.count:
        context.volatile("a part of the evidence is missing")
    return found


@dataclass(kw_only=True)
class _Survey:
    """One look at the files and the change; `reasons` gathers what could not be seen."""

    context: Context[SecretsSettings]
    tool: Tool
    baseline: Baseline
    reasons: list[Reason] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)
    files: int = 0
    blobs: int = 0

    def evidence(self) -> SecretsEvidence | Refusal:
        context = self.context
        held = Material(context.scratch / "material", context.settings.largest)
        self.now(held)
        no_base = self.change(held)
        context.progress(f"detect-secrets over {len(held.placed)} texts")
        done = scan(context, self.tool, held)
        if isinstance(done, Reason):
            return Refusal(done)
        by_group: dict[str, list[Secret]] = {}
        for group, secret in done.found:
            by_group.setdefault(group, []).append(secret)
        return SecretsEvidence.sealed(
            files=self.files,
            commits=counted(one.name for one in self.commits),
            blobs=self.blobs,
            detectors=counted(done.detectors),
            found=counted((*by_group.get(NOW, ()), *self.leaked(by_group))),
            skipped=counted(dict.fromkeys(held.skipped)),
            baseline=self.baseline,
            no_base=no_base,
            undecided=counted(self.reasons),
        )

    def now(self, held: Material) -> None:
        """The tracked files as they are in the work tree; all files where there is no git."""
        project, settings = self.context.project, self.context.settings
        git = project.git
        listed = history.tracked(git) if git is not None else [("", "", path) for path in project.tree.files]
        gone = {}
        for mode, blob, path in self.kept(listed):
            data = material.content(project.root, path, settings.largest)
            if data is None:
                gone[path] = (mode, blob)
            elif isinstance(data, str):
                held.skip(path, data)
            else:
                self.files += held.add(NOW, path, mode, data) and path not in OWN
        if git is not None and gone:
            texts = history.contents(git, [blob for _, blob in gone.values()], settings.largest)
            for path, (mode, blob) in gone.items():
                self.files += held.add(NOW, path, mode, texts[blob]) and path not in OWN

    def change(self, held: Material) -> str:
        """The commits since the base; why there are none to look at, "" where there are."""
        context, git = self.context, self.context.project.git
        if git is None:
            return "the project is not in a git work tree"
        if git.shallow:
            message = "this clone is shallow, so that commits of the change may be missing from it"
            self.reasons.append(Reason(code="evidence_incomplete", message=message, fix="git fetch --unshallow"))
            return message
        if context.base is None:
            why = context.no_base
            message = why.message if why is not None else "there is no base commit"
            if on_pull_request(context.environ):
                fix = why.fix if why is not None else "gates check secrets --base REF"
                self.reasons.append(Reason(code="no_base", message=message, fix=fix))
            return message
        self.versions(held, git, context.base)
        return ""

    def versions(self, held: Material, git: Git, base: str) -> None:
        largest = self.context.settings.largest
        self.commits = history.commits(git, base)
        found = history.versions(git, base)
        kept = {path for _, _, path in self.kept([(one.mode, one.blob, one.path) for one in found])}
        found = [one for one in found if one.path in kept]
        before = history.at(git, base, sorted(kept))
        texts = history.contents(
            git, [*(one.blob for one in found if one.mode != material.SUBMODULE), *before.values()], largest
        )
        for index, one in enumerate(found):
            if before.get(one.path) != one.blob:
                added = held.add(f"{THEN}{index}", one.path, one.mode, texts.get(one.blob), one.commit)
                self.blobs += added and one.path not in OWN
        for path, blob in before.items():
            data = texts.get(blob)
            if data is not None and len(data) <= largest:
                Material.add(_quiet(held), BEFORE, path, "100644", data, base)
        for commit in self.commits:
            data = commit.message.encode("utf-8", "surrogateescape")
            held.add(f"{SAID}-{commit.name}", MESSAGE, "100644", data, commit.name)

    def leaked(self, by_group: dict[str, list[Secret]]) -> list[Secret]:
        """What commits of the change held that neither the base nor a file has now."""
        known = {(one.path, one.digest) for group in (NOW, BEFORE) for one in by_group.get(group, ())}
        held = (one for group, listed in by_group.items() if group not in {NOW, BEFORE} for one in listed)
        found: dict[tuple[str, str, str], Secret] = {}
        order = {one.name: index for index, one in enumerate(self.commits)}
        for one in sorted(held, key=lambda one: (order.get(one.commit, 0), one.path, one.line, one.kind)):
            if (one.path, one.digest) not in known:
                found.setdefault((one.path, one.digest, one.kind), one)
        return list(found.values())

    def kept(self, listed: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        """The files that are to be looked at: not the baseline, which is digests, and not what is excluded."""
        settings = self.context.settings
        globs = (*settings.exclude, settings.baseline)
        gone = set(Tree(self.context.project.root, tuple(path for _, _, path in listed)).matching(globs))
        return [one for one in listed if one[2] not in gone]


def _quiet(held: Material) -> Material:
    """The same material, of which nobody hears what is left out: the base is looked at for comparison only."""
    quiet = Material(held.root, held.largest)
    quiet.placed = held.placed
    return quiet
