"""A witness on HTTP, as C2SP tlog-witness has it; the standard library alone, no database.

    POST <prefix>/add-checkpoint                   200 with our cosignature, or why not
    GET  <prefix>/<sha256hex(origin)>/checkpoint   what we remember of a log, 200 or 404

| it answers | when |
| --- | --- |
| 200, signature lines | the checkpoint extends what we remember, and is durable |
| 400 | the request or checkpoint is malformed, or the old size is larger than the new |
| 403 | no valid signature of the log's key |
| 404 | a log that we don't follow; any other path |
| 405 | another method |
| 409, `text/x.tlog.size` | we remember another old size: this one |
| 409, plain text | the same size as what we remember, with another root |
| 411, 413 | no length given; longer than any request is |
| 422 | the proof does not show growth; an empty log with another root |

A connection has `CONNECTION_SECONDS` in all and `CONNECTIONS` are served at a time, so that nobody
who is slow, or many, keeps a log from its cosignature for long.
"""

import logging
import re
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from fairwitness.custody import witness
from fairwitness.custody.witness import SizeConflict, Witness, WitnessRefused
from fairwitness.formats import note

CONNECTIONS: Final = 64
CONNECTION_SECONDS: Final = 20.0
_READ_SECONDS: Final = 5.0
_TEXT: Final = "text/plain; charset=utf-8"
_SIZE: Final = "text/x.tlog.size"
_MONITORED: Final = re.compile("/([0-9a-f]{64})/checkpoint")
_LENGTH: Final = re.compile("[0-9]{1,9}")

_LOG: Final = logging.getLogger(__name__)


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness."""

    daemon_threads = True
    request_queue_size = CONNECTIONS

    def __init__(
        self, address: tuple[str, int], *, witness: Witness, clock: Callable[[], datetime]
    ) -> None:
        """Binds the address; `serve_forever` serves it."""
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.witness = witness
        self.clock = clock
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__(address, _Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 # as socketserver declares them
        """Serve one connection, cut off when its time is up; the others wait for a place."""
        with self._free:
            timer = threading.Timer(CONNECTION_SECONDS, _cut, [request])
            timer.daemon = True
            timer.start()
            try:
                super().process_request_thread(request, client_address)
            finally:
                timer.cancel()

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ANN401 # likewise
        """Refuse what comes while twice as many as we serve are waiting."""
        del request, client_address
        return threading.active_count() < 3 * CONNECTIONS

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 # likewise
        """A connection that broke is nobody's concern."""
        del request, client_address
        _LOG.info("A connection broke.", exc_info=True)


def _cut(request: socket.socket) -> None:
    try:
        request.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it ended just now


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version = "fairwitness-witness"
    sys_version = ""
    timeout = _READ_SECONDS

    def do_POST(self) -> None:
        """Cosign, or say why not."""
        if self.path != "/add-checkpoint":
            self._refuse(404, "There is no such address.")
            return
        length = self.headers.get("Content-Length", "")
        if _LENGTH.fullmatch(length) is None:
            self._refuse(411, "Say the length of the request.")
            return
        if int(length) > witness.MAX_REQUEST_BYTES:
            self._refuse(413, "The request is longer than any that we accept.")
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return
        self._add(body)

    def do_GET(self) -> None:
        """Show what we remember."""
        match = _MONITORED.fullmatch(self.path)
        kept = None if match is None else self.server.witness.remembered(match[1])
        if kept is None:
            self._answer(404, b"We remember nothing of that.\n")
        else:
            self._answer(200, kept)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library answers by itself, in plain text."""
        del explain
        status = 405 if code == 501 else code  # noqa: PLR2004 - it calls a strange method that
        self._refuse(status, message or "This can't be answered.")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # its own name
        """Requests, for who wants to see them."""
        _LOG.info(format, *args)

    def _add(self, body: bytes) -> None:
        server = self.server
        try:
            cosigned = server.witness.add(witness.parse_request(body), at=server.clock())
        except SizeConflict as conflict:
            self._answer(409, f"{conflict.size}\n".encode(), kind=_SIZE)
        except WitnessRefused as refused:
            if refused.status in {409, 422}:
                _LOG.warning("A log may have forked: %s\n%s", refused.message, body.decode())
            self._answer(refused.status, f"{refused.message}\n".encode())
        except OSError:
            _LOG.exception("What we remember can't be read or written.")
            self._answer(500, b"The witness has trouble with its disk.\n")
        else:
            self._answer(200, f"{note.parse(cosigned).signatures[-1].line()}\n".encode())

    def _refuse(self, status: int, message: str) -> None:
        """Answer and hang up: the body, if there is one, is not read."""
        self.close_connection = True
        self._answer(status, f"{message}\n".encode())

    def _answer(self, status: int, data: bytes, *, kind: str = _TEXT) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if self.command == "GET":
            self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
