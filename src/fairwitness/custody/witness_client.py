"""What a log asks of an outside witness, over HTTP (C2SP tlog-witness).

Nothing here is believed, written or waited for long: answers are short, and one that is late, cut
or strange is a witness that is away.
"""

import hashlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fairwitness.custody.witness import Request
from fairwitness.errors import FairwitnessError
from fairwitness.formats import checkpoint as checkpoints

SECONDS: Final = 3.0
"""How long a witness may be silent."""

_MOST: Final = checkpoints.MAX_CHECKPOINT_BYTES
_SIZE: Final = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


class WitnessAway(FairwitnessError):
    """A witness did not answer, or not as a witness does."""

    code = "witness.away"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness answered to a checkpoint.

    Attributes:
        status: of HTTP.
        body: at most 64 KiB of it.
        size: of the tree that the witness remembers, if it answered with that.
    """

    status: int
    body: bytes
    size: int | None


def submit(url: str, *, old_size: int, proof: Sequence[bytes], checkpoint: bytes) -> Answer:
    """Submit a checkpoint.

    Raises:
        WitnessAway: if it can't be reached, or has trouble of its own.
    """
    body = Request(old_size, tuple(proof), checkpoint).encode()
    status, kind, data = _ask(f"{url}/add-checkpoint", body)
    size = _SIZE.fullmatch(data) if status == 409 and kind == "text/x.tlog.size" else None  # noqa: PLR2004 - the conflict of the specification
    return Answer(status, data, None if size is None else int(size[1]))


def remembered(url: str, *, origin: str) -> bytes | None:
    """The checkpoint that a witness remembers of a log; None if it says that it has none.

    Raises:
        WitnessAway: if it can't be reached, or answers anything else.
    """
    status, _, data = _ask(f"{url}/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint", None)
    if status == 404:  # noqa: PLR2004 - nothing there
        return None
    if status != 200:  # noqa: PLR2004 - neither
        raise WitnessAway(f"It answered {status} when asked what it remembers.")
    return data


def _ask(url: str, body: bytes | None) -> tuple[int, str, bytes]:
    request = urllib.request.Request(url, data=body)  # noqa: S310 - the policy has http and https only
    request.add_header("Content-Type", "text/plain; charset=utf-8")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - likewise
            status, kind, data = answer.status, answer.headers, answer.read(_MOST + 1)
    except urllib.error.HTTPError as error:
        with error:
            status, kind, data = error.code, error.headers, _rest(error)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise WitnessAway(f"It can't be reached: {error}") from error
    if len(data) > _MOST or status >= 500 or status == 429:  # noqa: PLR2004 - its own trouble
        raise WitnessAway(f"It answered {status}, or more than a witness says.")
    return status, kind.get("Content-Type", ""), data


def _rest(error: urllib.error.HTTPError) -> bytes:
    try:
        return error.read(_MOST + 1)
    except (OSError, http.client.HTTPException):
        return b""
