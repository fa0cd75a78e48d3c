"""The input as a file that libav can read, fetched over the socket in blocks as it is needed."""

import os
import socket
from collections import OrderedDict
from typing import TYPE_CHECKING

from fairwitness.media import wire
from fairwitness.media.wire import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = wire.LONGEST_READ
_BLOCKS_KEPT = 16


class Remote:
    """The footage, read over the socket in aligned blocks of 1 MiB; the last 16 are kept.

    Attributes:
        size: of the footage, in bytes.
        fetched: how far it has been read without a gap.
        watch: told whenever `fetched` may have grown; the last blocks are still held then.
    """

    def __init__(self, sock: socket.socket, size: int) -> None:
        self._sock = sock
        self.size = size
        self.fetched = 0
        self.watch: Callable[[], None] = lambda: None
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def read_at(self, offset: int, length: int) -> bytes:
        """Give `length` bytes at `offset`, fewer at the end."""
        length = max(0, min(length, self.size - offset))
        parts = bytearray()
        while len(parts) < length:
            number, skip = divmod(offset + len(parts), BLOCK)
            part = self._block(number)[skip : skip + length - len(parts)]
            if not part:
                break
            parts += part
        return bytes(parts)

    def _block(self, number: int) -> bytes:
        block = self._blocks.get(number)
        if block is None:
            wire.send(self._sock, Kind.READ, wire.pack_range(number * BLOCK, BLOCK))
            kind, block = wire.receive(self._sock)
            if kind is not Kind.DATA:
                raise wire.WireBroken("Expected the bytes that were asked for.")
            self._blocks[number] = block
            if number * BLOCK <= self.fetched:
                self.fetched = max(self.fetched, number * BLOCK + len(block))
                self.watch()
            if len(self._blocks) > _BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(number)
        return block


class RemoteStream:
    """A `Remote` read from its beginning to its end, never back: once, whatever libav fancies."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._position = 0

    def read(self, length: int) -> bytes:
        """Give the next bytes, none at the end."""
        data = self._remote.read_at(self._position, length)
        self._position += len(data)
        return data


class RemoteFile(RemoteStream):
    """A `Remote` with a position that can be moved: what PyAV calls a file."""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; gives the new position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._remote.size}
        self._position = max(0, base[whence] + offset)
        return self._position

    def tell(self) -> int:
        """Give the position."""
        return self._position
