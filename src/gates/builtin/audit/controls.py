"""Controls: versions that are known to be vulnerable, one of which is asked about in every run."""

from __future__ import annotations

from collections.abc import Collection

from gates.builtin.audit.facts import Control

CONTROLS = (
    Control(name="requests", version="2.19.1", advisory="CVE-2018-18074"),
    Control(name="jinja2", version="2.10", advisory="CVE-2019-10906"),
    Control(name="pyyaml", version="5.3", advisory="CVE-2020-14343"),
)
"""Advisories of old releases that are settled: PYSEC-2018-28, PYSEC-2019-217, PYSEC-2021-142."""


def control(names: Collection[str]) -> Control:
    """The first control of which the project does not depend on a release of its own, else the first.

    A control that is a dependency too is asked about in a run of its own.
    """
    return next((one for one in CONTROLS if one.name not in names), CONTROLS[0])
