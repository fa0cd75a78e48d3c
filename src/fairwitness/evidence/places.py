"""Finding recordings by place, though no place lies in the clear: docs/design/places.md.

A trail is sealed footage, so a database can't search it. What it searches instead are marks: that
some recording crossed some cell. Both names are hidden under the key of an *epoch*, which lies in
the key ring and nowhere else, and is destroyed when its week is over and every recording that is
still kept has been marked anew under the next one.

Design rules:

1. **The database alone says nothing**, not even which recordings were near each other: a mark's
   label is the same for two recordings in one cell, but whose a mark is, is hidden for each by
   itself.
2. **Epochs overlap by as long as marking anew takes.** A third is never begun.
3. A recording's marks go when its key goes (`forget`). Those that could not be reached then (no
   copy of the ring was there) end with their epoch at the latest.
4. What the ring can't open (a restored database is older than the ring) is marked anew from trails.
"""

import hmac
import logging
import secrets
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access, cells, circle
from fairwitness.evidence.cells import Cell
from fairwitness.evidence.models import (
    Copy,
    CopyKind,
    CopyState,
    PlacedRecording,
    PlaceEpoch,
    PlaceMark,
    Recording,
    State,
)
from fairwitness.media import trail
from fairwitness.vault.keyring import KeyDestroyed, KeyMissing, KeyRing
from fairwitness.vault.vault import Vault

EPOCH: Final = timedelta(days=7)
BATCH: Final = 50
"""Recordings marked in one transaction, which must not last."""
MOST_CELLS: Final = 2000
"""Of one recording; a flight that crosses more is found by the first of them."""
_ID: Final = 16
_NONCE: Final = 12
_PADDED: Final = 128
_PACKED_POSTGRESQL: Final = "string_agg(int8send(id), ''::bytea), string_agg(who, ''::bytea)"
_PACKED_SQLITE: Final = "group_concat(printf('%%016x', id), ''), group_concat(hex(who), '')"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Key:
    """An epoch's key and what is derived from it."""

    epoch: UUID
    secret: bytes

    def _derive(self, use: bytes, *parts: bytes) -> bytes:
        return hmac.digest(self.secret, b"\0".join((use, *parts)), "sha256")

    def label(self, cell: bytes) -> int:
        """What a cell is called."""
        return int.from_bytes(self._derive(b"place-label", cell)[:8], "big") >> 1

    def mark(self, cell: bytes, recording: UUID) -> PlaceMark:
        """That this recording crossed this cell."""
        name = self._derive(b"place-mark", cell, recording.bytes)
        pk = int.from_bytes(name[:8], "big") >> 1
        who = self._mask(cell, (pk,), recording.bytes)
        return PlaceMark(pk=pk, label=self.label(cell), who=who, epoch_id=self.epoch)

    def whose(self, cell: bytes, marks: Sequence[int], hidden: bytes) -> list[bytes]:
        """Whose marks these are, for whoever knows the cell: some thousands, and all at once."""
        plain = self._mask(cell, marks, hidden)
        return [plain[at : at + _ID] for at in range(0, len(plain), _ID)]

    def _mask(self, cell: bytes, marks: Sequence[int], data: bytes) -> bytes:
        """Hide, or uncover, a recording's id for each of these marks."""
        cipher = Cipher(
            algorithms.AES256(self._derive(b"place-who", cell)),
            modes.ECB(),  # noqa: S305 - no two blocks are alike: each begins with a mark's own id
        )
        pad = cipher.encryptor().update(struct.pack("<" + "q8x" * len(marks), *marks))
        bits = int.from_bytes(pad, "big") ^ int.from_bytes(data, "big")
        return bits.to_bytes(len(data), "big")

    def seal(self, packed: bytes, recording: UUID) -> bytes:
        """A list of cells, sealed; its length is hidden up to sixteen cells."""
        nonce = secrets.token_bytes(_NONCE)
        plain = packed + b"\xff" * (-len(packed) % _PADDED)
        return nonce + self._cipher().encrypt(nonce, plain, recording.bytes)

    def open(self, sealed: bytes, recording: UUID) -> list[Cell]:
        """The cells of a sealed list; none when it does not open."""
        try:
            plain = self._cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], recording.bytes)
        except (InvalidTag, ValueError):
            return []
        return [cell for cell in cells.unpack(plain) if cell != (-1, -1)]

    def _cipher(self) -> AESGCM:
        return AESGCM(self._derive(b"place-list"))


def near(*, latitude: int, longitude: int, metres: int, ring: KeyRing) -> frozenset[bytes]:
    """The recordings whose trail crossed a cell within so many metres: their ids as bytes.

    Who may see them is not asked here.

    Args:
        latitude: degrees times ten million.
        longitude: degrees times ten million.
        metres: how far.
        ring: where the epochs' keys are.

    Raises:
        CopyUnavailable: no copy of the ring is there that may be believed.
    """
    wanted = [cells.pack([cell]) for cell in cells.cells_near(latitude, longitude, metres=metres)]
    found: set[bytes] = set()
    for key in _keys(PlaceEpoch.objects.values_list("pk", flat=True), ring):
        named = {key.label(cell): cell for cell in wanted}
        for label, marks, hidden in _by_label(list(named)):
            found.update(key.whose(named[label], marks, hidden))
    return frozenset(found)


def _by_label(labels: list[int]) -> Iterator[tuple[int, Sequence[int], bytes]]:
    """Each of these labels that has marks: their ids, and whose each is, hidden, in that order.

    A busy cell has some hundred, and a place hundreds of cells. Each cell's come at once: made and
    read as rows of their own they take twice as long.
    """
    if connection.vendor == "postgresql":
        packed, chosen = _PACKED_POSTGRESQL, "= ANY(%s)"
        given: list[list[int]] | list[int] = [labels]
    else:
        packed, chosen = _PACKED_SQLITE, f"IN ({', '.join(['%s'] * len(labels))})"
        given = labels
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT label, {packed} FROM evidence_placemark"  # noqa: S608 - our own words
            f" WHERE label {chosen} GROUP BY label",
            given,
        )
        for label, marks, hidden in cursor.fetchall():
            ids = bytes.fromhex(marks) if isinstance(marks, str) else marks
            who = bytes.fromhex(hidden) if isinstance(hidden, str) else hidden
            yield label, struct.unpack(f">{len(ids) // 8}q", ids), who


def _keys(epochs: Iterable[UUID], ring: KeyRing) -> list[_Key]:
    """The keys of epochs that the ring has."""
    keys = []
    for pk in epochs:
        try:
            keys.append(_Key(pk, ring.get(pk)))
        except (KeyDestroyed, KeyMissing):
            continue
    return keys


def await_marking(recording: UUID) -> None:
    """Have a recording be found by its trail, soon: in the transaction that keeps the trail."""
    PlacedRecording.objects.update_or_create(
        recording_id=recording, defaults={"epoch": None, "sealed": b""}
    )


def forget(recordings: Sequence[UUID], *, ring: KeyRing) -> None:
    """Remove the marks of recordings that were deleted; harmless when repeated.

    Marks that can't be told now, since the ring does not answer, end with their epoch.
    """
    rows = PlacedRecording.objects.filter(recording__in=recordings)
    marked = list(rows.exclude(epoch=None))
    try:
        keys = {
            key.epoch: key for key in _keys({row.epoch_id for row in marked if row.epoch_id}, ring)
        }
    except FairwitnessError:
        keys = {}
    going = [pk for row in marked if row.epoch_id in keys for pk in _marks(row, keys[row.epoch_id])]
    with transaction.atomic():
        _remove(going)
        rows.delete()


def _marks(row: PlacedRecording, key: _Key) -> list[int]:
    known = key.open(bytes(row.sealed), row.recording_id)
    return [key.mark(cells.pack([cell]), row.recording_id).pk for cell in known]


def _remove(marks: Sequence[int]) -> None:
    for start in range(0, len(marks), 500):
        PlaceMark.objects.filter(pk__in=marks[start : start + 500]).delete()


def work_due(*, vault: Vault, at: datetime, limit: int = 2000) -> int:
    """Begin and end epochs, and mark what is due; returns how many recordings were marked.

    Args:
        vault: sealed trails and the key ring.
        at: now.
        limit: how many recordings at most.
    """
    _drop_unknown(vault.ring)
    epochs = list(PlaceEpoch.objects.all())
    if not epochs or (len(epochs) == 1 and at - epochs[0].begun_at >= EPOCH):
        epochs.append(_begin(vault.ring, at))
    current = _Key(epochs[-1].pk, vault.ring.get(epochs[-1].pk))
    done = _mark_new(current, vault, at, limit)
    for old in epochs[:-1]:
        done += _mark_anew(old, current, vault, limit)
        if not PlacedRecording.objects.filter(epoch=old).exists():
            _end(old, vault.ring, at)
    return done


def _begin(ring: KeyRing, at: datetime) -> PlaceEpoch:
    pk = uuid4()
    ring.create(pk)
    return PlaceEpoch.objects.create(pk=pk, begun_at=at)


def _end(old: PlaceEpoch, ring: KeyRing, at: datetime) -> None:
    """The key first, in every copy; then what is left of its marks, which nobody can read now."""
    if not ring.destroy(old.pk, at=at).complete:
        return
    _forget_epoch(old)


def _forget_epoch(old: PlaceEpoch) -> None:
    left = PlaceMark.objects.filter(epoch=old)
    while marks := list(left.values_list("pk", flat=True)[:500]):
        _remove(marks)
    old.delete()


def _drop_unknown(ring: KeyRing) -> None:
    """Epochs whose key is gone, as after a restore: what they marked is marked anew from trails."""
    for epoch in PlaceEpoch.objects.all():
        if not _keys([epoch.pk], ring):
            PlacedRecording.objects.filter(epoch=epoch).update(epoch=None, sealed=b"")
            _forget_epoch(epoch)


def _mark_new(key: _Key, vault: Vault, at: datetime, limit: int) -> int:
    done = 0
    due = PlacedRecording.objects.filter(epoch=None).select_related("recording")
    while done < limit and (rows := list(due.order_by("pk")[:BATCH])):
        known = {row.recording_id: _crossed(row.recording, vault, at) for row in rows}
        _write(rows, known, key, remove=[])
        done += len(rows)
    return done


def _mark_anew(old: PlaceEpoch, key: _Key, vault: Vault, limit: int) -> int:
    """Under the new key what was under the old one; what is deleted meanwhile is forgotten."""
    done = 0
    (before,) = _keys([old.pk], vault.ring)
    due = PlacedRecording.objects.filter(epoch=old).select_related("recording")
    while done < limit and (rows := list(due.order_by("pk")[:BATCH])):
        gone = [row.recording_id for row in rows if row.recording.state != State.LIVE]
        if gone:
            forget(gone, ring=vault.ring)
            continue
        known = {r.recording_id: before.open(bytes(r.sealed), r.recording_id) for r in rows}
        marks = [pk for row in rows for pk in _marks(row, before)]
        _write(rows, known, key, remove=marks)
        done += len(rows)
    return done


def _write(
    rows: Sequence[PlacedRecording],
    known: Mapping[UUID, list[Cell] | None],
    key: _Key,
    *,
    remove: Sequence[int],
) -> None:
    """Write marks and sealed lists in one transaction; what was deleted meanwhile is left out."""
    with transaction.atomic():
        live = set(
            Recording.objects.select_for_update()
            .filter(pk__in=known, state=State.LIVE)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        _remove(remove)
        marks, kept, nothing = [], [], []
        for row in rows:
            crossed = known[row.recording_id]
            if row.recording_id not in live or crossed is None:
                nothing.append(row.pk)
                continue
            row.epoch_id = key.epoch
            row.sealed = key.seal(cells.pack(crossed), row.recording_id)
            kept.append(row)
            marks += [key.mark(cells.pack([cell]), row.recording_id) for cell in crossed]
        PlaceMark.objects.bulk_create(marks, batch_size=500, ignore_conflicts=True)
        PlacedRecording.objects.bulk_update(kept, ["epoch", "sealed"])
        PlacedRecording.objects.filter(pk__in=nothing).delete()


def _crossed(recording: Recording, vault: Vault, at: datetime) -> list[Cell] | None:
    """The cells that its trail crossed; None when it has none, or can't be opened any more."""
    ready = Copy.objects.filter(
        recording=recording, kind=CopyKind.TRAIL, state=CopyState.READY
    ).exists()
    if not ready or circle.is_gone(recording, at):
        return None
    try:
        with access.open_for_making(
            recording=recording, at=at, vault=vault, kind=CopyKind.TRAIL
        ) as opened:
            places = trail.parse(opened.read(0, opened.size)).places
    except FairwitnessError:
        _LOG.exception("The trail of %s does not open: it is not found by place.", recording.pk)
        return None
    crossed = dict.fromkeys(cells.cell_of(place.latitude, place.longitude) for place in places)
    return list(crossed)[:MOST_CELLS]
