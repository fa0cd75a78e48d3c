"""What goes to the server: questions, and uploads no faster than all bays together may."""

import os
import time
from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import Any

import httpx

from fairwitness.dock.pace import Limit
from fairwitness.errors import FairwitnessError

CHUNK = 1 << 20
UPLOADS = "/uploads"
_HARMLESS_TWICE = {"GET", "HEAD", "DELETE"}


class ServerAway(FairwitnessError):
    """The server can't be reached, or is too busy: try again; nothing is lost."""

    code = "dock.server_away"


class StillChanging(FairwitnessError):
    """A file changes while it is read: it is taken when it has come to rest."""

    code = "dock.still_changing"


def request(client: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
    """Ask once, and once more where the server may just have closed a connection that waited.

    It closes one after it refused an upload half-way (RFC 9112, 9.3.1). An upload that is begun
    twice is found the second time.
    """
    try:
        return client.request(method, path, **options)
    except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
        if method not in _HARMLESS_TWICE and path != UPLOADS:
            raise
        return client.request(method, path, **options)


def body(
    file: BufferedReader, offset: int, size: int, progress: Callable[[int], None]
) -> Iterator[bytes]:
    """The file from `offset` on; it must be `size` bytes long all the time.

    Raises:
        StillChanging: it grows or shrinks; its last bytes are then not sent.
    """
    file.seek(offset)
    sent = offset
    while sent < size:
        data = file.read(min(CHUNK, size - sent))
        if not data or os.fstat(file.fileno()).st_size != size:
            raise StillChanging("It got longer or shorter while it was sent.")
        yield data
        sent += len(data)
        progress(sent)


def paced(chunks: Iterator[bytes], limit: Limit | None) -> Iterator[bytes]:
    """The same bytes, no faster than all bays together may."""
    if limit is None:
        yield from chunks
        return
    for chunk in chunks:
        for start in range(0, len(chunk), limit.portion):
            part = chunk[start : start + limit.portion]
            limit.take(len(part))
            yield part


def pause(seconds: float) -> None:
    """Wait between two questions."""
    time.sleep(seconds)
