"""Addresses: where a service is, what of its address may be shown, and how it is reached."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A host with its port, the path before `/v1`, and what is sent for authorisation ("" for nothing)."""

    secure: bool
    host: str
    port: int
    path: str
    authorization: str

    @property
    def shown(self) -> str:
        """The address without user, password and query."""
        usual = 443 if self.secure else 80
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == usual else f":{self.port}"
        return f"{'https' if self.secure else 'http'}://{host}{port}{self.path}"


def address(url: str) -> Address:
    """The parts of an address.

    Raises:
        ValueError: it is none of http or https, or has no host.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it is no address of a service")
    secure = parts.scheme == "https"
    path = parts.path.rstrip("/")
    for ending in ("/v1/query", "/v1/querybatch", "/v1"):
        path = path.removesuffix(ending)
    return Address(
        secure=secure,
        host=parts.hostname,
        port=parts.port or (443 if secure else 80),
        path=path,
        authorization=_authorization(parts),
    )


def _authorization(parts: SplitResult) -> str:
    if parts.username is None and parts.password is None:
        return ""
    both = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return f"Basic {base64.b64encode(both.encode()).decode('ascii')}"


def proxy(to: Address, environ: Mapping[str, str]) -> Address | None:
    """The proxy that the environment asks for on the way to an address, if any.

    Raises:
        ValueError: what it names is no address.
    """
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

    lower = {name.lower(): value for name, value in environ.items() if value}
    # Of two spellings the small one counts, as for curl and requests.
    lower |= {name: value for name, value in environ.items() if value and name.islower()}
    named = lower.get("https_proxy" if to.secure else "http_proxy") or lower.get("all_proxy")
    skipped = {"no": lower.get("no_proxy", "")}
    if not named or proxy_bypass_environment(f"{to.host}:{to.port}", skipped):
        return None
    return address(named if "://" in named else f"http://{named}")


DIRECT = {
    "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "all_proxy": "http://127.0.0.1:9",
    "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
}  # fmt: skip
"""Variables that leave a tool nobody to talk to but this machine (port 9 discards, RFC 863; nothing listens there)."""
