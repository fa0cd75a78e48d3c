"""A client that costs little: bodies go from the file to the socket inside the kernel."""

import os
import socket
import time
import urllib.parse
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from benchmarks.footage import Body

_PATIENCE: Final = 300.0
_STEP: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Sending:
    """One body and where it is to go.

    Attributes:
        address: of the upload.
        body: what to send, all of it.
        headers: to send along.
    """

    address: str
    body: Body
    headers: Mapping[str, str]


def patch(sending: Sending) -> float:
    """Send a whole body in one PATCH; seconds from the first byte to the answer."""
    parts = urllib.parse.urlsplit(sending.address)
    with socket.create_connection((parts.hostname, parts.port), _PATIENCE) as connection:
        start = time.perf_counter()
        _send(connection, sending, parts.path)
        answer = _answer(connection)
        taken = time.perf_counter() - start
    status = answer.split(b" ", 2)[1]
    if status != b"204":
        raise RuntimeError(f"{sending.address} answered {answer!r}")
    return taken


def patch_all(sendings: list[Sending]) -> float:
    """Send several bodies at once; seconds from the first byte to the last answer."""
    with ThreadPoolExecutor(len(sendings)) as pool:
        start = time.perf_counter()
        list(pool.map(patch, sendings))
        return time.perf_counter() - start


def _send(connection: socket.socket, sending: Sending, path: str) -> None:
    head = {
        "Host": "127.0.0.1",
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(sending.body.size),
        **sending.headers,
    }
    lines = [f"PATCH {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    connection.settimeout(None)  # sendfile wants a socket that waits
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    with sending.body.file.open("rb") as file:
        sent = 0
        while sent < sending.body.size:
            step = min(_STEP, sending.body.size - sent)
            sent += os.sendfile(connection.fileno(), file.fileno(), sent, step)
    connection.settimeout(_PATIENCE)


def _answer(connection: socket.socket) -> bytes:
    """The head of the answer; what a PATCH is answered has no body."""
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(65536)
        if not data:
            raise RuntimeError(f"The server hung up: {head!r}")
        head += data
    return head
