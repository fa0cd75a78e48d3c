"""The server as a dock talks to it: sign-in with its own key, tus uploads, receipts by polling.

Specs: docs/specs/dock-api.md and docs/specs/upload.md. Plain HTTP is refused except to this very
machine. Nothing here decides; each answer becomes a value or one of the errors below.
"""

import base64
import ipaddress
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import httpx

from fairwitness.dock.identity import Dock
from fairwitness.errors import FairwitnessError
from fairwitness.formats import docking, timestamp
from fairwitness.formats.canonical import Json

TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = 1 << 20
_CREATED = 201
_ACCEPTED = 202
_OK = 200
_NO_CONTENT = 204
_CONFLICT = 409
_GONE = (404, 410)


class ServerAway(FairwitnessError):
    """The server can't be reached, or is too busy: try again; nothing is lost."""

    code = "dock.server_away"


class ServerRefused(FairwitnessError):
    """The server said no, and why. The footage stays on the camera."""

    code = "dock.server_refused"


class UploadGone(FairwitnessError):
    """The server no longer knows this upload: begin it anew."""

    code = "dock.upload_gone"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """The server holds the bytes apart, for this reason; a person will look."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """No receipt yet; ask again in this many seconds."""

    seconds: float


def _must_be_private(server: str) -> None:
    parts = urllib.parse.urlsplit(server)
    if parts.scheme == "https":
        return
    host = parts.hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if parts.scheme != "http" or not local:
        raise ServerRefused(
            f"A dock talks to its server over https only, not to {server}.", code="dock.not_private"
        )


def _refusal(response: httpx.Response) -> ServerRefused:
    try:
        body = response.json()
        return ServerRefused(str(body["message"]), code=str(body["code"]))
    except (ValueError, KeyError, TypeError):
        return ServerRefused(f"The server answered {response.status_code}.")


def _answer(response: httpx.Response, *names: str) -> Mapping[str, Json]:
    """The object in a good answer, with these fields; whoever else answers is no server of ours."""
    if response.status_code != _OK:
        raise _refusal(response)
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, Mapping) or not all(name in body for name in names):
        raise ServerAway("What answers there does not speak as our server does.")
    return body


class Server:
    """One signed-in connection. Use as a context manager.

    Args:
        dock: who signs in.
        clock: this dock's clock.
        ca: a file of certificates to trust instead of the system's, for a force's own authority.
        limit: bytes a second to send at most, so that a station's line stays usable.
    """

    def __init__(
        self,
        *,
        dock: Dock,
        clock: Callable[[], datetime],
        ca: Path | None = None,
        limit: int | None = None,
    ) -> None:
        _must_be_private(dock.identity.server)
        self._limit = limit
        self._dock = dock
        self._clock = clock
        self._client = httpx.Client(
            base_url=dock.identity.server,
            timeout=httpx.Timeout(30, read=60, write=60),
            verify=str(ca) if ca else True,
            headers={"User-Agent": "fairwitness-dock/1"},
        )
        self.checkpoint = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._client.close()

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
        try:
            response = self._client.request(method, path, **options)
        except httpx.TransportError as error:
            raise ServerAway(
                f"{self._dock.identity.server} can't be reached ({type(error).__name__})."
                " The footage stays on the camera; the dock tries again."
            ) from error
        if response.status_code in {429, 500, 502, 503, 504, 507}:
            raise ServerAway(f"The server is busy or full ({response.status_code}).")
        return response

    def sign_in(self) -> datetime:
        """Prove who we are over the server's nonce; later requests carry the token.

        Returns:
            The server's time.

        Raises:
            ServerAway: no answer.
            ServerRefused: not enrolled, not approved, revoked, or our clock is far off.
        """
        nonce = str(_answer(self._ask("GET", "/api/v1/nonce"), "nonce")["nonce"])
        claim = docking.SignInClaim(dock=self._dock.identity.serial, nonce=nonce, at=self._clock())
        response = self._ask(
            "POST",
            "/api/v1/sessions",
            content=docking.sign_claim(claim, key=self._dock.key).encode(),
            headers={"Content-Type": "application/json"},
        )
        body = _answer(response, "token", "checkpoint", "time")
        self._client.headers["Authorization"] = f"Bearer {body['token']}"
        self.checkpoint = str(body["checkpoint"])
        return timestamp.parse(str(body["time"]))

    @property
    def token(self) -> str:
        """The bearer token of this session, for another tus client run by the same person."""
        return str(self._client.headers.get("Authorization", "")).removeprefix("Bearer ")

    def camera(self, serial: str) -> Mapping[str, Json]:
        """What the server says of a camera: its status, whom it is issued to, its settings.

        Raises:
            ServerRefused: unknown or revoked.
        """
        response = self._ask("GET", f"/api/v1/cameras/{urllib.parse.quote(serial, safe='')}")
        return _answer(response)

    def log_line(self, serial: str) -> int:
        """The number of the line of a camera's own log that the server wants next."""
        return self._wanted(self._ask("GET", _log_of(serial)))

    def send_log(self, serial: str, *, first_line: int, lines: bytes) -> int:
        """Send whole lines of a camera's own log; gives the number of the line wanted next.

        Raises:
            ServerRefused: they are not those that it wants.
        """
        response = self._ask(
            "POST",
            _log_of(serial),
            params={"first": str(first_line)},
            content=lines,
            headers={"Content-Type": "application/x-ndjson"},
        )
        return self._wanted(response)

    def _wanted(self, response: httpx.Response) -> int:
        number = _answer(response, "next")["next"]
        if not isinstance(number, int) or number < 1:
            raise ServerAway("The server's answer does not say which line it wants.")
        return number

    def begin(self, *, size: int, statement: bytes, docked: bytes, filename: str) -> str:
        """Create an upload, or find the one that already received these bytes.

        Returns:
            Its address on the server.

        Raises:
            ServerRefused: the statement, the camera or this dock is not accepted.
        """
        parts = {"statement": statement, "docking": docked, "filename": filename.encode()}
        metadata = ",".join(f"{k} {base64.b64encode(v).decode()}" for k, v in parts.items())
        response = self._ask(
            "POST",
            "/uploads",
            headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata},
        )
        if response.status_code != _CREATED:
            raise _refusal(response)
        return str(response.headers["Location"])

    def offset(self, upload: str) -> int:
        """How many bytes the server holds durably.

        Raises:
            UploadGone: it does not know this upload.
        """
        response = self._ask("HEAD", upload, headers=TUS)
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
        video: Path,
        offset: int,
        size: int,
        progress: Callable[[int], None],
    ) -> None:
        """Send the rest of a recording in one request.

        Raises:
            ServerAway: cut; ask for the offset and go on.
            UploadGone: it does not know this upload.
            ServerRefused: any other answer.
        """
        response = self._ask(
            "PATCH",
            upload,
            content=_paced(_body(video, offset, size, progress), self._limit),
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
            raise _refusal(response)

    def receipt(self, upload: str, *, since: int | None) -> bytes | Waiting | Quarantined:
        """The receipt, or how long to wait, or why there is none.

        Args:
            upload: its address.
            since: size of the last checkpoint this dock saw; the receipt then proves that the log
                only grew since.
        """
        query = {} if since is None else {"since": str(since)}
        response = self._ask("GET", f"{upload}/receipt", params=query)
        if response.status_code == _OK:
            return response.content
        if response.status_code == _ACCEPTED:
            return Waiting(seconds=float(response.headers.get("Retry-After", "1")))
        if response.status_code == _CONFLICT:
            body = response.json()
            return Quarantined(code=str(body["code"]), message=str(body["message"]))
        if response.status_code in _GONE:
            raise UploadGone("The server no longer knows this upload.")
        raise _refusal(response)

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
        if response.status_code not in {_OK, _ACCEPTED}:
            raise _refusal(response)
        return str(response.json()["state"])


def _log_of(serial: str) -> str:
    return f"/api/v1/cameras/{urllib.parse.quote(serial, safe='')}/log"


def _body(video: Path, offset: int, size: int, progress: Callable[[int], None]) -> Iterator[bytes]:
    """The file from `offset` on; it must still be `size` bytes long."""
    with video.open("rb") as file:
        file.seek(offset)
        sent = offset
        while sent < size:
            data = file.read(min(CHUNK, size - sent))
            if not data:
                raise ServerAway(f"{video.name} got shorter while it was sent.")
            yield data
            sent += len(data)
            progress(sent)


def _paced(chunks: Iterator[bytes], limit: int | None) -> Iterator[bytes]:
    """The same bytes, at most `limit` of them a second."""
    if limit is None:
        yield from chunks
        return
    step = max(1, min(CHUNK, limit // 10))
    for chunk in chunks:
        for start in range(0, len(chunk), step):
            part = chunk[start : start + step]
            yield part
            pause(len(part) / limit)


def pause(seconds: float) -> None:
    """Wait between two questions."""
    time.sleep(seconds)
