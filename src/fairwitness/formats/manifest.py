"""The manifest: all that must survive the loss of the database, sealed beside the pieces.

From a recording's manifest and its key alone, `audit --rebuild` registers the recording again:
what the camera and the dock said (their very envelopes), what the server knew of who wore what,
and where the pieces lie. It is not signed: it is sealed with the recording's own key.

Specification: docs/specs/manifest.md.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fairwitness.formats import canonical, piece, records
from fairwitness.formats.dsse import Envelope
from fairwitness.formats.invariants import (
    require,
    require_between,
    require_media_type,
    require_sha256,
    require_text,
)

LIMIT = canonical.LIMIT
"""Bytes of a manifest, at most."""

_CODE = "format.manifest"
_LARGEST = 2**53 - 1
_BLOB = re.compile(r"[0-9a-z][0-9a-z/_.-]{0,199}")


class Provenance(StrEnum):
    """How the footage came, and so what can ever be said of it."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    IMPORTED = "imported"
    AXIS = "axis"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Someone or something, by id and as people knew it at the time."""

    id: str
    name: str

    def __post_init__(self) -> None:
        require_text(self.id, "id", code=_CODE)
        require_text(self.name, "name", code=_CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceRef:
    """One sealed piece of the master.

    Attributes:
        blob: its name in the store.
        offset: of its first plaintext byte in the recording.
        length: of its plaintext.
        sealed_size: of the blob.
    """

    blob: str
    offset: int
    length: int
    sealed_size: int

    def __post_init__(self) -> None:
        good = _BLOB.fullmatch(self.blob) is not None and ".." not in self.blob
        require(good, "A blob's name has a wrong form.", code=_CODE)
        require_between(self.offset, "offset", 0, _LARGEST, code=_CODE)
        require_between(self.length, "length", 0, piece.PIECE_PLAINTEXT, code=_CODE)
        sealed = piece.sealed_size(self.length)
        require(self.sealed_size == sealed, "sealed_size does not follow length.", code=_CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the server knew of a recording when it received it.

    Attributes:
        recording: its id.
        reference: how people name it.
        provenance: signed by a camera, unsigned, imported, from an Axis body-worn system, or from
            an enrolled volume.
        statement: the camera's envelope; None unless signed.
        docking: the dock's envelope; None when no dock brought it.
        camera: None when unknown.
        wearer: to whom the camera was issued at the time; None when to nobody.
        unit: the wearer's at the time, or the camera's.
        station: where it was docked.
        dock: which brought it.
        importer: the officer who imported it, or the enrolled volume that a dock took it from;
            None for all else.
        filename: as it came; None when it had none.
        media_type: of the master.
        size: bytes of the master.
        sha256: of the master as read back, in hexadecimal.
        received_at: when the last byte was durable, by the server's clock.
        docked_at: None when no dock brought it.
        started_at: device time; None when nobody said.
        ended_at: device time; None when nobody said.
        clock_started_at: when the retention clock started.
        gone_by: by when it must be gone under the default rule; None when no rule says.
        late: whether it was docked so late that the limit runs from docking.
        pieces: in order, without gap or overlap, covering the master.
        entry_leaf: leaf hash of the `recording.received` entry; None when not yet appended.
    """

    recording: UUID
    reference: str
    provenance: Provenance
    statement: Envelope | None
    docking: Envelope | None
    camera: Named | None
    wearer: Named | None
    unit: Named | None
    station: Named | None
    dock: Named | None
    importer: Named | None
    filename: str | None
    media_type: str
    size: int
    sha256: str
    received_at: datetime
    docked_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    clock_started_at: datetime
    gone_by: datetime | None
    late: bool
    pieces: tuple[PieceRef, ...]
    entry_leaf: str | None
    version: int = 1

    def __post_init__(self) -> None:
        require(self.version == 1, "We know only version 1 of the manifest.", code=_CODE)
        require_text(self.reference, "reference", code=_CODE)
        require_text(self.filename, "filename", code=_CODE)
        require_media_type(self.media_type, code=_CODE)
        require_between(self.size, "size", 0, _LARGEST, code=_CODE)
        require_sha256(self.sha256, "sha256", code=_CODE)
        require_sha256(self.entry_leaf, "entry_leaf", code=_CODE)
        signed = self.provenance is Provenance.SIGNED
        require(signed == (self.statement is not None), "Signed means a statement.", code=_CODE)
        _require_covering(self.pieces, self.size)


def encode(manifest: Manifest) -> bytes:
    """The manifest as canonical JSON, before it is sealed."""
    return canonical.encode(records.to_json(manifest))


def parse(data: bytes) -> Manifest:
    """Read a manifest after it was opened.

    Raises:
        FormatError: anything else than `encode` writes.
    """
    return records.from_json(Manifest, canonical.decode(data, limit=LIMIT))


def _require_covering(pieces: tuple[PieceRef, ...], size: int) -> None:
    end = 0
    for one in pieces:
        require(one.offset == end, "The pieces leave a gap or overlap.", code=_CODE)
        require(one.length > 0 or size == 0, "A piece is empty.", code=_CODE)
        end += one.length
    require(end == size, "The pieces do not cover the recording.", code=_CODE)
    blobs = {one.blob for one in pieces}
    require(len(blobs) == len(pieces), "A blob is named twice.", code=_CODE)
