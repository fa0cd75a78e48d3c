"""The body of an upload: a recording from some byte on, no faster than all bays together may."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fairwitness.dock.pace import Limit
from fairwitness.errors import FairwitnessError

CHUNK = 1 << 20
_SOON = 4
"""How often a dock asks within the first time that the server names."""


class ServerAway(FairwitnessError):
    """The server can't be reached, or is too busy: try again; nothing is lost."""

    code = "dock.server_away"


@dataclass(frozen=True, slots=True)
class Waiting:
    """No receipt yet; ask again in this many seconds."""

    seconds: float

    def pause(self, asked: int) -> float:
        """Seconds to wait after asking for the `asked`th time: sooner at first.

        A short recording has its receipt long before the time is over that the server names.
        """
        return self.seconds / _SOON if asked <= _SOON else self.seconds


def body(video: Path, offset: int, size: int, progress: Callable[[int], None]) -> Iterator[bytes]:
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
