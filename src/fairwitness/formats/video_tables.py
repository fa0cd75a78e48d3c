"""The tables of an MP4 file's index, read in blocks: which chunk, which place, what time."""

from collections.abc import Iterator
from typing import Final

from fairwitness.formats.boxes import Box, ReadAt
from fairwitness.formats.errors import FormatError

_BLOCK: Final = 4096
"""Entries that are read at once."""


class TableInvalid(FormatError):
    """A table that says what can't be: more entries than it has bytes, say."""

    code = "format.video"


class Table:
    """A box with a count and that many entries of one width; a block of them is in memory."""

    def __init__(
        self, read: ReadAt, box: Box, *, width: int, head: int = 8, count: int | None = None
    ) -> None:
        self._read, self._width = read, width
        self._begins = box.body + head
        self.head = read(box.body, head)
        self.room = max(0, box.end - self._begins) // width
        if len(self.head) < head:
            raise TableInvalid("A table of pictures ends in its head.")
        self.count = int.from_bytes(self.head[4:8], "big") if count is None else count
        if head == 8 and count is None and self.count > self.room:  # noqa: PLR2004 (the usual head)
            raise TableInvalid("A table of pictures has more entries than bytes.")
        self._block, self._number = b"", -1

    def entry(self, number: int) -> bytes:
        """The bytes of one entry.

        Raises:
            TableInvalid: there is no such entry.
        """
        block, place = divmod(number, _BLOCK)
        if number >= self.room:
            raise TableInvalid("A table of pictures has more entries than bytes.")
        if block != self._number:
            length = min(_BLOCK, self.room - block * _BLOCK) * self._width
            self._block = self._read(self._begins + block * _BLOCK * self._width, length)
            self._number = block
        return self._block[place * self._width : (place + 1) * self._width]

    def number(self, number: int) -> int:
        """One entry as a number.

        Raises:
            TableInvalid: there is no such entry.
        """
        return int.from_bytes(self.entry(number), "big")


def chunked(runs: Table, places: Table, count: int) -> Iterator[int | None]:
    """For each of `count` samples: where its chunk begins if it is the chunk's first, else None.

    Raises:
        TableInvalid: there are not enough chunks.
    """
    if not count:
        return
    given = 0
    for run in range(runs.count):
        first, each, _ = _three(runs.entry(run))
        last = _three(runs.entry(run + 1))[0] if run + 1 < runs.count else places.count + 1
        if first < 1 or not each or last <= first:
            raise TableInvalid("Its table of chunks can't be.")
        for chunk in range(first, last):
            start: int | None = places.number(chunk - 1)
            for _ in range(min(each, count - given)):
                yield start
                start = None
                given += 1
            if given >= count:
                return
    raise TableInvalid("Its table of chunks ends before its pictures.")


def timed(steps: Table) -> Iterator[tuple[int, int]]:
    """Time and duration of each sample; the last step goes on for ever."""
    time, step = 0, 0
    for number in range(steps.count):
        entry = steps.entry(number)
        count, step = int.from_bytes(entry[:4], "big"), int.from_bytes(entry[4:], "big")
        for _ in range(count):
            yield time, step
            time += step
    while True:
        yield time, step
        time += step


def _three(entry: bytes) -> tuple[int, int, int]:
    return (
        int.from_bytes(entry[:4], "big"),
        int.from_bytes(entry[4:8], "big"),
        int.from_bytes(entry[8:12], "big"),
    )
