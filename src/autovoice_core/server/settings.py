"""Settings of a server: its address, its token, its folders and its limits."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path

from attrs import field, frozen

from autovoice_core._errors import ArgumentError

MEGABYTE = 10**6

LOOPBACK = "127.0.0.1"
"""The default address: other machines can't reach it."""
DEFAULT_PORT = 8765


_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@frozen
class Limits:
    """Limits of a server in seconds, bytes and numbers; tests make them small.

    Attributes
    ----------
    header_seconds
        Time for the whole header of a request, and for the handshake of TLS.
    body_grace_seconds, min_body_rate
        A body has the first, and a second more for each so many bytes that have arrived.
    keep_alive_seconds
        Time that a connection may stay open between two requests.
    stalled_seconds
        Time that a client may read nothing of an answer.
    linger_seconds
        Time that what a client still sends is thrown away after it was refused, so that it can
        read why.
    hello_seconds, idle_seconds
        Time for the first message of a stream, and without a message from the client.
    shutdown_seconds
        Time that a server which is to end waits for open requests and streams.
    header_bytes
        Largest header of a request.
    json_bytes, upload_bytes, voice_bytes, message_bytes
        Largest body of JSON, upload, imported voice, and message of a stream.
    upload_seconds, decoded_bytes, decode_seconds
        Longest sound of an upload, largest size of it decoded, and time to decode it.
    job_seconds
        Time that a job may run.
    queue, workers
        Jobs that may wait, and jobs that run at once.
    job_niceness
        How far jobs stand back for everything else: from 0 to 19, where they run only while a
        core is idle.
    streams
        Live streams that may be open at once.
    connections
        Connections that may be open at once. For one more the oldest that asks for nothing makes
        room; if none does, it is answered with 503.
    stored_bytes, stored_days
        Total size and age from which on uploads and finished jobs are removed.
    """

    header_seconds: float = 10.0
    body_grace_seconds: float = 10.0
    min_body_rate: float = 16_000.0
    keep_alive_seconds: int = 30
    stalled_seconds: float = 30.0
    linger_seconds: float = 2.0
    hello_seconds: float = 5.0
    idle_seconds: float = 30.0
    shutdown_seconds: float = 10.0
    header_bytes: int = 16_384
    json_bytes: int = 65_536
    upload_bytes: int = 512 * MEGABYTE
    voice_bytes: int = 64 * MEGABYTE
    message_bytes: int = 1_048_576
    upload_seconds: float = 1800.0
    decoded_bytes: int = 4000 * MEGABYTE
    decode_seconds: float = 120.0
    job_seconds: float = 7200.0
    queue: int = 16
    workers: int = 1
    job_niceness: int = 19
    streams: int = 4
    connections: int = 512
    stored_bytes: int = 20_000 * MEGABYTE
    stored_days: float = 7.0


@frozen
class Settings:
    """Settings of a server.

    Attributes
    ----------
    folder
        The folder of uploads, jobs and results.
    db
        The voice database; by default that of the command line.
    host, port
        The address to listen at. With port 0 the system chooses one.
    names
        Further names that clients know the server by, such as ``studio.lan``.
    token
        What clients must show; None where it listens on this machine alone.
    certfile, keyfile
        Certificate and key for TLS, in PEM.
    limits
        What a client may take of time, space and places.
    """

    folder: Path
    db: Path | None = None
    host: str = LOOPBACK
    port: int = DEFAULT_PORT
    names: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    certfile: Path | None = None
    keyfile: Path | None = None
    limits: Limits = field(factory=Limits)

    def __attrs_post_init__(self) -> None:
        if self.token is None and not is_loopback(self.host):
            raise ArgumentError(
                f"token: is needed to listen at {self.host}, which other machines can reach; "
                f"give one, or listen at {LOOPBACK}"
            )
        for name in self.names:
            if not (_NAME.fullmatch(name) or is_address(name)):
                raise ArgumentError(
                    f"names: {name!r} is not the name or address of a machine alone; "
                    "give one without scheme and port, such as studio.lan"
                )
        if (self.certfile is None) != (self.keyfile is None):
            raise ArgumentError(
                "certfile, keyfile: TLS needs both a certificate and its key; give both or neither"
            )

    @property
    def scheme(self) -> str:
        """``"https"`` with a certificate, else ``"http"``."""
        return "http" if self.certfile is None else "https"

    @property
    def needs_token(self) -> bool:
        """Whether clients must show a token."""
        return self.token is not None


def is_address(text: str) -> bool:
    """Return whether ``text`` is an IP address, and no name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server that listens at ``host``."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
