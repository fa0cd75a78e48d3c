"""Rows against the vault and the key ring: is everything there that we say is there, and only that?

Everything is read in pages, so that memory stays bounded whatever the size of the force.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

from fairwitness.accountability.findings import Finding
from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import CopyKind, CopyState, Piece, Recording, State
from fairwitness.ingest.models import Upload, UploadState
from fairwitness.retention.models import Disposal
from fairwitness.vault import manifests
from fairwitness.vault.keyring import KeyState
from fairwitness.vault.pieces import Binding, SealedPiece
from fairwitness.vault.reading import read_back
from fairwitness.vault.vault import Vault

T = TypeVar("T")

PAGE: Final = 500
SWEPT_AFTER: Final = timedelta(hours=1)
"""How long a deletion may take before an audit speaks of it."""

Progress = Callable[[int], None]


def _pages(items: Iterable[T], size: int = PAGE) -> Iterator[list[T]]:
    iterator = iter(items)
    while page := list(islice(iterator, size)):
        yield page


def _about(recording: UUID) -> str:
    return f"recording:{recording}"


def recordings(*, vault: Vault, at: datetime, deep: bool, progress: Progress) -> Iterator[Finding]:
    """Every recording: the living have all their pieces, a manifest and a key; the dead no key.

    Args:
        vault: where it lies.
        at: now.
        deep: also read every byte back and compare its digest.
        progress: told how many recordings have been looked at since the last call.
    """
    last = UUID(int=0)
    while True:
        page = list(Recording.objects.filter(pk__gt=last).order_by("pk")[:PAGE])
        if not page:
            return
        pieces = _pieces([recording.pk for recording in page])
        for recording in page:
            if recording.state == State.LIVE:
                yield from _living(recording, pieces.get(recording.pk, {}), vault, deep=deep)
            else:
                yield from _dead(recording, pieces.get(recording.pk, {}), vault, at)
        last = page[-1].pk
        progress(len(page))


def _pieces(ids: list[UUID]) -> dict[UUID, dict[str, list[Piece]]]:
    found: dict[UUID, dict[str, list[Piece]]] = {}
    for row in Piece.objects.filter(recording_id__in=ids).order_by("offset"):
        found.setdefault(row.recording_id, {}).setdefault(row.copy, []).append(row)
    return found


def _living(
    recording: Recording, copies: dict[str, list[Piece]], vault: Vault, *, deep: bool
) -> Iterator[Finding]:
    about = _about(recording.pk)
    state = vault.ring.state(recording.pk)
    if state is not KeyState.LIVE:
        yield Finding("keys", "key.absent", about, f"{recording.reference}: its key is {state}.")
        return
    made = {CopyKind.MASTER.value: recording.size}
    for copy in recording.copies.filter(state=CopyState.READY):
        made[copy.kind] = copy.size
    for kind, size in made.items():
        yield from _copy(recording, kind, size, copies.get(kind, []), vault)
    try:
        key = vault.ring.get(recording.pk)
        manifests.read(store=vault.store, key=key, recording=recording.pk)
        if deep:
            yield from _digest(recording, copies.get(CopyKind.MASTER.value, []), vault, key)
    except FairwitnessError as error:
        yield Finding("vault", error.stable_code, about, f"{recording.reference}: {error.message}")


def _copy(
    recording: Recording, kind: str, size: int, rows: list[Piece], vault: Vault
) -> Iterator[Finding]:
    about = _about(recording.pk)
    end = 0
    for row in rows:
        if row.offset != end:
            break
        end += row.length
        try:
            there = vault.store.facts(row.blob).size
        except FairwitnessError as error:
            yield Finding(
                "vault", error.stable_code, about, f"{recording.reference}: {error.message}"
            )
            continue
        if there != row.sealed_size:
            yield Finding(
                "vault",
                "blob.size",
                about,
                f"{recording.reference}: blob {row.blob} has {there} bytes, not {row.sealed_size}.",
            )
    if end != size:
        yield Finding(
            "rows",
            "pieces.incomplete",
            about,
            f"{recording.reference}: its {kind} has {end} bytes in the vault, not {size}.",
        )


def _digest(recording: Recording, rows: list[Piece], vault: Vault, key: bytes) -> Iterator[Finding]:
    binding = Binding(
        key=key,
        recording=recording.pk,
        copy=CopyKind.MASTER.value,
        upload_length=rows[0].upload_length if rows else 0,
    )
    pieces = [SealedPiece(row.blob, row.offset, row.length, row.sealed_size) for row in rows]
    found = read_back(pieces, store=vault.store, binding=binding)
    if found.sha256.hex() != recording.sha256:
        yield Finding(
            "vault",
            "recording.changed",
            _about(recording.pk),
            f"{recording.reference}: what the vault holds is not what was received.",
        )


def _dead(
    recording: Recording, copies: dict[str, list[Piece]], vault: Vault, at: datetime
) -> Iterator[Finding]:
    about = _about(recording.pk)
    disposal = Disposal.objects.filter(pk=recording.pk).first()
    if disposal is None:
        yield Finding(
            "deletion",
            "disposal.no_record",
            about,
            f"{recording.reference} is deleted, and nothing says by whom or why.",
        )
        return
    age = at - disposal.disposed_at
    if vault.ring.state(recording.pk) is KeyState.LIVE:
        yield Finding(
            "keys",
            "key.alive",
            about,
            f"{recording.reference} was deleted {age} ago, but its key is alive.",
        )
    if age > SWEPT_AFTER and not disposal.statement:
        yield Finding(
            "deletion",
            "disposal.unsigned",
            about,
            f"{recording.reference} was deleted {age} ago without a signed record.",
        )
    if age > SWEPT_AFTER and any(copies.values()):
        yield Finding(
            "vault",
            "disposal.blobs_left",
            about,
            f"{recording.reference} was deleted {age} ago, but sealed bytes are left.",
        )


def overdue(*, at: datetime) -> Iterator[Finding]:
    """Living recordings past their last moment: nobody can open them, but their keys live."""
    late = Recording.objects.filter(state=State.LIVE, gone_by__lte=at).order_by("gone_by")
    for recording in late[:PAGE]:
        age = at - recording.gone_by if recording.gone_by else timedelta()
        yield Finding(
            "deletion",
            "disposal.overdue",
            _about(recording.pk),
            f"{recording.reference} should have been deleted {age} ago. Nobody can open it.",
        )


def unowned_keys(*, vault: Vault) -> Iterator[Finding]:
    """Live keys of nothing: neither a recording nor an upload has them."""
    for page in _pages(vault.ring.ids()):
        known = set(Recording.objects.filter(pk__in=page).values_list("pk", flat=True))
        known |= set(
            Upload.objects.filter(recording_id__in=page)
            .exclude(state=UploadState.ENDED, cleared=True)
            .values_list("recording_id", flat=True)
        )
        for orphan in page:
            if orphan not in known:
                yield Finding(
                    "keys",
                    "key.unowned",
                    _about(orphan),
                    f"There is a live key for {orphan}, which no recording or upload has:"
                    " the database may have lost it (`fairwitness audit --rebuild`).",
                )


def count_blobs(*, vault: Vault) -> tuple[int, int]:
    """How many blobs there are, and how many that no row names: a sweep removes those."""
    total = unnamed = 0
    for page in _pages(name for name in vault.store.names() if not name.startswith("manifest/")):
        named = Piece.objects.filter(blob__in=page).count()
        total += len(page)
        unnamed += len(page) - named
    return total, unnamed
