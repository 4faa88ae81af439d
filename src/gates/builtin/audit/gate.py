"""The gate `audit`: no dependency has a known vulnerability, and none went without an answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from gates.builtin.audit.facts import FILES, AuditEvidence
from gates.builtin.audit.rules import RULES
from gates.builtin.audit.settings import AuditSettings
from gates.model.decision import Decision
from gates.model.evidence import Refusal
from gates.model.gate import Applies, CachePolicy, Context, Gate, Inputs
from gates.model.reason import Reason
from gates.model.rule import Rule

if TYPE_CHECKING:
    from gates.model.canary import Canary
    from gates.project.facts import Project

HOUR = 3600.0
"""For how long an answer counts again: advisories are published every day."""


class AuditGate(Gate[AuditSettings, AuditEvidence]):
    """Has a tool ask about every dependency, and counts and reads the answers on their way."""

    name: ClassVar[str] = "audit"
    title: ClassVar[str] = "no dependency has a known vulnerability"
    rules: ClassVar[tuple[Rule, ...]] = RULES
    Settings: ClassVar[type[Any]] = AuditSettings
    Evidence: ClassVar[type[Any]] = AuditEvidence
    cache: ClassVar[CachePolicy] = CachePolicy(kind="inputs", max_age=HOUR)
    tools: ClassVar[tuple[str, ...]] = ("pip-audit",)

    def applies(self, project: Project, settings: AuditSettings) -> Applies:
        """Only where somebody asks for it: by selection, by name or by its table."""
        del project, settings
        message = "nobody asked for it: it tells an advisory service what the project depends on"
        return Applies(reason=Reason(code="not_configured", message=message, fix="gates check audit"))

    def inputs(self, project: Project, settings: AuditSettings) -> Inputs:
        """Lock and requirements files, the judged environment, the mirror, and what leads to the service."""
        del project
        mirror = () if settings.mirror is None else (f"{settings.mirror.rstrip('/')}/**",)
        return Inputs(
            globs=(*FILES, *settings.requirements, *mirror),
            distributions=("pip-audit", "uv", "requests", "packaging"),
            project_distributions=None,
            environment=(*ENVIRONMENT, *filter(None, (settings.service_token,))),
        )

    def collect(self, context: Context[AuditSettings]) -> AuditEvidence | Refusal:
        """What was asked, answered and said."""
        from gates.builtin.audit.collect import collect

        return collect(context)

    def decide(self, evidence: AuditEvidence, settings: AuditSettings, now: datetime) -> Decision:
        """Which vulnerabilities are known, and whether every answer is there."""
        from gates.builtin.audit.decide import decide

        return decide(evidence, settings, now)

    def canaries(self) -> Iterable[Canary]:
        """A way to make each rule fire."""
        from gates.builtin.audit.canaries import CANARIES

        return CANARIES


ENVIRONMENT = (
    "ALL_PROXY", "CURL_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE",
    "all_proxy", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
"""What leads to the service."""
