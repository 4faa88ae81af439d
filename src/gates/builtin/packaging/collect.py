"""Collect: build the project, open what was built, and ask tools, files and git what they say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gates.builtin.packaging import building, licensing, reading, stated
from gates.builtin.packaging.facts import Complaint, PackagingEvidence, Pythons, Said
from gates.builtin.packaging.reading import Opened
from gates.builtin.packaging.saying import description, pyproject, twine, wheel_contents
from gates.config.positions import line_of
from gates.errors import GatesError
from gates.model.evidence import Refusal, counted, refuse
from gates.model.reason import Reason
from gates.project.documents import table

if TYPE_CHECKING:
    from gates.builtin.built.artifact import Artifact
    from gates.builtin.packaging.building import Builds
    from gates.builtin.packaging.settings import PackagingSettings
    from gates.builtin.packaging.smoke.trial import Smoke
    from gates.model.gate import Context
    from gates.process.tools import Tool

TOOLS = {"twine": "twine", "check-wheel-contents": "check_wheel_contents", "validate-pyproject": "validate_pyproject"}
"""Names of distributions, and the modules that start them."""


def collect(context: Context[PackagingSettings]) -> PackagingEvidence | Refusal:
    """All that can be seen; what could not be is a reason in it, so that what is wrong elsewhere is said anyway."""
    tools: dict[str, Tool] = {}
    for name, module in TOOLS.items():
        tool = context.tool(name, module=module)
        if isinstance(tool, Refusal):
            return tool
        tools[name] = tool
    try:
        evidence = _Survey(context=context, tools=tools).evidence()
    except GatesError as error:
        return refuse("unreadable", str(error), "gates check packaging -v")
    if evidence.undecided.count:
        context.volatile("a part of the evidence is missing")
    return evidence


@dataclass(kw_only=True)
class _Survey:
    """One look at what is built; `reasons` gathers what could not be seen."""

    context: Context[PackagingSettings]
    tools: dict[str, Tool]
    reasons: list[Reason] = field(default_factory=list)

    def evidence(self) -> PackagingEvidence:
        said = self.noted(pyproject.check(self.context, self.tools["validate-pyproject"]))
        builds = building.made(self.context)
        self.reasons += builds.reasons
        opened = {
            kind: self.opened(artifact)
            for kind, artifact in (("sdist", builds.sdist), ("wheel", builds.wheel), ("again", builds.again))
        }
        sdist, wheel, again = opened["sdist"], opened["wheel"], opened["again"]
        held = [one for one in (sdist, wheel) if one is not None]
        trials = self.trials(wheel)
        project = self.context.project
        complaints = (*said, *self.complaints(builds, held))
        versions = tuple(self.versions(held))
        self.reasons += trials.undecided
        return PackagingEvidence.sealed(
            artifacts=counted(one.packed for one in held),
            again=again.packed.name if again else "",
            changed=counted(reading.changed(wheel, again) if wheel and again else ()),
            complaints=counted(complaints),
            patterns=counted(licensing.patterns(project)),
            licences=counted(licensing.files(project, held)),
            versions=counted(versions),
            changelog=stated.logged(project, self.context.settings.changelog, _version(held)),
            pythons=Pythons(judged=self.judged(), line=self.python_line()),
            smoked=self.context.settings.smoke,
            tried=counted(trials.tried),
            notes=counted(trials.notes),
            undecided=counted(self.reasons),
        )

    def opened(self, artifact: Artifact | None) -> Opened | None:
        if artifact is None:
            return None
        found = reading.opened(artifact)
        if isinstance(found, Reason):
            self.reasons.append(found)
            return None
        return reading.followed(found, self.context.project)

    def noted(self, found: list[Complaint] | Reason) -> list[Complaint]:
        if isinstance(found, Reason):
            self.reasons.append(found)
            return []
        return found

    def complaints(self, builds: Builds, held: list[Opened]) -> Iterator[Complaint]:
        for one in held:
            self.context.progress(f"looking at {one.packed.name}")
            yield from description.check(self.context.project, one)
            yield from self.noted(twine.check(self.context, self.tools["twine"], one.artifact.path))
            if one.packed.kind == "wheel":
                tool = self.tools["check-wheel-contents"]
                yield from self.noted(wheel_contents.check(self.context, tool, one.artifact.path, builds.tree))

    def versions(self, held: list[Opened]) -> Iterator[Said]:
        project = self.context.project
        yield from stated.by_artifacts(held)
        for one in held:
            if one.packed.kind == "wheel":
                yield from stated.by_packages(project, one)
        yield from stated.by_tags(project)
        for name in self.context.settings.version_files:
            found = stated.by_file(project.root, name)
            if found is None:
                message = f"{name}, which `version-files` names, is not there or has no line such as `version: 1.0`"
                fix = "mend `version-files` in [tool.gates.packaging]"
                self.reasons.append(Reason(code="evidence_missing", message=message, fix=fix))
            else:
                yield found

    def judged(self) -> str:
        python = self.context.python
        return "" if isinstance(python, Refusal) else python.version

    def python_line(self) -> int | None:
        if "requires-python" not in table(self.context.project.pyproject, "project"):
            return None
        return line_of(self.context.project.root / "pyproject.toml", "requires-python", "[project]")

    def trials(self, wheel: Opened | None) -> Smoke:
        from gates.builtin.packaging.smoke import trial

        if wheel is None or not self.context.settings.smoke:
            return trial.Smoke(tried=(), undecided=(), notes=())
        self.context.progress(f"installing {wheel.packed.name}")
        return trial.run(self.context, wheel.artifact.path)


def _version(held: list[Opened]) -> str:
    return held[-1].packed.metadata.version if held else ""
