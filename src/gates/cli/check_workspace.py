"""`gates check` in the root of a workspace: each project is judged by itself, and one report is made of all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from gates.cli import options, progress, workspace
from gates.engine import joining, session
from gates.engine.joined import Joined
from gates.errors import GatesError, UsageError
from gates.model.reason import Reason
from gates.model.report import NotJudged, key

if TYPE_CHECKING:
    from pathlib import Path

    from gates.cli.options import Prepared
    from gates.cli.workspace import Place, Workspace
    from gates.engine.observer import Observer
    from gates.engine.session import Judgement
    from gates.model.decision import Verdict

FLAGS = frozenset({"--select", "GATES_SELECT"})


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks of one project: gates by name and settings; `left` are those that it does not have.

    `aside` is a project that has none of them.
    """

    place: Place
    prepared: Prepared
    named: tuple[str, ...] = ()
    aside: bool = False
    left: tuple[NotJudged, ...] = ()


def judge(whole: Workspace, given: dict[str, Any]) -> Joined:
    """Judge the projects one after the other, as of one moment, and join their reports.

    Raises:
        GatesError: the command line names what no project has, or a project cannot be judged.
    """
    now = given["as_of"] or datetime.now(UTC)
    parts: list[joining.Part] = []
    judgements: dict[str, Judgement] = {}
    for one in asked(whole, given):
        place = one.place
        if not one.aside:
            judgements[place.path] = _judged(one, given, now, whole.places[0].project.root)
        report = None if one.aside else judgements[place.path].report
        parts.append(
            joining.Part(
                project=place.path,
                name=place.project.name,
                report=report,
                owed=place.owed,
                aside=one.aside,
                left=one.left,
            )
        )
    return Joined(
        report=joining.join(parts, whole.name, chosen=whole.chosen),
        judgements=judgements,
        name=whole.name,
        parts=tuple(parts),
        chosen=whole.chosen,
    )


def asked(whole: Workspace, given: dict[str, Any]) -> tuple[Asked, ...]:
    """What is asked of each project.

    Raises:
        UsageError: a gate is named that none of them has.
    """
    named: tuple[str, ...] = given["gates"]
    workspace.strangers((*named, *(given["select"] or ()), *(given["ignore"] or ())), whole.judged)
    found = tuple(_asked(one, named, chosen=bool(whole.chosen), given=given) for one in whole.judged)
    if all(one.aside for one in found):
        raise UsageError(f"none of {', '.join(one.path for one in whole.judged)} has anything for the named gates")
    return found


def _asked(place: Place, named: tuple[str, ...], *, chosen: bool, given: dict[str, Any]) -> Asked:
    prepared = place.prepared
    flagged = prepared.config.origins.get("select") in FLAGS
    wanted = named or (given["select"] or prepared.config.select or () if flagged else ())
    if not wanted:
        return Asked(place=place, prepared=prepared)
    missing = {name: reason for name in wanted if (reason := _missing(place, name, chosen=chosen))}
    left = tuple(NotJudged(name=name, reason=reason) for name, reason in missing.items())
    kept = tuple(name for name in wanted if name not in missing)
    if not named:
        prepared = msgspec.structs.replace(prepared, config=msgspec.structs.replace(prepared.config, select=kept))
    return Asked(place=place, prepared=prepared, named=kept if named else (), aside=not kept, left=left)


def _missing(place: Place, name: str, *, chosen: bool) -> Reason | None:
    """Why a gate that is asked of the workspace is not asked of this project; None if it is.

    A root without code of its own is asked only for what applies there or has a table.
    """
    config, gates = place.prepared.config, place.prepared.registry.gates
    fix = f"gates check {name} --package {place.path}"
    if name not in gates:
        return Reason(code="does_not_apply", message="the project has no gate of that name", fix=fix)
    if place.owed or chosen or name in config.tables:
        return None
    reason = gates[name].applies(place.project, config.gates[name]).reason
    if reason is None or reason.code != "does_not_apply":
        return None
    return msgspec.structs.replace(reason, fix=fix)


def _judged(one: Asked, given: dict[str, Any], now: datetime, home: Path) -> Judgement:
    place = one.place
    watching = progress.observer(given["log_format"], quiet=given["quiet"], environ=dict(one.prepared.environ))
    try:
        return session.judge(
            options.request(
                one.prepared,
                Labelled(watching, place.path),
                named=one.named,
                python=given["python"],
                use_cache=not given["no_cache"],
                as_of=now,
                home=home,
                allow_undecided=given["allow_undecided"] or (),
                approve=options.approvals(one.prepared, given["approve"]),
            )
        )
    except UsageError:
        raise
    except GatesError as error:
        if place.path == workspace.ROOT:
            raise
        raise workspace.placed_in(place.path, error) from error


class Labelled:
    """An observer that knows the gates of a member by its folder too: `packages/a:lint`."""

    def __init__(self, watching: Observer, project: str) -> None:
        """Tell `watching`."""
        self._watching = watching
        self._project = project

    def planned(self, gates: tuple[tuple[str, float | None], ...]) -> None:
        """Tell of them."""
        self._watching.planned(tuple((self._key(name), expected) for name, expected in gates))

    def started(self, gate: str) -> None:
        """Tell of it."""
        self._watching.started(self._key(gate))

    def progressed(self, gate: str, text: str) -> None:
        """Tell of it."""
        self._watching.progressed(self._key(gate), text)

    def collected(self, gate: str, seconds: float, *, cached: bool) -> None:
        """Tell of it."""
        self._watching.collected(self._key(gate), seconds, cached=cached)

    def decided(self, gate: str, verdict: Verdict) -> None:
        """Tell of it."""
        self._watching.decided(self._key(gate), verdict)

    def ended(self) -> None:
        """Tell of it."""
        self._watching.ended()

    def _key(self, gate: str) -> str:
        return key(self._project, gate)
