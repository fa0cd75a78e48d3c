"""The bay board as a page on the dock's own machine: to be read, never to act.

It needs no script: the page asks the browser to load it again, and can be held still. It answers
only to names of this machine when it listens on this machine only, so that no page elsewhere can
read it through a name of its own.
"""

import html
import ipaddress
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Self

from fairwitness.dock import board
from fairwitness.dock.bays import BayView
from fairwitness.dock.board import Board
from fairwitness.errors import FairwitnessError

REFRESH_SECONDS = 5
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class PageFailed(FairwitnessError):
    """The board can't be shown at this address."""

    code = "dock.board_address"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request gets."""

    status: int
    kind: str
    body: bytes
    refresh: bool = False


class Page:
    """The board over HTTP, in a thread of its own. Use as a context manager.

    Raises:
        PageFailed: something else listens there, or there is no such address.
    """

    def __init__(self, *, host: str, port: int, now: Callable[[], Board]) -> None:
        handler = type("BoardHandler", (_Handler,), {"now": staticmethod(now), "host": host})
        try:
            self._server = ThreadingHTTPServer((host, port), handler)
        except OSError as error:
            raise PageFailed(
                f"The board can't be shown at {host}:{port}: {error.strerror}."
            ) from error
        self._server.daemon_threads = True
        self.address = f"http://{host}:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """GET and HEAD of three addresses; anything else is refused."""

    now: Callable[[], Board]
    host: str
    timeout = 10
    server_version = "fairwitness-dock"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer with the board."""
        self._send(self._answer())

    def do_HEAD(self) -> None:
        """Answer with the headers alone."""
        self._send(self._answer(), body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Nothing: the board's own lines are the log."""

    def _answer(self) -> Answer:
        if not _is_ours(self.headers.get("Host", ""), self.host):
            return Answer(421, "text/plain; charset=utf-8", b"Ask for this dock by its address.\n")
        path, _, query = self.path.partition("?")
        if path == "/":
            still = query == "still"
            text = drawn(type(self).now(), still=still)
            return Answer(200, "text/html; charset=utf-8", text.encode(), refresh=not still)
        if path == "/board.json":
            said = json.dumps(board.to_json(type(self).now()), indent=1)
            return Answer(200, "application/json", said.encode())
        if path == "/board.css":
            style = files("fairwitness.dock").joinpath("board.css").read_bytes()
            return Answer(200, "text/css; charset=utf-8", style)
        return Answer(
            404, "text/plain; charset=utf-8", b"There is nothing here. The board is at /\n"
        )

    def _send(self, answer: Answer, *, body: bool = True) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        if answer.refresh:
            self.send_header("Refresh", str(REFRESH_SECONDS))
        self.end_headers()
        if body:
            self.wfile.write(answer.body)


def _is_ours(asked: str, host: str) -> bool:
    """Whether a request names this machine; on an address for others any name will do."""
    if not _is_loopback(host):
        return True
    name = asked.rsplit(":", 1)[0] if asked.rpartition(":")[2].isdigit() else asked
    return _is_loopback(name.strip("[]"))


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def drawn(now: Board, *, still: bool) -> str:
    """The board as a page."""
    title = f"Dock {html.escape(now.dock)}, {html.escape(now.station)}"
    held = (
        '<a href="/">Go on refreshing</a>'
        if still
        else f'<a href="/?still">Hold this page still</a> It loads anew every {REFRESH_SECONDS}'
        " seconds."
    )
    return f"""<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: bays</title>
<link rel="stylesheet" href="/board.css">
</head>
<body>
<header class="top"><div class="wrap"><span class="brand">Fairwitness</span>
<span>{title}</span></div></header>
<main class="wrap">
<h1>Bays</h1>
<p class="lead">{html.escape(board.summary(now.bays))}. Time left for all:
<strong>{html.escape(now.time_left)}</strong>.</p>
<p class="small">{held} <a href="/board.json">For programs</a></p>
<ul class="bays">
{"".join(_bay(bay) for bay in now.bays)}</ul>
<p class="small">Nothing is erased from a camera before it is proved that every byte was received.
Leave a camera in while its light is yellow.</p>
</main>
</body>
</html>
"""


def _bay(bay: BayView) -> str:
    rows = [("Camera", ", ".join(filter(None, (bay.camera, bay.wearer))))] if bay.camera else []
    if bay.camera:
        rows.append(("Still owed", board.left_of(bay)))
    facts = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in rows)
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in board.notes_of(bay))
    lamp = bay.light.value.replace(" ", "-")
    return (
        f'<li class="bay lamp-{lamp}"><h2>Bay {bay.number}</h2>'
        f'<p class="status"><span class="lamp" aria-hidden="true"></span>'
        f"<span>{html.escape(board.status_of(bay))}"
        f' <span class="soft">(light: {bay.light.value})</span></span></p>'
        + (f"<dl>{facts}</dl>" if facts else "")
        + (f'<ul class="notes">{notes}</ul>' if notes else "")
        + "</li>\n"
    )
