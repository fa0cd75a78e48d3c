"""A store in memory, for tests that need no disk; it passes the same contract."""

import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from fairwitness.vault.port import BlobExists, BlobFacts, BlobMissing, Bytes, checked_name


class MemoryWriter:
    """See the port."""

    def __init__(self, store: "MemoryStore", name: str) -> None:
        self._store = store
        self._name = name
        self._data = bytearray()
        self._state = "open"

    def write(self, data: Bytes) -> None:
        self._must_be_open()
        self._data += data

    def finish(self) -> None:
        self._must_be_open()
        self._state = "finished"
        self._store.blobs[self._name] = bytes(self._data)

    def abort(self) -> None:
        if self._state == "open":
            self._state = "aborted"
            self._store.blobs.pop(self._name, None)

    def _must_be_open(self) -> None:
        if self._state != "open":
            raise ValueError(f"this blob is {self._state}")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self._data: bytes | None = data

    def read_at(self, offset: int, length: int) -> bytes:
        if self._data is None:
            raise ValueError("this blob was closed")
        return self._data[offset : offset + length]

    def read_into(self, offset: int, into: memoryview) -> int:
        data = self.read_at(offset, len(into))
        into[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._data = None


class MemoryStore:
    """Blobs in a dict; None is a blob that is being written."""

    def __init__(self, blobs: dict[str, bytes | None] | None = None) -> None:
        self.blobs: dict[str, bytes | None] = {} if blobs is None else blobs
        self.synced: list[tuple[str, ...]] = []
        self._lock = threading.Lock()

    def create(self, name: str, *, size: int | None = None) -> MemoryWriter:  # noqa: ARG002 # the port's
        checked_name(name)
        with self._lock:
            if name in self.blobs:
                raise BlobExists(f"There is a blob named {name} already.")
            self.blobs[name] = None
        return MemoryWriter(self, name)

    def sync(self, names: Iterable[str]) -> None:
        self.synced.append(tuple(names))

    def open(self, name: str) -> _Reader:
        return _Reader(self._found(name))

    def delete(self, name: str) -> None:
        self.blobs.pop(checked_name(name), None)

    def names(self, prefix: str = "") -> Iterator[str]:
        return iter([name for name in self.blobs if name.startswith(prefix)])

    def facts(self, name: str) -> BlobFacts:
        return BlobFacts(len(self._found(name)), datetime(2017, 1, 1, tzinfo=UTC))

    def free_bytes(self) -> int:
        return 1 << 40

    def _found(self, name: str) -> bytes:
        data = self.blobs.get(checked_name(name))
        if data is None:
            raise BlobMissing(f"There is no blob named {name}.")
        return data
