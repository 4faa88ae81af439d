"""A session over sample gates in a temporary project, with one function that has all defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gates.config import settings, source
from gates.engine.session import Judgement, Request, judge
from gates.model.gate import Gate
from gates.project import facts


def request(root: Path, *kinds: type[Gate[Any, Any]], flags: Mapping[str, Any] | None = None, **wished: Any) -> Request:
    """A request for the project at `root` with gates of these classes."""
    gates = {kind.name: kind() for kind in kinds}
    rules = [key for gate in gates.values() for rule in gate.rules for key in (rule.code, rule.name)]
    config = settings.resolve(
        source.read(root),
        {name: gate.Settings for name, gate in gates.items()},
        environ={},
        flags=flags or {},
        rules=rules,
    )
    environ = {"PATH": os.environ["PATH"], **wished.pop("environ", {})}
    return Request(project=facts.find(root), gates=gates, config=config, environ=environ, **wished)


def judged(root: Path, *kinds: type[Gate[Any, Any]], **wished: Any) -> Judgement:
    """The judgement of the project at `root` by gates of these classes."""
    return judge(request(root, *kinds, **wished))


def verdicts(judgement: Judgement) -> dict[str, str]:
    """Verdict by gate."""
    return {one.name: one.verdict for one in judgement.report.gates}


def reasons(judgement: Judgement) -> dict[str, str]:
    """Code of the reason by gate, for gates that have one."""
    return {one.name: one.reason.code for one in judgement.report.gates if one.reason is not None}
