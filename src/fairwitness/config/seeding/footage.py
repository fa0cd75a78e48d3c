"""The footage of made-up recordings, and what lies in the vault of each.

What is there, and what is not:

- A recording that is alive at the end has real footage: one second of signed, fragmented MP4 under
  a key of its own, a manifest, and the camera's statement. Its claim may speak of minutes; the
  camera's times are made up, the second of test picture is what it has.
- A recording that was deleted by then never had any, but for those of the first day, whose keys
  were destroyed as in earnest: it was registered with the digest such
  footage would have had, and its record of deletion is real, but nothing was ever sealed.
- Only a few came through a dock (`docked`) and have uploads, docking claims and receipts, so that
  only of these there are copies for court (`handing_over`); there are no device logs and no working
  copies.
"""

import hashlib
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cache
from typing import Any, Final

import av
import numpy as np

from fairwitness.camera import burning
from fairwitness.camera.scene import CHROMA_GREY
from fairwitness.evidence import columns
from fairwitness.evidence.models import CopyKind, Piece
from fairwitness.evidence.registration import Arrival
from fairwitness.formats import manifest, statement
from fairwitness.formats.dsse import Envelope
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.manifest import Manifest, Named, PieceRef
from fairwitness.formats.recording import RecordingClaim
from fairwitness.formats.statement import Statement
from fairwitness.vault import manifests
from fairwitness.vault.lanes import OpenPiece
from fairwitness.vault.pieces import Binding, SealedPiece, new_name
from fairwitness.vault.vault import Vault

LOOKS: Final = 8
"""Different test pictures."""

MEDIA_TYPE: Final = "video/mp4"
WIDTH, HEIGHT, RATE = 320, 180, 10
_SEGMENT: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Clip:
    """One second of footage and what it is."""

    data: bytes
    sha256: str


def clip(reference: str, look: int) -> Clip:
    """The footage of one recording: a test picture, and a box with its name that players skip."""
    name = reference.encode()
    data = _picture(look % LOOKS) + struct.pack(">I4s", 8 + len(name), b"free") + name
    return Clip(data, hashlib.sha256(data).hexdigest())


@cache
def _picture(look: int) -> bytes:
    """A second of a test picture that says TRAINING, fragmented as cameras write it."""
    sink = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(sink, "w", format="mp4", options=options) as container:
        stream: Any = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, RATE)
        for number in range(RATE):
            for packet in stream.encode(_frame(look, number)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return sink.getvalue()


def _frame(look: int, number: int) -> av.VideoFrame:
    pixels = np.full((HEIGHT * 3 // 2, WIDTH), CHROMA_GREY, dtype=np.uint8)
    pixels[:HEIGHT] = 40 + 14 * look
    pixels[:HEIGHT, number * WIDTH // RATE : (number + 1) * WIDTH // RATE] = 200
    pixels = burning.words_over(pixels, burning.BANNER)
    frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
    frame.pts = number
    return frame


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording whose footage is to lie in the vault."""

    arrival: Arrival
    clip: Clip
    camera_key: SigningKey


def keep(footage: Sequence[Kept], *, vault: Vault) -> None:
    """Make keys, seal the footage and write the manifests, durably; pieces' rows with them.

    As acceptance does it, but for many: one key each, and few syncs for all the keys. Runs before
    the recordings are registered, outside any transaction.
    """
    keys = vault.ring.create_many([each.arrival.recording for each in footage])
    rows = []
    scratch = memoryview(bytearray(_SEGMENT))
    for each in footage:
        recording = each.arrival.recording
        sealed = _seal(each, keys[recording], vault, scratch)
        rows.append(
            Piece(
                recording_id=recording,
                copy=CopyKind.MASTER,
                offset=0,
                length=sealed.length,
                blob=sealed.blob,
                sealed_size=sealed.sealed_size,
                upload_length=sealed.length,
            )
        )
        manifests.write(
            manifest.encode(_manifest(each, sealed)),
            store=vault.store,
            key=keys[recording],
            recording=recording,
        )
    vault.store.sync([row.blob for row in rows])
    columns.insert(rows)


def forget(footage: Sequence[Kept], *, vault: Vault, at: datetime) -> None:
    """Take back what `keep` did for recordings that were then not registered after all."""
    ids = [each.arrival.recording for each in footage]
    for pk in ids:
        vault.ring.destroy(pk, at=at)
        manifests.delete(store=vault.store, recording=pk)
    rows = Piece.objects.filter(recording_id__in=ids)
    for blob in rows.values_list("blob", flat=True):
        vault.store.delete(blob)
    rows.delete()


def _seal(each: Kept, key: bytes, vault: Vault, scratch: memoryview) -> SealedPiece:
    recording, data = each.arrival.recording, each.clip.data
    binding = Binding(key, recording, CopyKind.MASTER.value, len(data))
    piece = OpenPiece(binding, vault.store, 0, new_name(recording.hex[:2]))
    sealed = piece.seal(memoryview(data), scratch, last=True)
    if sealed is None:
        raise ValueError("A test picture is shorter than a piece.")
    return sealed


def _manifest(each: Kept, sealed: SealedPiece) -> Manifest:
    arrival = each.arrival
    origin, belonging, times = arrival.origin, arrival.belonging, arrival.times
    return Manifest(
        recording=arrival.recording,
        reference=origin.reference,
        provenance=manifest.Provenance(origin.provenance.value),
        statement=_signed(origin.claim, each.camera_key),
        docking=None,
        camera=Named(id=str(origin.camera.pk), name=origin.camera.serial)
        if origin.camera
        else None,
        wearer=_wearer(arrival),
        unit=Named(id=str(belonging.unit.pk), name=belonging.unit.name) if belonging.unit else None,
        station=Named(id=str(belonging.station.pk), name=belonging.station.name)
        if belonging.station
        else None,
        dock=Named(id=str(origin.dock.pk), name=origin.dock.serial) if origin.dock else None,
        importer=None,
        filename=None,
        media_type=arrival.content.media_type,
        size=arrival.content.size,
        sha256=arrival.content.sha256,
        received_at=times.received_at,
        docked_at=times.docked_at,
        started_at=times.started_at,
        ended_at=times.ended_at,
        clock_started_at=times.clock_started_at,
        gone_by=times.gone_by,
        late=times.late,
        pieces=(
            PieceRef(
                blob=sealed.blob,
                offset=sealed.offset,
                length=sealed.length,
                sealed_size=sealed.sealed_size,
            ),
        ),
        entry_leaf=None,
    )


def _signed(claim: RecordingClaim | None, key: SigningKey) -> Envelope | None:
    return statement.sign_statement(Statement(claim), key=key) if claim is not None else None


def _wearer(arrival: Arrival) -> Named | None:
    wearer = arrival.belonging.wearer
    return (
        Named(id=str(wearer.pk), name=f"{wearer.title} {wearer.collar_number}") if wearer else None
    )
