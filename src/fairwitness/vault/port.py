"""The port behind which footage is stored, and the contract that every store keeps.

A store holds *blobs*: sealed pieces, sealed manifests. It never sees plaintext or a key. What it
must promise, and what `tests/contracts/` asks of every store:

1. **Exclusive.** `create` takes a name that was never used; a second `create` of the same name
   raises `BlobExists`, whether the first is finished or not, in any process.
2. **Written once.** A blob is written front to back and finished. Nothing changes or extends it.
3. **Durable in two steps.** After `BlobWriter.finish` the blob's bytes survive a power cut; after
   `sync` of its name the name does, too. Only then may anyone be told that it is kept. Several
   names in one `sync` cost little more than one.
4. **Nothing half-done counts.** After a crash a blob that was not finished may be found, cut or
   longer than was written. So a blob counts only where something outside the store names it with
   its size; blobs that nothing names are strays, found by `names` and `facts`.
5. **Delete is idempotent** and durable when it returns; deleting what is not there is no error.
6. **Full is told at once.** When there is no room, `create`, `write` or `finish` raises
   `StoreFull`, the blob in hand is not kept, and whatever was synced before is untouched.
7. **Names** match `[a-z0-9][a-z0-9-]*`, in parts divided by `/`, at most 200 characters in all;
   anything else is refused with ValueError. Case, dots and escapes never reach a disk.

A writer is used by one thread at a time; a store and a reader by many.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeAlias, runtime_checkable

from fairwitness.errors import FairwitnessError

Bytes: TypeAlias = bytes | bytearray | memoryview

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*")
_NAME_LENGTH: Final = 200


class BlobExists(FairwitnessError):
    """A blob of this name was made before; blobs are written once."""

    code = "vault.blob_exists"


class BlobMissing(FairwitnessError):
    """The store has no blob of this name."""

    code = "vault.blob_missing"


class StoreFull(FairwitnessError):
    """The store has no room for what was to be written; nothing kept before is harmed."""

    code = "vault.full"


class StoreFailed(FairwitnessError):
    """The store could not do what it was asked to; the disk or the network says why."""

    code = "vault.failed"


@dataclass(frozen=True, slots=True)
class BlobFacts:
    """What a store knows of a blob without opening it.

    Attributes:
        size: in bytes.
        written_at: when it was last written to, by the store's own clock, in UTC.
    """

    size: int
    written_at: datetime


class BlobWriter(Protocol):
    """One blob being written. Ends with exactly one of `finish` and `abort`."""

    def write(self, data: Bytes) -> None:
        """Appends these bytes.

        Raises:
            StoreFull: no room; only `abort` may follow.
            StoreFailed: the store could not write; only `abort` may follow.
        """

    def finish(self) -> None:
        """Makes the bytes durable, and exactly as many as were written.

        Raises:
            StoreFull: no room; only `abort` may follow.
            StoreFailed: the store could not; only `abort` may follow.
        """

    def abort(self) -> None:
        """Gives the blob up and deletes what there is of it; harmless after `finish`."""


class BlobReader(Protocol):
    """One finished blob, open for reading at any offset.

    Attributes:
        size: in bytes.
    """

    size: int

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes from `offset` on: `length` of them, or fewer at the blob's end."""

    def read_into(self, offset: int, into: memoryview) -> int:
        """Fills a buffer from `offset` on; returns how many bytes there were."""

    def close(self) -> None:
        """Lets go of it; harmless when repeated."""


class BlobStore(Protocol):
    """Where sealed bytes are kept. The module's docstring is the contract."""

    def create(self, name: str, *, size: int | None = None) -> BlobWriter:
        """Starts a blob under its final name.

        Args:
            name: never used before.
            size: the most that will be written, in bytes, for a store that can reserve room.

        Raises:
            BlobExists: the name was used before.
            StoreFull: there is no room for it.
        """

    def sync(self, names: Iterable[str]) -> None:
        """Makes the names of these finished blobs durable, all at once."""

    def open(self, name: str) -> BlobReader:
        """Opens a finished blob.

        Raises:
            BlobMissing: there is none of this name.
        """

    def delete(self, name: str) -> None:
        """Removes a blob, durably; no error when it is gone already."""

    def names(self, prefix: str = "") -> Iterator[str]:
        """The names of all blobs that start with `prefix`, in no promised order."""

    def facts(self, name: str) -> BlobFacts:
        """Size and age of a blob.

        Raises:
            BlobMissing: there is none of this name.
        """

    def free_bytes(self) -> int:
        """How many bytes may still be written, as far as the store can tell."""


@runtime_checkable
class OpensCold(Protocol):
    """A power that some stores have: to read what is on the medium, not what memory holds."""

    def open_cold(self, name: str) -> BlobReader:
        """Opens a blob with its cached bytes dropped, so that reading proves the medium.

        Raises:
            BlobMissing: there is none of this name.
        """


def is_name(name: str) -> bool:
    """Whether a blob may have this name."""
    return len(name) <= _NAME_LENGTH and _NAME.fullmatch(name) is not None


@runtime_checkable
class DeletesMany(Protocol):
    """A power that some stores have: to remove many blobs for little more than one."""

    def delete_many(self, names: Iterable[str]) -> None:
        """Removes blobs, durably when it returns; no error for those that are gone already."""


def checked_name(name: str) -> str:
    """The name itself, if it is one that any store can take.

    Raises:
        ValueError: it is not.
    """
    if not is_name(name):
        raise ValueError(f"not a name for a blob: {name!r}")
    return name
