"""Intercepting: a proxy on the loopback that answers 404 itself for every host, over TLS with certificates of its own.

A tool whose service has one address only is judged by it without reaching that address.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _Authority:
    def __init__(self, folder: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec

        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _named("a certificate authority of tests")
        self.file = folder / "authority.pem"
        self.file.write_bytes(_pem(self.signed(self.name, self.key.public_key(), authority=True)))

    def signed(self, name: Any, key: Any, *, authority: bool, host: str = "") -> Any:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes

        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if host:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return made.sign(self.key, hashes.SHA256())

    def context(self, host: str) -> ssl.SSLContext:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        file = self.folder / f"{host}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + _pem(self.signed(_named(host), key.public_key(), authority=False, host=host)))
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(file)
        return made


def _named(text: str) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    found: bytes = certificate.public_bytes(serialization.Encoding.PEM)
    return found


@contextmanager
def intercepting(folder: Path) -> Iterator[dict[str, str]]:
    """Variables that send a tool's requests here, and have it trust what answers."""
    authority = _Authority(folder)
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        try:
            host = _head(connection).split()[1].partition(b":")[0].decode()
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with authority.context(host).wrap_socket(connection, server_side=True) as spoken:
                _head(spoken)
                spoken.sendall(NOT_FOUND)
        except (OSError, IndexError):
            connection.close()

    threading.Thread(target=accept, daemon=True).start()
    place = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield {"HTTPS_PROXY": place, "HTTP_PROXY": place, "REQUESTS_CA_BUNDLE": str(authority.file)}
    finally:
        listener.close()


def _head(connection: socket.socket) -> bytes:
    held = b""
    while b"\r\n\r\n" not in held:
        chunk = connection.recv(4096)
        if not chunk:
            raise OSError("closed")
        held += chunk
    return held
