"""The bytes of a key ring entry; `docs/specs/key-ring.md` is the specification."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fairwitness.formats import canonical, records
from fairwitness.formats.errors import FormatError

_VERSION: Final = 1
_NONCE: Final = 12
_KEY: Final = 32


class EntryInvalid(FormatError):
    """A key ring entry that is damaged, or sealed for another recording."""

    code = "format.ring_entry"


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """A recording's key as it lies in the ring.

    Attributes:
        version: of this form.
        recording: whose key it is.
        ring_key: id of the ring key that seals it.
        sealed: nonce, ciphertext and tag.
    """

    version: int
    recording: UUID
    ring_key: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class DestroyedRecord:
    """What is left of a key.

    Attributes:
        version: of this form.
        recording: whose key it was.
        destroyed_at: when it was first ordered to be destroyed, UTC; None where the process died
            before it could write that down.
    """

    version: int
    recording: UUID
    destroyed_at: datetime | None


def _bound(recording: UUID, ring_key: str) -> bytes:
    return f"fairwitness.org/ring-entry/v1\n{recording}\n{ring_key}\n".encode()


def seal(*, key: bytes, recording: UUID, ring_key: str, with_key: bytes) -> bytes:
    """A live entry's bytes: the recording's key, sealed by a ring key."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + AESGCM(with_key).encrypt(nonce, key, _bound(recording, ring_key))
    return canonical.encode(records.to_json(LiveEntry(_VERSION, recording, ring_key, sealed)))


def parse(data: bytes, recording: UUID) -> LiveEntry:
    """Reads a live entry, which must be this recording's.

    Raises:
        EntryInvalid: it is not.
    """
    try:
        entry = records.from_json(LiveEntry, canonical.decode(data))
    except FormatError as error:
        raise EntryInvalid(f"The key of recording {recording} is damaged.") from error
    if entry.version != _VERSION or entry.recording != recording:
        raise EntryInvalid(f"The key in recording {recording}'s place is not its own.")
    return entry


def open_entry(entry: LiveEntry, *, with_key: bytes) -> bytes:
    """The recording's key.

    Raises:
        EntryInvalid: it does not open with this ring key.
    """
    nonce, sealed = entry.sealed[:_NONCE], entry.sealed[_NONCE:]
    try:
        key = AESGCM(with_key).decrypt(nonce, sealed, _bound(entry.recording, entry.ring_key))
    except (InvalidTag, ValueError) as error:
        raise EntryInvalid(f"The key of recording {entry.recording} does not open.") from error
    if len(key) != _KEY:
        raise EntryInvalid(f"The key of recording {entry.recording} is no key.")
    return key


def destroyed(*, recording: UUID, at: datetime | None) -> bytes:
    """The bytes of a record of destruction."""
    return canonical.encode(records.to_json(DestroyedRecord(_VERSION, recording, at)))


def parse_destroyed(data: bytes, recording: UUID) -> DestroyedRecord:
    """Reads a record of destruction, which must be this recording's.

    Raises:
        EntryInvalid: it was cut short, or is another's; the key is destroyed all the same.
    """
    try:
        record = records.from_json(DestroyedRecord, canonical.decode(data))
    except FormatError as error:
        raise EntryInvalid(f"The record of destruction of {recording} is damaged.") from error
    if record.version != _VERSION or record.recording != recording:
        raise EntryInvalid(f"The record of destruction of {recording} is another's.")
    return record
