"""Page-aligned buffers of one segment each, used again and again.

Footage passes through memory in 1 MiB buffers that start on a page, which the kernel and AES-GCM
both like; a pool keeps the ones that are free, so that a busy server asks the kernel for no memory
and a quiet one keeps little. They are private: a page of memory that could be shared with another
process costs the kernel more each time that a fresh one is touched.
"""

import mmap
import threading
from collections import deque
from typing import Final

from fairwitness.formats.piece import SEGMENT


class BufferPool:
    """Buffers of 1 MiB; keeps at most `keep` free ones.

    Taking never waits: who takes bounds its own number (`PieceWriter` does), so that uploads that
    hang can't starve the others.
    """

    def __init__(self, *, keep: int) -> None:
        self._keep = keep
        self._free: deque[memoryview] = deque()
        self._lock = threading.Lock()

    def take(self) -> memoryview:
        """A buffer whose content is anything."""
        with self._lock:
            if self._free:
                return self._free.pop()
        return memoryview(mmap.mmap(-1, SEGMENT, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))

    def give(self, buffer: memoryview) -> None:
        """Takes a buffer back; the giver must not touch it again."""
        with self._lock:
            if len(self._free) < self._keep:
                self._free.append(buffer)


SHARED: Final = BufferPool(keep=64)
"""The process's own pool."""
