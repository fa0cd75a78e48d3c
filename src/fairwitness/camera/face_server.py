"""The camera's face as a page: a small HTTP server for this machine alone.

It listens on 127.0.0.1 and answers only requests that name it so: a page of somebody else's, open
in the same browser, can neither read it nor press its buttons. No inline script, no inline style.
"""

import contextlib
import io
import json
import re
import urllib.parse
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from PIL import Image

from fairwitness.camera.buttons import Button
from fairwitness.camera.face_state import FaceState
from fairwitness.camera.live import LiveCamera, colours
from fairwitness.camera.script import ScriptInvalid
from fairwitness.errors import FairwitnessError

ADDRESS: Final = "127.0.0.1"
_LONGEST: Final = 1024
_POLL_SECONDS: Final = 1.0
_LONGEST_AGO_MS: Final = 2000
_PREVIEW_WIDTH: Final = 320
_HEAD: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_PACKAGE: Final = files("fairwitness")
_STATIC: Final[Mapping[str, tuple[Traversable, str]]] = {
    "/": (_PACKAGE / "camera/face/index.html", "text/html; charset=utf-8"),
    "/face.css": (_PACKAGE / "camera/face/face.css", "text/css; charset=utf-8"),
    "/face.js": (_PACKAGE / "camera/face/face.js", "text/javascript; charset=utf-8"),
    # One stylesheet for all that is ours to look at; read as a file, its package is not imported.
    "/fairwitness.css": (
        _PACKAGE / "web/static/fairwitness/fairwitness.css",
        "text/css; charset=utf-8",
    ),
    "/mark.svg": (_PACKAGE / "web/static/fairwitness/mark.svg", "image/svg+xml"),
}


class PortTaken(FairwitnessError):
    """The face's port is in use."""

    code = "camera.port"


class _Refusal(Exception):
    def __init__(self, status: HTTPStatus, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class FaceServer(ThreadingHTTPServer):
    """Serves one live camera's face until it is shut down."""

    daemon_threads = True

    def __init__(self, live: LiveCamera, *, port: int) -> None:
        """Listen; `port` 0 takes a free one.

        Raises:
            PortTaken: something else listens there.
        """
        self.live = live
        self.state = FaceState(live)
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            raise PortTaken(f"Port {port} is in use: give another with --port.") from error

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.server_address[1]}/"


class _Handler(BaseHTTPRequestHandler):
    """One request for the face."""

    server: FaceServer
    protocol_version = "HTTP/1.1"
    server_version = "fairwitness"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        """Give the page, its parts, the state or the picture."""
        with self._answering():
            self._check_address()
            where = urllib.parse.urlsplit(self.path)
            if where.path in _STATIC:
                file, kind = _STATIC[where.path]
                self._answer(file.read_bytes(), kind)
            elif where.path == "/state":
                self._answer_state(urllib.parse.parse_qs(where.query))
            elif where.path == "/picture.jpg":
                self._answer_picture()
            else:
                raise _Refusal(HTTPStatus.NOT_FOUND, "There is no such page.")

    def do_POST(self) -> None:
        """Something happens to the camera."""
        with self._answering():
            self._check_address()
            if self.path != "/act":
                raise _Refusal(HTTPStatus.NOT_FOUND, "There is no such page.")
            self._act(self._body())
            self._answer(b"", "text/plain", status=HTTPStatus.NO_CONTENT)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        """Say nothing: the camera's own log has all that matters."""

    @contextlib.contextmanager
    def _answering(self) -> Any:  # noqa: ANN401 (a generator that contextlib wraps)
        try:
            yield
        except _Refusal as refusal:
            self.close_connection = True  # what it sent may not have been read
            self._answer(refusal.words.encode(), "text/plain; charset=utf-8", refusal.status)
        except ConnectionError:
            self.close_connection = True

    def _check_address(self) -> None:
        """Only pages of this very address: no other site, and no name that resolves to us."""
        port = self.server.server_address[1]
        names = {f"{ADDRESS}:{port}", f"localhost:{port}"}
        origin = self.headers.get("Origin")
        if self.headers.get("Host") not in names:
            raise _Refusal(HTTPStatus.MISDIRECTED_REQUEST, "This is the face of a camera.")
        if origin is not None and origin not in {f"http://{name}" for name in names}:
            raise _Refusal(HTTPStatus.FORBIDDEN, "Only the camera's own page may ask that.")

    def _body(self) -> Mapping[str, object]:
        length = self.headers.get("Content-Length", "")
        if self.headers.get("Content-Type") != "application/json":
            raise _Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json.")
        if not re.fullmatch("[0-9]{1,4}", length) or int(length) > _LONGEST:
            raise _Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Send a short JSON object.")
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise _Refusal(HTTPStatus.BAD_REQUEST, "Send a JSON object.")
        return body

    def _act(self, body: Mapping[str, object]) -> None:
        words, button, ago = body.get("do"), body.get("button"), body.get("ago_ms", 0)
        if not isinstance(ago, int) or ago < 0:
            raise _Refusal(HTTPStatus.BAD_REQUEST, "ago_ms is a whole number, from 0.")
        live, ago = self.server.live, min(ago, _LONGEST_AGO_MS)
        if words in {"press", "release"} and button in set(Button):
            act = live.press if words == "press" else live.release
            act(Button(str(button)), ago_ms=ago)
            return
        try:
            live.do(str(words))
        except ScriptInvalid as error:
            raise _Refusal(HTTPStatus.BAD_REQUEST, error.message) from None

    def _answer_state(self, query: Mapping[str, list[str]]) -> None:
        after = query.get("after", ["-1"])[0]
        if re.fullmatch("[0-9]{1,15}", after):
            self.server.live.await_change(int(after), seconds=_POLL_SECONDS)
        state = self.server.state.read(at=self.server.live.clock())
        self._answer(json.dumps(state).encode(), "application/json")

    def _answer_picture(self) -> None:
        seen = self.server.live.picture()
        if seen is None:
            self._answer(b"", "image/jpeg", status=HTTPStatus.NO_CONTENT)
            return
        pixels, width, height = seen
        data, wide, high = colours(pixels, width, height, step=max(1, width // _PREVIEW_WIDTH))
        image = Image.frombytes("YCbCr", (wide, high), data)
        file = io.BytesIO()
        image.save(file, "JPEG", quality=70)
        self._answer(file.getvalue(), "image/jpeg")

    def _answer(self, data: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        for name, value in _HEAD.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        if self.close_connection:
            self.send_header("Connection", "close")
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
