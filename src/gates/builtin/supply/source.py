"""Source: what one lock file or one environment says, whole."""

from __future__ import annotations

from typing import Literal

from gates.builtin.supply.distribution import Distribution, Requirement
from gates.model.evidence import Counted
from gates.model.tested import Fact

Kind = Literal["environment", "requirements", "poetry", "uv", "pylock"]

Asked = Literal["auto", "environment", "requirements", "poetry", "uv", "pylock"]
"""What a setting `source` may say."""


class Supply(Fact, frozen=True, kw_only=True):
    """What a project depends on. `distributions` are sorted by name and version, and never the project itself.

    `paths` are the files that were read, the ruling one first, relative to the project's root; none of an environment.
    `root` is the project as its source tells it, None where the source does not know it. `roots` are what the project
    asks for: its requirements with those of its extras (a marker names the extra) and groups. `rooted` is whether
    `roots` is known at all: a requirements file alone says what is needed, not who needs it. `notes` are sentences
    about what was left out, and why.
    """

    kind: Kind
    paths: Counted[str]
    root: Distribution | None
    roots: Counted[Requirement]
    rooted: bool
    distributions: Counted[Distribution]
    notes: Counted[str]
