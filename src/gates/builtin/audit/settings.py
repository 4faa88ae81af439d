"""Settings of the gate `audit`: the table `[tool.gates.audit]`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from gates.builtin.supply.source import Asked
from gates.model.gate import GateSettings
from gates.model.strictness import stricter

SERVICE = "https://api.osv.dev"
Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]


class Exemption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One dependency that cannot be audited, and why that is acceptable."""

    name: Annotated[Text, Meta(description="The name of the distribution.")]
    reason: Annotated[Text, Meta(description="Why it need not be audited.")]


class AuditSettings(GateSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Who is asked, about what, and which dependencies need no answer."""

    source: Annotated[
        Asked,
        Meta(
            description="What says which dependencies there are; `auto`: the first lock file that is there, else the"
            " judged environment.",
            extra=stricter("unknown"),
        ),
    ] = "auto"
    requirements: Annotated[
        tuple[str, ...],
        Meta(description="Requirements files that rule in place of `requirements.txt`.", extra=stricter("grow")),
    ] = ()
    unaudited: Annotated[
        tuple[Exemption, ...],
        Meta(
            description="Dependencies that need no answer, each with its reason; the project itself and what is"
            " installed in place never need one.",
            extra=stricter("shrink", by="name"),
        ),
    ] = ()
    service_url: Annotated[
        str,
        Meta(
            pattern=r"^https?://[^\s/]",
            description="The address of a service that speaks OSV's API, without `/v1`, user and password.",
            extra=stricter("unknown"),
        ),
    ] = SERVICE
    service_token: Annotated[
        Text | None,
        Meta(
            description="The name of an environment variable whose value is sent to the service as a bearer token, or"
            " as it is where it begins with `Basic` or `Bearer`.",
            extra=stricter("free"),
        ),
    ] = None
    service_timeout: Annotated[
        float,
        Meta(gt=0, description="Seconds within which the service has to answer a question.", extra=stricter("free")),
    ] = 30.0
    mirror: Annotated[
        Text | None,
        Meta(
            description="A folder with OSV records (JSON), which answers in place of the service, without a network.",
            extra=stricter("unknown"),
        ),
    ] = None
    mirror_max_age: Annotated[
        float,
        Meta(
            gt=0,
            le=36525,
            description="Days after which the mirror is too old to say anything.",
            extra=stricter("lower"),
        ),
    ] = 7.0

    def __post_init__(self) -> None:
        """Refuse an address that tells a secret: settings are kept with the evidence.

        Raises:
            ValueError: msgspec reports it as a validation error.
        """
        if self.service_url == SERVICE:
            return
        # Imported when called: the settings are read in every run.
        from urllib.parse import urlsplit

        parts = urlsplit(self.service_url)
        if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
            raise ValueError(
                "`service-url` has a user, a password or a query in it, which would be kept with the evidence; name a"
                " variable that holds it by `service-token`"
            )
