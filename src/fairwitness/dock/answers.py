"""What a server can answer a dock: values, and the errors that stand for the rest."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import httpx

from fairwitness.dock.sending import ServerAway
from fairwitness.errors import FairwitnessError
from fairwitness.formats.canonical import Json

_OK = 200
_SOON = 4
"""How often a dock asks within the first time that the server names."""


class ServerFull(FairwitnessError):
    """The server has no room: people have to make some; nothing is lost."""

    code = "dock.server_full"


class CertificateWrong(FairwitnessError):
    """What answers there can't prove that it is our server."""

    code = "dock.certificate"


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
class Greeting:
    """What the server says when a dock signs in.

    Attributes:
        checkpoint: the log's latest, a signed note; empty before the first.
        off_us: how far the dock's clock may be from the server's, in microseconds, at least and at
            most, positive when the dock is ahead.
    """

    checkpoint: str
    off_us: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Waiting:
    """No receipt yet; ask again in this many seconds."""

    seconds: float

    def pause(self, asked: int) -> float:
        """Seconds to wait after asking for the `asked`th time: sooner at first.

        A short recording has its receipt long before the time is over that the server names.
        """
        return self.seconds / _SOON if asked <= _SOON else self.seconds


def refusal(response: httpx.Response) -> ServerRefused:
    """The server's no, in its own words when it has any."""
    try:
        body = response.json()
        return ServerRefused(str(body["message"]), code=str(body["code"]))
    except (ValueError, KeyError, TypeError):
        return ServerRefused(f"The server answered {response.status_code}.")


def answer(
    response: httpx.Response, *names: str, good: Collection[int] = (_OK,)
) -> Mapping[str, Json]:
    """The object in a good answer, with these fields; whoever else answers is no server of ours."""
    if response.status_code not in good:
        raise refusal(response)
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, Mapping) or not all(name in body for name in names):
        raise ServerAway("What answers there does not speak as our server does.")
    return body
