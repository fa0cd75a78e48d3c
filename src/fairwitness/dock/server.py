"""The server as a dock talks to it: sign-in with its own key, tus uploads, receipts by polling.

Specs: docs/specs/dock-api.md and docs/specs/upload.md. Plain HTTP is refused except to this very
machine. Nothing here decides; each answer becomes a value or one of the errors below. One `Server`
serves all bays of a dock at once: its bays share one session and one limit of bytes a second.
"""

import base64
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from io import BufferedReader
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import httpx

from fairwitness.dock import privacy, sending
from fairwitness.dock.answers import (
    CertificateWrong,
    Greeting,
    Quarantined,
    ServerFull,
    ServerRefused,
    UploadGone,
    Waiting,
    answer,
    refusal,
)
from fairwitness.dock.identity import Dock
from fairwitness.dock.pace import Limit
from fairwitness.dock.sending import ServerAway
from fairwitness.formats import docking, note, timestamp
from fairwitness.formats.bay_board import BayBoard
from fairwitness.formats.canonical import Json
from fairwitness.formats.erasures import Erasures

__all__ = [
    "CertificateWrong",
    "Greeting",
    "Quarantined",
    "Server",
    "ServerAway",
    "ServerFull",
    "ServerRefused",
    "UploadGone",
    "Waiting",
]

TUS = {"Tus-Resumable": "1.0.0"}
_OK, _CREATED, _ACCEPTED, _NO_CONTENT = 200, 201, 202, 204
_CONFLICT = 409
_GONE = (404, 410)
_UNKNOWN_SESSION = 401
_FULL = 507
_TRY_AGAIN = {408, 423, 429, 500, 502, 503, 504}
_EACH_BAY_ITS_OWN = httpx.Limits(max_connections=None, max_keepalive_connections=None)
"""A bay has one connection at most; a limit would have bays that send keep others from asking."""
_EARLY = timedelta(minutes=1)
"""So long before its end a session counts as over."""


def _nobody(_server: "Server", _greeting: Greeting) -> None:
    """Believe the greeting as it is."""


class Server:
    """One signed-in connection, for all bays at once. Use as a context manager.

    Args:
        dock: who signs in.
        clock: this dock's clock.
        ca: a file of certificates to trust instead of the system's, for a force's own authority.
        limit: what all bays together may send in a second, so that a station's line stays usable.
        greet: looks at what the server says at sign-in, and raises when it is not to be believed;
            the session counts only after that.
    """

    def __init__(
        self,
        *,
        dock: Dock,
        clock: Callable[[], datetime],
        ca: Path | None = None,
        limit: Limit | None = None,
        greet: "Callable[[Server, Greeting], None]" = _nobody,
    ) -> None:
        if not privacy.is_private(dock.identity.server):
            raise ServerRefused(
                f"A dock talks to its server over https only, not to {dock.identity.server}.",
                code="dock.not_private",
            )
        self._limit = limit
        self._dock = dock
        self._clock = clock
        self._greet = greet
        self._signing_in = threading.RLock()
        self._until: datetime | None = None
        self._client = httpx.Client(
            base_url=dock.identity.server,
            timeout=httpx.Timeout(30, read=60, write=60),
            limits=_EACH_BAY_ITS_OWN,
            verify=str(ca) if ca else True,
            headers={"User-Agent": "fairwitness-dock/1"},
        )
        self.clock_error = timedelta()
        """How far this dock's clock may be from the server's, as seen at the last sign-in."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._client.close()

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
        try:
            response = sending.request(self._client, method, path, **options)
        except httpx.TransportError as error:
            if privacy.is_certificate(error):
                raise CertificateWrong(
                    f"What answers at {self._dock.identity.server} has a certificate that this dock"
                    " does not trust. Nothing was sent to it; tell whoever runs the server."
                ) from error
            raise ServerAway(
                f"{self._dock.identity.server} can't be reached ({type(error).__name__})."
                " The footage stays on the camera; the dock tries again."
            ) from error
        if response.status_code == _FULL:
            raise ServerFull(
                "The server's store is full. The footage stays on the camera until there is room."
            )
        if response.status_code in _TRY_AGAIN:
            raise ServerAway(f"The server is busy ({response.status_code}); the dock tries again.")
        return response

    def _in_session(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
        """Ask as the dock that is signed in; a session that has ended is opened anew."""
        self.enter()
        used = self.token
        response = self._ask(method, path, **options)
        if response.status_code != _UNKNOWN_SESSION:
            return response
        with self._signing_in:
            if self.token == used:
                self.sign_in()
        if "content" in options:  # a body that is read once can't be sent again
            raise ServerAway("The session had ended; the dock has signed in again and goes on.")
        return self._ask(method, path, **options)

    def enter(self) -> None:
        """Sign in, unless this session still holds; one bay signs in for all."""
        with self._signing_in:
            if self._until is None or self._clock() >= self._until - _EARLY:
                self.sign_in()

    def sign_in(self) -> datetime:
        """Sign in with the dock's key, and give the server's time.

        Raises:
            ServerRefused: the dock is not enrolled, or was revoked.
            ServerAway: it can't be reached.
        """
        with self._signing_in:
            nonce = str(answer(self._ask("GET", "/api/v1/nonce"), "nonce")["nonce"])
            asked = self._clock()
            claim = docking.SignInClaim(dock=self._dock.identity.serial, nonce=nonce, at=asked)
            response = self._ask(
                "POST",
                "/api/v1/sessions",
                content=docking.sign_claim(claim, key=self._dock.key).encode(),
                headers={"Content-Type": "application/json"},
            )
            body = answer(response, "token", "checkpoint", "time", "expires_at")
            there = timestamp.parse(str(body["time"]))
            off = asked - there, self._clock() - there
            low, high = (one // timedelta(microseconds=1) for one in off)
            self._greet(self, Greeting(checkpoint=str(body["checkpoint"]), off_us=(low, high)))
            self.clock_error = max(abs(off[0]), abs(off[1]))
            self._client.headers["Authorization"] = f"Bearer {body['token']}"
            self._until = timestamp.parse(str(body["expires_at"]))
            return there

    def consistency(self, *, old: int, new: int) -> list[bytes]:
        """The proof that the log of size `new` extends that of size `old`.

        Raises:
            ServerRefused: `log.no_such_tree`, it was never that large.
        """
        query = {"old": str(old), "new": str(new)}
        body = answer(self._ask("GET", "/api/v1/log/consistency", params=query), "hashes")
        hashes = body["hashes"]
        if not isinstance(hashes, list | tuple):
            raise ServerAway("What answers there does not speak as our server does.")
        return [note.decode_base64(str(one)) for one in hashes]

    @property
    def token(self) -> str:
        """The bearer token of this session, for another tus client run by the same person."""
        return str(self._client.headers.get("Authorization", "")).removeprefix("Bearer ")

    def camera(self, serial: str) -> Mapping[str, Json]:
        """What the server says of a camera: its status, whom it is issued to, its settings.

        Raises:
            ServerRefused: unknown or revoked.
        """
        response = self._in_session("GET", f"/api/v1/cameras/{urllib.parse.quote(serial, safe='')}")
        return answer(response)

    def volume(self, volume: UUID) -> Mapping[str, Json]:
        """What the server says of a volume: its status, its label, whether it may be erased from.

        Raises:
            ServerRefused: `volume.unknown`.
        """
        response = self._in_session("GET", f"/api/v1/volumes/{volume}")
        return answer(response, "status", "label", "erase")

    def ask_for_volume(self, request: bytes) -> str:
        """Ask for a volume to be enrolled; gives how it stands: `pending`, `approved` and so on."""
        head = {"Content-Type": "application/json"}
        response = self._in_session("POST", "/api/v1/volumes", content=request, headers=head)
        if response.status_code != _ACCEPTED:
            raise refusal(response)
        return str(response.json()["state"])

    def log_line(self, serial: str) -> int:
        """The number of the line of a camera's own log that the server wants next."""
        return self._wanted(self._in_session("GET", _log_of(serial)))

    def send_log(self, serial: str, *, first_line: int, lines: bytes) -> int:
        """Send whole lines of a camera's own log; gives the number of the line wanted next.

        Raises:
            ServerRefused: they are not those that it wants.
        """
        response = self._in_session(
            "POST",
            _log_of(serial),
            params={"first": str(first_line)},
            content=lines,
            headers={"Content-Type": "application/x-ndjson"},
        )
        return self._wanted(response)

    def _wanted(self, response: httpx.Response) -> int:
        number = answer(response, "next")["next"]
        if not isinstance(number, int) or number < 1:
            raise ServerAway("The server's answer does not say which line it wants.")
        return number

    def tell_board(self, told: BayBoard) -> None:
        """Say how all bays stand."""
        head = {"Content-Type": "application/json"}
        response = self._in_session("POST", "/api/v1/bays", content=told.encode(), headers=head)
        answer(response)

    def note_erasures(self, told: Erasures) -> int:
        """Have erasures written down; gives how many recordings the server does not know.

        Raises:
            ServerRefused: it does not take them.
        """
        head = {"Content-Type": "application/json"}
        response = self._in_session("POST", "/api/v1/erasures", content=told.encode(), headers=head)
        unknown = answer(response, "unknown")["unknown"]
        if not isinstance(unknown, list):
            raise ServerAway("The server's answer does not say what it knows.")
        return len(unknown)

    def begin(self, *, size: int, promised: Mapping[str, bytes]) -> str:
        """Create an upload, or find the one that already received these bytes.

        Args:
            size: bytes of it.
            promised: what the upload says of itself (docs/specs/upload.md, metadata).

        Returns:
            Its address on the server.

        Raises:
            ServerRefused: the statement, the camera, the volume or this dock is not accepted.
        """
        pairs = (f"{k} {base64.b64encode(v).decode()}".rstrip() for k, v in promised.items())
        metadata = ",".join(pairs)
        response = self._in_session(
            "POST",
            sending.UPLOADS,
            headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata},
        )
        if response.status_code != _CREATED or "Location" not in response.headers:
            raise refusal(response)
        return str(response.headers["Location"])

    def offset(self, upload: str) -> int:
        """How many bytes the server holds durably.

        Raises:
            UploadGone: it does not know this upload.
        """
        response = self._in_session("HEAD", upload, headers=TUS)
        if response.status_code in _GONE:
            raise UploadGone("The server no longer knows this upload.")
        if response.status_code not in {_OK, _NO_CONTENT}:
            raise ServerRefused(f"The server answered {response.status_code}.")
        offset = response.headers.get("Upload-Offset", "")
        if not (offset.isascii() and offset.isdecimal()):
            raise ServerAway("The server's answer does not say how much it holds.")
        return int(offset)

    def send(
        self,
        upload: str,
        *,
        file: BufferedReader,
        offset: int,
        size: int,
        progress: Callable[[int], None],
    ) -> None:
        """Send the rest of a recording in one request.

        Raises:
            ServerAway: cut; ask for the offset and go on.
            StillChanging: the file is not `size` bytes long any more.
            UploadGone: it does not know this upload.
            ServerRefused: any other answer.
        """
        response = self._in_session(
            "PATCH",
            upload,
            content=sending.paced(sending.body(file, offset, size, progress), self._limit),
            headers={
                **TUS,
                "Content-Type": "application/offset+octet-stream",
                "Content-Length": str(size - offset),
                "Upload-Offset": str(offset),
            },
        )
        if response.status_code in _GONE:
            raise UploadGone("The server no longer knows this upload.")
        if response.status_code == _CONFLICT:
            raise ServerAway("The server holds another offset; asking it again.")
        if response.status_code != _NO_CONTENT:
            raise refusal(response)

    def end(self, upload: str) -> None:
        """Give an unfinished upload up; the recording can then be begun anew."""
        response = self._in_session("DELETE", upload, headers=TUS)
        if response.status_code not in {_NO_CONTENT, *_GONE}:
            raise refusal(response)

    def receipt(self, upload: str, *, since: int | None) -> bytes | Waiting | Quarantined:
        """The receipt, or how long to wait, or why there is none.

        Args:
            upload: its address.
            since: size of the last checkpoint this dock saw; the receipt then proves that the log
                only grew since.
        """
        params = {} if since is None else {"since": str(since)}
        response = self._in_session("GET", f"{upload}/receipt", params=params)
        if response.status_code == _OK:
            return response.content
        if response.status_code == _ACCEPTED:
            wait = response.headers.get("Retry-After", "")
            return Waiting(seconds=float(wait) if wait.isascii() and wait.isdecimal() else 1.0)
        if response.status_code == _CONFLICT:
            refused = refusal(response)
            return Quarantined(code=refused.stable_code, message=refused.message)
        if response.status_code in _GONE:
            raise UploadGone("The server no longer knows this upload.")
        raise refusal(response)

    def enrol(self, request: bytes) -> str:
        """Hand in an enrolment request (a dock's own, or a camera's that is docked here).

        Returns:
            `pending` or `approved`.
        """
        response = self._ask(
            "POST",
            "/api/v1/enrolments",
            content=request,
            headers={"Content-Type": "application/json"},
        )
        return str(answer(response, "state", good=(_OK, _ACCEPTED))["state"])


def _log_of(serial: str) -> str:
    return f"/api/v1/cameras/{urllib.parse.quote(serial, safe='')}/log"
