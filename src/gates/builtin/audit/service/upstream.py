"""Upstream: the advisory service itself, asked over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping

import msgspec

from gates.builtin.audit.service.addresses import address, proxy
from gates.builtin.audit.service.answers import AWAY, LATER, OTHER, fault
from gates.model.reason import Reason, ReasonCode

LARGEST = 64 * 1024 * 1024
"""Bytes of one answer; the service itself sends at most 32 MiB over HTTP/1.1."""

BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
AGENT = "gates (pytest-vltair)"
GONE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)

LOST: tuple[tuple[type[Exception] | tuple[type[Exception], ...], ReasonCode, str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "network_unavailable",
        "{who} shows a certificate that is not trusted here",
        "name the certificate of who signs it: export SSL_CERT_FILE=FILE",
    ),
    (ssl.SSLError, "network_unavailable", "{who} does not speak TLS as it should", OTHER),
    (socket.gaierror, "network_unavailable", "the name of {who} cannot be resolved", AWAY),
    (ConnectionRefusedError, "network_unavailable", "{who} refuses the connection", AWAY),
    (http.client.IncompleteRead, "evidence_incomplete", "{who} ended in the middle of an answer", LATER),
    (GONE, "network_unavailable", "{who} closed the connection without an answer", LATER),
    (http.client.HTTPException, "unparsable_output", "{who} answers with what is not HTTP", OTHER),
)
"""What each kind of failure means; the first that fits counts."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it came: status, content type and body."""

    status: int
    kind: str
    body: bytes


class Upstream:
    """The service at an address. Each thread keeps a connection of its own; a redirect is never followed."""

    def __init__(self, url: str, *, timeout: float, environ: Mapping[str, str], token: str = "") -> None:
        """`url` may hold credentials, which `shown` does not; `token` goes before them.

        Raises:
            ValueError: `url` or the proxy's is no address.
        """
        self._to = address(url)
        self._through = proxy(self._to, environ)
        whole = token.startswith(("Basic ", "Bearer "))
        self._authorization = (token if whole else f"Bearer {token}") if token else self._to.authorization
        self._timeout = timeout
        self._bundle = next((environ[name] for name in BUNDLES if environ.get(name)), None)
        self._held = threading.local()
        self._open: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self.shown = self._to.shown
        self.who = f"the advisory service {self.shown}"

    def ask(self, method: str, path: str, body: bytes) -> Reply | Reason:
        """What the service answers to `path` (`/v1/query`); a reason where it gave no whole answer."""
        fresh = getattr(self._held, "connection", None) is None
        found = self._tried(method, path, body)
        # A service may close a connection that it kept open; that says nothing of this question.
        if isinstance(found, GONE) and not fresh:
            found = self._tried(method, path, body)
        return self._lost(found) if isinstance(found, Exception) else found

    def close(self) -> None:
        """Close every connection; nothing may be asked at the same time."""
        with self._lock:
            for one in self._open:
                one.close()
            self._open.clear()

    def _tried(self, method: str, path: str, body: bytes) -> Reply | Reason | Exception:
        late = threading.Event()
        try:
            return self._asked(method, path, body, late)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._drop()
            return TimeoutError() if late.is_set() else error

    def _asked(self, method: str, path: str, body: bytes, late: threading.Event) -> Reply | Reason:
        connection = self._connection()
        connection.request(method, self._target(path), body=body or None, headers=self._headers(body))
        # A time limit of a socket is for each piece, and pieces may drip without an end.
        timer = threading.Timer(self._timeout, _cut, (connection.sock, late))
        timer.daemon = True
        timer.start()
        try:
            response = connection.getresponse()
            held = response.read(LARGEST + 1)
        finally:
            timer.cancel()
        if late.is_set():
            raise TimeoutError
        if len(held) > LARGEST:
            self._drop()
            return fault("output_limit", f"{self.who} sent an answer of more than {LARGEST // 1024 // 1024} MiB")
        if response.length:
            raise http.client.IncompleteRead(held, response.length)
        return Reply(status=response.status, kind=response.headers.get("Content-Type", ""), body=held)

    def _target(self, path: str) -> str:
        if self._through is not None and not self._to.secure:
            return f"{self._to.shown}{path}"
        return f"{self._to.path}{path}"

    def _headers(self, body: bytes) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": AGENT}
        if body:
            headers["Content-Type"] = "application/json"
        if self._authorization:
            headers["Authorization"] = self._authorization
        if self._through is not None and not self._to.secure and self._through.authorization:
            headers["Proxy-Authorization"] = self._through.authorization
        return headers

    def _connection(self) -> http.client.HTTPConnection:
        held: http.client.HTTPConnection | None = getattr(self._held, "connection", None)
        if held is None:
            held = self._made()
            self._held.connection = held
            with self._lock:
                self._open.append(held)
        return held

    def _made(self) -> http.client.HTTPConnection:
        first = self._through or self._to
        if not self._to.secure:
            return http.client.HTTPConnection(first.host, first.port, timeout=self._timeout)
        made = http.client.HTTPSConnection(first.host, first.port, timeout=self._timeout, context=self._trusted())
        if self._through is not None:
            sent = self._through.authorization
            made.set_tunnel(self._to.host, self._to.port, {"Proxy-Authorization": sent} if sent else {})
        return made

    def _trusted(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._bundle)
        if self._bundle is None and not context.cert_store_stats()["x509_ca"]:
            import certifi

            context.load_verify_locations(certifi.where())
        return context

    def _drop(self) -> None:
        held: http.client.HTTPConnection | None = getattr(self._held, "connection", None)
        self._held.connection = None
        if held is not None:
            held.close()
            with self._lock:
                self._open = [one for one in self._open if one is not held]

    def _lost(self, error: Exception) -> Reason:
        """Why there is no answer, in one sentence for each kind; never with what an address or a header held."""
        if isinstance(error, TimeoutError):
            said = f"{self.who} did not answer within {self._timeout:g} s"
            return fault("timeout", said, "gates check audit, later, or raise `service-timeout` in [tool.gates.audit]")
        for kinds, code, said, fix in LOST:
            if isinstance(error, kinds):
                return fault(code, said.format(who=self.who), fix)
        if self._through is not None:
            fix = "look at HTTPS_PROXY, or name hosts that need no proxy in NO_PROXY"
            return fault("network_unavailable", f"{self.who} cannot be reached through the proxy that is set", fix)
        return fault("network_unavailable", f"{self.who} cannot be reached", LATER)


def _cut(connection: socket.socket | None, late: threading.Event) -> None:
    late.set()
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
