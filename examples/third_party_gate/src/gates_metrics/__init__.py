"""The gate `metrics`: names and units of metrics, out of a registry file."""

from __future__ import annotations

from gates.plugins.hookspecs import hookimpl

from gates_metrics.gate import MetricsGate


@hookimpl
def gates_register() -> list[type[MetricsGate]]:
    """What this distribution adds."""
    return [MetricsGate]
